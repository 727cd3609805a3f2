"""Who is called back into the chair after others: whose frames are theirs, and when it is asked (R98)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_up_session import later
from pairing_marks import MEASURED, frame, person

from gradphoto.engine.pairing import LaidInVain, PairingState, SessionPairer, propose_repair

pytestmark = pytest.mark.engine


def test_two_who_are_called_back_one_after_the_other_keep_their_own_frames() -> None:
    """p2 is called back after p1 was: what p1 was shot then is not p2's, live and at the repair."""
    people = (
        replace(person(1, 0), closed_at=later(108), again_at=later(100)),
        replace(person(2, 30), closed_at=later(140), again_at=later(130)),
    )
    frames = (frame(1, 8), frame(2, 38), frame(3, 106), frame(4, 136))
    bound = {"f1": "p1", "f2": "p2", "f3": "p1", "f4": "p2"}
    assert propose_repair(PairingState(people, frames, bound), MEASURED).changes == ()
    pairer = SessionPairer.restore(
        PairingState((people[0], replace(people[1], closed_at=None)), frames[:2], {"f1": "p1", "f2": "p2"}), MEASURED
    )
    step = pairer.frame(frame(3, 106, arrives_s=131))
    assert step.binding is None, "a stuck file of p1"
    assert pairer.frame(frame(4, 132.5)).binding is None, "the moment of the call: who sat there may still sit there"


@pytest.mark.parametrize(
    ("laid", "asks"),
    [
        (None, False),
        (LaidInVain(later(110), "x"), True),  # refused, as the chair is taken, and sits down all the same
        (LaidInVain(later(90), "x"), True),
        (LaidInVain(later(90), "x", until=later(95)), False),
        (LaidInVain(later(90), "p1"), False),  # who is called back laid the own card down
        (LaidInVain(later(20), "x"), False),  # before the first sitting ended, long ago
    ],
)
def test_who_is_called_back_after_others_is_doubted_as_anybody(laid: LaidInVain | None, asks: bool) -> None:
    people = (
        replace(person(1, 0), person="p1", again_at=later(100)),
        replace(person(2, 30), person="p2", closed_at=later(45)),
    )
    frames, bound = (frame(1, 8), frame(2, 38)), {"f1": "p1", "f2": "p2"}
    state = PairingState(people, frames, bound, (laid,) if laid else ())
    assert (SessionPairer.restore(state, MEASURED).frame(frame(3, 116)).binding is None) is asks
    dead = SessionPairer.restore(replace(state, in_vain=(), blind=((later(90), None),)), MEASURED)
    assert dead.frame(frame(3, 116)).binding is None, "no card can be read: nothing tells who sits there"
