"""The log: one JSON object a line, with the request's or job's number, without personal data, in files that rotate.

``forget_personal_data`` is the last gate: code does not log names and numbers, but foreign libraries put values into their
messages (a database names the row that broke a constraint). docs/deploy.md tells what stands in a line.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterator, MutableMapping
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

from gradphoto.engine.file_locks import locked

_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z.])\d{3}(\d{3,})[\dXx]{1,3}(?![0-9A-Za-z])")
_CHINESE = re.compile(
    "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff][\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u00b7\u3007]*"
)
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@(?=[A-Za-z0-9-]+\.)")
_OWN = frozenset({"timestamp", "level", "logger", "request_id", "job", "route", "method", "address", "kind"})
"""Keys whose values we make ourselves."""


def forget_personal_data(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take out of every text what may name a person: Chinese characters, long numbers, the name in a mail address."""
    for key, value in event.items():
        if key in _OWN or key.startswith("_") or isinstance(value, (bool, int, float)) or value is None:
            continue
        event[key] = _without_persons(value if isinstance(value, str) else repr(value))
    return event


def _without_persons(text: str) -> str:
    return _MAIL.sub("***@", _CHINESE.sub("***", _LONG_NUMBER.sub("***", text)))


class FromDjango(logging.Filter):
    """Django's own lines about requests: by route, without the path, and only where our line does not say it already."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = record.__dict__.pop("request", None)
        status = getattr(record, "status_code", 500)
        if record.name == "django.request" and status < 500:
            return False
        if record.name == "django.security.DisallowedHost":
            record.msg, record.args, record.exc_info, record.levelno = "request.unknown_host", (), None, logging.WARNING
            record.levelname = "WARNING"
        elif record.name == "django.security.csrf":
            return False  # csrf_failure says it
        elif record.name == "django.request":
            record.msg, record.args = "request.failed", ()
        if request is not None:
            match = getattr(request, "resolver_match", None)
            record.route, record.method = match.route if match else "", request.method
        return True


class RotatingFile(WatchedFileHandler):
    """A log file that several processes write and that any of them rotates: one at a time, the others follow.

    A line is one write to a file opened for appending, so lines never mix. Where files cannot be renamed while others
    hold them (Windows) the file only grows.
    """

    def __init__(self, filename: str | Path, size_bytes: int, kept: int) -> None:
        Path(filename).parent.mkdir(parents=True, exist_ok=True)
        self.size_bytes, self.kept = size_bytes, kept
        super().__init__(filename, encoding="utf-8", delay=True)

    def _open(self) -> Any:
        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=_private)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line; rotate before it when the file is full."""
        self.reopenIfNeeded()
        if self.stream is not None and os.fstat(self.stream.fileno()).st_size >= self.size_bytes:
            with contextlib.suppress(OSError):
                self._rotate()
        super().emit(record)

    def _rotate(self) -> None:
        with _alone(f"{self.baseFilename}.lock"):
            self.reopenIfNeeded()  # somebody else may have rotated while we waited
            if self.stream is None or os.fstat(self.stream.fileno()).st_size < self.size_bytes:
                return
            for number in range(self.kept - 1, 0, -1):
                with contextlib.suppress(FileNotFoundError):
                    os.replace(f"{self.baseFilename}.{number}", f"{self.baseFilename}.{number + 1}")
            os.replace(self.baseFilename, f"{self.baseFilename}.1")
            self.reopenIfNeeded()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextlib.contextmanager
def _alone(path: str) -> Iterator[None]:
    """One process at a time."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        locked(descriptor, wait=True)
        yield
    finally:
        os.close(descriptor)
