"""Putting a station's records into place at the centre: each in a transaction of its own, in the order of need."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.core.store_errors import StoreRefusal
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.stations import place_consents, place_frames, place_people
from gradphoto.apps.stations.models import (
    Conflict,
    ConflictKind,
    RecordKind,
    RecordState,
    StationKit,
    StationRecord,
)
from gradphoto.apps.stations.verdict import Clash, Wait
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)
_UNREADABLE = (LookupError, TypeError, ValueError, ArithmeticError, ValidationError, DataError)
_PLACERS = {
    RecordKind.CHECK_IN: place_people.check_in,
    RecordKind.HOLD: place_people.hold,
    RecordKind.FRAME: place_frames.frame,
    RecordKind.ALARM: place_frames.alarm,
    RecordKind.CLOCK: place_frames.clock,
    RecordKind.NOTICE: place_frames.notice,
    RecordKind.CONSENT: place_consents.consent,
    RecordKind.SESSION: place_people.session,
}
"""In this order: frames need their check-ins, and a session is closed when its people are there."""
_PLACER = Actor.system("packets")


@dataclass(slots=True)
class Placed:
    """How many records were taken in, wait for something, or need a person's decision."""

    applied: int = 0
    waiting: int = 0
    conflicts: int = 0

    def __iadd__(self, other: Placed) -> Placed:
        self.applied += other.applied
        self.waiting += other.waiting
        self.conflicts += other.conflicts
        return self


def place_all(kit: StationKit) -> Placed:
    """Put everything into place that can be; what waits for a frame's file or a decision goes on waiting."""
    placed = Placed()
    for kind in _PLACERS:
        for record in _in_order(kit, kind):
            if kind == RecordKind.FRAME and record.why and not place_frames.may_go_on(record):
                placed.waiting += 1
                continue
            state = place_record(_PLACER, record)
            placed.applied += state == RecordState.APPLIED
            placed.waiting += state == RecordState.WAITING
            placed.conflicts += state == RecordState.CONFLICT
    placed += _prove_history(kit)
    return placed


def _in_order(kit: StationKit, kind: RecordKind) -> list[StationRecord]:
    waiting = kit.records.filter(kind=kind, state=RecordState.WAITING).select_related("kit__campaign")
    # What gives up a place comes before what takes it: cancelled before standing, unused frames before accepted ones.
    return sorted(waiting, key=lambda record: (_stands(record.payload), record.pk))


def _stands(payload: dict[str, Any]) -> int:
    return {"cancelled": 0, "rejected": 0, "unbound": 0, "bound": 1, "accepted": 2}.get(payload.get("status", ""), 1)


@action("stations.place_record", permission=by_system)
def place_record(actor: Actor, record: StationRecord) -> RecordState:
    """Put one record into place, or say why it waits, or raise a conflict; never a part of it."""
    why: Wording | None = None
    try:
        with transaction.atomic():
            record.applied = _PLACERS[RecordKind(record.kind)](record)
        why = place_consents.told(record.applied) if record.kind == RecordKind.CONSENT else None
        record.state = RecordState.APPLIED
        record.ruling = {name: value for name, value in record.ruling.items() if name != "insist"}  # it counts once
    except Wait as wait:
        record.state, why = RecordState.WAITING, wait.sentence
    except (Clash, Refusal, IntegrityError, *_UNREADABLE) as error:
        clash = _clash(record, error)
        record.state, why = RecordState.CONFLICT, clash.sentence
        _raise(record, clash)
    record.why = {"zh": why.zh, "en": why.en} if why else None
    record.save(update_fields=["state", "applied", "ruling", "why"])
    audit.note(kind=record.kind, key=record.key, state=str(record.state), packet=record.number)
    return RecordState(record.state)


def _clash(record: StationRecord, error: Exception) -> Clash:
    """What a person decides: it is one record, and the others go on. A store that does not answer is waited for."""
    if isinstance(error, StoreRefusal):
        raise error
    if isinstance(error, Clash):
        return error
    if isinstance(error, Refusal):
        return Clash(ConflictKind.OTHER, error.message)
    if isinstance(error, IntegrityError):
        why = Wording("与中心的记录相抵触，未并入。", "It contradicts the centre's records and was not taken in.")
    else:  # written by another release, or altered at the laptop
        log.warning("packet.record_unreadable", exc_info=error, extra={"kind": record.kind, "key": record.key})
        why = Wording(
            "记录无法读取，未并入；两台电脑的软件版本可能不同。",
            "The record cannot be read and was not taken in; the two computers may run different releases.",
        )
    return Clash(ConflictKind.OTHER, why)


def _raise(record: StationRecord, clash: Clash) -> None:
    Conflict.objects.get_or_create(
        record=record,
        choice="",
        defaults={
            "kind": clash.kind,
            "sentence": {"zh": clash.sentence.zh, "en": clash.sentence.en},
            "candidate": clash.candidate,
            "present": clash.present,
        },
    )


def _prove_history(kit: StationKit) -> Placed:
    """Prove the station's audit entries under the key that its kit carried, and that each follows the one before.

    They stay where they are, as received: the centre's own trail names the packets they came with.
    """
    placed = Placed()
    key = place_people.kit_keys(kit)["audit"]
    waiting = kit.records.filter(kind=RecordKind.AUDIT, state=RecordState.WAITING)
    known = {
        (one.installation, one.key): str(one.payload.get("digest")) for one in kit.records.filter(kind=RecordKind.AUDIT)
    }
    proven, withdrawals = [], []
    for record in waiting.order_by("pk").iterator(2000):
        try:
            entry = _entry(record.payload)
        except (LookupError, TypeError, ValueError):
            _break(record)
            placed.conflicts += 1
            continue
        before = known.get(
            (record.installation, f"{entry.chain}/{entry.number - 1}"), "" if entry.number == 1 else None
        )
        if (
            record.ruling.get("other")
            or audit.entry_digest(entry, key) != entry.digest
            or before not in (None, entry.previous)
        ):
            _break(record)
            placed.conflicts += 1
        elif before is None:
            placed.waiting += 1  # the entry before it comes with another packet
        else:
            proven.append(record.pk)
            withdrawals += [record] if entry.action == place_consents.WITHDRAWAL else []
    for record in withdrawals:
        place_consents.withdrawal(record)
    for at in range(0, len(proven), 500):
        StationRecord.objects.filter(pk__in=proven[at : at + 500]).update(state=RecordState.APPLIED)
    placed.applied += len(proven)
    return placed


@transaction.atomic
def _break(record: StationRecord) -> None:
    sentence = Wording(
        f"本站审计记录 {record.key} 与先前收到的不一致或已被改动。",
        f"The station's audit entry {record.key} was altered or differs from what was received before.",
    )
    record.state, record.why = RecordState.CONFLICT, {"zh": sentence.zh, "en": sentence.en}
    record.save(update_fields=["state", "why"])
    _raise(record, Clash(ConflictKind.HISTORY, sentence))


def _entry(payload: dict[str, Any]) -> AuditEntry:
    moment, correlation = datetime.fromisoformat(payload["at"]), UUID(payload["correlation"])
    return AuditEntry(**{**payload, "at": moment, "correlation": correlation})
