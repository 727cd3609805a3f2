"""The field of an amount of money, and the two hidden ones by which a form is booked once and for what was shown."""

from __future__ import annotations

from typing import Any

from django import forms

from gradphoto.apps.fees.money import parse_yuan
from gradphoto.apps.pages.fields import RefusedValue
from gradphoto.engine.errors import GradPhotoError


class YuanField(forms.CharField):
    """An amount as people write it; the cleaned value is whole fen, or None where nothing need be written."""

    def __init__(self, *, css: str = "col-12", attrs: dict[str, str] | None = None, **options: Any) -> None:
        self.css = css
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "class": "figures", **(attrs or {})})
        super().__init__(widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text is None or text == "":
            return None
        try:
            return parse_yuan(text)
        except GradPhotoError as error:
            raise RefusedValue(error) from error
