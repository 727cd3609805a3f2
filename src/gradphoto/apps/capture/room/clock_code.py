"""The clock code: a picture of the computer's time that the camera photographs, so that its clock is known (facts 4.3 e).

The screen draws the code anew several times a second and hides it when it grows old (``clock.js``), so a frame that
shows it was taken within ``SHOWN_FOR`` of the time in it. The frame's arrival tells how long a transfer takes.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import segno
from PIL import Image, UnidentifiedImageError

from gradphoto.apps.capture.models import CameraClock
from gradphoto.apps.capture.room.clocks import record_camera_clock
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.devices.protocols import ArrivedFrame
from gradphoto.engine.late_import import late

if TYPE_CHECKING:
    import zxingcpp
else:
    zxingcpp = late("zxingcpp")

SHOWN_FOR = timedelta(seconds=0.5)
_AT_MOST = timedelta(minutes=5)
"""A code that lay longer between screen and computer was photographed from a picture, or came from a card."""
_NARROWED_FOR = timedelta(minutes=10)
_LOOK_AT_PX = 1600
_TEXT = re.compile(r"GPCLOCK1:(\d+):(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a photographed code says: the session it was drawn for, and when."""

    session: int
    at: datetime


def draw_code(session: int, now: datetime, kind: str = "svg") -> bytes:
    """The code as SVG, or as another kind of picture."""
    out = io.BytesIO()
    text = f"GPCLOCK1:{session}:{int(now.timestamp() * 1000)}"
    options = {"xmldecl": False} if kind == "svg" else {}
    segno.make(text, error="m", micro=False).save(out, kind=kind, border=4, scale=8, **options)
    return out.getvalue()


def read_code(jpeg: bytes) -> Shown | None:
    """The code in a photograph; ``None`` where there is none, or no picture."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
            image.draft("L", (_LOOK_AT_PX, _LOOK_AT_PX))
            grey = image.convert("L")
            grey.thumbnail((_LOOK_AT_PX, _LOOK_AT_PX))
            found = zxingcpp.read_barcodes(
                np.asarray(grey), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
            )
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return None
    for code in found:
        if match := _TEXT.fullmatch(code.text):
            return Shown(int(match[1]), datetime.fromtimestamp(int(match[2]) / 1000, UTC))
    return None


def measure(
    actor: Actor, session: CaptureSession, frame: ArrivedFrame, shown: Shown, chair: int = 1
) -> CameraClock | None:
    """Keep what a photographed code tells of its camera's clock; ``None`` where it tells nothing.

    Several codes soon after each other narrow it down: a camera that tells whole seconds is known better so.
    """
    taken = frame.exif.taken_at
    if taken is None or shown.session != session.pk or not timedelta(0) <= frame.arrived_at - shown.at <= _AT_MOST:
        return None
    cut = timedelta(seconds=0.1) if taken.microsecond else timedelta(seconds=1)
    low, high = taken - (shown.at + SHOWN_FOR), taken + cut - shown.at
    last = session.clocks.filter(chair=chair, camera_serial=frame.exif.camera_serial, by_hand=False).first()
    if last is not None and shown.at - last.measured_at <= _NARROWED_FOR:
        give = timedelta(seconds=last.uncertainty_s)
        narrow_low, narrow_high = max(low, last.offset - give), min(high, last.offset + give)
        if narrow_low < narrow_high:
            low, high = narrow_low, narrow_high
    seen_at = shown.at + SHOWN_FOR / 2
    return record_camera_clock(
        actor,
        session,
        camera_serial=frame.exif.camera_serial,
        offset_s=(low + (high - low) / 2).total_seconds(),
        uncertainty_s=((high - low) / 2).total_seconds(),
        measured_at=seen_at,
        transfer_s=(frame.arrived_at - seen_at).total_seconds(),
        chair=chair,
    )
