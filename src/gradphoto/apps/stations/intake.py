"""Taking packets in at the centre: part by part, in any order, twice if need be; nothing is taken in by halves."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils import timezone

from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import keyring
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.stations import place_consents
from gradphoto.apps.stations.carried import Carried
from gradphoto.apps.stations.models import PacketIntake, RecordKind, RecordState, StationKit, StationRecord
from gradphoto.apps.stations.placing import Placed, place_all
from gradphoto.engine.bounded.strict_json import strict_json
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.packet.envelope import Opened, Opener, open_envelope
from gradphoto.engine.packet.envelope_errors import EnvelopeError, envelope_error
from gradphoto.engine.packet.proving import proven
from gradphoto.engine.packet.station_packet import (
    MANIFEST,
    PACKET_KIND,
    PART_SUFFIX,
    PacketHead,
    PacketManifest,
    part_name,
    unpack_blobs,
)

_JPEG = b"\xff\xd8\xff"
_LONGEST_KEY = 90
MOST_PART_BYTES = 512 * 1024 * 1024
"""A part holds 48 MB of frames, or one frame that is larger."""


@dataclass(slots=True)
class IntakeReport:
    """What became of some files: counted, and each file that could not be used with its reason."""

    parts: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    older: int = 0
    frames: int = 0
    refused: list[tuple[str, GradPhotoError]] = field(default_factory=list)
    kits: set[int] = field(default_factory=set)
    placed: Placed = field(default_factory=Placed)


def take_in_folder(
    actor: Actor, folder: Path, progress: Callable[[int, int], None] = lambda done, total: None
) -> IntakeReport:
    """Take in every packet below ``folder``. A part that cannot be used is told and the others go on."""
    files = sorted(path for path in folder.rglob("*") if path.suffix == PART_SUFFIX or path.name == MANIFEST)
    return take_in_files(actor, files, progress)


def take_in_files(
    actor: Actor, files: Iterable[Path], progress: Callable[[int, int], None] = lambda done, total: None
) -> IntakeReport:
    """The same for named files: first all parts are received, then what they hold is put into place."""
    report = IntakeReport()
    listed = list(files)
    for done, path in enumerate(listed, start=1):
        label = f"{path.parent.name}/{path.name}"
        try:
            if path.stat().st_size > MOST_PART_BYTES:
                raise envelope_error("altered")
            _take_in(actor, path.name, path.read_bytes(), report)
        except GradPhotoError as error:
            report.refused.append((label, error))
        except OSError:
            report.refused.append((label, _unreadable()))
        progress(done, len(listed))
    for kit in StationKit.objects.filter(pk__in=report.kits):
        report.placed += place_all(kit)
    return report


def _take_in(actor: Actor, name: str, data: bytes, report: IntakeReport) -> None:
    """One file, whatever it is."""
    if name == MANIFEST:
        kit, manifest = _manifest(actor, data)
        take_in_manifest(actor, kit, manifest=manifest)
    else:
        about = proven(data, "envelope").get("about", {})
        head = about.get("head") if isinstance(about, dict) else None
        kit = _kit(actor, str(head.get("kit_id", "")) if isinstance(head, dict) else "")
        take_in_part(actor, kit, opened=_opened(data, kit), report=report)
        report.parts += 1
    report.kits.add(kit.pk)


def _opened(data: bytes, kit: StationKit) -> Opened:
    """The part, by whichever of the centre's keys it was sealed to: a kit may be older than the present one."""
    trusted = [Ed25519PublicKey.from_public_bytes(bytes.fromhex(kit.signing_public))]
    boxes = keyring().boxes()
    for box in boxes[:-1]:
        try:
            return open_envelope(
                data, kind=PACKET_KIND, opener=Opener(private_key=box), now=timezone.now(), trusted=trusted
            )
        except EnvelopeError as error:
            if error.code != "packet.wrong_key":
                raise
    return open_envelope(
        data, kind=PACKET_KIND, opener=Opener(private_key=boxes[-1]), now=timezone.now(), trusted=trusted
    )


@action("stations.take_in_manifest", permission="stations.manage")
def take_in_manifest(actor: Actor, kit: StationKit, *, manifest: PacketManifest) -> None:
    """The list of a packet's parts: from now on it is known what is missing."""
    intake = _intake(kit, manifest.head)
    intake.parts_listed = [part.name for part in manifest.parts]
    intake.last_at = timezone.now()
    intake.save(update_fields=["parts_listed", "last_at"])
    audit.note(station=kit.station, number=manifest.head.number, parts=len(manifest.parts))


@action("stations.take_in_part", permission="stations.manage")
def take_in_part(actor: Actor, kit: StationKit, *, opened: Opened, report: IntakeReport) -> None:
    """One part, all of it or nothing: its frames into the store, its records beside those that are known."""
    head, index = _head(opened.header.about)
    before = (report.new, report.changed, report.same, report.older, report.frames)
    if index == 0:
        _receive_records(kit, head, opened.payload, report)
    else:
        _receive_frames(opened.payload, report)
    intake = _intake(kit, head)
    intake.parts_in = sorted({*intake.parts_in, part_name(index)})
    intake.last_at = timezone.now()
    after = (report.new, report.changed, report.same, report.older, report.frames)
    if index == 0:
        intake.counts = dict(zip(("new", "changed", "same", "older"), _less(after, before), strict=False))
    intake.save(update_fields=["parts_in", "last_at", "counts"])
    audit.note(station=kit.station, number=head.number, part=index)


