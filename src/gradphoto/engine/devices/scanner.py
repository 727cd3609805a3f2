"""Hand scanners: what they type or send, made clean.

A keyboard-wedge scanner types into the page; one in serial mode sends lines. Both may add a symbology mark (``]Q1``) and
a line end, and a Chinese input method turns typed letters into full-width ones.
"""

from __future__ import annotations

import re
import unicodedata

from gradphoto.engine.devices.sam_v.reader import Transport

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


def _text(line: bytes) -> str:
    """Scanners send UTF-8 or GB 18030, as they were set up."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("gb18030", errors="replace")
