"""What the keys of the review send, and why a photograph is rejected."""

from __future__ import annotations

from typing import Any

from django import forms

from gradphoto.apps.core.wording import bi
from gradphoto.apps.pages.fields import SomeOf, TextField
from gradphoto.apps.pages.forms import ActionForm, Form
from gradphoto.apps.review.models import Choice
from gradphoto.apps.review.standing import Seen
from gradphoto.engine.wording import Wording

_MOST_ID = 2**62


class _Reasons(forms.MultipleChoiceField):
    """Codes of reasons: which there are, the action knows."""

    def valid_value(self, value: Any) -> bool:
        return True


def _hidden() -> forms.IntegerField:
    return forms.IntegerField(min_value=0, max_value=_MOST_ID, required=False, widget=forms.HiddenInput)


class DecideForm(Form):
    """A key. ``version`` and ``assessment``: what the reviewer looked at; ``next``: the frame to show then."""

    choice = forms.ChoiceField(choices=Choice.choices)
    version, assessment, next = _hidden(), _hidden(), _hidden()


class RejectFrame(ActionForm):
    """Why the person is asked to come again: reasons ticked, words typed; a refusal keeps both (R18)."""

    action = "review.reject"
    button = Wording("确认退回", "Reject")
    said = Wording("", "")  # the next frame is the answer
    version, assessment, next = _hidden(), _hidden(), _hidden()
    reason = _Reasons(required=False, widget=SomeOf)
    words = TextField(
        label=bi("补充说明", "In your own words"), max_length=200, required=False, attrs={"autocomplete": "off"}
    )

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"seen": seen_of(given), "reasons": given["reason"], "words": given["words"]}

    @property
    def ticked(self) -> list[str]:
        """The codes that stand ticked: those that were sent, else what the engine found."""
        return list(self["reason"].value() or ())


def seen_of(given: dict[str, Any]) -> Seen:
    """What the reviewer looked at; without a version nothing is the same."""
    return Seen(-1 if given["version"] is None else given["version"], given["assessment"])


class AcceptPassedForm(Form):
    """``shown``: frame, version and assessment of each that was counted, so that nothing else is accepted."""

    shown = forms.CharField(required=False)
