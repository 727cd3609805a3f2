"""A list as one viewer asks for it: filter, order, columns, page and file. What the templates of lists read."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.http import QueryDict

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import InvalidInput, PermissionRefusal, invalid
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest
from gradphoto.apps.orgs.permissions import seats
from gradphoto.apps.pages.columns import Cell, Column, Head, Ordering, ordered
from gradphoto.apps.pages.filters import ListFilter
from gradphoto.apps.pages.paging import AFTER, BEFORE, MOST, LongPage, counted, long_page, shown_number
from gradphoto.apps.pages.sealed_queries import SealedQuery
from gradphoto.engine.wording import Wording

PAGE_SIZE = 50
AT_ONCE = 2000
"""So many lines are written while the person waits (about a second)."""
SORT, COLUMNS, PAGE, FORMAT = "sort", "columns", "page", "format"
_PLACE = (PAGE, AFTER, BEFORE)
_NEWEST = Wording("最新在前", "Newest first")
Rows = Callable[[Actor], QuerySet[Any]]


def _no_lookups(actor: Actor, rows: Sequence[Any]) -> Any:
    return None


def filter_invalid() -> InvalidInput:
    """What is said where a file is asked of a filter that means nothing."""
    return invalid(
        "pages.filter_invalid", "筛选条件有误，没有导出或处理任何一行。",
        "The filter is not valid; nothing was exported or changed.",
        "请返回列表，改正标红的条件后再试。", "Go back to the list and mend what is marked.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """How a list's numbers are read from totals, without its rows.

    ``by``: the filter whose values (empty: all) have a number each. ``fields``: the other filters that ``read`` knows; it
    is given the actor and what is asked by them, and returns the numbers.
    """

    by: str
    fields: tuple[str, ...]
    read: Callable[[Actor, Mapping[str, Any]], Mapping[str, int]]


@dataclass(frozen=True)
class ListDeclaration:
    """A list: who reads it, which rows it has for whom, what may be asked for, and its columns.

    ``lookups(actor, rows)`` gathers once a page, and once a chunk of a file, what cells need beside their row; it may
    hang it on the rows or return it. ``related`` prepares the rows' relations, so that the number of queries does not
    grow with the rows. ``order`` is the order without a choice, named as it is offered in ``order_title``.
    """

    name: str
    title: Wording
    permission: str
    rows: Rows
    filters: type[ListFilter]
    columns: tuple[Column, ...]
    lookups: Callable[[Actor, Sequence[Any]], Any] = _no_lookups
    order: Ordering = ("-pk",)
    order_title: Wording = _NEWEST
    file_name: str = ""
    about: Callable[[Actor, QueryDict], QuerySet[Any]] | None = None
    """In place of ``rows``, where they depend on what the page is about, e.g. one campaign named in the address."""
    row_css: Callable[[Any], str] = lambda row: ""
    page_size: int = PAGE_SIZE
    at_once: int = AT_ONCE
    defaults: Mapping[str, str] = field(default_factory=dict)
    """What is asked for where the address says nothing of it, e.g. what waits; empty in the address asks for all."""
    audited_as: str = ""
    """More than the usual note in the audit trail, e.g. that the file holds whole ID numbers."""
    leaving: Callable[[Actor, QuerySet[Any]], None] | None = None
    """Called before a file of these rows is made or asked for: what must be proven or go on record first."""
    whole_numbers: str = ""
    """The permission of those for whom the file holds whole ID numbers: taking it home wants a recent proof."""
    counts: Counts | None = None
    """Where the totals know how many rows there are; else they are counted up to ``paging.MOST``."""
    order_for: Callable[[QueryDict], Ordering] | None = None
    """In place of ``order``, where it depends on what is asked for."""
    chosen: Callable[[Actor], Sequence[str]] | None = None
    """The names of the columns that the viewer sees where the address names none; all without it."""

    def base(self, actor: Actor, params: QueryDict) -> QuerySet[Any]:
        """Every row that the viewer may see."""
        return self.about(actor, params) if self.about is not None else self.rows(actor)

    def asked(self, actor: Actor, params: QueryDict) -> Asked:
        """What an address asks of the list, bound to its viewer."""
        return Asked(self, actor, params)

    def page(self, request: SignedInRequest, **fixed: object) -> Asked:
        """The list as its page shows it: put it into the context as ``listing``.

        ``fixed`` are parameters that the page itself sets, e.g. the campaign it is about.
        """
        return self.asked(request.actor, with_fixed(request.GET, fixed))

    def home_of(self, actor: Actor) -> Organisation:
        """The organisation in which the actor reads this list: whose audit trail holds its exports."""
        for found in seats(actor, self.permission):
            return found
        raise PermissionRefusal(f"listing:{self.name}")


LISTINGS: dict[str, ListDeclaration] = {}
"""Every declared list by its name (``listing.Listing``)."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A value of a filter that stands as a tab: its words, how many rows it has, whether it is the one asked for.

    ``query`` asks for it and keeps everything else that is asked for, but the page.
    """

    value: str
    title: str
    count: int
    is_current: bool
    query: str
    is_more: bool = False
    """Whether there are more than ``MOST`` rows, and nobody counted them."""

    @property
    def number(self) -> str:
        """The number as a person reads it."""
        return shown_number(min(self.count, MOST) if self.is_more else self.count, is_more=self.is_more)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a page with the values of its columns, in their order."""

    row: Any
    cells: Sequence[tuple[Column, Cell]]
    css: str = ""


