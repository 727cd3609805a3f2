"""How attempts at staff accounts are slowed down: strangers, sprays, known browsers, parallel tries."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from gradphoto.apps.access.client import Client
from gradphoto.apps.access.models import EntryPoint
from gradphoto.apps.access.throttling import FOR_STAFF, TooManyAttempts, mark_succeeded, record_attempt

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DESK = Client("10.1.1.1", "the officer's own browser")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


def attempt(name: str, client: Client) -> int:
    """Seconds to wait; 0: the attempt is heard."""
    try:
        record_attempt(EntryPoint.STAFF, subject=name, client=client, limits=FOR_STAFF)
    except TooManyAttempts as error:
        return error.wait_s
    return 0


def signs_in(name: str, client: Client) -> None:
    mark_succeeded(record_attempt(EntryPoint.STAFF, subject=name, client=client, limits=FOR_STAFF))


def test_a_stranger_at_the_same_address_does_not_keep_the_officer_out(clock):
    signs_in("officer", DESK)
    stranger = Client(DESK.address, "another browser")
    assert [attempt("officer", stranger) for _ in range(6)] == [0, 0, 0, 0, 0, 15]
    assert attempt("officer", DESK) == 0


def test_a_stranger_elsewhere_does_not_make_a_new_browser_wait():
    for _ in range(20):
        attempt("officer", Client("203.0.113.5"))
    assert attempt("officer", Client("198.51.100.1")) == 0


def test_guesses_from_everywhere_cost_a_minute_at_most_and_nothing_where_the_officer_was(clock):
    signs_in("officer", DESK)
    clock.shift(timedelta(minutes=1))
    for n in range(60):
        attempt("officer", Client(f"203.0.113.{n}"))
    assert 0 < attempt("officer", Client("198.51.100.1")) <= 60
    assert attempt("officer", Client(DESK.address)) == 0
    assert attempt("officer", DESK) == 0


def test_a_spray_over_many_names_is_slowed_down_and_colleagues_at_the_address_are_not(clock):
    signs_in("colleague", DESK)
    heard = sum(attempt(f"name-{n}", Client(DESK.address)) == 0 for n in range(50))
    assert heard == 10
    assert attempt("name-51", Client(DESK.address)) == 15
    clock.shift(timedelta(hours=1, seconds=1))
    heard = 0
    for _ in range(150):
        clock.shift(timedelta(seconds=6))
        heard += attempt(f"again-{heard}", Client(DESK.address)) == 0
    assert heard <= 28, "ten at once, then one a minute in these fifteen"
    assert attempt("colleague", DESK) == 0


def test_the_waits_grow_and_refused_attempts_do_not_lengthen_them(clock):
    guesser = Client("203.0.113.5")
    waits = []
    for _ in range(5):
        attempt("officer", guesser)
    for _ in range(8):
        waits.append(attempt("officer", guesser))
        assert attempt("officer", guesser) == waits[-1]
        clock.shift(timedelta(seconds=waits[-1]))
        assert attempt("officer", guesser) == 0
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900]


def test_a_spray_from_the_browser_of_an_account_of_ones_own_is_slowed_down_too(clock):
    mine = Client("10.1.1.7", "a colleague's own browser")
    signs_in("colleague", mine)
    heard = sum(attempt(f"name-{n}", mine) == 0 for n in range(50))
    assert heard == 10
    assert attempt("colleague", mine) == 0, "who sits there still comes in"
    signs_in("officer", DESK)
    assert attempt("officer", Client(mine.address, DESK.device)) == 0
