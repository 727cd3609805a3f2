"""A burst is one person's though its frames arrive late; what only looks like one is asked about (R98)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from made_up_session import later
from pairing_marks import BURST, MEASURED, frame, kinds, person

from gradphoto.engine.pairing import (
    Alarm,
    ClockFix,
    FrameMark,
    PairingRules,
    PairingState,
    SessionPairer,
)

pytestmark = pytest.mark.engine


def _burst_of_three(next_card_s: float, gaps: tuple[float, float] = (0.25, 0.25)) -> tuple[SessionPairer, list[Alarm]]:
    """Each file waits for the one before it; the first is accepted, the next card comes while two are on the cable."""
    pairer, alarms = SessionPairer(BURST), []
    pairer.check_in(person(1, 0))
    shots = (8.0, 8.0 + gaps[0], 8.0 + sum(gaps))
    first, *others = [frame(n + 1, at, arrives_s=9.2 + 1.2 * n) for n, at in enumerate(shots)]
    alarms += pairer.frame(first).alarms
    pairer.close("p1", later(9.7))
    pairer.check_in(person(2, next_card_s))
    for one in others:
        alarms += pairer.frame(one).alarms
    return pairer, alarms


@pytest.mark.parametrize("next_card_s", [9.9, 10.5, 12.0])
def test_a_burst_of_three_is_one_persons_and_asks_nobody_though_the_next_card_comes_first(next_card_s: float) -> None:
    pairer, alarms = _burst_of_three(next_card_s)
    assert alarms == []
    assert set(pairer.state().bound.values()) == {"p1"}


def test_what_only_looks_like_a_burst_is_asked_about() -> None:
    """Too far apart; a number between them; or a clock set back by just so much that the next person's looks like one more."""
    assert kinds(_burst_of_three(9.9, gaps=(0.25, 1.6))[1]) != []
    pairer = SessionPairer(BURST)
    pairer.check_in(person(1, 0))
    pairer.frame(frame(1, 8, arrives_s=9.2))
    pairer.close("p1", later(9.7))
    pairer.check_in(person(2, 10))
    skipped = pairer.frame(frame(3, 8.3, arrives_s=10.5))
    assert skipped.binding is None
    slow = PairingRules(clocks={"SN1": (ClockFix(timedelta(0), timedelta(seconds=0.3), None, timedelta(seconds=6)),)})
    pairer = SessionPairer(slow)
    pairer.check_in(person(1, 0))
    pairer.frame(frame(1, 6.5, arrives_s=12.5))
    pairer.close("p1", later(13))
    pairer.frame(frame(2, 8, arrives_s=18))  # it waited for the one before
    pairer.give("f2", "p1")
    pairer.check_in(person(2, 13.1))
    set_back = pairer.frame(frame(3, 8.4, arrives_s=24))  # taken at 18, the clock set back by 9.6 s since
    assert set_back.binding is None


@pytest.mark.parametrize(
    ("behind_s", "accepted_s", "asked"), [(1.2, 10.6, False), (1.7, 10.6, True), (1.2, 10.3, True)]
)
def test_a_second_that_turns_in_the_burst_of_a_whole_second_camera_asks_nobody(
    behind_s: float, accepted_s: float, asked: bool
) -> None:
    """Taken at 8.9, 9.15 and 9.4 the files tell 8, 9 and 9: less than two seconds lie between, and each came right behind
    the one before. What came later than that may have been taken later, and what may have been taken after the acceptance
    may show who came next without a card.
    """
    whole = PairingRules(
        clocks={"SN1": (ClockFix(timedelta(0), timedelta(seconds=0.75), None, timedelta(seconds=1.2)),)}
    )
    pairer, alarms = SessionPairer(whole), []
    pairer.check_in(person(1, 0))

    def told(number: int, second: int, arrives_s: float) -> FrameMark:
        return frame(number, second, arrives_s=arrives_s, taken_at=later(second).replace(microsecond=0))

    alarms += pairer.frame(told(1, 8, 10.1)).alarms
    pairer.close("p1", later(accepted_s))
    pairer.check_in(person(2, accepted_s + 0.1))
    for number, behind in ((2, behind_s), (3, behind_s + 1.2)):
        alarms += pairer.frame(told(number, 9, 10.1 + behind)).alarms
    assert bool(alarms) is asked
    assert "p2" not in pairer.state().bound.values()


def test_where_transfers_take_any_time_one_that_looks_right_is_asked_about() -> None:
    """A clock that was set ahead, and transfers so wild that one of them makes up for it by chance (R98)."""
    pairer = SessionPairer(MEASURED)
    for number, (shot_s, ahead_s, takes_s) in enumerate([(8, 0, 1), (28, 4, 9), (48, 4, 15), (68, 4, 5.1)], start=1):
        pairer.check_in(person(number, shot_s - 8))
        step = pairer.frame(frame(number, shot_s + ahead_s, arrives_s=shot_s + takes_s))
        pairer.close(f"p{number}", later(shot_s + takes_s))
    assert step.binding is None, "5.1 s of transfer and 4 s of clock look like the 1 s that was measured"


def test_who_sat_there_until_somebody_was_called_back_may_be_on_the_frame() -> None:
    """The one before is called back while who was photographed after sits there still: one more of that one is not the
    other's, as long as nobody can have changed places."""
    pairer = SessionPairer(BURST)
    back = replace(person(1, 0), again_at=later(44))
    after = replace(person(2, 20), closed_at=later(40))
    state = PairingState(
        (back, after), (frame(1, 8, arrives_s=9.2), frame(2, 30, arrives_s=31.2)), {"f1": "p1", "f2": "p2"}
    )
    for at_s, owner in ((43.0, None), (45.0, None), (49.0, "p1")):
        pairer = SessionPairer.restore(state, BURST)
        step = pairer.frame(frame(3, at_s, arrives_s=at_s + 1.2))
        assert (step.binding and step.binding.check_in_key) == owner, at_s
