"""Consents on their way: in a kit to the laptop, in a packet to the centre, and their end in a receipt back to the laptop.

A consent is known on both sides by its person and the moment it was given. Whoever took it back, on whichever side, has
taken back what was given until then; one that was signed afterwards is another one and stands. Where the clocks leave it in
doubt which was first, it is taken back: a sheet is signed again in a minute.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import F
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.models import User
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.pairing.face_consent import CLOCKS_APART, take_back
from gradphoto.apps.pairing.face_people import policy_of
from gradphoto.apps.pairing.models import FaceConsent
from gradphoto.apps.roster import persons
from gradphoto.apps.roster.models import Candidate


class Heard(StrEnum):
    """What became of a consent that came from the other side."""

    ENTERED = "entered"
    KNOWN = "known"
    STANDS = "stands"
    """Another one of this person stands already, on another sheet."""
    ENDED_HERE = "ended_here"
    """It stood there; here the person has taken the consent back since."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class CarriedConsent:
    """A consent as it travels: where the sheet lies, when it was given and taken back, who entered it."""

    paper: str
    given_at: datetime
    withdrawn_at: datetime | None
    by: str

    @classmethod
    def of(cls, said: dict[str, Any]) -> CarriedConsent:
        """Read back from JSON. Raises ``KeyError``, ``TypeError`` and ``ValueError`` for anything else."""
        ended = said["withdrawn_at"]
        return cls(
            str(said["paper"])[:120], _moment(said["given_at"]), _moment(ended) if ended else None, str(said["by"])
        )


def _moment(text: str) -> datetime:
    """Raises ``ValueError`` for one without a zone: it is no moment."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def key_of(consent: FaceConsent) -> str:
    """What names a consent on both sides."""
    return f"{consent.candidate_id}:{consent.given_at.isoformat()}"


def payload_of(consent: FaceConsent) -> dict[str, Any]:
    """A consent for a packet."""
    return {
        "candidate": consent.candidate_id,
        "paper": consent.paper,
        "given_at": consent.given_at.isoformat(),
        "withdrawn_at": consent.withdrawn_at.isoformat() if consent.withdrawn_at else None,
        "by": consent.by.username if consent.by else "",
    }


@action("pairing.hear_consent", permission=by_system)
def hear_consent(actor: Actor, candidate: Candidate, *, carried: CarriedConsent, kit_made_at: datetime) -> Heard:
    """A laptop's consent counts at the centre, too; the same one twice is one.

    Taken back there it ends here itself, and whatever was given before, by the laptop's clock or, as that may be wrong,
    before the kit was made. Given there it does not stand where the person has taken it back here since; one that comes out
    of the future was given at any moment since the kit was made.
    """
    heard = _hear(candidate, carried, kit_made_at)
    audit.note(heard=str(heard), paper=carried.paper, given_at=carried.given_at.isoformat())
    return heard


def _hear(candidate: Candidate, carried: CarriedConsent, kit_made_at: datetime) -> Heard:
    records = list(persons.records_of(candidate).values_list("pk", flat=True))
    theirs = FaceConsent.objects.filter(candidate__in=records).select_for_update(no_key=True).order_by("pk")
    known = next((one for one in theirs if one.given_at == carried.given_at), None)
    ended = carried.withdrawn_at
    if ended is not None:
        at = min(ended, timezone.now())
        take_back(candidate, at=at, until=max(ended, carried.given_at, kit_made_at))
        if known is None:
            _enter(candidate, carried, at)
        return Heard.WITHDRAWN
    if known is not None:
        return Heard.KNOWN if known.withdrawn_at is None else Heard.ENDED_HERE
    is_ahead = carried.given_at > timezone.now() + CLOCKS_APART
    later = (
        theirs.filter(withdrawn_at__gte=kit_made_at if is_ahead else carried.given_at)
        .order_by(F("withdrawn_at").desc())
        .first()
    )
    if later is not None:
        _enter(candidate, carried, later.withdrawn_at)
        return Heard.ENDED_HERE
    if theirs.filter(withdrawn_at=None).exists():
        return Heard.STANDS
    _enter(candidate, carried, None)
    return Heard.ENTERED


def _enter(candidate: Candidate, carried: CarriedConsent, ended: datetime | None) -> None:
    FaceConsent.objects.create(
        candidate_id=persons.first_of(candidate),
        paper=carried.paper,
        given_at=carried.given_at,
        by=User.objects.filter(username=carried.by).first() if carried.by else None,
        withdrawn_at=ended,
    )


@action("pairing.hear_withdrawal", permission=by_system)
def hear_withdrawal(actor: Actor, candidate: Candidate, *, at: datetime, kit_made_at: datetime) -> None:
    """A laptop of an earlier release carries no consents: that somebody took theirs back stands in its proven trail alone."""
    now = timezone.now()
    audit.note(removed=take_back(candidate, at=min(at, now), until=max(at, kit_made_at)))


def ended_of(campaign: Campaign, carried: Iterable[tuple[str, dict[str, Any]]]) -> list[str]:
    """Of a laptop's consents (key, and as it travelled) the ones that stand there and do not stand here: by key, for its
    receipt. What cannot be read does not stand."""
    standing = set(
        FaceConsent.objects.filter(candidate__campaign=campaign, withdrawn_at=None).values_list("candidate", flat=True)
    )
    first = dict(campaign.candidates.filter(same_person__isnull=False).values_list("pk", "same_person"))
    ended = []
    for key, said in carried:
        person = said.get("candidate")
        stands = isinstance(person, int) and {person, first.get(person)} & standing
        if not said.get("withdrawn_at") and not stands:
            ended.append(key)
    return sorted(ended)


@action("pairing.hear_end", permission=by_system)
def hear_end(actor: Actor, campaign: Campaign, *, keys: Collection[str], at: datetime) -> int:
    """At the laptop: these consents do not stand at the centre any more (``key_of``); how many people it was."""
    people = 0
    for consent in FaceConsent.objects.filter(withdrawn_at=None).select_related("candidate").order_by("pk"):
        if key_of(consent) in keys and take_back(consent.candidate, at=at, until=consent.given_at) is not None:
            people += 1
    audit.note(ended=people)
    return people


def gather(campaign: Campaign, people: Collection[int]) -> list[dict[str, Any]]:
    """For a kit: the standing consents of its people; nothing where the rule set does not permit comparing."""
    if not policy_of(campaign).permitted:
        return []
    rows = FaceConsent.objects.filter(candidate__campaign=campaign, candidate__in=people, withdrawn_at=None)
    return [{"candidate": r.candidate_id, "paper": r.paper, "at": r.given_at.isoformat()} for r in rows.order_by("pk")]


def load(campaign: Campaign, rows: list[dict[str, Any]]) -> None:
    """At the station: into an empty database."""
    FaceConsent.objects.bulk_create(
        FaceConsent(candidate_id=r["candidate"], paper=r["paper"], given_at=datetime.fromisoformat(r["at"]))
        for r in rows
    )
