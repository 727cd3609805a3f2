"""The mark that a change of status (R22) puts on a person's photograph in review, delivery and check (R23)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from gradphoto.apps.roster.models import Candidate, StatusChange


def marks_of(people: Iterable[int]) -> dict[int, str]:
    """What the mark says, by the candidate's primary key: each change with its day, oldest first; two queries.

    Somebody in two programmes has one photograph: a change in either record marks both.
    """
    firsts = dict(
        Candidate.objects.filter(pk__in=set(people)).values_list("pk", Coalesce("same_person", "pk")).order_by()
    )
    wanted = set(firsts.values())
    changes = StatusChange.objects.filter(Q(candidate__in=wanted) | Q(candidate__same_person__in=wanted))
    said: dict[int, list[str]] = {}
    for change in changes.select_related("candidate").order_by("changed_on", "pk"):
        said.setdefault(change.candidate.same_person_id or change.candidate_id, []).append(str(change))
    return {pk: "；".join(said[first]) for pk, first in firsts.items() if first in said}


def is_marked(person: str) -> Exists:
    """Whether a row's person has a change of status, in either record; ``person`` is the way to the photographed record."""
    of_person = Q(candidate=OuterRef(person)) | Q(candidate__same_person=OuterRef(person))
    return Exists(StatusChange.objects.filter(of_person))
