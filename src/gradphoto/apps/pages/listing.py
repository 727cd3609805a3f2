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
from django.http import HttpResponseBase, QueryDict

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import seats
from gradphoto.apps.pages.asked import FORMAT, Asked, Counts, ListDeclaration, with_fixed
from gradphoto.apps.pages.columns import Cell, Column, shown_cell

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

    def asked(self, actor: Actor, params: QueryDict) -> Asked:
        """What an address asks of the list, bound to its viewer."""
        return Asked(self, actor, params)

    def page(self, request: SignedInRequest, **fixed: object) -> Asked:
        """The list as its page shows it: put it into the context as ``listing``.

        ``fixed`` are parameters that the page itself sets, e.g. the campaign it is about.
        """
        return self.asked(request.actor, with_fixed(request.GET, fixed))

    @functools.cached_property
    def export(self) -> Callable[..., HttpResponseBase]:
        """The view that gives the list as a file; the room gives it an address."""
        from gradphoto.apps.pages.exporting import answer_export

        def export(request: SignedInRequest) -> HttpResponseBase:
            return answer_export(request, self)

        return page(self.permission)(export)

    def home_of(self, actor: Actor) -> Organisation:
        """The organisation in which the actor reads this list: whose audit trail holds its exports."""
        for found in seats(actor, self.permission):
            return found
        raise PermissionRefusal(f"listing:{self.name}")


LISTINGS: dict[str, Listing] = {}


def page_of(rows: Sequence[Any] | QuerySet[Any], size: int, wanted: str | None) -> Page[Any]:
    """One page of rows that are no table: worked out, as the differences of a repair, or worked by keys, as the review.

    A number that is none, or beyond the end, gives the nearest page. A list of records is a :class:`Listing`.
    """
    return Paginator(rows, size).get_page(wanted)
