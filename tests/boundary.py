"""A clock on which a second, a half minute, an hour, a day, a month and a year end in the middle of a test.

``GRADPHOTO_TEST_CLOCK`` names the moment just before, for instance ``2026-12-31T15:59:59.7Z`` (a Beijing year ends 0.3 s
later). Every test begins then and time goes on. With ``GRADPHOTO_TEST_LOOKS=2`` it hardly moves instead, and jumps over the
end right behind the second look that the test itself, not the product, takes at the clock: between two of its lines.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

AT = os.environ.get("GRADPHOTO_TEST_CLOCK", "")
LOOKS = int(os.environ.get("GRADPHOTO_TEST_LOOKS", "0"))
_TESTS = str(Path(__file__).parent)
_DAY_S = 24 * 3600
_OVER_NS = 2_000_000_000
_CREEP_NS = 1_000
"""No two moments are the same."""


def seconds_of_the_day_left() -> float:
    """Until the next midnight of UTC or of Beijing, 16:00 of UTC."""
    now = time.time()
    return min(-now % _DAY_S, (16 * 3600 - now) % _DAY_S)


@contextmanager
def ending() -> Iterator[None]:
    """Inside, the clock of this process is that clock."""
    moment = datetime.fromisoformat(AT).astimezone(UTC).timestamp()
    with hardly_moving(moment, LOOKS) if LOOKS else time_machine.travel(moment, tick=True):
        yield


@contextmanager
def hardly_moving(moment: float, looks: int = 0) -> Iterator[None]:
    """Inside, a thousandth of a thousandth of a second passes between two looks at the clock, however long things take.

    ``looks``: right behind that look of a test it jumps by two seconds.
    """
    with time_machine.travel(moment, tick=False) as traveller:
        now, left = traveller.time_ns(), looks

        def time_ns() -> int:
            nonlocal now, left
            now += _CREEP_NS
            if left > 0 and _a_test_looks():
                left -= 1
                if not left:
                    now += _OVER_NS
                    return now - _OVER_NS
            return now

        traveller.time_ns = time_ns  # type: ignore[method-assign]
        yield


def _a_test_looks() -> bool:
    """Whether the first frame behind Django's and the library's own functions of time belongs to a test."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_filename.endswith(("timezone.py", "time_machine/__init__.py")):
        frame = frame.f_back
    return frame.f_code.co_filename.startswith(_TESTS)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Fixtures and all; what asks another process or the database for the time would see two clocks (``real_clock``)."""
    if item.get_closest_marker("real_clock") or item.get_closest_marker("browser"):
        return (yield)
    with ending():
        return (yield)
