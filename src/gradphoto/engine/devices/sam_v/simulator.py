"""A reader made of software, speaking the real bytes on a pseudo-terminal, so that nothing above it can tell.

:class:`SimulatedSam` is the state machine alone and runs anywhere; :class:`SimulatedReader` puts it on a PTY.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
from collections import deque
from enum import Enum

from gradphoto.engine.devices.errors import DeviceError
from gradphoto.engine.devices.sam_v.frames import (
    Command,
    Fault,
    FrameReader,
    Request,
    encode_response,
    parse_request,
)
from gradphoto.engine.devices.sam_v.records import CardRecord, build_answer
from gradphoto.engine.devices.sam_v.statuses import Status
from gradphoto.engine.wording import Wording

_FOUND_DATA = bytes(4)
_SELECTED_DATA = bytes(8)
_SAM_ID = b"".join(n.to_bytes(size, "little") for n, size in ((5, 2), (1, 2), (20261121, 4), (7, 4), (990101, 4)))
_BAUDS = {
    Command.BAUD_115200: 115200,
    Command.BAUD_57600: 57600,
    Command.BAUD_38400: 38400,
    Command.BAUD_19200: 19200,
    Command.BAUD_9600: 9600,
}
_NOISE = bytes.fromhex("00FFAAAAAA")


class ReaderFault(Enum):
    """What can go wrong with the next read answer, once."""

    BAD_CHECKSUM = "bad_checksum"
    READ_FAILED = "read_failed"
    NO_ANSWER = "no_answer"
    NOISE_BEFORE = "noise_before"


class _Card(Enum):
    """Where the card stands between being laid down and lifted."""

    LIES = "lies"
    FOUND = "found"
    SELECTED = "selected"
    READ = "read"


class SimulatedSam:
    """The reader's mind: a request in, the bytes of the answer out.

    ``reads_again``: whether a second read is answered without lifting the card (facts do not say; both occur).
    ``insists_on_lifting``: whether a card that was read is found again only after it was lifted.
    """

    def __init__(self, *, reads_again: bool = True, insists_on_lifting: bool = True) -> None:
        self._reads_again = reads_again
        self._insists = insists_on_lifting
        self._card: CardRecord | None = None
        self._state = _Card.LIES
        self._faults: deque[ReaderFault] = deque()
        self._refuses: Status | None = None
        self._lock = threading.Lock()
        self.baud = 115200

    def insert(self, card: CardRecord) -> None:
        """Lays a card down, in place of one that may lie there."""
        with self._lock:
            self._card, self._state = card, _Card.LIES

    def lift(self) -> None:
        """Takes the card away."""
        with self._lock:
            self._card = None

    def fail_once(self, fault: ReaderFault) -> None:
        """Spoils the next read answer; several calls spoil the following ones in turn."""
        with self._lock:
            self._faults.append(fault)

    def refuse(self, status: Status | None) -> None:
        """From now on no card can be read, and the reader says why; ``None``: they can be read again."""
        with self._lock:
            self._refuses = status

    @property
    def card_was_read(self) -> bool:
        """Whether the card lying there has been read well: a person would now hear the beep."""
        with self._lock:
            return self._card is not None and self._state is _Card.READ

    def answer(self, body: bytes | Fault) -> bytes:
        """The answer frame to a request's body, or to what was broken on its way in; ``b""`` for silence."""
        with self._lock:
            if isinstance(body, Fault):
                broken = Status.CHECKSUM_ERROR if body is Fault.CHECKSUM else Status.LENGTH_ERROR
                return encode_response(broken)
            return self._obey(parse_request(body))

    def _obey(self, request: Request) -> bytes:
        try:
            command = Command(request.command)
        except ValueError:
            return encode_response(Status.COMMAND_ERROR)
        match command:
            case Command.RESET | Command.STATUS:
                return encode_response(Status.OK)
            case Command.SAM_ID:
                return encode_response(Status.OK, _SAM_ID)
            case Command.FIND_CARD:
                return self._find()
            case Command.SELECT_CARD:
                return self._select()
            case Command.READ_NEWEST_ADDRESS:
                return self._address()
            case Command.READ_TEXT_AND_PHOTO | Command.READ_TEXT_PHOTO_AND_FINGER:
                return self._read(with_finger=command is Command.READ_TEXT_PHOTO_AND_FINGER)
        self.baud = _BAUDS[command]
        return encode_response(Status.OK)

    def _address(self) -> bytes:
        if self._card is None or not (self._readable() or self._state is _Card.READ):
            return encode_response(Status.READ_FAILED)
        if not self._card.newest_address:
            return encode_response(Status.ITEM_EMPTY)
        return encode_response(Status.OK, self._card.newest_address.ljust(35).encode("utf-16-le"))

    def _find(self) -> bytes:
        if self._card is None or (self._insists and self._state is _Card.READ):
            return encode_response(Status.NO_CARD)
        self._state = _Card.FOUND
        return encode_response(Status.CARD_FOUND, _FOUND_DATA)

    def _select(self) -> bytes:
        if self._card is None or self._state is not _Card.FOUND:
            return encode_response(Status.SELECT_FAILED)
        if self._refuses is Status.SELECT_FAILED:
            return encode_response(self._refuses)
        self._state = _Card.SELECTED
        return encode_response(Status.OK, _SELECTED_DATA)

    def _readable(self) -> bool:
        return self._state is _Card.SELECTED or (self._reads_again and self._state is _Card.READ)

    def _read(self, *, with_finger: bool) -> bytes:
        if self._card is None or not self._readable():
            return encode_response(Status.READ_FAILED)
        if self._refuses is not None:
            return encode_response(self._refuses)
        fault = self._faults.popleft() if self._faults else None
        if fault is ReaderFault.READ_FAILED:
            self._state = _Card.LIES
            return encode_response(Status.READ_FAILED)
        self._state = _Card.READ
        good = encode_response(Status.OK, build_answer(self._card, finger=bytes(1024) if with_finger else None))
        match fault:
            case ReaderFault.BAD_CHECKSUM:
                return good[:-1] + bytes([good[-1] ^ 0x01])
            case ReaderFault.NOISE_BEFORE:
                return _NOISE + good
            case ReaderFault.NO_ANSWER:
                return b""
        return good


