"""A camera made of software behind a tether program made of software: DCF names, EXIF, two writes a file.

EXIF is put into a JPEG without touching a pixel: a new APP1 segment takes the place of the old one. A JPEG is ``FFD8`` and
then segments ``FF <mark> <length, 2 bytes big-endian, itself included> ...`` up to the start of scan (``FFDA``), behind
which only compressed pixels and the end mark come (ITU-T T.81 B.1). EXIF is the APP1 segment (``FFE1``) that begins with
``Exif 00 00`` and should stand first (CIPA DC-008).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from PIL import Image

from gradphoto.engine.devices.frame_facts import (
    BODY_SERIAL_NUMBER,
    CHINA_TIME,
    DATE_TIME_ORIGINAL,
    EXIF_IFD,
    MAKE,
    MODEL,
    OFFSET_TIME_ORIGINAL,
    SUB_SEC_TIME_ORIGINAL,
)

_START = b"\xff\xd8"
_APP1 = 0xE1
_FIRST_WITHOUT_LENGTH = frozenset({0xD8, 0xD9, 0xDA})
_EXIF = b"Exif\0\0"
_LAST_NUMBER = 9999  # DCF: 0001-9999, then the next folder begins at 0001 (facts 4.3)


@dataclass(frozen=True, slots=True)
class Transfer:
    """A file of which the first half is on disk."""

    path: Path
    _rest: bytes

    def finish(self) -> Path:
        """Writes the second half."""
        with self.path.open("ab") as file:
            file.write(self._rest)
            file.flush()
            os.fsync(file.fileno())
        return self.path


class SimulatedCamera:
    """Shoots into ``folder``. ``clock_offset`` is how far its clock is ahead of the computer's.

    ``next_folder`` and ``next_number`` are where its DCF numbering stands; set them to come near a roll-over.
    """

    def __init__(
        self,
        folder: Path,
        serial: str = "SIM0001",
        clock_offset: timedelta = timedelta(0),
        *,
        next_folder: int = 100,
        next_number: int = 1,
        zone: tzinfo = CHINA_TIME,
    ) -> None:
        self.folder = folder
        self.serial = serial
        self.clock_offset = clock_offset
        self.next_folder = next_folder
        self.next_number = next_number
        self._zone = zone

    def shoot(self, jpeg: bytes, at: datetime) -> Path:
        """The whole file of one exposure made at ``at`` (aware, the computer's time), written in two chunks."""
        return self.begin(jpeg, at).finish()

    def begin(self, jpeg: bytes, at: datetime) -> Transfer:
        """The same exposure, with its transfer stopped half-way: what a hot folder must not take yet."""
        path = self.folder / f"{self.next_folder:03d}GRADP" / f"IMG_{self.next_number:04d}.JPG"
        self._count()
        data = splice_exif(jpeg, self._exif(at))
        path.parent.mkdir(parents=True, exist_ok=True)
        half = len(data) // 2
        with path.open("xb") as file:
            file.write(data[:half])
            file.flush()
            os.fsync(file.fileno())
        return Transfer(path, data[half:])

    def lose_frame(self) -> None:
        """An exposure that never reaches the computer: only its number is spent."""
        self._count()

    def _count(self) -> None:
        if self.next_number == _LAST_NUMBER:
            self.next_folder, self.next_number = self.next_folder + 1, 1
        else:
            self.next_number += 1

    def _exif(self, at: datetime) -> Image.Exif:
        taken = (at + self.clock_offset).astimezone(self._zone)
        east = taken.strftime("%z")
        exif = Image.Exif()
        exif[MAKE] = "GradPhoto"
        exif[MODEL] = "Simulated Camera"
        exif.get_ifd(EXIF_IFD).update(
            {
                DATE_TIME_ORIGINAL: taken.strftime("%Y:%m:%d %H:%M:%S"),
                SUB_SEC_TIME_ORIGINAL: f"{taken.microsecond // 1000:03d}",
                OFFSET_TIME_ORIGINAL: f"{east[:3]}:{east[3:5]}",
                BODY_SERIAL_NUMBER: self.serial,
            }
        )
        return exif


def splice_exif(jpeg: bytes, exif: Image.Exif) -> bytes:
    """``jpeg`` with ``exif`` instead of its own EXIF. Raises :class:`ValueError` when ``jpeg`` is not a JPEG."""
    if not jpeg.startswith(_START):
        raise ValueError("not a JPEG")
    payload = exif.tobytes()
    payload = payload if payload.startswith(_EXIF) else _EXIF + payload
    segment = bytes([0xFF, _APP1]) + (len(payload) + 2).to_bytes(2, "big") + payload
    return _START + segment + _without_exif(jpeg[len(_START) :])


def _without_exif(body: bytes) -> bytes:
    """The segments before the scan, less EXIF, and the rest as it is."""
    kept, at = b"", 0
    while len(body) - at >= 4 and body[at] == 0xFF and body[at + 1] not in _FIRST_WITHOUT_LENGTH:
        end = at + 2 + int.from_bytes(body[at + 2 : at + 4], "big")
        if not (body[at + 1] == _APP1 and body[at + 4 : end].startswith(_EXIF)):
            kept += body[at:end]
        at = end
    return kept + body[at:]
