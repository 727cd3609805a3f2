"""A SAM_V reader on a serial line: ask, wait, and one swipe is one event.

Nothing here knows which port it is or whether a simulator sits behind it.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Protocol

from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.devices.sam_v.frames import (
    Command,
    Fault,
    FrameReader,
    Response,
    encode_request,
    parse_response,
)
from gradphoto.engine.devices.sam_v.records import CardRecord, parse_answer
from gradphoto.engine.devices.sam_v.statuses import Status
from gradphoto.engine.wording import Wording

BAUD_DEFAULT = 115200  # facts 3.1


class Transport(Protocol):
    """A line to a reader. All three raise :class:`ReaderError` ``reader.unplugged`` when the line is gone."""

    def write(self, data: bytes) -> None:
        """Sends all of ``data``."""

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, at once when there is something; ``b""`` after ``timeout_s`` without a byte."""

    def close(self) -> None:
        """Gives the line back."""


class SerialTransport:
    """A pyserial port as :class:`Transport`."""

    def __init__(self, url: str, baud: int = BAUD_DEFAULT) -> None:
        import serial

        self.url = url
        self._gone: tuple[type[BaseException], ...] = (serial.SerialException, OSError, TypeError)
        try:
            # Nobody else on this line: a search for one device must not swallow what another sends.
            self._port = serial.serial_for_url(url, baudrate=baud, timeout=0, write_timeout=2, exclusive=True)
        except (serial.SerialException, OSError, ValueError) as error:
            raise ReaderError(
                "reader.cannot_open",
                Wording("读卡器端口 {url} 无法打开。", "The reader's port {url} cannot be opened.").format(url=url),
                Wording("请检查读卡器是否插好、端口是否选对。", "Check the reader's plug and the name of its port."),
            ) from error

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except self._gone as error:  # pyserial lets a TypeError slip out when a port closes under it
            raise _unplugged() from error

    def read(self, timeout_s: float) -> bytes:
        try:
            self._port.timeout = timeout_s
            first: bytes = self._port.read(1)
            rest: bytes = self._port.read(self._port.in_waiting) if first else b""
        except self._gone as error:
            raise _unplugged() from error
        return first + rest

    def close(self) -> None:
        self._port.close()


def open_serial(url: str, baud: int = BAUD_DEFAULT) -> SamVReader:
    """A reader on ``COM3``, ``/dev/ttyUSB0``, ``socket://host:port`` or whatever else pyserial opens.

    Raises :class:`ReaderError` ``reader.cannot_open``.
    """
    return SamVReader(SerialTransport(url, baud))


