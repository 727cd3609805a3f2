"""Consent to the comparison of faces in the room: who has signed, entered by a session, taken back by a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, within
from gradphoto.apps.pairing.face_telling import remove_hints
from gradphoto.apps.pairing.models import FaceConsent, FaceHint
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.wording import Wording

WITHDRAWN = Wording("本人撤回同意，提示已删除。", "The consent was taken back; the hint is removed.")


def people_of(session: CaptureSession) -> QuerySet[Candidate]:
    """Whoever is on the session's list or was photographed in it."""
    here = Q(pk__in=session.check_ins.order_by().values("candidate"))
    return Candidate.objects.filter(here | Q(appointment__slot__session=session)).distinct()


def consenting(session: CaptureSession) -> frozenset[int]:
    """Whose faces may be measured: candidates of the session with a consent that stands."""
    standing = FaceConsent.objects.filter(withdrawn_at=None, candidate__in=people_of(session).order_by().values("pk"))
    return frozenset(standing.values_list("candidate", flat=True))


@action("pairing.note_consents", permission="pairing.repair")
def note_consents(actor: Actor, session: CaptureSession, *, paper: str, not_signed: Collection[str] = ()) -> int:
    """The sheets of the session lie signed at ``paper``; ``not_signed``: student numbers without a signature.

    Returns how many were entered. Raises ``portrait.comparison_not_permitted`` without the rule,
    ``pairing.consent_paper`` without the place, ``pairing.consent_unknown`` for a number that is not of this session.
    """
    from gradphoto.apps.pairing.faces import policy_of
    from gradphoto.engine.portrait.compare import require_permission

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
    people = {one.student_no: one.pk for one in people_of(session)}
    if unknown := sorted(set(not_signed) - set(people)):
        raise invalid(
            "pairing.consent_unknown",
            f"本场次没有学号 {'、'.join(unknown[:5])}。",
            f"This session has no student number {', '.join(unknown[:5])}.",
            "请核对未签字人员的学号；没有登记任何同意。",
            "Check the student numbers without a signature; no consent was entered.",
            field="not_signed",
        )
    signed = {pk for number, pk in people.items() if number not in set(not_signed)} - consenting(session)
    FaceConsent.objects.bulk_create(FaceConsent(candidate_id=pk, paper=where, by=actor.user) for pk in sorted(signed))
    audit.note(paper=where, entered=len(signed), not_signed=len(set(not_signed)))
    return len(signed)


@action("pairing.withdraw_consent", permission="pairing.repair")
def withdraw_consent(actor: Actor, session: CaptureSession, *, candidate: Candidate) -> None:
    """Somebody takes it back: no face of theirs is measured any more, and every hint with one is removed.

    Raises ``pairing.consent_none`` where none stands.
    """
    standing = FaceConsent.objects.filter(
        candidate__in=people_of(session).filter(pk=candidate.pk).values("pk"), withdrawn_at=None
    )
    if not standing.update(withdrawn_at=timezone.now()):
        raise invalid(
            "pairing.consent_none",
            "此人没有登记过同意。",
            "No consent of this person stands.",
            "无须撤回；此人的照片不会比对。",
            "There is nothing to take back; nothing of theirs is compared.",
            field="student_no",
        )
    theirs = Q(frame__check_in__candidate=candidate) | Q(other__check_in__candidate=candidate)
    removed = remove_hints(FaceHint.objects.filter(theirs | Q(reference_of=candidate)), WITHDRAWN)
    audit.note(candidate=candidate.pk, removed=removed)


def gather(campaign: Campaign, people: Collection[int]) -> list[dict[str, Any]]:
    """For a kit: the standing consents of its people."""
    rows = FaceConsent.objects.filter(candidate__campaign=campaign, candidate__in=people, withdrawn_at=None)
    return [{"candidate": r.candidate_id, "paper": r.paper, "at": r.given_at.isoformat()} for r in rows.order_by("pk")]


def load(campaign: Campaign, rows: list[dict[str, Any]]) -> None:
    """At the station: into an empty database."""
    FaceConsent.objects.bulk_create(
        FaceConsent(candidate_id=r["candidate"], paper=r["paper"], given_at=datetime.fromisoformat(r["at"]))
        for r in rows
    )