class SimulatedReader:
    """A :class:`SimulatedSam` behind a pseudo-terminal; ``port_name`` opens with pyserial.

    ``heeds_baud``: it answers only a client whose line has the reader's speed, ``baud`` to begin with.

    It works in a thread of its own from creation to :meth:`close` (also a context manager). Raises
    :class:`DeviceError` ``simulator.needs_pty`` where the system has no pseudo-terminals (Windows).
    """

    def __init__(
        self,
        *,
        reads_again: bool = True,
        insists_on_lifting: bool = True,
        baud: int = 115200,
        heeds_baud: bool = False,
    ) -> None:
        if sys.platform == "win32":
            raise _needs_pty()
        import tty

        self.sam = SimulatedSam(reads_again=reads_again, insists_on_lifting=insists_on_lifting)
        self.sam.baud = baud
        self._heeds_baud = heeds_baud
        # The slave end stays open here as well, or the line would break whenever a client closes its own.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.port_name = os.ttyname(self._slave)
        self._wake_out, self._wake_in = os.pipe()
        self._thread = threading.Thread(target=self._serve, name="simulated-reader", daemon=True)
        self._thread.start()

    def insert(self, card: CardRecord) -> None:
        """Lays a card down."""
        self.sam.insert(card)

    def lift(self) -> None:
        """Takes the card away."""
        self.sam.lift()

    def refuse(self, status: Status | None) -> None:
        """See :meth:`SimulatedSam.refuse`."""
        self.sam.refuse(status)

    def fail_once(self, fault: ReaderFault) -> None:
        """Spoils the next read answer."""
        self.sam.fail_once(fault)

    def close(self) -> None:
        """Unplugs the reader: ends the thread, closes the line. A second call does nothing."""
        if not self._thread.is_alive():
            return
        os.write(self._wake_in, b"x")
        self._thread.join()
        for descriptor in (self._master, self._slave, self._wake_out, self._wake_in):
            os.close(descriptor)

    def _serve(self) -> None:
        frames = FrameReader()
        while True:
            ready, _, _ = select.select([self._master, self._wake_out], [], [])
            if self._wake_out in ready:
                return
            chunk = os.read(self._master, 4096)
            if self._heeds_baud and self._line_baud() != self.sam.baud:
                continue  # at another speed a reader sees noise and stays silent
            for found in frames.feed(chunk):
                self._send(self.sam.answer(found))

    def _line_baud(self) -> int:
        """The speed that the client has set on the pseudo-terminal."""
        import termios

        speed = termios.tcgetattr(self._slave)[5]
        return next((baud for baud in _BAUDS.values() if getattr(termios, f"B{baud}") == speed), 0)

    def _send(self, answer: bytes) -> None:
        with contextlib.suppress(BlockingIOError):  # nobody reads and the line is full: lost, as on a wire
            os.write(self._master, answer)

    def __enter__(self) -> SimulatedReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _needs_pty() -> DeviceError:
    return DeviceError(
        "simulator.needs_pty",
        Wording("此系统没有虚拟串口，无法运行模拟读卡器。", "This system has no pseudo-terminals."),
        Wording("请在 Linux 或 macOS 上演示，或接上真实读卡器。", "Use Linux or macOS, or a real reader."),
    )
