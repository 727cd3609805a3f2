"""SAM_V frames (GA 467, facts 3.1): from fields to bytes, and from a dirty stream of bytes back to fields.

Request:  ``AA AA AA 96 69 | LenHi LenLo | CMD PARA [DATA] | CHK``.
Response: ``AA AA AA 96 69 | LenHi LenLo | SW1 SW2 SW3 [DATA] | CHK``.
``Len`` counts what follows it, the checksum included; ``CHK`` is the XOR of all bytes between preamble and itself,
the two length bytes included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import reduce
from operator import xor

from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.devices.sam_v.statuses import Status, status_error
from gradphoto.engine.wording import Wording

PREAMBLE = bytes.fromhex("AAAAAA9669")
_LENGTH_BYTES = 2
_LENGTH_MIN = 3
# The longest answer there is (text, photo and fingerprints) has 0x090A; a length beyond this is noise, and waiting
# for that many bytes would leave the desk deaf.
_LENGTH_MAX = 0x1000


class Command(Enum):
    """CMD and PARA of the commands a station uses."""

    RESET = bytes.fromhex("10FF")
    STATUS = bytes.fromhex("11FF")
    SAM_ID = bytes.fromhex("12FF")
    FIND_CARD = bytes.fromhex("2001")
    SELECT_CARD = bytes.fromhex("2002")
    READ_TEXT_AND_PHOTO = bytes.fromhex("3001")
    READ_NEWEST_ADDRESS = bytes.fromhex("3003")
    READ_TEXT_PHOTO_AND_FINGER = bytes.fromhex("3010")
    BAUD_115200 = bytes.fromhex("6000")
    BAUD_57600 = bytes.fromhex("6001")
    BAUD_38400 = bytes.fromhex("6002")
    BAUD_19200 = bytes.fromhex("6003")
    BAUD_9600 = bytes.fromhex("6004")


@dataclass(frozen=True, slots=True)
class Request:
    """What the station asks. ``command`` is the raw CMD and PARA, so that an unknown one can be told of."""

    command: bytes
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What the reader answers; ``status`` is the raw SW3. ``data`` stays out of ``repr``: it may be a person's card."""

    status: int
    data: bytes = field(default=b"", repr=False)

    def expect(self, *welcome: Status) -> Response:
        """Itself when its status is one of ``welcome``; else raises :class:`ReaderError` with the status's sentence."""
        if self.status not in welcome:
            raise status_error(self.status)
        return self


class Fault(Enum):
    """What a :class:`FrameReader` met instead of a whole frame."""

    CHECKSUM = "checksum"
    LENGTH = "length"


def checksum(covered: bytes | bytearray) -> int:
    """XOR of ``covered``, which is the two length bytes and all that follows them up to the checksum."""
    return reduce(xor, covered, 0)


def _frame(body: bytes) -> bytes:
    covered = (len(body) + 1).to_bytes(_LENGTH_BYTES, "big") + body
    return PREAMBLE + covered + bytes([checksum(covered)])


def encode_request(command: Command, data: bytes = b"") -> bytes:
    """The whole frame of a command."""
    return _frame(command.value + data)


def encode_response(status: int, data: bytes = b"") -> bytes:
    """The whole frame of an answer; SW1 and SW2 are 0 in every answer of facts 3.1."""
    return _frame(bytes([0, 0, status]) + data)


def parse_request(body: bytes) -> Request:
    """A request from a frame's body (CMD, PARA, DATA), as :class:`FrameReader` gives it."""
    return Request(command=body[:2], data=body[2:])


def parse_response(body: bytes) -> Response:
    """A response from a frame's body (SW1, SW2, SW3, DATA). Raises :class:`ReaderError` if it is too short for one."""
    if len(body) < 3:
        raise ReaderError(
            "reader.answer_too_short",
            Wording("读卡器的应答不完整。", "The reader's answer is incomplete."),
            Wording("请重试；多次出现请检查连接线。", "Try again; if it happens often, check the cable."),
        )
    return Response(status=body[2], data=body[3:])


class FrameReader:
    """Finds whole frames in bytes that come in any pieces: split, glued together, with noise between.

    After a fault it looks for the next preamble right behind the last one and not behind the claimed length, since
    the length itself may be the broken part and would swallow a good frame.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def clear(self) -> None:
        """Forgets unfinished bytes: a new question was asked, old ones cannot be its answer."""
        self._buffer.clear()

    def feed(self, chunk: bytes) -> list[bytes | Fault]:
        """Takes bytes in; gives the body of each frame they complete (without length and checksum), or a fault."""
        self._buffer += chunk
        found: list[bytes | Fault] = []
        while (item := self._next()) is not None:
            found.append(item)
        return found

    def _next(self) -> bytes | Fault | None:
        if not self._align():
            return None
        head = len(PREAMBLE)
        start = head + _LENGTH_BYTES
        if len(self._buffer) < start:
            return None
        length = int.from_bytes(self._buffer[head:start], "big")
        if not _LENGTH_MIN <= length <= _LENGTH_MAX:
            return self._skip(Fault.LENGTH)
        end = start + length
        if len(self._buffer) < end:
            return None
        if checksum(self._buffer[head:end]) != 0:  # the covered bytes and their XOR cancel out
            return self._skip(Fault.CHECKSUM)
        body = bytes(self._buffer[start : end - 1])
        del self._buffer[:end]
        return body

    def _align(self) -> bool:
        """Drops noise in front of a preamble; keeps a tail that may be the beginning of one."""
        at = self._buffer.find(PREAMBLE)
        if at < 0:
            del self._buffer[: max(0, len(self._buffer) - len(PREAMBLE) + 1)]
            return False
        del self._buffer[:at]
        return True

    def _skip(self, fault: Fault) -> Fault:
        del self._buffer[: len(PREAMBLE)]
        return fault
