"""Forms that lose nothing: one base form, one action form, one helper that turns a refusal into the page again.

Every POST that carries more than a button is a form of its room's ``forms.py``. A form names the action it asks for; a
page names its forms; ``form_action`` validates, calls the action, and shows the same page again with everything typed
when the input or the action says no: 422 for input, 409 for state, 403 for permission.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from gradphoto.apps.core.actions import REGISTRY, may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import InvalidInput, PermissionRefusal, Refusal, invalid
from gradphoto.apps.core.sent_forms import sent_form as sent_form  # said here, too: rooms take all of forms from here
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import ActorRequest
from gradphoto.apps.orgs.policy import asked_together
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.fields import RefusedValue, changeable_records
from gradphoto.apps.pages.messages import standard
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

WHICH = "form"
"""The hidden field by which a page with several forms knows which one was sent."""
ROW = "row"
"""The hidden field by which a list with a form on each row knows whose was sent."""
INPUT_STATUS = 422
_CHECKED = (forms.CheckboxInput,)


class Renderer(TemplatesSetting):
    """Our own field and form templates, found among the site's templates; allauth keeps Django's."""

    form_template_name = "pages/form.html"
    field_template_name = "pages/field.html"


class BoundField(forms.BoundField):
    """A field with Bootstrap's classes, never cut by the browser, its error tied to it, the cursor in the first wrong one."""

    _labelled = False

    @property
    def template_name(self) -> str:
        """A box to tick has its label behind it; every other field above it."""
        ticked = isinstance(self.field.widget, _CHECKED)
        return getattr(self.field, "template_name", None) or (
            "pages/field_check.html" if ticked else "pages/field.html"
        )

    @property
    def error_codes(self) -> list[str]:
        """The stable codes of the field's errors, for programs and tests."""
        return [error.code or "" for error in self.errors.as_data()]

    def as_field_group(self) -> SafeString:
        """The field with its label, error and help; a field that a page lays out itself bears its label unseen."""
        self._labelled = True
        try:
            return super().as_field_group()
        finally:
            self._labelled = False

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        if not widget.is_hidden:
            if isinstance(widget, _WRITTEN) and self.field.label and not self._labelled:
                attrs.setdefault("aria-label", str(widget.attrs.get("aria-label", self.field.label)))
            known = attrs.get("class") or widget.attrs.get("class", "")
            attrs["maxlength"] = False  # a browser would cut what is pasted, and say nothing
            attrs["class"] = f"{known} {_css_of(widget)}{' is-invalid' if self.errors else ''}".strip()
            if isinstance(self.form, Form) and self.form.first_wrong == self.name:
                attrs["autofocus"] = True
        return attrs


_WRITTEN = (forms.Select, forms.TextInput, forms.DateInput, forms.NumberInput, forms.Textarea)
"""What has no words of its own beside it, as a box to tick has."""


def _css_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


class Form(forms.Form):
    """The base of every form: our renderer, both languages, ids of its own, errors with codes and remedies."""

    default_renderer = Renderer
    bound_field_class = BoundField

    def __init__(self, data: Any = None, files: Any = None, *, key: str = "", **options: Any) -> None:
        self.key = key
        name = type(self).__name__.removesuffix("Form").lower()
        options.setdefault("auto_id", f"{name}-{f'{key}-' if key else ''}%s")
        super().__init__(data, files, use_required_attribute=True, **options)
        for field in self.fields.values():
            day_limit(field)

    @property
    def first_wrong(self) -> str | None:
        """The first field in the form's order that has an error: where the cursor goes."""
        if not self.is_bound:
            return None
        return next((name for name in self.fields if name in self.errors), None)

    @property
    def has_file(self) -> bool:
        """Whether a file was chosen: after an error it must be chosen again, browsers do not keep it."""
        return bool(self.is_bound and self.files)

    @property
    def error_codes(self) -> dict[str, list[str]]:
        """Field (``__all__`` for the form) -> the stable codes of its errors."""
        return {name: [one.code or "" for one in errors] for name, errors in self.errors.as_data().items()}

    @property
    def all_error_codes(self) -> list[str]:
        return [code for codes in self.error_codes.values() for code in codes]

    @property
    def form_error_codes(self) -> list[str]:
        """The codes of what is said at the form's head: errors of the whole, and of fields that are not seen."""
        unseen = [name for name, field in self.fields.items() if field.widget.is_hidden]
        return [code for name in (NON_FIELD_ERRORS, *unseen) for code in self.error_codes.get(name, [])]

    def full_clean(self) -> None:
        for field in self.fields.values():
            bounded(field)
        super().full_clean()

    def add_error(self, field: str | None, error: Any) -> None:
        """Add an error; one of Django's own becomes our bilingual sentence with its remedy and its code."""
        if not isinstance(error, ValidationError):
            error = ValidationError(error)
        if hasattr(error, "error_dict"):
            super().add_error(field, error)
            return
        super().add_error(field, ValidationError([self._ours(field, one) for one in error.error_list]))

    def _ours(self, field: str | None, error: ValidationError) -> ValidationError:
        label = str(self[field].label) if field in self.fields else ""
        known = standard(error.code, label, error.params or {}, self.fields.get(field or ""))
        if known is None or isinstance(error, RefusedValue):
            return error
        code, wording = known
        return ValidationError(say(wording), code=code)


