"""Waiting for something to happen in the room: the page asks once and is answered the moment there is news."""

from __future__ import annotations

import threading
import time

from django.db import connection
from django.http import Http404

from gradphoto.apps.capture.stamps import is_the_same_here, stamp
from gradphoto.apps.schedule.models import CaptureSession

_MOST_S = 4.0
_LOOK_S = 0.03
_ANYWAY_S = 0.5
"""What no counter shows (somebody sits there for too long, the disk is full) is looked for this often."""
_SHARE = 4
"""On a server that writes without pause the figures are read for at most a fifth of the time that a page waits."""
_WAITERS = threading.BoundedSemaphore(3)
"""Of the eight threads of a server process: pages that wait never keep a card's form from its answer."""


def awaited_stamp(session: CaptureSession, seen: str, chair: int | None = None) -> str:
    """The stamp of a chair, or of the whole room, as soon as something is new there, or as it is after a few seconds.

    When too many pages wait already the answer is given at once, and the page asks again by its own clock.
    Raises ``Http404`` when the session is gone.
    """
    read_at = _changes()
    found = _figures(session, chair)
    if not is_the_same_here(found, seen) or not _WAITERS.acquire(blocking=False):
        return found
    try:
        ends, looked, pause = time.monotonic() + _MOST_S, time.monotonic(), 0.0
        while is_the_same_here(found, seen) and time.monotonic() < ends:
            time.sleep(_LOOK_S)
            counter, since = _changes(), time.monotonic() - looked
            if (counter != read_at and since >= pause) or since >= _ANYWAY_S:
                read_at, begins = counter, time.monotonic()
                found, looked = _figures(session, chair), time.monotonic()
                pause = _SHARE * (looked - begins)
    finally:
        _WAITERS.release()
    if found != seen:
        _read_status(session)
    return found


def _read_status(session: CaptureSession) -> None:
    """The page is drawn of the session as it is now, not as it was when the page began to wait."""
    try:
        session.refresh_from_db(fields=["status"])
    except CaptureSession.DoesNotExist as error:
        raise Http404 from error


def _figures(session: CaptureSession, chair: int | None) -> str:
    try:
        return stamp(session, chair)
    except CaptureSession.DoesNotExist as error:
        raise Http404 from error


_COUNTERS = {"sqlite": "PRAGMA data_version", "postgresql": "SELECT pg_current_snapshot()::text"}


def _changes() -> str:
    """What changes whenever another connection has written: SQLite's count of changes, PostgreSQL's view of the running
    and ended transactions (PostgreSQL manual, 9.27.10). Less than a millisecond, where the figures take ten."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTERS[connection.vendor])
        return str(cursor.fetchone()[0])
