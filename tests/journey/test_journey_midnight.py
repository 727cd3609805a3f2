"""The demo works at any hour: what it shoots as if just now belongs to a day that has begun."""

from datetime import UTC, date, datetime

import pytest

from gradphoto.demo.journey import shooting_day

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 30, 16, 10, tzinfo=UTC), date(2026, 11, 30)),  # ten past midnight in Beijing
        (datetime(2026, 11, 30, 18, 10, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 11, 30, 1, 0, tzinfo=UTC), date(2026, 11, 30)),
    ],
)
def test_soon_after_midnight_the_shooting_was_yesterdays(now, day):
    assert shooting_day(now) == day
