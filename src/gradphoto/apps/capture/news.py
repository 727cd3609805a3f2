"""Waiting for something to happen in the room: the page asks once and is answered the moment there is news."""

from __future__ import annotations

import threading
import time

from django.db import connection
from django.http import Http404

from gradphoto.apps.capture.queries import stamp
from gradphoto.apps.schedule.models import CaptureSession

_MOST_S = 4.0
_LOOK_S = 0.03
_ANYWAY_S = 0.5
"""A database without a counter of its changes is asked for the figures themselves this often."""
_WAITERS = threading.BoundedSemaphore(3)
"""Of the eight threads of a server process: pages that wait never keep a card's form from its answer."""


def awaited_stamp(session: CaptureSession, seen: str, chair: int | None = None) -> str:
    """The stamp of a chair, or of the whole room, as soon as it is not ``seen`` any more, or as it is after a few seconds.

    When too many pages wait already the answer is given at once, and the page asks again by its own clock.
    Raises ``Http404`` when the session is gone.
    """
    found = stamp(session, chair)
    if found != seen or not _WAITERS.acquire(blocking=False):
        return found
    try:
        ends, counter, looked = time.monotonic() + _MOST_S, _changes(), time.monotonic()
        while found == seen and time.monotonic() < ends:
            time.sleep(_LOOK_S)
            before, counter = counter, _changes()
            if counter != before or time.monotonic() - looked >= _ANYWAY_S:
                _read_status(session)
                found, looked = stamp(session, chair), time.monotonic()
    finally:
        _WAITERS.release()
    return found


def _read_status(session: CaptureSession) -> None:
    try:
        session.refresh_from_db(fields=["status"])
    except CaptureSession.DoesNotExist as error:
        raise Http404 from error


def _changes() -> int | None:
    """SQLite's own count of what other connections have written: some microseconds, where the figures take milliseconds."""
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        row = cursor.execute("PRAGMA data_version").fetchone()
    return int(row[0])
