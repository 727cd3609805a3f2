"""A tree with one record of every model at each place of it, for the questions who sees and who changes what.

The records are placed, not lived: constraints and triggers stand aside while they are written, as a permission asks
only where a record hangs. Nothing here reads the product's table or its filters.
"""

from __future__ import annotations

import datetime
import decimal
import itertools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, models, transaction

from gradphoto.apps.campaigns.models import Campaign, RuleSet
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.guards import GUARDS
from gradphoto.apps.orgs.models import Membership, Organisation, OrganisationKind, Role, User


@dataclass
class Place:
    """Where records hang: their unit and campaign; ``made`` keeps one record a model."""

    name: str
    unit: Organisation
    campaign: Campaign
    made: dict[type[models.Model], models.Model] = field(default_factory=dict)


@dataclass
class Tree:
    """The organisations by a short name, the places of records, and a person for each role in each organisation."""

    organisations: dict[str, Organisation]
    places: dict[str, Place]
    people: dict[tuple[str, str], Actor]

    def record(self, model: type[models.Model], place: str) -> models.Model:
        return record_at(model, self.places[place])


def grow() -> Tree:
    """National centre > agency > two centres; two schools, the first with two colleges and a learning centre."""
    kind, made = OrganisationKind, {}

    def add(name: str, what: OrganisationKind, parent: str = "") -> None:
        made[name] = Organisation.objects.create(kind=what, name=name, code=name, parent=made.get(parent))

    add("national", kind.NATIONAL_CENTRE)
    add("agency", kind.AGENCY, "national")
    add("centre", kind.COLLECTION_CENTRE, "agency")
    add("other centre", kind.COLLECTION_CENTRE, "agency")
    add("school", kind.SCHOOL, "national")
    add("college", kind.DEPARTMENT, "school")
    add("sibling college", kind.DEPARTMENT, "school")
    add("learning centre", kind.LEARNING_CENTRE, "school")
    add("other school", kind.SCHOOL, "national")
    add("other college", kind.DEPARTMENT, "other school")

    def campaign(school: str, centre: str, year: int) -> Campaign:
        rule_set = RuleSet.objects.create(name=f"{school} {year}")
        return Campaign.objects.create(
            cohort_year=year, title=f"{school} {year}", school=made[school], centre=made[centre], rule_set=rule_set
        )

    here, later = campaign("school", "centre", 2026), campaign("school", "other centre", 2027)
    there = campaign("other school", "other centre", 2026)
    places = {
        name: Place(name, made[unit], of)
        for name, unit, of in (
            ("school", "school", here),
            ("college", "college", here),
            ("sibling college", "sibling college", here),
            ("learning centre", "learning centre", here),
            ("other campaign", "college", later),
            ("other school", "other college", there),
        )
    }
    return Tree(made, places, {})


HOMES: dict[str, tuple[str, ...]] = {
    "administrator": ("national", "school", "college"),
    "auditor": ("national", "college"),
    "registrar": ("school", "other school"),
    "college_officer": ("college", "sibling college"),
    "college_leader": ("college", "other college"),
    "counsellor": ("college", "sibling college"),
    "learning_centre": ("learning centre",),
    "head_office": ("school", "other school"),
    "teaching_secretary": ("college", "sibling college"),
    "student_affairs": ("school", "other school"),
    "photographer": ("agency", "centre"),
    "site_staff": ("school", "centre"),
    "collection_centre": ("agency", "centre", "other centre"),
    "national_reviewer": ("national",),
}
"""Where a person of each role sits: at the record's own organisation, above, below, beside and elsewhere."""


def people_of(tree: Tree) -> dict[tuple[str, str], Actor]:
    """One person for every role in each of its homes."""
    for role, homes in HOMES.items():
        for home in homes:
            user = User.objects.create(username=f"{role} {home}")
            Membership.objects.create(user=user, organisation=tree.organisations[home], role=Role(role))
            tree.people[role, home] = Actor.of(User.objects.get(pk=user.pk))
    return tree.people


@contextmanager
def nothing_refuses() -> Iterator[None]:
    """Records are placed without the stories that would lead to them (SQLite)."""
    with connection.cursor() as cursor:
        for guard in GUARDS:
            for statement in guard.drop_sql("sqlite"):
                cursor.execute(statement)
    connection.connection.execute("PRAGMA ignore_check_constraints = 1")
    try:
        yield
    finally:
        connection.connection.execute("PRAGMA ignore_check_constraints = 0")


_numbers = itertools.count(1)


def record_at(model: type[models.Model], place: Place) -> models.Model:
    """The place's one record of a model, with whatever it hangs on."""
    if model is Organisation:
        return place.unit
    if model is Campaign:
        return place.campaign
    if model is RuleSet:
        return place.campaign.rule_set
    if model is User:
        return User.objects.get_or_create(username="somebody")[0]
    if model not in place.made:
        values = {one.name: _value(one, place) for one in model._meta.concrete_fields if _is_needed(one)}
        try:
            with transaction.atomic():
                (place.made[model],) = model._base_manager.bulk_create([model(**values)])
        except IntegrityError:
            # One a campaign, or one an installation: places share it. The oracle asks where it really hangs.
            related = {one.name: values[one.name] for one in model._meta.concrete_fields if one.name in values}
            same = {name: value for name, value in related.items() if isinstance(value, models.Model)}
            place.made[model] = model._base_manager.filter(**same).first() or model._base_manager.get()
    return place.made[model]


def _is_needed(one: Any) -> bool:
    if one.is_relation:
        return not one.null or one.name in ("department", "organisation", "case", "school")
    return not one.primary_key and not one.has_default() and not one.null


def _value(one: Any, place: Place) -> Any:
    if one.is_relation:
        if one.related_model is Organisation:
            known = {"school": place.campaign.school, "centre": place.campaign.centre}
            return known.get(one.name, place.unit)
        return record_at(one.related_model, place)
    number = next(_numbers)
    match one:
        case models.DateTimeField():
            return datetime.datetime(2026, 3, 1, 8, tzinfo=datetime.UTC) + datetime.timedelta(minutes=number)
        case models.DateField():
            return datetime.date(2026, 3, 1)
        case models.TimeField():
            return datetime.time(8)
        case models.BooleanField():
            return False
        case models.IntegerField():
            return number
        case models.FloatField():
            return 1.0
        case models.DecimalField():
            return decimal.Decimal(1)
        case models.UUIDField():
            return uuid.uuid4()
        case models.JSONField():
            return {}
        case models.BinaryField():
            return b"x"
        case _ if one.choices:
            return one.choices[0][0]
        case _:
            return f"x{number}"[: one.max_length or 20]
