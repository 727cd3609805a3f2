"""Handing over: a station writes what it has as a packet, part by part, and goes on where a pulled stick stopped it."""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from django.db import transaction
from django.utils import timezone

from gradphoto.apps.campaigns.matters import StepBlocked, matters
from gradphoto.apps.capture.providers import HAND_OVER
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import keyring
from gradphoto.apps.core.errors import Refusal, refuse, within
from gradphoto.apps.core.models import Blob
from gradphoto.apps.stations.carried import everything
from gradphoto.apps.stations.models import OutgoingPacket, StationSelf
from gradphoto.engine.packet.durable import write_durably
from gradphoto.engine.packet.envelope import Receiver, write_envelope
from gradphoto.engine.packet.station_packet import (
    MANIFEST,
    PACKET_KIND,
    PART_BYTES,
    PacketHead,
    PacketManifest,
    PartEntry,
    pack_blobs,
    part_name,
    plan_parts,
)
from gradphoto.engine.packet.suites import Suite

_RECORDER = Actor.system("station")

Progress = Callable[[int, int], None]
"""Called with parts written and parts in all."""


def this_station() -> StationSelf:
    """The station this laptop is. Raises ``capture.not_a_station`` at a centre."""
    station = StationSelf.objects.select_related("campaign").first()
    if station is None:
        raise refuse(
            "capture.not_a_station",
            "本机不是采集站。",
            "This computer is not a station.",
            "请先用 gradphoto station open 打开采集箱。",
            "Open a kit with gradphoto station open first.",
        )
    return station


def last_number_here() -> int | None:
    """The end of this laptop's range of shooting numbers; None at a centre, which has no range."""
    return StationSelf.objects.values_list("number_last", flat=True).first()


def own_chairs_here() -> list[int] | None:
    """The chairs that this laptop's kit gives it; None for all of them, and at a centre."""
    return StationSelf.objects.values_list("chairs", flat=True).first() or None


@action("stations.plan_packet", permission="stations.run")
def plan_packet(
    actor: Actor, station: StationSelf, *, again: bool = False, part_bytes: int = PART_BYTES, despite: str = ""
) -> OutgoingPacket:
    """The packet to write now: the one that was begun and not finished, or a new one.

    A packet carries every record as it stands, and the frames and audit entries that no finished packet carried;
    ``again``: all of them once more, because a stick was lost. Raises ``campaigns.step_blocked`` while the pairing of a
    session is in doubt, unless ``despite`` tells why the centre is to settle it.
    """
    begun = station.packets.filter(finished_at=None).first()
    if begun is not None and begun.written and not again:
        return begun  # Its records were taken when its first part was written; without one, what is open now counts.
    open_matters = [one for s in station.campaign.sessions.all() for one in matters(actor, HAND_OVER, s) if one.blocks]
    if open_matters and not despite.strip():
        raise StepBlocked(open_matters)
    if open_matters:
        audit.note(despite=within(despite, 200, field="despite"), open=[one.said.en for one in open_matters])
    if begun is not None and not again:
        return begun
    station.packets.filter(finished_at=None).delete()
    before = [] if again else list(station.packets.all())
    carried = {sha256 for packet in before for part in packet.frames for sha256 in part}
    cleared = set(station.cleared.values_list("blob_id", flat=True))
    sizes = [
        (blob.name, blob.size_bytes)
        for blob in Blob.objects.filter(frames__isnull=False).distinct().order_by("created_at", "pk")
        if blob.name not in carried | cleared
    ]
    last = station.packets.order_by("-number").values_list("number", flat=True).first() or 0
    packet = OutgoingPacket.objects.create(
        station=station, number=last + 1, frames=plan_parts(sizes, part_bytes), audit_from=_audit_before(before)
    )
    audit.note(number=packet.number, frames=len(sizes), parts=len(packet.frames) + 1)
    return packet


def _audit_before(packets: list[OutgoingPacket]) -> dict[str, int]:
    reached: dict[str, int] = {}
    for packet in packets:
        for chain, number in packet.audit_to.items():
            reached[chain] = max(reached.get(chain, 0), number)
    return reached


def write_packet(packet: OutgoingPacket, folder: Path, progress: Progress = lambda done, total: None) -> Path:
    """Write what is missing of ``packet`` under ``folder`` and return its own folder there.

    Each part is written beside its place, synced, renamed and read back; ``packet.json`` comes last. Calling it again
    after any interruption writes only what is not there whole. Raises ``packet.stick_missing``, ``packet.stick_full``,
    ``packet.stick_broken``.
    """
    head = _head(packet)
    target = folder / head.folder
    total = len(packet.frames) + 1
    with _sticks_troubles(folder):
        for index in range(total):
            if not _is_there(target / part_name(index), packet.written.get(part_name(index))):
                data = _records_part(packet, head) if index == 0 else _frames_part(packet, head, index)
                _write_part(packet, target / part_name(index), data)
            progress(index + 1, total)
        parts = tuple(PartEntry(name, size, sha) for name, (size, sha) in sorted(packet.written.items()))
        frames = sum(len(part) for part in packet.frames)
        manifest = PacketManifest(head, parts, {"frames": frames})
        write_durably(target / MANIFEST, manifest.to_bytes(station_signing_key()))
    if packet.finished_at is None:
        finish_packet(_RECORDER, packet)
    return target


