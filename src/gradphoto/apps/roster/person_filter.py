"""The filter of every list about people: words, campaign, department or learning centre, season.

Rooms after the roster subclass it and say by which relation their rows reach the candidate.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import F, Q, QuerySet, Sum

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.models import Organisation, by_code
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import ListFilter, choice, record, search
from gradphoto.apps.pages.listing import Counts
from gradphoto.apps.roster.models import Total
from gradphoto.apps.roster.typed import named


def campaigns_of(actor: Actor) -> QuerySet[Campaign]:
    """The campaigns a viewer may choose from."""
    return scoped(actor, Campaign).select_related("school")


def departments_of(actor: Actor) -> QuerySet[Organisation]:
    """The departments and learning centres that have candidates the viewer may see."""
    people = scoped(actor, Total).filter(people__gt=0).order_by().values("department")
    return Organisation.objects.filter(pk__in=people).order_by(*by_code())


def by_totals(by: str, columns: Mapping[str, tuple[str, ...]], *more: str) -> Counts:
    """The numbers of a list of people from the totals: for each value of the filter ``by`` the columns to add up.

    ``more``: further filters that are columns of a total.
    """

    def read(actor: Actor, asked: Mapping[str, Any]) -> dict[str, int]:
        sums = {f"n{place}": Sum(_added(names), default=0) for place, names in enumerate(columns.values())}
        found = scoped(actor, Total).filter(**asked).order_by().aggregate(**sums)
        return dict(zip(columns, found.values(), strict=True))

    return Counts(by, ("campaign", "season", "department", *more), read)


def _added(columns: tuple[str, ...]) -> Any:
    return functools.reduce(operator.add, map(F, columns))


class PersonFilter(ListFilter):
    """Whom a list about people may be asked for; ``person`` is the way from its rows to the candidate."""

    person: ClassVar[str] = "candidate__"

    q = search("查找", "Search", "find", example=("学号、姓名、班级", "Number, name, class"))
    campaign = record(campaigns_of, "批次", "Campaign", method="of_campaign")
    season = choice(Season, "毕业季", "Season", method="of_season")
    department = record(departments_of, "院系", "Department", method="of_department")

    def narrow(self) -> None:
        """One campaign or one department needs no choice; each choice is read once."""
        self.offer("campaign", lambda one: f"{one.title} · {one.school.name}")
        self.offer("department", lambda one: one.name)

    def find(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        return rows.filter(named(words, self.person) | Q(**{f"{self.person}class_name__icontains": words}))

    def of_campaign(self, rows: QuerySet[Any], name: str, campaign: Campaign) -> QuerySet[Any]:
        return rows.filter(**{f"{self.person}campaign": campaign})

    def of_department(self, rows: QuerySet[Any], name: str, department: Organisation) -> QuerySet[Any]:
        return rows.filter(**{f"{self.person}department": department})

    def of_season(self, rows: QuerySet[Any], name: str, season: str) -> QuerySet[Any]:
        return rows.filter(**{f"{self.person}season": season})
