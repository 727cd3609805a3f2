"""What the page of the pairing asks beside its list of faults."""

from __future__ import annotations

from typing import Any

from django import forms

from gradphoto.apps.core.wording import bi
from gradphoto.apps.pages.fields import TextField
from gradphoto.apps.pages.forms import ActionForm


class KeepPairing(ActionForm):
    """The ticked faults stay as they are recorded; ticks and reason stand in the form of the list."""

    action = "pairing.keep_pairing"
    fingerprint = forms.CharField(max_length=64)
    reason = TextField(label=bi("原因", "Reason"), max_length=200)

    def arguments(self) -> dict[str, Any]:
        said = self.cleaned_data
        ticked = self.data.getlist("fault") if hasattr(self.data, "getlist") else []
        return {"fingerprint": said.get("fingerprint", ""), "faults": ticked, "reason": said.get("reason", "")}
