"""One person in two programmes (辅修, 双学位): a record for each, photographed once.

The records of a person bear one ID number. The first is the one that is photographed: it has the appointment, the fee
and the check-in. The others name it as their ``same_person``; the photograph is delivered, verified and registered for
each. Which record is the first may change until the person is in the chair.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.roster.corrections import ALREADY_LISTED
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.roster.duplicates import written_plainly
from gradphoto.engine.roster.records import RosterRecord
from gradphoto.engine.standards.names import same


def photographed_as(outer: str = "") -> Coalesce:
    """In a subquery on check-ins: the candidate whose check-in counts for the outer query's candidate."""
    return Coalesce(OuterRef(f"{outer}same_person"), OuterRef(f"{outer}pk"))


def first_of(candidate: Candidate) -> int:
    """The key of the record under which this person is photographed."""
    return candidate.same_person_id or candidate.pk


def is_of_person(person: str = "candidate", shot: str = "check_in__candidate") -> Q:
    """Whether a photograph that was taken of ``shot`` is one of ``person``: look-ups of one query."""
    return Q(**{shot: F(person)}) | Q(**{shot: F(f"{person}__same_person")})


def records_of(candidate: Candidate) -> QuerySet[Candidate]:
    """All records of this person in the campaign, the first before the others."""
    first = first_of(candidate)
    return Candidate.objects.filter(Q(pk=first) | Q(same_person=first)).order_by(
        F("same_person").asc(nulls_first=True), "pk"
    )


def namesakes(campaign: Campaign, record: RosterRecord, index: str) -> list[Candidate]:
    """Whom the campaign has under another ID number with this name, sex and birth date: probably the same person (R31)."""
    known = Candidate.objects.filter(campaign=campaign, sex=record.sex, birth_date=record.birth_date)
    others = known.exclude(id_number_index=index).select_related("department").order_by("pk")
    return [one for one in others if same(one.name, record.name)]


def once_a_person(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """Of these records the ones that are photographed: nobody is seated or charged for each of two programmes."""
    return candidates.filter(same_person=None)


def seated_as(candidate: Candidate) -> Candidate:
    """The record under which this person takes the chair: the first, another where only that is approved."""
    if candidate.same_person_id is None and (candidate.status in APPROVED or not candidate.other_records.exists()):
        return candidate
    return next((one for one in records_of(candidate) if one.status in APPROVED), candidate)


def at_the_camera(candidates: QuerySet[Candidate], index: str) -> Candidate | None:
    """Whom an ID number's blind index means at the camera: the first record, another where only that is approved."""
    found = candidates.filter(id_number_index=index).order_by(F("same_person").asc(nulls_first=True), "pk").first()
    return seated_as(found) if found is not None else None


def make_first(candidate: Candidate) -> None:
    """Photograph this person under this record from now on; inside an action, and before anybody is in the chair."""
    before = candidate.same_person_id
    if before is None:
        return
    Candidate.objects.filter(Q(pk=before) | Q(same_person=before)).exclude(pk=candidate.pk).update(
        same_person=candidate.pk
    )
    Candidate.objects.filter(pk=candidate.pk).update(same_person=None)
    candidate.same_person = None


def leave_the_camera(candidate: Candidate) -> None:
    """This record leaves the list: who has another one is photographed under that, unless the photograph is there."""
    if candidate.same_person_id is not None or candidate.check_ins.exclude(status="cancelled").exists():
        return
    if (
        other := candidate.other_records.filter(status__in=APPROVED).first() or candidate.other_records.first()
    ) is not None:
        make_first(other)
        candidate.same_person = other


def belongs_to(campaign_id: int, *, index: str, name: str, major: str, level: str, student_no: str) -> Candidate | None:
    """The first record of the person to whom a new row belongs; None for a new person.

    Raises ``roster.already_listed`` for a programme that is listed, for another name under the same ID number, and for
    a student number that is somebody else's.
    """
    listed = Candidate.objects.filter(campaign=campaign_id)
    mine = list(listed.filter(id_number_index=index))
    programme = written_plainly(major), written_plainly(level)
    if any(
        (written_plainly(one.major), written_plainly(one.level)) == programme or not same(one.name, name)
        for one in mine
    ):
        raise ALREADY_LISTED
    if listed.filter(student_no=student_no).exclude(id_number_index=index).exists():
        raise ALREADY_LISTED
    return _first(mine)


def is_somebody_else(candidate: Candidate) -> bool:
    """Whether the ID number or the student number, as the record now has them, is another person's of the campaign."""
    others = Candidate.objects.filter(campaign=candidate.campaign_id).exclude(pk__in=records_of(candidate).values("pk"))
    index = blind_index(candidate.id_number.decrypt())
    return others.filter(Q(id_number_index=index) | Q(student_no=candidate.student_no)).exists()


def _first(records: Iterable[Candidate]) -> Candidate | None:
    return next((one for one in records if one.same_person_id is None), None)
