"""Hand scanners: what they type or send, made clean.

A keyboard-wedge scanner types into the page; one in serial mode sends lines. Both may add a symbology mark (``]Q1``) and
a line end, and a Chinese input method turns typed letters into full-width ones.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Sequence

from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.devices.sam_v.reader import SerialTransport, Transport
from gradphoto.engine.wording import Wording

SCANNER_BAUD = 9600
"""What scanners are set to when they leave the factory; one on USB does not care."""
_RETRY_S = 1.0

_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_MOST_CHARACTERS = 3000
_LINE_END = re.compile(rb"[\r\n]+")


def clean_scan(raw: str) -> str:
    """The code as it was printed: no symbology mark, no line ends, no full-width letters. ``""`` for nothing."""
    text = unicodedata.normalize("NFKC", raw[:_MOST_CHARACTERS]).strip()
    match = _SYMBOLOGY.match(text)
    text = text[match.end() :] if match else text
    return "".join(c for c in text if c.isprintable()).strip()


class SerialScanner:
    """A scanner in serial mode on any :class:`Transport`."""

    def __init__(self, port: Transport) -> None:
        self._port = port
        self._buffer = bytearray()

    def wait_for_code(self, timeout_s: float) -> str | None:
        """The next code, or ``None`` after ``timeout_s`` seconds. Raises ``ReaderError`` ``reader.unplugged``."""
        code = self._next()
        if code is None:
            self._buffer += self._port.read(timeout_s)
            code = self._next()
        return code

    def close(self) -> None:
        """Gives the port back."""
        self._port.close()

    def _next(self) -> str | None:
        """The first whole line; noise without a line end is not kept for ever."""
        while match := _LINE_END.search(self._buffer):
            line = bytes(self._buffer[: match.start()])
            del self._buffer[: match.end()]
            if code := clean_scan(_text(line)):
                return code
        if len(self._buffer) > 4 * _MOST_CHARACTERS:
            self._buffer.clear()
        return None


class HotPlugScanner:
    """A :class:`CodeReader` that comes back by itself, at whatever port it then is.

    ``ports`` names the ports to try, the best first. That it went away is told once, as ``scanner.unplugged``.
    """

    def __init__(
        self,
        ports: Callable[[], Sequence[str]],
        *,
        baud: int = SCANNER_BAUD,
        retry_s: float = _RETRY_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ports, self._baud, self._retry_s, self._monotonic = ports, baud, retry_s, monotonic
        self._scanner: SerialScanner | None = None
        self._try_again_at = 0.0

    @property
    def is_connected(self) -> bool:
        """Whether a port is open."""
        return self._scanner is not None

    def wait_for_code(self, timeout_s: float) -> str | None:
        """The next code, or ``None`` after at most ``timeout_s`` seconds. Raises :class:`ReaderError`."""
        if self._scanner is None and not self._open():
            return None
        assert self._scanner is not None
        try:
            return self._scanner.wait_for_code(timeout_s)
        except ReaderError as error:
            self.close()
            raise ReaderError(
                "scanner.unplugged",
                Wording("扫码枪已断开。", "The scanner was unplugged."),
                Wording(
                    "请检查扫码枪连接线；也可在页面上输入。", "Check its cable; codes can also be typed on the page."
                ),
            ) from error

    def close(self) -> None:
        """Gives the port back; the next wait opens it anew."""
        if self._scanner is not None:
            scanner, self._scanner = self._scanner, None
            scanner.close()

    def _open(self) -> bool:
        if self._monotonic() < self._try_again_at:
            return False
        self._try_again_at = self._monotonic() + self._retry_s
        for port in self._ports():
            try:
                self._scanner = SerialScanner(SerialTransport(port, self._baud))
            except ReaderError:
                continue
            return True
        return False


def _text(line: bytes) -> str:
    """Scanners send UTF-8 or GB 18030, as they were set up."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("gb18030", errors="replace")
