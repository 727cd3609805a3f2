"""What the keys of the review send: a decision on a frame, and which frame comes next."""

from __future__ import annotations

from typing import Any

from django import forms

from gradphoto.apps.core.wording import bi
from gradphoto.apps.pages.fields import TextField
from gradphoto.apps.pages.forms import Form
from gradphoto.apps.review.models import Choice

_MOST_ID = 2**62


class _Reasons(forms.MultipleChoiceField):
    """Codes of reasons: which there are, the action knows."""

    def valid_value(self, value: Any) -> bool:
        return True


class DecideForm(Form):
    """``version`` and ``assessment``: what the reviewer looked at; ``next``: the frame to show then."""

    choice = forms.ChoiceField(label=bi("决定", "Decided"), choices=Choice.choices)
    version = forms.IntegerField(min_value=0, max_value=_MOST_ID, required=False)
    assessment = forms.IntegerField(min_value=0, max_value=_MOST_ID, required=False)
    reason = _Reasons(required=False)
    words = TextField(label=bi("补充说明", "In your own words"), max_length=200, required=False)
    next = forms.IntegerField(min_value=0, max_value=_MOST_ID, required=False)


class AcceptPassedForm(Form):
    """``shown``: frame, version and assessment of each that was counted, so that nothing else is accepted."""

    shown = forms.CharField(required=False)
