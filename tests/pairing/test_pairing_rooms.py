"""Rooms in motion (benchmarks.pairing_rooms), which nothing was tuned on: no wrong binding without a question, R98, R212."""

from __future__ import annotations

import os

import pytest
from benchmarks.pairing_roles import play_roles
from benchmarks.pairing_roles_room import Trouble
from benchmarks.pairing_rooms import play
from benchmarks.pairing_written import play_written

pytestmark = pytest.mark.engine
SESSIONS = int(os.environ.get("GRADPHOTO_PAIRING_SESSIONS", "200"))
"""2,000 in the nightly run; ``python -m benchmarks.pairing table`` plays as many."""


def test_no_frame_is_bound_wrongly_in_silence_accepted_or_not_live_and_after_the_repair() -> None:
    outcomes = [play(seed)[0] for seed in range(SESSIONS)]
    assert [seed for seed, one in enumerate(outcomes) if one.silent] == []
    assert [seed for seed, one in enumerate(outcomes) if one.silent_after] == []
    assert sum(one.frames - one.asked for one in outcomes) > 40 * SESSIONS / 2, "and it does not ask about everything"


def test_a_calm_room_is_hardly_asked() -> None:
    """Measured clock, fractions of a second, people one after the other: one frame in twenty at most is asked in vain."""
    outcomes = [play(seed, calm=True)[0] for seed in range(100)]
    frames = sum(one.frames for one in outcomes)
    assert sum(one.silent + one.silent_after for one in outcomes) == 0
    assert sum(one.in_vain for one in outcomes) / frames < 0.05


def test_sessions_written_beforehand_with_wild_cables_and_set_clocks_leave_nothing_silent() -> None:
    """Another structure: truth first, then cables that take any time."""
    outcomes = {seed: play_written(seed) for seed in range(SESSIONS // 4)}
    assert [seed for seed, one in outcomes.items() if one.silent or one.silent_after] == []
    assert sum(one.frames - one.asked for one in outcomes.values()) > SESSIONS


def test_rooms_by_their_roles_leave_nothing_silent() -> None:
    """People, devices and staff as processes: dead readers, cards refused, readers exchanged, restarts, pauses (R98)."""
    outcomes = {seed: play_roles(seed)[0] for seed in range(SESSIONS // 10)}
    assert [seed for seed, one in outcomes.items() if one.silent or one.silent_after] == []
    assert sum(one.frames - one.asked for one in outcomes.values()) > SESSIONS


@pytest.mark.parametrize(
    "troubles", [{Trouble.UNSIGNED}, {Trouble.UNSIGNED, Trouble.DEAD_READER}, {Trouble.EXCHANGED}, {Trouble.COMPUTER}]
)
def test_each_of_these_was_silent_before_it_had_a_witness(troubles: set[Trouble]) -> None:
    """Refused cards, a reader that tells nothing, lines at two chairs, a clock that never goes back: seeds that each of
    them once left silent are among these."""
    for seed in (0, 2, 5, 8, 88, 107) if SESSIONS < 1000 else range(SESSIONS // 4):
        one = play_roles(seed, frozenset(troubles))[0]
        assert (one.silent, one.silent_after) == (0, 0), (seed, one.why)
