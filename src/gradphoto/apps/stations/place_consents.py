"""Consents to comparing faces, from a station's record into the centre's tables: whoever took theirs back, on whichever side,
is compared on neither."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.pairing.consents_carried import CarriedConsent, Heard, hear_consent, hear_withdrawal
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.stations.models import ConflictKind, RecordKind, StationRecord
from gradphoto.apps.stations.verdict import Clash
from gradphoto.engine.wording import Wording

_PLACER = Actor.system("packets")
_TOLD = {
    Heard.STANDS: Wording(
        "中心已登记此人的另一份同意书，以中心为准。", "The centre has another signed sheet of this person; that one counts."
    ),
    Heard.ENDED_HERE: Wording(
        "此人后来在中心撤回了同意，这份同意不生效。", "The person took the consent back at the centre since; this one does not count."
    ),
}  # fmt: skip


def consent(record: StationRecord) -> dict[str, Any]:
    """Somebody agreed in the room, or took it back there."""
    try:
        carried, person = CarriedConsent.of(record.payload), int(record.payload["candidate"])
    except (KeyError, TypeError, ValueError) as error:
        raise Clash(
            ConflictKind.OTHER, Wording("同意记录无法读取。", "The record of the consent cannot be read.")
        ) from error
    campaign = record.kit.campaign
    candidate = Candidate.objects.filter(pk=person, campaign=campaign).first()
    if candidate is None:
        raise Clash(
            ConflictKind.PERSON_GONE,
            Wording(
                "名册中已没有此人，同意没有登记。", "The person is no longer in the roster; no consent was entered."
            ),
        )
    return {"heard": str(hear_consent(_PLACER, candidate, carried=carried, kit_made_at=record.kit.made_at))}


def is_withdrawn(record: StationRecord) -> bool:
    """Whether somebody takes a consent back by this record."""
    return record.kind == RecordKind.CONSENT and bool(record.payload.get("withdrawn_at"))


WITHDRAWAL = "pairing.withdraw_consent"


def withdrawal(record: StationRecord) -> None:
    """An entry ``WITHDRAWAL`` of a proven trail. A laptop of this release brings the consent itself, which says more; one of
    the release before has only this, and what its people took back there would be lost in silence."""
    said = record.payload
    try:
        person, at = int(said["detail"]["candidate"]), datetime.fromisoformat(said["at"])
    except (KeyError, TypeError, ValueError):
        return
    theirs = record.kit.records.filter(installation=record.installation, kind=RecordKind.CONSENT)
    if theirs.filter(payload__candidate=person).exists():
        return
    for candidate in Candidate.objects.filter(pk=person, campaign=record.kit.campaign):
        hear_withdrawal(_PLACER, candidate, at=at, kit_made_at=record.kit.made_at)


def told(applied: dict[str, Any]) -> Wording | None:
    """What somebody should know of a consent that was taken in: the other side said otherwise."""
    return _TOLD.get(Heard(applied["heard"]))
