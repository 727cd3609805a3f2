"""The forms of a person's own pages."""

from __future__ import annotations

from django import forms

from gradphoto.apps.core.wording import bi
from gradphoto.apps.pages.fields import TextField
from gradphoto.apps.pages.forms import CODE_SIGNS, FIGURES, EntryForm, Form
from gradphoto.apps.selfphoto.models import PictureSource, Purpose
from gradphoto.apps.verification.portal_forms import CardFields, card_code

CODE_MAX = 200


class WayIn(EntryForm):
    """One of the ways in; ``way`` says which."""

    way: str


class LinkEntryForm(WayIn):
    """By the code of a link."""

    way = "link"
    code = TextField(
        label=bi("拍摄码", "Code of the link"),
        help_text=bi(
            "扫码后自动填入；只供本人使用，请勿告诉他人", "Filled in when you scan; for yourself alone, tell nobody"
        ),
        max_length=CODE_MAX,
        attrs=FIGURES,
    )
    student_no = TextField(label=bi("学号", "Student no."), max_length=CODE_MAX, attrs=CODE_SIGNS)
    name = TextField(label=bi("姓名", "Name"), max_length=CODE_MAX)


class CardEntryForm(WayIn, CardFields):
    """By an image card (R165); a link's own ``code`` stands on the same page."""

    way = "card"
    card_code = card_code()


class CollectionEntryForm(WayIn):
    """By a collection code (采集码)."""

    way = "collection"
    collection_code = TextField(label=bi("采集码", "Collection code"), max_length=1000, attrs=FIGURES)
    student_no = TextField(label=bi("学号", "Student no."), max_length=CODE_MAX, attrs=CODE_SIGNS)


ENTRIES: dict[str, type[WayIn]] = {kind.way: kind for kind in (LinkEntryForm, CardEntryForm, CollectionEntryForm)}


class WayForm(Form):
    """Which way in was chosen; none is the link."""

    way = forms.ChoiceField(choices=[(way, way) for way in ENTRIES], required=False)

    def chosen(self) -> type[WayIn]:
        """The form of that way."""
        return ENTRIES[self.cleaned_data["way"] or "link"] if self.is_valid() else LinkEntryForm


class ConsentForm(Form):
    """What the person agrees to, each purpose by itself."""

    photograph = forms.BooleanField(required=False)
    compare = forms.BooleanField(required=False)

    def purposes(self) -> list[str]:
        """The purposes that are ticked."""
        return [str(one) for one in Purpose if self.is_valid() and self.cleaned_data.get(str(one))]


class WithdrawConsentForm(Form):
    """Which purpose is taken back."""

    purpose = forms.ChoiceField(choices=Purpose.choices)


class SubmitForm(Form):
    """Why a photograph that fails a rule is handed in all the same."""

    explanation = TextField(
        label=bi("说明", "Note"),
        help_text=bi(
            "例如：眼睑疾病睁不大、宗教或医疗原因戴头巾、胎记",
            "For instance: an eyelid that does not open, a head covering for faith or health, a birthmark",
        ),
        max_length=300,
        rows=3,
        required=False,
    )


class WithdrawForm(Form):
    """Why a waiting photograph is taken back."""

    reason = TextField(label=bi("原因（可不填）", "Why (may be left empty)"), max_length=180, required=False)


class UploadForm(Form):
    """A photograph in one piece, where no script runs."""

    photograph = forms.FileField()
    source = forms.ChoiceField(choices=PictureSource.choices, required=False)


class BeginUploadForm(Form):
    """What a script says of the file that it is going to send."""

    size = forms.IntegerField(min_value=1)
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$")
    source = forms.ChoiceField(choices=PictureSource.choices)
    name = forms.CharField(max_length=200, required=False)
    type = forms.CharField(max_length=80, required=False)


class FinishUploadForm(Form):
    """What a script says of the way the photograph was taken."""

    how = forms.CharField(max_length=80, required=False)
