"""The fields of forms: text that is never cut, days, choices, records the actor may change, files known by content."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet, TextChoices
from django.utils import timezone

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import bi, say
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.standards.characters import half_width_letters, tidied
from gradphoto.engine.wording import Wording

Records = Callable[[Actor, Any], QuerySet[Any]]


class RefusedValue(ValidationError):  # noqa: N818 - a refusal is an answer, not a fault
    """A typed refusal as a form's error: its sentence and its remedy, under its own stable code."""

    def __init__(self, error: GradPhotoError) -> None:
        super().__init__(sentence(error), code=error.code)


def sentence(error: GradPhotoError) -> str:
    """What is wrong and what to do, as one line beside a field."""
    return f"{say(error.message)} {say(error.remedy)}".strip()


def wrong(code: str, zh: str, en: str) -> ValidationError:
    """An error of a form's own check: sentence and remedy in both languages, with a code such as ``errata.day``."""
    return ValidationError(say(Wording(zh, en)), code=code)


def _placed(field: forms.Field, css: str, example: Wording | None = None, **attrs: str) -> None:
    """Say which Bootstrap columns a field takes in its form, and what stands in it as an example."""
    field.css = css  # type: ignore[attr-defined]
    if example is not None:
        attrs["placeholder"] = bi(example.zh, example.en)
    field.widget.attrs.update(attrs)


class TextField(forms.CharField):
    """Text of at most ``max_length`` characters (more is an error), as a person sees it: white space tidied, what is
    invisible (pasted from a chat) left out; with ``rows`` a field of several lines.

    ``keeps_lines``: a text whose line ends mean something stays as it was typed, unless nobody sees anything of it.
    """

    def __init__(
        self,
        *,
        max_length: int,
        rows: int = 0,
        css: str = "col-12",
        example: Wording | None = None,
        attrs: dict[str, str] | None = None,
        keeps_lines: bool = False,
        **options: Any,
    ) -> None:
        self.keeps_lines = keeps_lines
        if rows:
            options["widget"] = forms.Textarea({"rows": rows})
        super().__init__(max_length=max_length, **options)
        _placed(self, css, example, **(attrs or {}))

    def to_python(self, value: Any) -> Any:
        seen = tidied(value) if isinstance(value, str) else value
        return super().to_python(value if self.keeps_lines and seen else seen)


class SearchField(forms.CharField):
    """Words to look for: pasted out of a table they hold line ends and full-width digits, out of a chat invisible marks."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(half_width_letters(tidied(value)) if isinstance(value, str) else value)


class MailField(forms.EmailField):
    """An address for mail, checked as one."""

    def __init__(self, *, css: str = "col-12", **options: Any) -> None:
        super().__init__(**options)
        _placed(self, css)


class DayField(forms.DateField):
    """A day. ``past``: not after today; ``today``: today stands in it when the form opens."""

    def __init__(self, *, past: bool = False, today: bool = False, css: str = "col-12", **options: Any) -> None:
        self.past = past
        if today:
            options.setdefault("initial", timezone.localdate)
        options.setdefault("widget", forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
        super().__init__(input_formats=["%Y-%m-%d"], **options)
        _placed(self, css)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if self.past and isinstance(value, date) and value > timezone.localdate():
            raise wrong("pages.day_ahead", "日期不能晚于今天，请核对。", "The day is after today; check it.")


class ChoiceField(forms.TypedChoiceField):
    """One of the values of an enumeration; the cleaned value is its member, or None where nothing need be chosen."""

    def __init__(
        self, choices: type[TextChoices], *, css: str = "col-12", empty: Wording | None = None, **options: Any
    ) -> None:
        self.kind = choices
        blank = [("", bi(empty.zh, empty.en))] if empty is not None else []
        options.setdefault("empty_value", None)
        super().__init__(choices=[*blank, *choices.choices], coerce=choices, **options)
        _placed(self, css)


class RecordField(forms.ModelChoiceField):
    """One record out of those that ``records(actor, target)`` gives: what the actor may change, nothing else."""

    def __init__(self, records: Records, *, css: str = "col-12", **options: Any) -> None:
        self.records = records
        options.setdefault("empty_label", _CHOOSE if options.get("required", True) else "—")
        super().__init__(queryset=None, **options)
        _placed(self, css)


_CHOOSE = bi("请选择", "Choose")


class RecordsField(forms.ModelMultipleChoiceField):
    """Several records out of those that ``records(actor, target)`` gives; ticks in a table post their ids."""

    def __init__(self, records: Records, *, css: str = "col-12", **options: Any) -> None:
        self.records = records
        super().__init__(queryset=None, **options)
        _placed(self, css)

    def clean(self, value: Any) -> Any:
        """A key that is larger than any is nobody's: no database need be asked, and none can."""
        for one in value if isinstance(value, list | tuple) else ():
            if str(one).strip().isdecimal() and len(str(one).strip()) > _LONGEST_KEY:
                raise ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": one}
                )
        return super().clean(value)


_LONGEST_KEY = 18


class OneOf(forms.RadioSelect):
    """One of a few choices, all of them seen, each on its line."""

    template_name = "pages/choices.html"


class SomeOf(forms.CheckboxSelectMultiple):
    """Some of a few choices, each a box on its line.

    Django's own template gives the group the classes of a box: all of it stood in a square of one rem.
    """

    template_name = "pages/choices.html"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in: its bytes, the media type its content shows, its name on the sender's machine."""

    data: bytes
    media_type: str
    name: str


class UploadField(forms.FileField):
    """A file of one of ``kinds``, known by its content, of at most ``limit_mb``; the cleaned value is an ``Upload``."""

    def __init__(self, *kinds: Kind, limit_mb: int, accept: str = "", css: str = "col-12", **options: Any) -> None:
        self.kinds, self.limit_mb = kinds, limit_mb
        super().__init__(**options)
        _placed(self, css, None, **({"accept": accept} if accept else {}))

    def to_python(self, data: Any) -> Any:
        if data in self.empty_values:
            return None
        try:
            content, media_type = read_upload(data, *self.kinds, limit_mb=self.limit_mb)
        except GradPhotoError as error:
            raise RefusedValue(error) from error
        return Upload(content, media_type, data.name)


def changeable_records(form_fields: Iterable[forms.Field], actor: Actor, target: Model | None) -> None:
    """Give the fields that choose records their records for this actor."""
    for field in form_fields:
        if isinstance(field, RecordField | RecordsField):
            field.queryset = field.records(actor, target)
