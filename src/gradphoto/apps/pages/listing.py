"""One class for a list: its page (search, filter, order, pages, columns, phone), its file, its background export.

A room declares a ``Listing``: which rows a viewer sees, what may be asked for, and its columns. ``Listing.page`` is what
its template shows (``pages/listing.html``); ``Listing.export`` is the view that gives the same rows as xlsx or csv,
at once where there are few, in the background where there are many (``pages.exporting``). What a room needs of lists is
imported from here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponseBase

from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.pages.asked import FORMAT, LISTINGS, Asked, Counts, ListDeclaration
from gradphoto.apps.pages.columns import Cell, Column, shown_cell
from gradphoto.apps.pages.exporting import answer_export

__all__ = ["FORMAT", "LISTINGS", "Asked", "Cell", "Column", "Counts", "Listing", "page_of", "shown_cell"]


@dataclass(frozen=True)
class Listing(ListDeclaration):
    """A declared list that its page, its file and the worker know by its name."""

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"Two columns of {self.name} have one name.")
        if self.name in LISTINGS and LISTINGS[self.name] is not self:
            raise ValueError(f"Two lists named {self.name}.")
        LISTINGS[self.name] = self

    @functools.cached_property
    def export(self) -> Callable[..., HttpResponseBase]:
        """The view that gives the list as a file; the room gives it an address."""

        def export(request: SignedInRequest) -> HttpResponseBase:
            return answer_export(request, self)

        return page(self.permission)(export)


def page_of(rows: Sequence[Any] | QuerySet[Any], size: int, wanted: str | None) -> Page[Any]:
    """One page of rows that are no table: worked out, as the differences of a repair, or worked by keys, as the review.

    A number that is none, or beyond the end, gives the nearest page. A list of records is a :class:`Listing`.
    """
    return Paginator(rows, size).get_page(wanted)