@action("stations.note_part", permission="stations.run")
def note_part(actor: Actor, packet: OutgoingPacket, *, name: str, size: int, sha256: str) -> None:
    """A part is on the stick, whole."""
    packet.written = {**packet.written, name: [size, sha256]}
    packet.save(update_fields=["written"])
    audit.note(part=name, size=size)


@action("stations.finish_packet", permission="stations.run")
def finish_packet(actor: Actor, packet: OutgoingPacket) -> None:
    """All parts are on the stick; the next packet brings only what comes after."""
    packet.finished_at = timezone.now()
    packet.save(update_fields=["finished_at"])
    audit.note(number=packet.number, parts=len(packet.written))


def station_signing_key() -> Ed25519PrivateKey:
    """The key that came with the kit, or the laptop's own."""
    return keyring().signing()


def _head(packet: OutgoingPacket) -> PacketHead:
    station = packet.station
    made = packet.made_at.isoformat()
    return PacketHead(station.kit_id, station.station, station.installation, packet.number, made)


def _is_there(path: Path, said: list[object] | None) -> bool:
    if said is None or not path.is_file() or path.stat().st_size != said[0]:
        return False
    return _sha256(path) == said[1]


def _records_part(packet: OutgoingPacket, head: PacketHead) -> bytes:
    """Every record at one moment: the transaction keeps the room's other writers out meanwhile."""
    with transaction.atomic():
        reached = dict(packet.audit_from)
        carried = list(everything({int(chain): number for chain, number in reached.items()}))
        for one in carried:
            if one.kind == "audit":
                reached[str(one.payload["chain"])] = one.payload["number"]
        OutgoingPacket.objects.filter(pk=packet.pk).update(audit_to=reached)
        packet.audit_to = reached
    rows = [[str(one.kind), one.key, one.payload] for one in carried]
    return _seal(packet, head, json.dumps({"records": rows}, ensure_ascii=False).encode(), index=0)


def _frames_part(packet: OutgoingPacket, head: PacketHead, index: int) -> bytes:
    wanted = Blob.objects.in_bulk(packet.frames[index - 1])
    payload = pack_blobs((wanted[sha].media_type, blobs.read(wanted[sha])) for sha in packet.frames[index - 1])
    return _seal(packet, head, payload, index=index)


def _seal(packet: OutgoingPacket, head: PacketHead, payload: bytes, *, index: int) -> bytes:
    box = X25519PublicKey.from_public_bytes(bytes.fromhex(packet.station.centre_box))
    return write_envelope(
        payload,
        kind=PACKET_KIND,
        about={"head": {name: getattr(head, name) for name in head.__dataclass_fields__}, "part": index},
        signer=station_signing_key(),
        receivers=[Receiver(public_key=box)],
        made_at=timezone.now(),
        suite=Suite(packet.station.suite),
        shrink=index == 0,
    )


def _write_part(packet: OutgoingPacket, path: Path, data: bytes) -> None:
    write_durably(path, data)
    sha256 = hashlib.sha256(data).hexdigest()
    if _sha256(path) != sha256:
        raise refuse(
            "packet.stick_broken",
            f"{path.name} 写入后读回不一致。",
            f"{path.name} reads differently from what was written.",
            "U 盘可能已坏，请换一只再导出。",
            "The stick may be broken; use another one.",
        )
    note_part(_RECORDER, packet, name=path.name, size=len(data), sha256=sha256)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _sticks_troubles:  # noqa: N801 - reads as a phrase where it is used
    """Turns what the system says of a stick into what the person can do about it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        if not self.folder.is_dir():
            raise self._missing()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, OSError):
            return
        if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise refuse(
                "packet.stick_full",
                "U 盘空间不足，已写好的部分有效。",
                "The stick is full; the parts written so far are good.",
                "请换一只更大的 U 盘或清理空间，再次导出会接着写。",
                "Make room or use a larger one; exporting again goes on where it stopped.",
            ) from error
        raise self._missing() from error

    def _missing(self) -> Refusal:
        return refuse(
            "packet.stick_missing",
            "U 盘或文件夹不可写。",
            "The stick or folder cannot be written to.",
            "请插好 U 盘并确认路径，再次导出会接着写。",
            "Plug the stick in and check the path; exporting again goes on where it stopped.",
        )