def _less(after: tuple[int, ...], before: tuple[int, ...]) -> list[int]:
    return [now - then for now, then in zip(after, before, strict=True)]


def _receive_records(kit: StationKit, head: PacketHead, payload: bytes, report: IntakeReport) -> None:
    carried = _carried(payload)
    known = {(one.kind, one.key): one for one in kit.records.filter(installation=head.installation)}
    fresh: list[StationRecord] = []
    for one in carried:
        row = known.get((one.kind, one.key))
        if row is None:
            fresh.append(_row(kit, head, one))
        elif row.digest == one.digest:
            report.same += 1
            if head.number > row.number:
                StationRecord.objects.filter(pk=row.pk).update(number=head.number)
        elif head.number < row.number:
            report.older += 1
        else:
            _renew(row, head, one)
            report.changed += 1
    StationRecord.objects.bulk_create(fresh, batch_size=500)
    report.new += len(fresh)


def _carried(payload: bytes) -> list[Carried]:
    """The records of a part. Raises ``packet.altered``; ``packet.too_new`` for a kind that this release does not know."""
    try:
        records = [(str(kind), str(key), dict(body)) for kind, key, body in strict_json(payload)["records"]]
    except (ValueError, KeyError, TypeError) as error:
        raise envelope_error("altered") from error
    if {kind for kind, _, _ in records} - set(RecordKind.values):
        raise envelope_error("too_new")
    if any(len(key) > _LONGEST_KEY for _, key, _ in records):
        raise envelope_error("altered")
    return [Carried(RecordKind(kind), key, body) for kind, key, body in records]


def _row(kit: StationKit, head: PacketHead, one: Carried) -> StationRecord:
    return StationRecord(
        kit=kit,
        installation=head.installation,
        kind=one.kind,
        key=one.key,
        number=head.number,
        digest=one.digest,
        payload=one.payload,
    )


def _renew(row: StationRecord, head: PacketHead, one: Carried) -> None:
    """A newer state of a known record. What awaits a person's decision, or was set aside by one, stays so; but whoever takes
    a consent back is heard, whatever became of the consent."""
    if row.kind == RecordKind.AUDIT:
        # History is never rewritten: what was received first stays, and the other version becomes a conflict.
        row.ruling = {"other": one.payload}
        row.state = RecordState.WAITING
    else:
        row.payload, row.digest, row.number = one.payload, one.digest, head.number
        if row.state == RecordState.APPLIED or place_consents.is_withdrawn(row):
            row.state = RecordState.WAITING
    row.save(update_fields=["payload", "digest", "number", "state", "ruling"])


def _receive_frames(payload: bytes, report: IntakeReport) -> None:
    for _, _, data in unpack_blobs(payload):
        if not data.startswith(_JPEG):
            raise envelope_error("altered")
        blobs.put_photograph(data)
        report.frames += 1


def _intake(kit: StationKit, head: PacketHead) -> PacketIntake:
    return PacketIntake.objects.get_or_create(
        kit=kit,
        installation=head.installation,
        number=head.number,
        defaults={"made_at": datetime.fromisoformat(head.made_at)},
    )[0]


def _head(about: dict[str, Any]) -> tuple[PacketHead, int]:
    try:
        head, index = PacketHead(**about["head"]), int(about["part"])
        datetime.fromisoformat(head.made_at)
        if len(head.installation) > 32 or not 0 < head.number < 1_000_000 or not 0 <= index < 1_000_000:
            raise envelope_error("altered")
        return head, index
    except (KeyError, TypeError, ValueError) as error:
        raise envelope_error("altered") from error


def _manifest(actor: Actor, data: bytes) -> tuple[StationKit, PacketManifest]:
    try:
        kit_id = str(proven(data, "list")["body"]["head"]["kit_id"])
    except (ValueError, KeyError, TypeError) as error:
        raise envelope_error("not_ours") from error
    kit = _kit(actor, kit_id)
    return kit, PacketManifest.from_bytes(data, Ed25519PublicKey.from_public_bytes(bytes.fromhex(kit.signing_public)))


def _kit(actor: Actor, kit_id: str) -> StationKit:
    found = scoped(actor, StationKit.objects.select_related("campaign__centre"))
    try:
        kit = found.filter(kit_id=uuid.UUID(kit_id)).first()
    except ValueError:
        kit = None
    if kit is None:
        raise refuse(
            "packet.unknown_kit",
            "采集包来自本中心没有发过的采集箱。",
            "The packet comes from a kit that this centre never made.",
            "请确认导入到了正确的中心和批次。",
            "Check that this is the right centre and campaign.",
        )
    if kit.revoked_at is not None:
        raise refuse(
            "packet.kit_revoked",
            "该采集箱已作废，不再接收其采集包。",
            "The kit was revoked; its packets are no longer taken in.",
            "如确属误作废，请由采集中心重新制作采集箱并补录。",
            "If this was a mistake, make a new kit and enter the records again.",
        )
    return kit


def _unreadable() -> Refusal:
    return refuse(
        "packet.unreadable",
        "文件无法读取。",
        "The file cannot be read.",
        "请重新插好 U 盘，或重新拷贝。",
        "Plug the stick in again, or copy the file again.",
    )