class Asked:
    """A list as one viewer asks for it: filter, order, columns, page. What the templates of lists read."""

    def __init__(self, listing: ListDeclaration, actor: Actor, params: QueryDict) -> None:
        if actor.user is not None:  # a query that was kept in a form or a job holds tokens still
            params = params if isinstance(params, SealedQuery) else SealedQuery.of(params, actor.user.pk)
        params = with_fixed(params, {k: v for k, v in listing.defaults.items() if k not in params})
        self.listing, self.actor, self.params = listing, actor, params
        self.filter = listing.filters(params, listing.base(actor, params), actor=actor, defaults=listing.defaults)
        self.name, self.title = listing.name, listing.title
        self._only: QuerySet[Any] | None = None

    def value(self, name: str) -> str:
        """What the address says for a parameter, or the page, or the list's default; empty where none does."""
        return str(self.params.get(name, ""))

    def chosen(self, name: str) -> Any:
        """The record that a filter asks for; None where it asks for none or the filter is not valid."""
        return self.filter.form.cleaned_data.get(name) if self.is_valid else None

    @functools.cached_property
    def is_valid(self) -> bool:
        return bool(self.filter.is_valid())

    def require_valid(self) -> None:
        """An ignored filter would export, or change, everything. Raises ``pages.filter_invalid``."""
        if not self.is_valid:
            raise filter_invalid()

    @functools.cached_property
    def rows(self) -> QuerySet[Any]:
        """Every row that fits, in order. Raises ``pages.filter_invalid``."""
        self.require_valid()
        return self.filter.qs.order_by(*self.ordering)

    # order -----------------------------------------------------------------------------------------------------------

    @property
    def sort(self) -> str:
        """The order asked for: a column's name, with ``-`` turned round; empty where it is none of the list's."""
        wanted = self.params.get(SORT, "")
        return wanted if any(column.name == wanted.removeprefix("-") for column in self.sortable) else ""

    @functools.cached_property
    def sortable(self) -> list[Column]:
        return [column for column in self.listing.columns if column.order and column.is_open_to(self.actor)]

    @functools.cached_property
    def ordering(self) -> list[OrderBy]:
        """The keys by which the rows stand; no two rows share all of them."""
        if self.sort:
            column = next(one for one in self.sortable if one.name == self.sort.removeprefix("-"))
            turned = self.sort.startswith("-")
            return [*(ordered(one, turned) for one in column.order), F("pk").desc()]
        order = self.listing.order if self.listing.order_for is None else self.listing.order_for(self.params)
        found = [ordered(one, False) for one in order]
        return found if any(one.expression == F("pk") for one in found) else [*found, F("pk").asc()]

    # columns ---------------------------------------------------------------------------------------------------------

    @functools.cached_property
    def offered(self) -> list[Column]:
        """The page's columns that the viewer may see, those that are hidden now included."""
        return [column for column in self.listing.columns if column.on_page and column.is_open_to(self.actor)]

    @functools.cached_property
    def columns(self) -> list[Column]:
        """The columns shown: those chosen in the address, else those remembered for the viewer, or all."""
        chosen: Sequence[str] = self.params.getlist(COLUMNS)
        if not chosen and self.listing.chosen is not None:
            chosen = self.listing.chosen(self.actor)
        known = [column for column in self.offered if column.fixed or column.name in chosen]
        return known if any(not column.fixed for column in known) else self.offered

    @property
    def may_choose(self) -> list[Column]:
        return [column for column in self.offered if not column.fixed]

    @property
    def file_columns(self) -> list[Column]:
        return [column for column in self.listing.columns if column.in_file and column.is_open_to(self.actor)]

    @functools.cached_property
    def heads(self) -> list[Head]:
        return [Head(column, self.sort) for column in self.columns]

    # page ------------------------------------------------------------------------------------------------------------

    @functools.cached_property
    def page(self) -> LongPage:
        if not self.is_valid:
            return long_page(self.filter.queryset.none(), [F("pk").asc()], self.listing.page_size, None)
        rows, known = (self.rows, self._known()) if self._only is None else (self._only, None)
        # Without a number of its own a page is the first: what led to another list's page is left behind.
        places = {name: self.params.get(name, "") if PAGE in self.params else "" for name in (AFTER, BEFORE)}
        return long_page(rows, self.ordering, self.listing.page_size, self.params.get(PAGE), known=known, **places)

    @functools.cached_property
    def _summed(self) -> Mapping[str, int] | None:
        """By the values of the filter that the totals know, how many rows there are; None where they do not know."""
        counts = self.listing.counts
        if counts is None or not self.is_valid:
            return None
        asked = {
            name: value
            for name, value in self.filter.form.cleaned_data.items()
            if value not in (None, "", False, [], ()) and name != counts.by
        }
        if any(name not in counts.fields for name in asked):
            return None
        return counts.read(self.actor, asked)

    def _known(self) -> int | None:
        counts = self.listing.counts
        if counts is None or self._summed is None:
            return None
        return self._summed.get(str(self.filter.form.cleaned_data.get(counts.by) or ""))

    @functools.cached_property
    def shown(self) -> list[Any]:
        """The rows of the page."""
        return list(self.page.object_list)

    @functools.cached_property
    def lookups(self) -> Any:
        return self.listing.lookups(self.actor, self.shown)

    @property
    def lines(self) -> Iterator[Line]:
        lookups = self.lookups
        for row in self.shown:
            cells = [(column, column.value(row, lookups)) for column in self.columns]
            yield Line(row, cells, self.listing.row_css(row))

    def only(self, *rows: Any) -> Asked:
        """The same list of these rows alone: for one that is drawn anew, or was found another way."""
        self.rows = self.listing.base(self.actor, self.params).filter(pk__in=[row.pk for row in rows])
        self._only = self.rows.order_by(*self.ordering)
        return self

    @property
    def is_set(self) -> bool:
        return self.filter.is_set

    def tabs(self, name: str) -> list[Tab]:
        """The values of a filter as tabs, "all" first where all may be asked for, each with its number of rows."""
        now, rows = self.params.get(name, ""), self._all_but(name)
        kept = self.params.copy()
        for other in _PLACE:
            kept.pop(other, None)
        one = self.filter.filters[name]
        known = self._summed if self.listing.counts is not None and self.listing.counts.by == name else None
        tabs: list[Tab] = []
        for value, title in self.filter.form.fields[name].choices:
            count = (known or {}).get(str(value))
            count = counted(one.filter(rows, value)) if count is None else count
            query = with_fixed(kept, {name: value}).urlencode()
            tabs.append(Tab(str(value), str(title), count, str(value) == now, query, known is None and count > MOST))
        return tabs

    def _all_but(self, name: str) -> QuerySet[Any]:
        """The rows that fit everything that is asked for but one filter; none where something asked is wrong."""
        if not self.is_valid:
            return self.filter.queryset.none()
        rows = self.filter.queryset.all()
        for other, value in self.filter.form.cleaned_data.items():
            if other != name:
                rows = self.filter.filters[other].filter(rows, value)
        return rows

    @property
    def filter_query(self) -> str:
        """What is asked for without page and columns: for the address of the file of the same rows, and for a job."""
        return self._all_of_it().urlencode()

    @property
    def query_to_seal(self) -> str:
        """The same with plain words, which outlive any token: for an encrypted column."""
        kept = self._all_of_it()
        return kept.plain() if isinstance(kept, SealedQuery) else kept.urlencode()

    def _all_of_it(self) -> QueryDict:
        kept = self.params.copy()
        for name in (*_PLACE, FORMAT, COLUMNS):
            kept.pop(name, None)
        return kept

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the filter's form must carry along: the columns chosen, and the order where it has no field."""
        return [(name, value) for name in (COLUMNS,) for value in self.params.getlist(name)]

    @property
    def kept_without_columns(self) -> list[tuple[str, str]]:
        """What the choice of columns must carry along: the filter and the order."""
        kept = self.params.copy()
        for name in (*_PLACE, COLUMNS, FORMAT):
            kept.pop(name, None)
        return [(name, value) for name, values in kept.lists() for value in values]

    # file ------------------------------------------------------------------------------------------------------------

    def file_rows(self, chunk: int = 500) -> Iterator[list[Cell]]:
        """The cells of every row that fits, read in chunks: memory does not grow with the list."""
        columns = self.file_columns
        for rows in self._whole_rows(chunk):
            lookups = self.listing.lookups(self.actor, rows)
            for row in rows:
                yield [column.value(row, lookups) for column in columns]
            row = lookups = None
            rows.clear()  # before the next ones are read

    def _whole_rows(self, chunk: int) -> Iterator[list[Any]]:
        """The rows, ``chunk`` at a time, by their keys: what a database has to sort is narrow.

        400,000 joined rows sorted at once filled SQLite's 32 MiB and as much again on disk. A row that is gone, or fits
        no more, when its turn comes is left out.
        """
        keys = self.rows.values_list("pk", flat=True).iterator(chunk_size=chunk)
        while wanted := list(itertools.islice(keys, chunk)):
            found = {row.pk: row for row in self.rows.order_by().filter(pk__in=wanted)}
            yield [found[key] for key in wanted if key in found]


def with_fixed(params: QueryDict, fixed: Mapping[str, object]) -> QueryDict:
    """The parameters of an address with those that the page itself sets."""
    if not fixed:
        return params
    whole = params.copy()
    for name, value in fixed.items():
        whole[name] = str(value)
    return whole
