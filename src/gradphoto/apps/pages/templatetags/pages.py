"""What lists and fields need in templates."""

from __future__ import annotations

from django import template

from gradphoto.apps.pages.listing import Cell, shown_cell

register = template.Library()


@register.filter
def cell(value: Cell) -> str:
    """A cell's value as text; a dash where there is none."""
    return shown_cell(value) or "—"
