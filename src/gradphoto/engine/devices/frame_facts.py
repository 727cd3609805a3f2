"""What a camera wrote into a JPEG about itself and the moment (facts 4.3), and the number in its DCF file name."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path

from PIL import Image

# China keeps one time all year; a fixed offset needs no zone database, which a Windows laptop may lack.
CHINA_TIME = timezone(timedelta(hours=8), "Asia/Shanghai")

EXIF_IFD = 0x8769
MAKE = 0x010F
MODEL = 0x0110
DATE_TIME_ORIGINAL = 0x9003
OFFSET_TIME_ORIGINAL = 0x9011
SUB_SEC_TIME_ORIGINAL = 0x9291
BODY_SERIAL_NUMBER = 0xA431

_DCF_FILE = re.compile(r"[0-9A-Z_]{4}(?!0000)(\d{4})\.JPE?G", re.IGNORECASE | re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What tells one frame from another (R98): never the number alone, which rolls over at 9999.

    ``taken_at`` is by the camera's own clock, to the sub-second it gives; ``None`` or ``""`` where the file is silent.
    """

    taken_at: datetime | None
    camera_serial: str
    file_number: int | None
    folder: str


def dcf_file_number(file_name: str) -> int | None:
    """42 for ``IMG_0042.JPG``; ``None`` for a name that is not DCF (four characters and 0001-9999)."""
    match = _DCF_FILE.fullmatch(file_name)
    return int(match[1]) if match else None


def read_frame_facts(path: Path, *, folder: str = "", camera_zone: tzinfo = CHINA_TIME) -> FrameFacts:
    """The facts of a JPEG file; damage leaves facts out rather than refusing the frame (judging it comes later).

    ``camera_zone`` is where the camera's clock is set to, used when the file does not say (OffsetTimeOriginal).
    """
    number = dcf_file_number(path.name)
    try:
        with Image.open(path, formats=["JPEG"]) as image:
            exif = image.getexif().get_ifd(EXIF_IFD)
            taken_at = _taken_at(exif, camera_zone)
            serial = _text(exif.get(BODY_SERIAL_NUMBER))
    # What Pillow lets out on damaged files is not one family.
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, struct.error, Image.DecompressionBombError):
        return FrameFacts(None, "", number, folder)
    return FrameFacts(taken_at, serial, number, folder)


def _text(value: object) -> str:
    return value.replace("\0", " ").strip() if isinstance(value, str) else ""


def _taken_at(exif: dict[int, object], camera_zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.strptime(_text(exif.get(DATE_TIME_ORIGINAL)), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    fraction = _text(exif.get(SUB_SEC_TIME_ORIGINAL))
    if fraction.isascii() and fraction.isdigit():
        moment = moment.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    return moment.replace(tzinfo=_offset(_text(exif.get(OFFSET_TIME_ORIGINAL))) or camera_zone)


def _offset(text: str) -> timezone | None:
    match = _OFFSET.fullmatch(text)
    if not match or int(match[2]) > 14:
        return None
    east = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(east if match[1] == "+" else -east)
