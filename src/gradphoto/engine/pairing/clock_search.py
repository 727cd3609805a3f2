"""The clock of a camera whose frames came later from its card: found by how well they fall into the persons' turns.

Arrival tells nothing then. But swipes and exposures keep the same irregular rhythm, and only near the true offset does
nearly every person have a frame and nearly every frame a person. Where a far offset does almost as well, the rhythm is
too even to tell a shift by one place (R212) from the truth; where a near one does as well but gives somebody another
frame, a retake cannot be told from the next person's. Both are said rather than guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradphoto.engine.pairing.model import CheckInMark

_STEPS_A_TURN = 8
_STEPS_MAX = 20_000
_STEP_MIN_S = 0.2
_FINE_STEPS_MAX = 500
_LAST_TURN_S = 600.0
_MARGIN_MIN = 3
_MARGIN_SHARE = 0.05
_HITS_SHARE = 0.8

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FoundOffset:
    """Camera clock minus computer clock in seconds, and whether no other offset comes near."""

    offset_s: float
    certain: bool


def search_offset(check_ins: Sequence[CheckInMark], taken_s: Sequence[float]) -> FoundOffset:
    """The offset under which most persons have a frame and fewest frames have none.

    ``check_ins`` in order of time; ``taken_s`` camera times as POSIX seconds.
    """
    if not check_ins or not taken_s:
        return FoundOffset(0.0, certain=False)
    turns = _Turns.of(check_ins)
    taken = np.sort(np.asarray(taken_s))
    low, high = float(taken[0] - turns.ends[-1]), float(taken[-1] - turns.begins[0])
    step = max(_STEP_MIN_S, turns.usual_s / _STEPS_A_TURN, (high - low) / _STEPS_MAX)
    coarse = np.arange(low, high + step, step)
    scores = np.array([turns.score(taken - offset) for offset in coarse])
    rough = float(coarse[int(scores.argmax())])

    reach = turns.usual_s
    fine = np.arange(rough - reach, rough + reach, max(_STEP_MIN_S, 2 * reach / _FINE_STEPS_MAX))
    fine_scores = np.array([turns.score(taken - offset) for offset in fine])
    best = int(fine_scores.max())
    at_best = fine[fine_scores == best]
    offset_s = float(at_best[len(at_best) // 2])
    elsewhere = scores[np.abs(coarse - offset_s) > turns.usual_s / 2]
    margin = max(_MARGIN_MIN, _MARGIN_SHARE * len(check_ins))
    alone = elsewhere.size == 0 or best - int(elsewhere.max()) >= margin
    agreed = all(np.array_equal(turns.of_each(taken - o), turns.of_each(taken - offset_s)) for o in at_best)
    return FoundOffset(offset_s, certain=alone and agreed and best >= _HITS_SHARE * len(check_ins))


@dataclass(frozen=True, slots=True)
class _Turns:
    """When each person's turn begins and ends, POSIX seconds, and how long one usually is from swipe to swipe."""

    begins: _Floats
    ends: _Floats
    usual_s: float

    @classmethod
    def of(cls, check_ins: Sequence[CheckInMark]) -> _Turns:
        begins = np.array([mark.at.timestamp() for mark in check_ins])
        closed = [mark.closed_at.timestamp() if mark.closed_at else np.inf for mark in check_ins]
        ends = np.minimum(np.append(begins[1:], begins[-1] + _LAST_TURN_S), closed)
        return cls(begins, ends, float(np.median(np.diff(begins))) if len(begins) > 1 else _LAST_TURN_S)

    def of_each(self, moments: _Floats) -> _Ints:
        """The index of the turn each moment falls into; -1 for none."""
        turns = np.searchsorted(self.begins, moments, side="right") - 1
        return np.where((turns >= 0) & (moments <= self.ends[turns]), turns, -1)

    def score(self, moments: _Floats) -> int:
        """Persons with a frame, less frames without a person."""
        turns = self.of_each(moments)
        inside = turns >= 0
        return int(np.unique(turns[inside]).size - np.count_nonzero(~inside))
