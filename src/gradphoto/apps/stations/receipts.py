"""Receipts: the centre signs for what it holds; the laptop then knows which frames it may let go."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from gradphoto.apps.capture.models import CheckIn, Frame, FramePreview
from gradphoto.apps.core import audit, blobs, checkpoints
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse, within
from gradphoto.apps.core.models import Blob
from gradphoto.apps.pairing.consents_carried import ended_of, hear_end
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.stations.kits import centre_signing_key
from gradphoto.apps.stations.models import (
    ClearedFrame,
    RecordKind,
    RecordState,
    StationKit,
    StationReceipt,
    StationRecord,
    StationSelf,
)
from gradphoto.engine.packet.proving import proven
from gradphoto.engine.packet.receipt import RECEIPT_SUFFIX, Receipt

_PACKETS = Actor.system("packets")
_TAKEN_IN = (RecordState.APPLIED, RecordState.SET_ASIDE)


@dataclass(frozen=True, slots=True)
class Safety:
    """Where a laptop's frames and check-ins stand: on it, at the centre by receipt, cleared from it."""

    frames: int
    safe: int
    cleared: int
    check_ins: int
    check_ins_safe: int
    clearable: tuple[str, ...]

    @property
    def unsafe(self) -> int:
        """Frames that no receipt names and that are still here only."""
        return self.frames - self.safe


def receipts_of(actor: Actor, kit: StationKit) -> dict[str, bytes]:
    """One signed receipt for each laptop that brought something of this kit, by file name."""
    laptops = sorted(set(kit.records.values_list("installation", flat=True)))
    return {
        f"{kit.station}-{laptop[:8]}{RECEIPT_SUFFIX}": make_receipt(actor, kit, installation=laptop)
        for laptop in laptops
    }


@action("stations.make_receipt", permission="stations.manage")
def make_receipt(actor: Actor, kit: StationKit, *, installation: str) -> bytes:
    """Sign for what the centre holds of one laptop at this moment."""
    records = kit.records.filter(installation=installation)
    counted = dict(records.values_list("state").annotate(n=Count("pk")).values_list("state", "n"))
    taken_in = records.filter(state__in=_TAKEN_IN)
    frames = [one["sha256"] for one in taken_in.filter(kind=RecordKind.FRAME).values_list("payload", flat=True)]
    intakes = kit.intakes.filter(installation=installation)
    receipt = Receipt(
        kit_id=str(kit.kit_id),
        station=kit.station,
        installation=installation,
        made_at=timezone.now().isoformat(),
        packets=tuple(sorted(one.number for one in intakes if one.is_whole)),
        counts={str(state): int(count) for state, count in counted.items()},
        frames=tuple(sorted(_held(frames))),
        check_ins=tuple(sorted(taken_in.filter(kind=RecordKind.CHECK_IN).values_list("key", flat=True))),
        audit_code=checkpoints.covering(None),
        consents_ended=tuple(_ended(kit, records)),
    )
    audit.note(station=kit.station, frames=len(receipt.frames), check_ins=len(receipt.check_ins))
    return receipt.to_bytes(centre_signing_key())


def _ended(kit: StationKit, records: QuerySet[StationRecord]) -> list[str]:
    """The laptop's consents that do not stand here: whoever took theirs back at the centre is not compared there either, nor
    is who left the roster or whose consent could not be taken in."""
    carried = records.filter(kind=RecordKind.CONSENT).exclude(state=RecordState.WAITING)
    return ended_of(kit.campaign, carried.values_list("key", "payload"))


def _held(wanted: Iterable[str]) -> list[str]:
    """Those whose bytes lie in the store: the row says so, and so does the store itself."""
    storage = storages["blobs"]
    return [
        blob.name
        for blob in Blob.objects.filter(name__in=set(wanted))
        if storage.exists(blobs.name_of(blob.name)) and storage.size(blobs.name_of(blob.name)) == blob.size_bytes
    ]


