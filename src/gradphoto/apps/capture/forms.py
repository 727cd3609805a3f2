"""What the capture room sends: forms of its pages, and what the buttons and keys of its screen send.

The screen is worked by keys and swapped piece by piece, so its forms are read by :func:`sent`, which raises the first
wrong field as a typed error; :func:`told_beside` tells it beside the field.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.capture.room.clocks import unmeasured_chairs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import InvalidInput, invalid
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.pages import SignedInRequest
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.fields import RecordField, TextField, UploadField
from gradphoto.apps.pages.forms import INPUT_STATUS, ActionForm, Form, sent_form
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.wording import Wording

View = Callable[..., HttpResponse]
_REASON = bi("原因", "Reason")
_MOST_ID = 2**62


class _FirstSaid(forms.TextInput):
    """A reason picked or typed: a picked one comes beside an empty field of the same name."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return next((text for text in data.getlist(name) if text.strip()), "")


def _said(label: str = _REASON, most: int = 200) -> TextField:
    return TextField(label=label, max_length=most, required=False, widget=_FirstSaid())


def _record(label: str, *, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=_MOST_ID, required=required)


class SessionStepForm(Form):
    """The button on the screen; what ends a session, or wants a reason, is asked on a page of its own."""

    step = forms.CharField(required=False)


class OpenSession(ActionForm):
    """A reason for each thing that is not as it should be, asked only where it is so."""

    action = "capture.open_session"
    button = Wording("确认：开始场次", "Confirm: open the session")
    said = Wording("", "")  # the room's screen says it
    early_reason = TextField(label=bi("为什么今天开始", "Why it begins today"), max_length=200)
    no_clock_reason = TextField(label=bi("为什么不校时", "Why no clock is measured"), max_length=200)

    def __init__(self, actor: Actor, target: CaptureSession, *args: Any, **options: Any) -> None:
        super().__init__(actor, target, *args, **options)
        if target.date <= timezone.localdate():
            del self.fields["early_reason"]
        if not unmeasured_chairs(target):
            del self.fields["no_clock_reason"]


class CloseSession(ActionForm):
    action = "capture.close_session"
    button = Wording("确认：结束场次", "Confirm: close the session")
    said = Wording("", "")


class ReopenSession(ActionForm):
    action = "capture.reopen_session"
    button = Wording("确认：重新开始", "Confirm: start again")
    said = Wording("", "")
    reason = TextField(label=_REASON, max_length=200)


class CheckInForm(Form):
    """The nonce keeps a double click from checking in twice."""

    candidate = _record(bi("人员", "Person"), required=True)
    again_reason = _said()
    nonce = forms.UUIDField(required=False)


class FindPersonForm(Form):
    q = forms.CharField(required=False, max_length=60)


class FrameForm(Form):
    frame = UploadField(Kind.JPEG, limit_mb=40, label=bi("照片", "Photograph"))


class DecideFrameForm(Form):
    decision = forms.CharField(required=False)
    check_in = _record(bi("登记", "Check-in"))
    reason = _said()


class CheckInStepForm(Form):
    step = forms.CharField(required=False)
    reason = _said()


class HoldForm(Form):
    decision = forms.CharField(required=False)
    reason = _said()


class AlarmForm(Form):
    """``frame``: ``reject``, or the check-in whose frame it is."""

    frame = forms.CharField(required=False, max_length=18)
    note = _said(bi("说明", "Note"))


class ScanForm(Form):
    code = forms.CharField(required=False, max_length=4000)


class ConfirmForm(Form):
    """The people ticked on the checker's list."""

    check_in = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, known: list[int], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["check_in"].choices = [(pk, pk) for pk in known]  # type: ignore[attr-defined]


class EnterAfterwards(ActionForm):
    """Whose photograph it is (R99). A frame that has found its person meanwhile, or a person who may not be entered, is
    the action's refusal: it says more than "not offered"."""

    action = "capture.enter_afterwards"
    button = Wording("补录", "Enter")
    candidate = RecordField(lambda actor, session: people_of(actor, session), label=bi("人员", "Person"))
    frame = RecordField(lambda actor, session: _frames(actor, session), label=bi("照片", "Photograph"))
    reason = TextField(label=bi("为什么没有刷证", "Why no card was read"), max_length=200, attrs={"list": "usual"})
    nonce = forms.UUIDField(required=False, initial=uuid.uuid4, widget=forms.HiddenInput)

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "nonce": self.cleaned_data["nonce"] or uuid.uuid4()}

    def done_message(self, result: CheckIn) -> Wording:
        return Wording(
            f"已补录 {result.candidate.name}，拍摄序号 {result.number_label}，请检验员确认。",
            f"{result.candidate.name} entered under number {result.number_label}; the checker is to confirm it.",
        )


def people_of(actor: Actor, session: CaptureSession) -> QuerySet[Candidate]:
    """Whose photograph a frame of the session may be said to be."""
    people: QuerySet[Candidate] = changeable(actor, Candidate, "capture.work").filter(campaign=session.campaign_id)
    return people


def _frames(actor: Actor, session: CaptureSession) -> QuerySet[Frame]:
    frames: QuerySet[Frame] = changeable(actor, Frame, "capture.work").filter(session=session)
    return frames


def sent(request: HttpRequest, kind: type[Form], **options: Any) -> dict[str, Any]:
    """The checked values of a form of the room. Raises the first field's refusal: ``pages.too_long``, ``pages.required``,
    ``core.upload_too_large`` and the like."""
    form = sent_form(request, kind, **options)
    if form.is_valid():
        return form.cleaned_data
    name, errors = next(iter(form.errors.as_data().items()))
    label = str(form.fields[name].label or "") if name in form.fields else ""
    told = "；".join(str(message) for message in errors[0].messages)
    text = f"{label}：{told}" if label else told  # in the reader's language already
    raise invalid(
        errors[0].code or "pages.invalid", text, text, "请改正后再试。", "Correct it and try again.", field=name
    )


def told_beside(view: View) -> View:
    """Answer wrong input of htmx with 422 and its sentence; ``room.js`` puts it into the open question, else on top.

    The question is not drawn anew, so everything typed stays. Without scripts no question opens; such a request gets
    the page of a refusal.
    """

    @functools.wraps(view)
    def tell(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except InvalidInput as error:
            if not request.htmx:
                raise
            response = render(request, "core/refusal_fragment.html", {"error": error}, status=INPUT_STATUS)
            response.headers["HX-Retarget"] = "#messages"
            response.headers["HX-Reswap"] = "innerHTML"
            return response

    return tell
