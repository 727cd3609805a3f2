"""What lists and fields need in templates."""

from __future__ import annotations

from django import template

from gradphoto.apps.pages.listing import Cell, Column, shown_cell

register = template.Library()


@register.filter
def cell(value: Cell) -> str:
    """A cell's value as text; a dash where there is none."""
    return shown_cell(value) or "—"


@register.filter
def cell_css(column: Column, value: Cell) -> str:
    """The classes of a cell; a phone's card leaves out what says nothing."""
    says_nothing = not column.template and not shown_cell(value)
    return f"{column.cell_css} says-nothing".strip() if says_nothing else column.cell_css
