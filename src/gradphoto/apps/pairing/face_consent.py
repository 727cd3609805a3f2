"""Consent to the comparison of faces in the room: who has signed, entered by a session, taken back by a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, within
from gradphoto.apps.pairing.face_memory import ask_to_forget
from gradphoto.apps.pairing.face_people import people_of, policy_of
from gradphoto.apps.pairing.face_telling import ask_about_the_next, remove_hints
from gradphoto.apps.pairing.models import FaceConsent, FaceHint
from gradphoto.apps.pairing.providers import forget_references
from gradphoto.apps.roster import persons
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.portrait.compare import require_permission
from gradphoto.engine.wording import Wording

CLOCKS_APART = timedelta(minutes=5)
"""A moment further ahead of this computer's clock than this was not noted by a clock that is right."""
WITHDRAWN = Wording("本人撤回同意，提示已删除。", "The consent was taken back; the hint is removed.")


@action("pairing.note_consents", permission="pairing.repair")
def note_consents(actor: Actor, session: CaptureSession, *, paper: str, not_signed: Collection[str] = ()) -> int:
    """The sheets of the session lie signed at ``paper``; ``not_signed``: student numbers without a signature.

    A number leaves the person out, under whichever record of two programmes. Returns how many were entered. Raises
    ``portrait.comparison_not_permitted`` without the rule, ``pairing.consent_paper`` without the place,
    ``pairing.consent_unknown`` for a number that is not of this session.
    """
    require_permission(policy_of(session.campaign))
    if not (where := within(paper, 120, field="paper").strip()):
        raise invalid(
            "pairing.consent_paper",
            "没有写明同意书存放处。",
            "It is not said where the signed sheets lie.",
            "请写明签字同意书的编号或存放处。",
            "Give the number or the place of the signed sheets.",
            field="paper",
        )
    here = people_of(session).order_by().values("pk")
    records = Candidate.objects.filter(Q(pk__in=here) | Q(same_person__in=here))
    people = {one.student_no: persons.first_of(one) for one in records}
    if unknown := sorted(set(not_signed) - set(people)):
        raise invalid(
            "pairing.consent_unknown",
            f"本场次没有学号 {'、'.join(unknown)}。",
            f"This session has no student number {', '.join(unknown)}.",
            "请核对未签字人员的学号；没有登记任何同意。",
            "Check the student numbers without a signature; no consent was entered.",
            field="not_signed",
        )
    standing = FaceConsent.objects.filter(candidate__in=people.values(), withdrawn_at=None)
    signed = set(people.values()) - {people[number] for number in not_signed}
    signed -= set(standing.values_list("candidate", flat=True))
    now = room_now()  # which of signing and taking back was first must not hang on a clock that somebody sets (R98)
    FaceConsent.objects.bulk_create(
        FaceConsent(candidate_id=pk, paper=where, by=actor.user, given_at=now) for pk in sorted(signed)
    )
    audit.note(paper=where, entered=len(signed), not_signed=len(set(not_signed)))
    return len(signed)


@action("pairing.withdraw_consent", permission="pairing.repair")
def withdraw_consent(actor: Actor, session: CaptureSession, *, candidate: Candidate) -> None:
    """Somebody of the campaign takes it back, whether or not they still stand on this session's list: no face of theirs is
    measured any more, and every hint with one is removed, in whichever session.

    Raises ``pairing.consent_none`` where none stands.
    """
    removed = None if candidate.campaign_id != session.campaign_id else take_back(candidate, at=room_now())
    if removed is None:
        raise invalid(
            "pairing.consent_none",
            "此人没有登记过同意。",
            "No consent of this person stands.",
            "无须撤回；此人的照片不会比对。",
            "There is nothing to take back; nothing of theirs is compared.",
            field="student_no",
        )
    audit.note(candidate=candidate.pk, removed=removed)


def take_back(candidate: Candidate, *, at: datetime, until: datetime | None = None) -> int | None:
    """The person's consents end, under whichever record; how many hints went, ``None`` where none stood.

    ``until``: only those given until then; a later one is another one and stands, but one out of the future is later than
    nothing. The photograph on file goes along.
    """
    records = list(persons.records_of(candidate).values_list("pk", flat=True))
    standing = FaceConsent.objects.filter(candidate__in=records, withdrawn_at=None)
    if until is not None:
        standing = standing.filter(Q(given_at__lte=until) | Q(given_at__gt=timezone.now() + CLOCKS_APART))
    if not standing.update(withdrawn_at=Greatest(Value(at), F("given_at"))):  # none ended before it began
        return None
    for session in CaptureSession.objects.filter(check_ins__candidate__in=records).order_by().distinct():
        ask_to_forget(session)
    theirs = Q(frame__check_in__candidate__in=records) | Q(other__check_in__candidate__in=records)
    hints = FaceHint.objects.filter(theirs | Q(reference_of__in=records))
    held = list(CaptureSession.objects.filter(face_hints__in=hints).order_by("pk").distinct())
    removed = remove_hints(hints, WITHDRAWN, with_what_was_said=True)
    for session in held:
        ask_about_the_next(session)  # else what waits behind these would be asked about by nobody, and hold its people
    if not FaceConsent.objects.filter(candidate__in=records, withdrawn_at=None).exists():
        audit.note(photographs_forgotten=forget_references(records))
    return removed
