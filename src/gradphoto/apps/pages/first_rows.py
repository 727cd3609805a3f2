"""The first rows of what may be more: a page that shows only these says so, whoever reads it (``pages/more.html``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db.models import QuerySet

Row = TypeVar("Row")
Shown = TypeVar("Shown")


class FirstRows(list[Row]):
    """At most ``most`` rows; ``is_more`` where others are left out."""

    def __init__(self, rows: Sequence[Row], most: int, *, is_more: bool) -> None:
        super().__init__(rows)
        self.most, self.is_more = most, is_more

    def drawn(self, draw: Callable[[Row], Shown]) -> FirstRows[Shown]:
        """The same rows as a page draws them."""
        return FirstRows([draw(row) for row in self], self.most, is_more=self.is_more)


def first_rows(rows: QuerySet[Any] | Sequence[Any], most: int) -> FirstRows[Any]:
    """The first ``most`` rows and whether there are more; of a query one row more is read, and nothing is counted."""
    found = list(rows[: most + 1])
    return FirstRows(found[:most], most, is_more=len(found) > most)
