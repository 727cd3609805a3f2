"""What a part of the organisation tree reaches, as keys: the conditions of ``orgs.scope`` for the database.

A condition over the paths of joined tables makes a database read a whole province to show one school. So the keys of the
organisations at and below somebody's own are looked up first, and where a relation leads through a model of few rows
that owns many (``SCOPE_KEYS``: the campaign), the keys of its rows; what is empty falls away. A table is then read by
its own index. People are found by the campaigns of their schools, not by their units (``OF_SCHOOL``), unless somebody
sees only a part of a school: lists are sorted within a campaign.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q
from django.db.models.signals import post_delete, post_save

from gradphoto.apps.orgs.models import Organisation, OrganisationKind, User

_PARTS = (OrganisationKind.DEPARTMENT, OrganisationKind.LEARNING_CENTRE)
EVERYTHING = object()
"""The condition of who stands above all: none."""
_generations = itertools.count()
_now = [next(_generations)]


def _moved_on(**_: Any) -> None:
    """The tree or what hangs on it has changed: keys that were looked up before count no more."""
    _now[0] = next(_generations)


for _signal in (post_save, post_delete):
    _signal.connect(_moved_on, sender=Organisation, dispatch_uid="orgs.reach")


@dataclass(frozen=True, slots=True)
class Way:
    """How a model hangs on the tree: ``place`` is compared with keys, of ``owner`` by its ``field`` or of organisations."""

    place: str
    owner: type[Model] | None
    field: str
    may_be_empty: bool
    of_school: Way | None = None
    """Where ``place`` is a unit of the school whose campaign it is: the same records for who sees whole schools."""


@functools.cache
def way_of(model: type[Model], lookup: str) -> Way:
    """The way that a look-up of ``SCOPE`` names, e.g. ``candidate__campaign__centre__path``."""
    names = lookup.split("__")[:-1]
    if not names:
        return Way("pk", None, "", may_be_empty=False)
    found: Any = model
    owner: Any = model
    may_be_empty = False
    for at, name in enumerate(names):
        if at and at == len(names) - 1 and getattr(found, "SCOPE_KEYS", False):
            for signal in (post_save, post_delete):
                signal.connect(_moved_on, sender=found, dispatch_uid=f"orgs.reach.{found._meta.label}")
            optional = found._meta.get_field(name).null
            return Way("__".join(names[:-1]), found, name, may_be_empty=may_be_empty or optional)
        field = found._meta.get_field(name)
        may_be_empty = may_be_empty or field.null
        owner, found = found, field.related_model
    of_school = None
    if names[-1] == "department":
        if getattr(model, "OF_SCHOOL", False):
            of_school = way_of(model, "campaign__school__path")
        elif getattr(owner, "OF_SCHOOL", False):
            of_school = way_of(model, "__".join([*names[:-1], "campaign", "school", "path"]))
    return Way("__".join(names), None, "", may_be_empty=may_be_empty, of_school=of_school)


class Reach:
    """What a person reaches from the organisations of some roles: kept for a request, looked up when it is asked for."""

    def __init__(self, organisations: Collection[Organisation]) -> None:
        self._paths = _topmost(organisations)
        self._keys: dict[tuple[type[Model], str, bool], list[int]] = {}
        self._since = _now[0]
        self._is_all: bool | None = None
        self._above = sorted(
            {int(part) for path in map(_path_of, organisations) for part in path.strip("/").split("/")}
        )
        self._parts = any(organisation.kind in _PARTS for organisation in organisations)
        self._roots = any(organisation.parent_id is None for organisation in organisations)

    @classmethod
    def of(cls, user: User, organisations: Collection[Organisation]) -> Reach:
        """The one of this user object, which lives as long as a request."""
        known: dict[frozenset[str], Reach] = user.__dict__.setdefault("_reach", {})
        paths = frozenset(organisation.path for organisation in organisations)
        found = known.get(paths)
        if found is None or found._since != _now[0]:
            found = known[paths] = cls(organisations)
        return found

    @property
    def has_whole_schools(self) -> bool:
        """Whether none of it is only a part of a school: what belongs to a school is then found by the school."""
        return not self._parts

    @property
    def is_all(self) -> bool:
        """Whether everything hangs at or below: the only root of the tree is among the organisations."""
        if self._is_all is None:
            self._is_all = (
                self._roots and not Organisation.objects.filter(parent=None).exclude(path__in=self._paths).exists()
            )
        return self._is_all

    def condition(self, ways: Iterable[Way]) -> Q:
        """The records that hang on the tree by one of these ways; an empty ``Q`` where there can be none.

        Ways to one place are one list of keys, so that the table is read by one index.
        """
        keys: dict[str, set[int]] = {}
        for way in ways:
            if way.of_school is not None and self.has_whole_schools:
                way = way.of_school
            keys.setdefault(way.place, set()).update(self._keys_of(way, self._below, above=False))
        return functools.reduce(
            operator.or_, (Q(**{f"{place}__in": sorted(of)}) for place, of in keys.items() if of), Q()
        )

    def condition_above(self, way: Way) -> Q:
        """The records that hang at the organisations themselves or above them."""
        keys = self._keys_of(way, self._above, above=True)
        return Q(**{f"{way.place}__in": keys}) if keys else Q()

    def _keys_of(self, way: Way, organisations: Collection[int], *, above: bool) -> Collection[int]:
        return organisations if way.owner is None else self._of_owner(way, above=above)

    def _of_owner(self, way: Way, *, above: bool) -> list[int]:
        assert way.owner is not None
        key = (way.owner, way.field, above)
        if key not in self._keys:
            homes = self._above if above else self._below
            rows = way.owner._default_manager.filter(**{f"{way.field}__in": homes}).order_by()
            self._keys[key] = list(rows.values_list("pk", flat=True))
        return self._keys[key]

    @functools.cached_property
    def _below(self) -> list[int]:
        below = Q()
        for path in self._paths:
            below |= Q(path__startswith=path)
        rows = Organisation.objects.filter(below).order_by() if below else Organisation.objects.none()
        return list(rows.values_list("pk", flat=True))


def _path_of(organisation: Organisation) -> str:
    return organisation.path


def _topmost(organisations: Collection[Organisation]) -> list[str]:
    """Their paths without those that lie below another of them."""
    found: list[str] = []
    for path in sorted(organisation.path for organisation in organisations):
        if not found or not path.startswith(found[-1]):
            found.append(path)
    return found
