"""The forms of a person's own pages."""

from __future__ import annotations

from django import forms

from gradphoto.apps.core.wording import bi
from gradphoto.apps.pages.fields import TextField
from gradphoto.apps.pages.forms import Form
from gradphoto.apps.selfphoto.models import PictureSource, Purpose

CODE_MAX = 200
WAYS = (("link", "link"), ("card", "card"), ("collection", "collection"))


class EnterForm(Form):
    """By a link's code, an image card, or a collection code; whatever is wrong gets one and the same answer."""

    way = forms.ChoiceField(choices=WAYS, required=False)
    code = forms.CharField(max_length=CODE_MAX, required=False)
    student_no = forms.CharField(max_length=CODE_MAX, required=False)
    name = forms.CharField(max_length=CODE_MAX, required=False)
    school_code = forms.CharField(max_length=CODE_MAX, required=False)
    card_code = forms.CharField(max_length=CODE_MAX, required=False)
    collection_code = forms.CharField(max_length=1000, required=False)

    def entered(self) -> dict[str, str]:
        """The values; empty ones, which fit nobody, where one of them cannot be right."""
        found = self.cleaned_data if self.is_valid() else dict.fromkeys(self.fields, "")
        return found | {"way": found["way"] or "link"}


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

    explanation = TextField(label=bi("说明", "Note"), max_length=300, rows=3, required=False)


class WithdrawForm(Form):
    """Why a waiting photograph is taken back."""

    reason = TextField(label=bi("原因", "Reason"), max_length=180, required=False)


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
