"""The forms of the student's own make-up page."""

from __future__ import annotations

from typing import Any

from django import forms

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.pages.fields import TextField
from gradphoto.apps.pages.forms import CODE_SIGNS, FIGURES, ActionForm, EntryForm, Form
from gradphoto.engine.wording import Wording

CODE_MAX = 120


class Enter(EntryForm):
    """The code of the slip, and whose it is."""

    code = TextField(
        label=bi("补拍码", "Code"),
        help_text=bi("扫码后自动填入；请勿告诉他人", "Filled in when you scan; tell nobody"),
        max_length=CODE_MAX,
        attrs=FIGURES,
    )
    student_no = TextField(label=bi("学号", "Student no."), max_length=CODE_MAX, attrs=CODE_SIGNS)


class Choice(Form):
    """The half-hour or the place that a button stands for."""

    slot = forms.IntegerField(required=False)
    calendar = forms.IntegerField(required=False)

    def number(self, name: str) -> int:
        """The record's number; 0, which none has, where there is none."""
        return (self.cleaned_data.get(name) or 0) if self.is_valid() else 0


class FillForm(ActionForm):
    """Telephone, consent, and the school's recipient confirmed; the page lays it out."""

    action = "makeup.fill_form"
    said = Wording("", "")
    phone = TextField(label=bi("本人联系电话", "Your telephone"), max_length=30, required=False)
    consent = forms.BooleanField(required=False)
    right_recipient = forms.BooleanField(required=False)

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True
