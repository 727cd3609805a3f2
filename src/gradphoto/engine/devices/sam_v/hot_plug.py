"""A reader that may be pulled and plugged in again, at whatever port and speed it then answers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from enum import StrEnum

from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.devices.sam_v.frames import Command
from gradphoto.engine.devices.sam_v.reader import BAUD_DEFAULT, SamVReader, SerialTransport
from gradphoto.engine.devices.sam_v.records import CardRecord
from gradphoto.engine.devices.sam_v.statuses import Status
from gradphoto.engine.wording import Wording

BAUDS = (115200, 57600, 38400, 19200, 9600)
"""Every speed of the protocol, the default first (facts 3.1)."""
_RETRY_S = 1.0


class ReaderState(StrEnum):
    """What the screen shows of the reader."""

    READY = "ready"
    ABSENT = "absent"


def serial_ports() -> list[str]:
    """The serial ports of this computer, USB ones first."""
    from serial.tools import list_ports

    found = sorted(list_ports.comports(), key=lambda port: (port.vid is None, port.device))
    return [port.device for port in found]


def usb_ports() -> list[str]:
    """The serial ports that are USB devices."""
    from serial.tools import list_ports

    return sorted(port.device for port in list_ports.comports() if port.vid is not None)


def no_reader() -> ReaderError:
    """What is told while no reader answers."""
    return ReaderError(
        "reader.not_found",
        Wording("没有找到身份证阅读器。", "No ID card reader was found."),
        Wording(
            "请插好读卡器；若是专用驱动型号，请在设置中填写串口号。",
            "Plug the reader in; if it needs its maker's driver, name its serial port.",
        ),
    )


def find_reader(ports: Iterable[str], *, answer_s: float = 0.3) -> SamVReader:
    """The first reader that answers on one of ``ports``, at any speed of the protocol; a slow one is set to 115200.

    Raises :class:`ReaderError` ``reader.not_found``.
    """
    for port in ports:
        for baud in BAUDS:
            found = _try(port, baud, answer_s)
            if found is None:
                continue
            if baud == BAUD_DEFAULT:
                return SamVReader(found)
            return SamVReader(_speed_up(found, port, baud, answer_s))
    raise no_reader()


def _try(port: str, baud: int, answer_s: float) -> SerialTransport | None:
    """The line, if a reader answers on it at this speed."""
    try:
        line = SerialTransport(port, baud)
    except ReaderError:
        return None
    try:
        SamVReader(line, answer_s=answer_s, tries=1).ask(Command.STATUS).expect(Status.OK)
    except ReaderError:
        line.close()
        return None
    return line


def _speed_up(line: SerialTransport, port: str, baud: int, answer_s: float) -> SerialTransport:
    """At 9600 a card takes more than a second; readers remember the speed they are told."""
    with contextlib.suppress(ReaderError):  # where only its answer was lost it is at the new speed by now
        SamVReader(line, answer_s=answer_s, tries=1).ask(Command.BAUD_115200).expect(Status.OK)
    line.close()
    return _try(port, BAUD_DEFAULT, answer_s) or SerialTransport(port, baud)


class HotPlugReader:
    """An :class:`IdReader` that comes back by itself.

    ``find`` opens the reader (see :func:`find_reader`). When the reader goes away this is told once, as
    ``reader.unplugged``; until it is back, waiting simply finds no card.
    """

    def __init__(self, find: Callable[[], SamVReader], *, retry_s: float = _RETRY_S) -> None:
        self._find = find
        self._retry_s = retry_s
        self._reader: SamVReader | None = None
        self._lies_there: CardRecord | None = None

    @property
    def state(self) -> ReaderState:
        """Whether a reader is there."""
        return ReaderState.READY if self._reader is not None else ReaderState.ABSENT

    @property
    def is_connected(self) -> bool:
        """Whether a reader answers."""
        return self._reader is not None

    @property
    def port_name(self) -> str:
        """The port it was found on; ``""`` while there is none."""
        return self._reader.port_name if self._reader is not None else ""

    def wait_for_card(self, timeout_s: float) -> CardRecord | None:
        """The next card laid down, or ``None`` after ``timeout_s`` seconds. Raises :class:`ReaderError`."""
        ends = time.monotonic() + timeout_s
        while self._reader is None:
            try:
                self._reader = self._find()
            except ReaderError:
                left = ends - time.monotonic()
                if left <= 0:
                    return None
                time.sleep(min(self._retry_s, left))
        try:
            card = self._reader.wait_for_card(max(0.0, ends - time.monotonic()))
        except ReaderError as error:
            if error.code == "reader.unplugged":
                self.close()
            raise
        return self._once(card)

    def _once(self, card: CardRecord | None) -> CardRecord | None:
        """A card that lay on the reader while it was plugged in again is no second swipe."""
        before, self._lies_there = self._lies_there, card or self._still_there()
        if card is not None and card == before:
            return None
        return card

    def _still_there(self) -> CardRecord | None:
        """What was read last, as long as the reader has not seen an empty field since."""
        return self._lies_there if self._reader is not None and self._reader.must_lift else None

    def close(self) -> None:
        """Gives the port back; the next wait looks for the reader anew."""
        if self._reader is not None:
            reader, self._reader = self._reader, None
            reader.close()
