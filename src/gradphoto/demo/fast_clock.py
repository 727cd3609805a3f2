"""A room in fast motion: the clock of this process skips the waiting, so that swipes and exposures stand apart as in life.

The pairing reads times (docs/pairing.md): who is photographed a millisecond after the card is rightly asked about.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from unittest.mock import patch

from PIL import Image

from gradphoto.apps.capture.room.clock_code import draw_code


def photographed_code(session: int, now: datetime) -> bytes:
    """What the camera takes of the clock code on the screen, as JPEG."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(draw_code(session, now, "png"))) as code:
        code.convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


class FastClock:
    """``skip`` lets time pass at once. Only what asks Django for the time sees it."""

    def __init__(self, begins: timedelta = timedelta(0)) -> None:
        self._ahead = begins

    def skip(self, seconds: float) -> None:
        """So many seconds later."""
        self._ahead += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        """For whoever compares the wall clock with one that only goes on."""
        return time.monotonic() + self._ahead.total_seconds()

    @contextmanager
    def running(self) -> Iterator[FastClock]:
        """Within, ``django.utils.timezone.now`` tells this clock's time."""
        clock = self

        class _Datetime(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + clock._ahead

        with patch("django.utils.timezone.datetime", _Datetime):
            yield self