@action("stations.take_receipt", permission="stations.run")
def take_receipt(actor: Actor, station: StationSelf, *, data: bytes) -> StationReceipt:
    """Keep a receipt of the centre's. The same twice is one. Raises ``packet.altered``, ``capture.receipt_other``."""
    if not station.centre_signing:
        raise refuse(
            "capture.receipt_no_key",
            "本站由旧版采集箱打开，无法核对回执签名。",
            "This station was opened by an older version and cannot prove a receipt.",
            "请保留照片，直到采集中心确认收齐。",
            "Keep the frames until the centre has confirmed that it has all.",
        )
    proven(data, "list")
    receipt = Receipt.from_bytes(data, Ed25519PublicKey.from_public_bytes(bytes.fromhex(station.centre_signing)))
    if (receipt.kit_id, receipt.installation) != (station.kit_id, station.installation):
        raise refuse(
            "capture.receipt_other",
            "这是另一台采集站的回执。",
            "This receipt is another laptop's.",
            f"请向采集中心索取 {station.station} 站本机的回执。",
            f"Ask the centre for the receipt of this laptop, station {station.station}.",
        )
    row, _ = StationReceipt.objects.get_or_create(
        digest=hashlib.sha256(data).hexdigest(),
        defaults={
            "station": station,
            "made_at": datetime.fromisoformat(receipt.made_at),
            "counts": receipt.counts,
            "frames": list(receipt.frames),
            "check_ins": list(receipt.check_ins),
        },
    )
    if receipt.consents_ended:
        ended_at = datetime.fromisoformat(receipt.made_at)
        hear_end(_PACKETS, station.campaign, keys=set(receipt.consents_ended), at=ended_at)
    audit.note(frames=len(row.frames), check_ins=len(row.check_ins))
    return row


def safety(station: StationSelf) -> Safety:
    """What is safe at the centre, and what may be cleared from this laptop: safe, here still, of no open session."""
    signed = {sha for row in station.receipts.all() for sha in row.frames}
    known = {nonce for row in station.receipts.all() for nonce in row.check_ins}
    frames = set(Frame.objects.values_list("blob_id", flat=True))
    open_ones = set(Frame.objects.filter(session__status=SessionStatus.OPEN).values_list("blob_id", flat=True))
    cleared = set(station.cleared.values_list("blob_id", flat=True))
    nonces = {str(nonce) for nonce in CheckIn.objects.values_list("nonce", flat=True)}
    return Safety(
        frames=len(frames),
        safe=len(frames & signed),
        cleared=len(cleared),
        check_ins=len(nonces),
        check_ins_safe=len(nonces & known),
        clearable=tuple(sorted((frames & signed) - open_ones - cleared)),
    )


@action("stations.clear_frames", permission="stations.run")
def clear_frames(actor: Actor, station: StationSelf, *, without_receipt: str = "") -> int:
    """Remove frames from this laptop and return how many: those the centre has signed for.

    ``without_receipt``: a reason, and then also those it has not signed for; they are gone if the packets are. Records,
    decisions and the audit trail stay. Raises ``capture.nothing_safe``, ``capture.session_still_open``.
    """
    clearable = set(safety(station).clearable)
    reasons = dict.fromkeys(clearable, "")
    if without_receipt.strip():
        if CaptureSession.objects.filter(status=SessionStatus.OPEN).exists():
            raise refuse(
                "capture.session_still_open",
                "场次还没有结束。",
                "A session is still open.",
                "请先结束场次并交回采集包。",
                "Close the session and hand over first.",
            )
        cleared = set(station.cleared.values_list("blob_id", flat=True))
        rest = set(Frame.objects.values_list("blob_id", flat=True)) - clearable - cleared
        reasons |= dict.fromkeys(rest, within(without_receipt, 200, field="reason"))
    if not reasons:
        raise invalid(
            "capture.nothing_safe",
            "采集中心的回执里没有可以删除的照片。",
            "No receipt of the centre names a frame that could be removed.",
            "请先交回采集包，并读入采集中心发回的回执。",
            "Hand over first and read in the receipt that the centre sends back.",
        )
    copies = set(FramePreview.objects.filter(frame__blob__in=reasons).values_list("blob_id", flat=True))
    FramePreview.objects.filter(frame__blob__in=reasons).delete()
    ClearedFrame.objects.bulk_create(
        [ClearedFrame(station=station, blob_id=sha, reason=reason) for sha, reason in sorted(reasons.items())]
    )
    audit.note(frames=len(reasons), without_receipt=sum(bool(reason) for reason in reasons.values()))
    blobs.forget(sorted({*reasons, *copies}))
    transaction.on_commit(lambda: _clear_spools(set(reasons)))
    return len(reasons)


def _clear_spools(gone: set[str]) -> None:
    """The cameras' spools hold a copy of each frame that was taken over."""
    for path in (Path(settings.DATA_DIR) / "spool").rglob("*"):
        if path.is_file() and "taken" in path.parts and hashlib.sha256(path.read_bytes()).hexdigest() in gone:
            path.unlink(missing_ok=True)