class SamVReader:
    """Asks the reader for cards.

    ``answer_s`` is how long one answer may take in seconds, ``poll_s`` the pause between two looks for a card,
    ``tries`` how often a question is asked when its answer is lost or garbled. ``newest_address``: ask for the address
    that was written onto the card later (30 03), too; a room does not need it, so it is off.
    """

    def __init__(
        self,
        port: Transport,
        *,
        answer_s: float = 1.5,
        poll_s: float = 0.15,
        tries: int = 3,
        newest_address: bool = False,
    ) -> None:
        self._port = port
        self._answer_s = answer_s
        self._poll_s = poll_s
        self._tries = tries
        self._frames = FrameReader()
        self._newest_address = newest_address
        self._must_lift = False
        self._failed_reads = 0

    @property
    def port_name(self) -> str:
        """The serial port it is on, ``""`` for another kind of line."""
        return str(getattr(self._port, "url", ""))

    @property
    def must_lift(self) -> bool:
        """Whether a card that was read lies there still, as far as this reader saw."""
        return self._must_lift

    def check(self) -> str:
        """Asks the reader how it is, and for the number of its security module (``NN.NN-int-int-int``).

        Raises :class:`ReaderError` with the reader's own sentence when it is not well.
        """
        self.ask(Command.STATUS).expect(Status.OK)
        raw = self.ask(Command.SAM_ID).expect(Status.OK).data
        kind, version, *rest = (int.from_bytes(raw[at:end], "little") for at, end in _SAM_ID_PARTS)
        return "-".join([f"{kind:02d}.{version:02d}", *map(str, rest)])

    def wait_for_card(self, timeout_s: float) -> CardRecord | None:
        """The next card laid down, or ``None`` after ``timeout_s`` seconds without one.

        One swipe is one event: after a good read the card is found again only once it has been lifted (facts 3.1).
        Most readers keep that rule themselves; this also keeps it for those that do not. Raises
        :class:`ReaderError` when a card lies there and cannot be read after several tries.
        """
        ends = time.monotonic() + timeout_s
        while True:
            try:
                if card := self._look():
                    self._failed_reads = 0
                    return card
            except ReaderError as error:
                # Counted over the polls of one card: a room asks for a moment at a time and would never hear of it.
                self._failed_reads += 1
                if error.status not in _WORTH_ANOTHER_LOOK or self._failed_reads >= self._tries:
                    raise
            left = ends - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(self._poll_s, left))

    def _look(self) -> CardRecord | None:
        """One find, select, read; ``None`` when there is no card, or only the one already read."""
        found = self.ask(Command.FIND_CARD)
        if found.status == Status.NO_CARD:
            self._must_lift, self._failed_reads = False, 0
            return None
        found.expect(Status.CARD_FOUND)
        if self._must_lift:
            return None
        self.ask(Command.SELECT_CARD).expect(Status.OK)
        answer = self.ask(Command.READ_TEXT_AND_PHOTO).expect(Status.OK)
        # From here on the reader has given the card away. If its record is broken, another look could only be at
        # the same bytes: the person is asked to lift the card.
        self._must_lift = True
        card = parse_answer(answer.data)
        return replace(card, newest_address=self._address()) if self._newest_address else card

    def _address(self) -> str:
        """The newest address (30 03): 70 bytes of UTF-16LE, or none. A swipe is never lost for want of it."""
        try:
            answer = self.ask(Command.READ_NEWEST_ADDRESS)
        except ReaderError as error:
            if error.code == "reader.unplugged":
                raise
            return ""
        return answer.data.decode("utf-16-le", errors="replace").strip(" \0") if answer.status == Status.OK else ""

    def ask(self, command: Command, data: bytes = b"") -> Response:
        """Sends a command and gives the answer, whatever its status; asks again when it is lost or garbled.

        Raises :class:`ReaderError` ``reader.no_answer``, ``reader.garbled`` or ``reader.unplugged``.
        """
        garbled = False
        for attempt in range(self._tries):
            self._port.read(0)  # a late answer to an earlier question must not be taken for this one's
            self._frames.clear()
            self._port.write(encode_request(command, data))
            answer = self._answer()
            if isinstance(answer, Response) and answer.status != Status.CHECKSUM_ERROR:
                if attempt and answer.status == Status.READ_FAILED:
                    break  # it gave the card away in the lost answer and will not repeat it: the card must be lifted
                return answer
            garbled = garbled or answer is not None
        raise _garbled() if garbled else _no_answer()

    def _answer(self) -> Response | Fault | None:
        """The first whole answer; a fault when only a broken one came; ``None`` when nothing came in time."""
        ends = time.monotonic() + self._answer_s
        while (left := ends - time.monotonic()) > 0:
            for found in self._frames.feed(self._port.read(left)):
                if isinstance(found, Fault):
                    return found
                return parse_response(found)
        return None

    def close(self) -> None:
        """Gives the port back."""
        self._port.close()

    def __enter__(self) -> SamVReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_SAM_ID_PARTS = ((0, 2), (2, 4), (4, 8), (8, 12), (12, 16))  # all little-endian (facts 3.1)

# The card moved while it was being read; a steadier hand a moment later may do.
_WORTH_ANOTHER_LOOK = frozenset(
    {Status.SELECT_FAILED, Status.READ_FAILED, Status.RANDOM_NUMBER_FAILED, Status.UNKNOWN_ERROR}
)

_CABLE = Wording("请检查读卡器连接线，重新插上后再试。", "Check the reader's cable, plug it in again and retry.")


_LIFT_OR_CABLE = Wording(
    "请拿起证件重新放上；仍不行请检查连接线。",
    "Lift the card and lay it down again; if that fails, check the cable.",
)


def _unplugged() -> ReaderError:
    return ReaderError("reader.unplugged", Wording("读卡器已断开。", "The reader was unplugged."), _CABLE)


def _no_answer() -> ReaderError:
    return ReaderError("reader.no_answer", Wording("读卡器没有应答。", "The reader does not answer."), _LIFT_OR_CABLE)


def _garbled() -> ReaderError:
    return ReaderError(
        "reader.garbled",
        Wording("读卡器的应答多次校验错误。", "The reader's answers keep arriving with a wrong checksum."),
        Wording(
            "请拿起证件重新放上；仍不行请检查连接线。",
            "Lift the card and lay it down again; if that fails, check the cable.",
        ),
    )
