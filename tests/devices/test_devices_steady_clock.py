"""The room's clock goes on whatever is done to the computer's (R98)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from gradphoto.engine import steady_clock
from gradphoto.engine.steady_clock import anchored

pytestmark = pytest.mark.engine


@pytest.fixture
def computer(monkeypatch):
    """A wall clock that anybody can set, seconds since the start, and the name of this run."""
    state = {"wall": datetime(2026, 11, 30, 8, tzinfo=UTC), "up": 1000.0, "boot": "one"}

    class Wall(datetime):
        @classmethod
        def now(cls, tz=None):
            return state["wall"]

    monkeypatch.setattr(steady_clock, "datetime", Wall)
    monkeypatch.setattr(steady_clock, "seconds_since_boot", lambda: state["up"])
    monkeypatch.setattr(steady_clock, "boot_id", lambda: state["boot"])
    return state


def passes(computer, seconds, *, set_by=0.0):
    computer["up"] += seconds
    computer["wall"] += timedelta(seconds=seconds + set_by)


def nothing() -> None:
    return None


def test_whoever_sets_the_clock_changes_no_order_and_every_process_agrees(computer, tmp_path):
    begun = anchored(tmp_path / "clock.json", nothing)
    passes(computer, 10, set_by=-3600)
    assert begun.now() == datetime(2026, 11, 30, 8, 0, 10, tzinfo=UTC)
    assert anchored(tmp_path / "clock.json", nothing).now() == begun.now(), (
        "a process that starts later goes by the same"
    )


@pytest.mark.parametrize("boots", [("one", "two"), ("", "")], ids=["named", "unnamed"])
def test_after_a_restart_it_begins_anew_and_never_before_the_record(computer, tmp_path, boots):
    computer["boot"], path = boots[0], tmp_path / "clock.json"
    last = anchored(path, nothing).now() + timedelta(minutes=20)
    passes(computer, -900, set_by=1500)  # switched off: the seconds begin anew, the wall clock is right
    computer["boot"] = boots[1]
    assert anchored(path, lambda: last - timedelta(minutes=15)).now() == computer["wall"]
    path.unlink()
    assert anchored(path, lambda: last).now() == last + timedelta(seconds=1), "its battery is empty"
    path.unlink()
    assert anchored(path, lambda: last + timedelta(days=3)).now() == computer["wall"], (
        "the record is wrong, not the clock"
    )


@pytest.mark.parametrize("text", ["", "{", json.dumps({"boot": "one"}), "[]"])
def test_a_damaged_anchor_is_made_anew(computer, tmp_path, text):
    path = tmp_path / "clock.json"
    path.write_text(text, encoding="utf-8")
    assert anchored(path, nothing).now() == computer["wall"]
    assert json.loads(path.read_text(encoding="utf-8"))["boot"] == "one"


def test_the_seconds_since_the_start_only_go_on():
    assert 0 < steady_clock.seconds_since_boot() <= steady_clock.seconds_since_boot()
