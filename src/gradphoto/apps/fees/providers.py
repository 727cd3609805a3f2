"""The side of the house that fees cannot see: who is photographed.

Fees stand before capture on the journey, so that capture may ask who has paid, and never the other way round. The
three-way reconciliation (R138) still needs the people photographed. Capture therefore hands in a query when it starts
(``capture.apps``: ``tell_photographed(queries.photographed)``) and fees ask it here. Without capture there is no such
side, and the pages leave the column out.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.roster.models import Candidate

Photographed = Callable[[Campaign], QuerySet[Candidate]]

_told: list[Photographed] = []


def tell_photographed(query: Photographed) -> None:
    """Register the query that returns the candidates of a campaign who are photographed; the last one counts."""
    _told[:] = [query]


def photographed(campaign: Campaign) -> QuerySet[Candidate] | None:
    """The candidates of a campaign who are photographed, or None where nobody tells."""
    return _told[0](campaign) if _told else None


def known() -> bool:
    """Whether somebody tells who is photographed."""
    return bool(_told)
