"""A column of a list: its heading, what it reads of a row, what stands in its cell, and how it sorts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.db.models.expressions import OrderBy
from django.utils import timezone

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.permissions import holds
from gradphoto.engine.wording import Wording

Cell = str | int | float | Decimal | date | datetime | None
"""What a column reads; a ``Decimal`` is money, in yuan with two places."""
Ordering = tuple[str | OrderBy, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    ``reads`` is the value of a row: the name of an attribute (dots go on, a method is called) or a function of the row
    and the list's look-ups. ``template`` draws the cell with ``row``, ``value`` and ``lookups``; without one the value
    stands there. ``order`` are the fields to sort by, ascending; what sorts nulls last is said by an expression
    (``F("due_on").asc(nulls_last=True)``), which is turned round whole. ``shown_to`` names a permission; empty:
    everybody who may read the list. ``hidden_title`` keeps the heading for screen readers only.
    """

    name: str
    title: Wording
    reads: str | Callable[[Any, Any], Cell] = ""
    template: str = ""
    css: str = ""
    order: Ordering = ()
    on_page: bool = True
    in_file: bool = True
    on_phone: bool = True
    shown_to: str = ""
    hidden_title: bool = False
    fixed: bool = False
    width: int = 14

    @property
    def cell_css(self) -> str:
        """The classes of a cell; what a phone's card leaves out is marked."""
        return self.css if self.on_phone else f"{self.css} off-phone".strip()

    @property
    def turned_name(self) -> str:
        """The ``sort`` that asks for this column's order from its end."""
        return f"-{self.name}"

    def value(self, row: Any, lookups: Any) -> Cell:
        """What stands in the cell of a row."""
        if callable(self.reads):
            return self.reads(row, lookups)
        found = row
        for part in self.reads.split(".") if self.reads else ():
            found = getattr(found, part, None)
            if callable(found):
                found = found()
            if found is None:
                return None
        return found if self.reads else None

    def is_open_to(self, actor: Actor) -> bool:
        return not self.shown_to or actor.user is None or holds(actor.user, self.shown_to)


@dataclass(frozen=True, slots=True)
class Head:
    """A column's heading: where it sorts, the address that turns the order round."""

    column: Column
    sort: str
    """The order asked for: a column's name, with ``-`` turned round."""

    @property
    def direction(self) -> str:
        """For ``aria-sort``; empty where the column does not sort."""
        if not self.column.order:
            return ""
        if self.sort == self.column.name:
            return "ascending"
        return "descending" if self.sort == f"-{self.column.name}" else "none"

    @property
    def turned(self) -> str:
        """The ``sort`` that the heading asks for."""
        return f"-{self.column.name}" if self.direction == "ascending" else self.column.name


def ordered(one: str | OrderBy, turned: bool) -> OrderBy:
    """An ascending field or an expression, turned round where asked: nulls stay where they were."""
    if isinstance(one, str):
        one = F(one.removeprefix("-")).desc() if one.startswith("-") else F(one).asc()
    else:
        one = one.copy()
    if turned:
        one.descending = not one.descending
    return one


def shown_cell(value: Cell) -> str:
    """A value as text: for csv and for cells without a template."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else str(value)