class EntryForm(Form):
    """A way in for people without an account: a code and who they are.

    Whatever is wrong gets one and the same answer (R165); what was typed stays, and what was left empty says so.
    """

    def entered(self) -> dict[str, str]:
        """The values; an empty one, which fits nobody, for each that cannot be right.

        The others stay: attempts are counted by who somebody says to be. Without, all who left something out at a campus
        were one person, and the fourth of them was told to wait.
        """
        right = {} if self.non_field_errors() else self.cleaned_data
        return {name: right.get(name, "") for name in self.fields}


FIGURES = {"class": "figures", "spellcheck": "false", "autocomplete": "off"}
"""How a number or a code is typed: nothing corrects it, no browser remembers it."""
CODE_SIGNS = {**FIGURES, "autocapitalize": "characters"}
"""How a student number or a printed code is typed on a phone."""


_LARGEST, _LARGEST_KEY = 2**31 - 1, 2**63 - 1
"""What a column of numbers holds, and one of keys, which are never typed."""


def bounded(field: forms.Field) -> None:
    """A number that no column holds is an error beside its field, not a page about a bad request."""
    if isinstance(field, forms.IntegerField):
        most = _LARGEST_KEY if field.widget.is_hidden else _LARGEST
        for limit, reached in ((MaxValueValidator(most), field.max_value), (MinValueValidator(-most), field.min_value)):
            if reached is None and limit not in field.validators:
                field.validators.append(limit)


def day_limit(field: forms.Field) -> None:
    """A field for a past day opens its calendar no later than today."""
    if getattr(field, "past", False):
        field.widget.attrs["max"] = timezone.localdate().isoformat()


class ActionForm(Form):
    """A form that asks for one action on one target, as one actor.

    ``action`` is the registered name. The cleaned fields are the action's keyword arguments unless ``arguments`` says
    otherwise; a field bears the name of the argument it fills, so that a refusal's ``field`` finds its place.
    ``said`` is what the next page says; ``button`` what the button does.
    """

    action: ClassVar[str] = ""
    button: ClassVar[Wording] = Wording("保存", "Save")
    said: ClassVar[Wording] = Wording("已保存。", "Saved.")

    def __init__(self, actor: Actor, target: Any = None, data: Any = None, files: Any = None, **options: Any) -> None:
        self.actor, self.target = actor, target
        options["initial"] = {**self.starts_with(actor, target), **(options.get("initial") or {})}
        super().__init__(data, files, **options)
        changeable_records(self.fields.values(), actor, target)

    @classmethod
    def which(cls) -> str:
        """The name by which a page knows the form: that of its action without its room."""
        return cls.action.rpartition(".")[2]

    @classmethod
    def starts_with(cls, actor: Actor, target: Any) -> Mapping[str, Any]:
        """What stands in the form when it opens."""
        return {}

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        """Whether the target's state and the actor's permission allow the action now."""
        known = REGISTRY[cls.action]
        open_now = known.lifecycle is None or cls.action in known.lifecycle.available(target)
        return open_now and may(actor, cls.action, target)

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments for the action."""
        return dict(self.cleaned_data)

    def perform(self) -> Any:
        """Call the action with what was cleaned; returns what it returns."""
        return REGISTRY[self.action].function(self.actor, self.target, **self.arguments())

    def done_message(self, result: Any) -> Wording:
        """What the next page says; an empty one where the answer is a file and speaks for itself."""
        return self.said

    def refuse(self, error: GradPhotoError) -> None:
        """Take a refusal in: beside its field where it names one of this form, else at the form's head."""
        named = getattr(error, "fields", None)
        if isinstance(named, Mapping) and (known := {name: one for name, one in named.items() if name in self.fields}):
            for name, wording in known.items():
                text = say(wording) if isinstance(wording, Wording) else str(wording)
                self.add_error(name, ValidationError(text, code=error.code))
            return
        field = getattr(error, "field", "") or ""
        self.add_error(field if field in self.fields else None, RefusedValue(error))


