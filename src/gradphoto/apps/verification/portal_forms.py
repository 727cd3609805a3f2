"""The forms of the graduates' pages: the card, the confirmation, the corrections, the dispute.

What is entered is told beside its field by the action (``check_entered``).
"""

from __future__ import annotations

from typing import Any

from django import forms

from gradphoto.apps.core.wording import bi
from gradphoto.apps.pages.fields import TextField
from gradphoto.apps.pages.forms import CODE_SIGNS, FIGURES, EntryForm, Form
from gradphoto.apps.verification.items import ITEMS
from gradphoto.engine.wording import Wording

CARD_MAX = 120

PHOTO_REASONS: dict[str, Wording] = {
    "not_me": Wording("不是本人图像", "The photograph is not of me"),
    "blurred": Wording("图像模糊", "The photograph is blurred"),
    "eyes_closed": Wording("闭眼", "The eyes are closed"),
    "wrong_school": Wording("院校名称有误", "The school is wrong"),
    "other": Wording("其他问题", "Something else"),
}


class CardFields(Form):
    """What the image card says of its person (R165); its code is beside, under the name that the page has for it."""

    school_code = TextField(
        label=bi("院校代码", "School code"), max_length=CARD_MAX, attrs={**FIGURES, "inputmode": "numeric"}
    )
    student_no = TextField(label=bi("学号", "Student no."), max_length=CARD_MAX, attrs=CODE_SIGNS)
    name = TextField(label=bi("姓名", "Name"), max_length=CARD_MAX)


def card_code() -> TextField:
    """The field for the code printed on the card."""
    return TextField(
        label=bi("校对码", "Card code"),
        help_text=bi("印在卡片下沿，请勿告诉他人", "Printed at the card's lower edge; tell nobody"),
        max_length=CARD_MAX,
        attrs=CODE_SIGNS,
    )


class CardForm(EntryForm, CardFields):
    """The way in by the card."""

    code = card_code()


class ConfirmForm(Form):
    """That everything was compared by the graduate in person, and the fingerprint of what was shown."""

    own = forms.BooleanField()
    shown = forms.CharField(required=False)


class CorrectForm(Form):
    """The circles before wrong items, and the right values as entered, whole."""

    wrong = forms.MultipleChoiceField(required=False, choices=[(item.field, item.field) for item in ITEMS])

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for item in ITEMS:
            self.fields[f"value_{item.field}"] = forms.CharField(required=False, strip=False)

    def entered(self) -> dict[str, str]:
        """Field -> value of what is ticked, in the order of the items."""
        ticked = set(self.cleaned_data["wrong"]) if self.is_valid() else set()
        return {item.field: self.cleaned_data[f"value_{item.field}"] for item in ITEMS if item.field in ticked}


class DisputeForm(Form):
    """What is wrong with the photograph: a reason of the list, and the graduate's own words."""

    reason = forms.ChoiceField(
        required=False, choices=[(key, bi(one.zh, one.en)) for key, one in PHOTO_REASONS.items()]
    )
    words = TextField(label=bi("补充说明", "In your own words"), max_length=150, rows=3, required=False)

    def told(self) -> str:
        """Reason and words as one sentence, in Chinese as it is kept."""
        chosen = PHOTO_REASONS.get(self.cleaned_data["reason"])
        return "：".join(part for part in (chosen.zh if chosen else "", self.cleaned_data["words"]) if part)
