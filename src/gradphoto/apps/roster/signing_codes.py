"""Personal codes for the student's own page: handed out on slips by the college, one live code a person."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import segno
from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.access.throttling import forget_old_attempts
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import SIGNING_DAYS
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.roster.models import Candidate, CandidateStatus, SigningCode
from gradphoto.apps.roster.sign_in import SESSIONS

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, O, 1, I, L: people read the code from paper."""
_CODE_LENGTH = 10
MAY_SIGN = (CandidateStatus.ISSUED, CandidateStatus.CHECKED)


@dataclass(frozen=True, slots=True)
class Slip:
    """What is cut out and handed to one student."""

    candidate: Candidate
    code: str
    expires_on: str

    @property
    def spaced(self) -> str:
        """The code in two groups of five, as people read it."""
        return f"{self.code[:5]} {self.code[5:]}"

    def qr(self, address: str) -> str:
        """A QR code of the personal link as an SVG data URI. ``address`` is the page that takes the code."""
        return str(segno.make(f"{address}{self.code}/", error="m").svg_data_uri(border=2))


@action("roster.issue_signing_codes", permission="roster.check", within=())
def issue_signing_codes(actor: Actor, campaign: Campaign, *, candidates: QuerySet[Candidate]) -> list[Slip]:
    """A slip for everyone of ``candidates`` who has still to sign; whoever has a live code keeps it.

    Each print is on record with its count: the slips are as good as the students' signatures.
    """
    mine = changeable(actor, Candidate, "roster.check").filter(
        campaign=campaign, status__in=MAY_SIGN, pk__in=candidates.values("pk")
    )
    forget_old_attempts()
    SESSIONS.forget_old()
    now = timezone.now()
    SigningCode.objects.filter(candidate__in=mine, ended_at=None, expires_at__lte=now).update(ended_at=now)
    people = list(mine.select_related("department").order_by("-season", "department__path", "class_name", "student_no"))
    live = {code.candidate_id: code for code in SigningCode.objects.filter(candidate__in=mine, ended_at=None)}
    expires_at = now + timedelta(days=value_of(campaign, SIGNING_DAYS))
    fresh = [_made(person, expires_at) for person in people if person.pk not in live]
    SigningCode.objects.bulk_create(fresh, batch_size=500)
    live |= {code.candidate_id: code for code in fresh}
    audit.note(printed=len(people), issued=len(fresh))
    return [
        Slip(person, code.code.decrypt(), f"{timezone.localtime(code.expires_at):%Y-%m-%d}")
        for person in people
        for code in [live[person.pk]]
    ]


def _made(person: Candidate, expires_at: datetime) -> SigningCode:
    code = "".join(secrets.choice(ALPHABET) for _ in range(_CODE_LENGTH))
    return SigningCode(candidate=person, code=code, code_index=blind_index(code), expires_at=expires_at)


@action("roster.void_signing_code", permission="roster.check")
def void_signing_code(actor: Actor, candidate: Candidate) -> int:
    """A slip was lost or went to the wrong hands: its code opens nothing any more."""
    return candidate.signing_codes.filter(ended_at=None).update(ended_at=timezone.now())
