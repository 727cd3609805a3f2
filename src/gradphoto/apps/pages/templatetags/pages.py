"""What lists and fields need in templates."""

from __future__ import annotations

import re

from django import template
from django.utils.safestring import SafeString, mark_safe

from gradphoto.apps.pages.listing import Cell, shown_cell

register = template.Library()
_LABEL = re.compile(r"<label\b")


@register.filter
def cell(value: Cell) -> str:
    """A cell's value as text; a dash where there is none."""
    return shown_cell(value) or "—"


@register.filter
def styled(label: SafeString, css: str) -> SafeString:
    """A field's label with classes of its own."""
    return mark_safe(_LABEL.sub(f'<label class="{css}"', str(label), count=1))  # noqa: S308 - Django made the label
