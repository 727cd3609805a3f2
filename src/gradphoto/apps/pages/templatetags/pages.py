"""What lists and fields need in templates."""

from __future__ import annotations

from django import template

from gradphoto.apps.pages.listing import Cell, Column, shown_cell

register = template.Library()


@register.simple_tag
def state_css(state: object, good: str = "", warn: str = "", bad: str = "", busy: str = "", other: str = "") -> str:
    """The classes of a state's badge: which states look good, and so on, ``other`` how the rest looks; plain without."""
    looks = {"good": good, "warn": warn, "bad": bad, "busy": busy}
    look = next((name for name, states in looks.items() if str(state) in states.split()), other)
    return f"state state-{look}" if look else "state"


_A_WEEK = 8


@register.filter
def days_css(days_left: int) -> str:
    """The classes of a badge that says how many days are left: over, within a week, later."""
    return f"state state-{'bad' if days_left < 0 else 'warn' if days_left < _A_WEEK else 'busy'}"


@register.filter
def cell(value: Cell) -> str:
    """A cell's value as text; a dash where there is none."""
    return shown_cell(value) or "—"


@register.filter
def cell_css(column: Column, value: Cell) -> str:
    """The classes of a cell; a phone's card leaves out what says nothing."""
    says_nothing = not column.template and not shown_cell(value)
    return f"{column.cell_css} says-nothing".strip() if says_nothing else column.cell_css
