"""Pages of long lists: rows are counted only as far as a person reads, and a far page is found by the key of a row.

To count 400,000 rows, or to walk over 300,000 of them to show the next fifty, costs a database a second each time. So
a number beyond ``MOST`` is "10,000+", unless the totals know it; and links to pages beyond ``SEEK_FROM`` rows name the row
that stands before them (``after``) or behind them (``before``), from which an index goes on.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Page, Paginator
from django.db import connections
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

if TYPE_CHECKING:
    _Paginator: TypeAlias = Paginator[Any]
    _Page: TypeAlias = Page[Any]
else:
    _Paginator, _Page = Paginator, Page

MOST = 10_000
"""Nobody pages through more rows than these by number: it is searched or filtered."""
SEEK_FROM = 1000
AFTER, BEFORE = "after", "before"
_ORDER = "_order_{}"


def counted(rows: QuerySet[Any], most: int = MOST) -> int:
    """How many rows there are; ``most`` + 1 stands for more."""
    return rows.order_by().values("pk")[: most + 1].count()


def shown_number(count: int, *, is_more: bool) -> str:
    """``10,000+`` where nobody counted further."""
    return f"{count:,}+" if is_more else str(count)


def number_of(rows: QuerySet[Any]) -> str:
    """How many rows there are, for a badge; empty where there are none."""
    found = counted(rows)
    return shown_number(min(found, MOST), is_more=found > MOST) if found else ""


class LongPaginator(_Paginator):
    """Rows in pages. ``known``: their number where it is known without counting; else it is counted up to ``MOST``."""

    def __init__(self, rows: QuerySet[Any], size: int, known: int | None = None) -> None:
        super().__init__(rows, size)
        self._known = known

    @functools.cached_property
    def _counted(self) -> int:
        return counted(self.object_list) if self._known is None else self._known  # type: ignore[arg-type]

    @property
    def is_more(self) -> bool:
        """Whether there are more rows than ``count`` says."""
        return self._known is None and self._counted > MOST

    @functools.cached_property
    def count(self) -> int:
        return MOST if self.is_more else self._counted

    @property
    def number(self) -> str:
        """The number of rows as a person reads it."""
        return shown_number(self.count, is_more=self.is_more)


class LongPage(_Page):
    """One page, its rows read; ``first_key`` and ``last_key`` lead to the pages around it where they are far."""

    def __init__(self, rows: Sequence[Any], number: int, paginator: LongPaginator, *, goes_on: bool) -> None:
        super().__init__(rows, number, paginator)
        self.paginator: LongPaginator = paginator
        self._goes_on = goes_on

    def has_next(self) -> bool:
        return self._goes_on

    def next_page_number(self) -> int:
        return self.number + 1

    @property
    def _is_far(self) -> bool:
        return bool(self.object_list) and self.number * self.paginator.per_page >= SEEK_FROM

    @property
    def first_key(self) -> Any:
        """For ``before`` of the page before this one; empty where counting leads there."""
        return self.object_list[0].pk if self._is_far else ""

    @property
    def last_key(self) -> Any:
        """For ``after`` of the next page; empty where counting leads there."""
        return self.object_list[-1].pk if self._is_far else ""


def long_page(
    rows: QuerySet[Any],
    ordering: Sequence[OrderBy],
    size: int,
    wanted: str | None,
    *,
    known: int | None = None,
    after: str = "",
    before: str = "",
) -> LongPage:
    """A page of rows that stand in ``ordering``, which no two of them share.

    A number that is none, or beyond the end, gives the nearest page; a row that went away gives the page of the number.
    """
    paginator = LongPaginator(rows, size, known)
    if (sought := _sought(rows, ordering, after or before, turned=not after)) is not None:
        found = list(sought[: size + 1])
        goes_on = bool(before) or len(found) > size
        shown = found[:size]
        return LongPage(shown[::-1] if not after else shown, _number(wanted), paginator, goes_on=goes_on)
    number = paginator.validate_number(min(_number(wanted), paginator.num_pages))
    first = (number - 1) * size
    is_long = paginator.is_more or paginator.count > MOST
    found = list((_of_few if is_long else _cut)(rows, first, first + size + 1))
    return LongPage(found[:size], number, paginator, goes_on=len(found) > size)


def _cut(rows: QuerySet[Any], first: int, end: int) -> QuerySet[Any]:
    return rows[first:end]


def _of_few(rows: QuerySet[Any], first: int, end: int) -> QuerySet[Any]:
    """The same rows, found by their keys alone: what a page shows of them is joined to fifty, not to all that are sorted."""
    if rows.query.distinct or rows.query.combinator or rows.query.group_by is not None:
        return rows[first:end]
    return rows.filter(pk__in=rows.values("pk")[first:end])


def _number(wanted: str | None) -> int:
    text = wanted or ""
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 9 else 1


def _sought(rows: QuerySet[Any], ordering: Sequence[OrderBy], key: str, *, turned: bool) -> QuerySet[Any] | None:
    """The rows that stand beyond one row, nearest first; None where that row is not among them."""
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        return None
    named = {_ORDER.format(place): one.expression for place, one in enumerate(ordering)}
    here = rows.order_by().filter(pk=int(key)).annotate(**named).values_list(*named).first()
    if here is None:
        return None
    way = [one.copy() for one in ordering]
    for one in way if turned else ():
        one.reverse_ordering()
    return rows.annotate(**named).filter(_beyond(rows, way, here)).order_by(*way)


def _beyond(rows: QuerySet[Any], ordering: Sequence[OrderBy], here: Sequence[Any]) -> Q:
    """After a row in lexicographic order, with the first key's bound apart, by which an index begins."""
    found, same = Q(), Q()
    bound = Q()
    for place, (one, value) in enumerate(zip(ordering, here, strict=True)):
        name = _ORDER.format(place)
        nulls_last = _nulls_last(rows, one)
        later, equal = _later(name, one, value, nulls_last=nulls_last), Q(**{name: value})
        if value is None:
            equal = Q(**{f"{name}__isnull": True})
        if later is not None:
            found |= same & later
            if place == 0:
                bound = later | equal
        elif place == 0:
            bound = equal
        same &= equal
    return found & bound


def _later(name: str, one: OrderBy, value: Any, *, nulls_last: bool | None) -> Q | None:
    """The rows whose key stands after ``value``; None: there are none. ``nulls_last`` None: no key is null."""
    if value is None:
        return None if nulls_last else Q(**{f"{name}__isnull": False})
    later = Q(**{f"{name}__{'lt' if one.descending else 'gt'}": value})
    return later | Q(**{f"{name}__isnull": True}) if nulls_last else later


def _nulls_last(rows: QuerySet[Any], one: OrderBy) -> bool | None:
    way = getattr(one.expression, "name", "") if isinstance(one.expression, F) else ""
    if way and not _may_be_null(rows.model, way):
        return None
    if one.nulls_last or one.nulls_first:
        return bool(one.nulls_last)
    # Null is the largest of all for PostgreSQL, the smallest for SQLite.
    return (connections[rows.db].vendor == "postgresql") != one.descending


def _may_be_null(model: Any, way: str) -> bool:
    for name in way.split("__"):
        try:
            field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        except FieldDoesNotExist:
            return True  # worked out by the list itself
        if field.null or not field.concrete:
            return True
        model = field.related_model
    return False