class PageForms:
    """The forms of one page: fresh ones, and in its place the one that was sent and refused.

    In templates ``page_forms.send_case`` is the form, or nothing where the action is not offered; ``displaced`` is a
    refused form whose action is offered no more: the page shows its error at its head.
    """

    def __init__(
        self,
        actor: Actor,
        target: Any,
        classes: Sequence[type[ActionForm]],
        posted: ActionForm | None = None,
        key: str = "",
        **initial: Mapping[str, Any],
    ) -> None:
        self._forms: dict[str, ActionForm] = {}
        for kind in classes:
            if kind.is_offered(actor, target):
                sent = posted if type(posted) is kind else None
                self._forms[kind.which()] = sent or kind(actor, target, initial=initial.get(kind.which()), key=key)
        self.displaced = posted if posted is not None and posted.which() not in self._forms else None

    def __getitem__(self, name: str) -> ActionForm:
        return self._forms[name]

    def __contains__(self, name: object) -> bool:
        return name in self._forms

    def __iter__(self) -> Iterator[ActionForm]:
        return iter(self._forms.values())


def row_forms(
    actor: Actor, rows: Iterable[Any], classes: Sequence[type[ActionForm]], posted: ActionForm | None = None
) -> list[tuple[Any, PageForms]]:
    """Each row of a list with its forms; the one that was sent and refused stands on its row."""
    listed = list(rows)
    with asked_together(listed):
        return [
            (row, PageForms(actor, row, classes, posted if _is_of(posted, row) else None, key=str(row.pk)))
            for row in listed
        ]


def _is_of(posted: ActionForm | None, row: Any) -> bool:
    return posted is not None and posted.target == row


def posted_row(request: ActorRequest, records: QuerySet[Any]) -> Any:
    """The record of ``records`` whose form was sent from its row of a list; what is not among the viewer's is 404."""
    key = request.POST.get(ROW, "")
    return get_scoped(request.actor, records, pk=int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0)


def sent_values(request: HttpRequest, kind: type[Form], **options: Any) -> dict[str, Any]:
    """The values that a button brings along and nobody types, checked. Raises ``pages.unknown_form`` where one is wrong."""
    form = sent_form(request, kind, **options)
    if not form.is_valid():
        raise _unknown_form()
    return form.cleaned_data


def posted_of(request: ActorRequest, kinds: Mapping[type[ActionForm], Any]) -> ActionForm:
    """The form that was sent to a page with forms of several targets: each with its target, or the records of its rows."""
    which = request.POST.get(WHICH, "")
    known = {kind.which(): (kind, records) for kind, records in kinds.items()}
    if which not in known:
        raise _unknown_form()
    kind, target = known[which]
    return posted_form(request, (kind,), posted_row(request, target) if isinstance(target, QuerySet) else target)


def posted_form(request: ActorRequest, classes: Sequence[type[ActionForm]], target: Any, **options: Any) -> ActionForm:
    """The form that was sent to a page, by its hidden name. Raises ``pages.unknown_form``."""
    name = request.POST.get(WHICH, "") if len(classes) > 1 else classes[0].which()
    for kind in classes:
        if kind.which() == name:
            options.setdefault("key", request.POST.get(ROW, ""))
            return kind(request.actor, target, request.POST, request.FILES, **options)
    raise _unknown_form()


def _unknown_form() -> InvalidInput:
    return invalid(
        "pages.unknown_form", "未知操作。", "Unknown step.", "请刷新页面后重试。", "Reload the page and try again."
    )


def form_action(
    request: ActorRequest,
    form: ActionForm,
    *,
    again: Callable[[Any], HttpResponse],
    done: Callable[[Any], HttpResponse],
) -> HttpResponse:
    """Validate the form and call its action; what refuses shows the page again with everything typed.

    ``again(form)`` answers with the page: it fetches the target anew, as an action may have changed the copy in memory
    before it refused. ``done(result)`` answers once the action is through.
    """
    if not form.is_valid():
        return _again(request, form, again, INPUT_STATUS)
    try:
        result = form.perform()
    except GradPhotoError as error:
        if isinstance(error, PermissionRefusal) and getattr(request, "htmx", False):
            raise  # a page's place for messages tells it; htmx swaps no 403
        form.refuse(error)
        return _again(request, form, again, _status_of(error))
    if words := say(form.done_message(result)):
        messages.success(request, words)
    return done(result)


def ticks(posted: Form | None, name: str) -> set[int]:
    """The ids that were ticked in a table when its form was refused, so that they stand ticked again."""
    data: Any = posted.data if posted is not None and posted.is_bound else None
    values = data.getlist(name) if data is not None else ()
    return {int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19}


def _status_of(error: GradPhotoError) -> int:
    if isinstance(error, InvalidInput) or not isinstance(error, Refusal):
        return INPUT_STATUS
    return error.status


def _again(request: HttpRequest, form: ActionForm, again: Callable[[Any], HttpResponse], status: int) -> HttpResponse:
    if request.accepts("application/json") and not request.accepts("text/html"):
        return JsonResponse({"errors": form.errors.get_json_data()}, status=status)
    response = again(form)
    response.status_code = status
    return response
