"""The clock of a camera whose frames came later from its card: found by how well they fall into the persons' turns.

Arrival tells nothing then. But swipes and exposures keep the same irregular rhythm, and only near the true offset does
nearly every person have a frame and nearly every frame a person. Where another offset does almost as well, the
rhythm is too even to tell a shift by one place (R212) from the truth, and that is said rather than guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradphoto.engine.pairing.model import CheckInMark

_STEPS_A_TURN = 8
_STEP_MIN_S = 0.5
_STEPS_MAX = 20_000
_FINER = 16
_LAST_TURN_S = 600.0
_MARGIN_MIN = 3
_MARGIN_SHARE = 0.05
_HITS_SHARE = 0.8


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
    begins = np.array([mark.at.timestamp() for mark in check_ins])
    ends = np.append(begins[1:], begins[-1] + _LAST_TURN_S)
    closed = [mark.closed_at.timestamp() if mark.closed_at else np.inf for mark in check_ins]
    ends = np.minimum(ends, closed)
    taken = np.sort(np.asarray(taken_s))
    turn_s = float(np.median(np.diff(begins))) if len(begins) > 1 else _LAST_TURN_S
    low, high = float(taken[0] - ends[-1]), float(taken[-1] - begins[0])
    step = max(_STEP_MIN_S, turn_s / _STEPS_A_TURN, (high - low) / _STEPS_MAX)
    offsets = np.arange(low, high + step, step)
    scores = _scores(begins, ends, taken, offsets)
    rough = _centre(offsets, scores)
    near = np.linspace(rough - 2 * step, rough + 2 * step, 4 * _FINER + 1)
    near_scores = _scores(begins, ends, taken, near)
    best, offset_s = int(near_scores.max()), _centre(near, near_scores)
    elsewhere = scores[np.abs(offsets - offset_s) > turn_s / 2]
    margin = max(_MARGIN_MIN, _MARGIN_SHARE * len(begins))
    clear = elsewhere.size == 0 or best - int(elsewhere.max()) >= margin
    return FoundOffset(offset_s, certain=clear and best >= _HITS_SHARE * len(begins))


def _scores(
    begins: NDArray[np.float64], ends: NDArray[np.float64], taken: NDArray[np.float64], offsets: NDArray[np.float64]
) -> NDArray[np.int64]:
    return np.array([_score(begins, ends, taken - offset) for offset in offsets])


def _score(begins: NDArray[np.float64], ends: NDArray[np.float64], moments: NDArray[np.float64]) -> int:
    """Persons with a frame, less frames without a person."""
    turns = np.searchsorted(begins, moments, side="right") - 1
    inside = (turns >= 0) & (moments <= ends[turns])
    return int(np.unique(turns[inside]).size - np.count_nonzero(~inside))


def _centre(offsets: NDArray[np.float64], scores: NDArray[np.int64]) -> float:
    """The middle of the first run of best offsets: the farthest from either neighbour's turn."""
    at_best = np.flatnonzero(scores == scores.max())
    breaks = np.flatnonzero(np.diff(at_best) > 1)
    run = at_best[: int(breaks[0]) + 1] if breaks.size else at_best
    return float((offsets[run[0]] + offsets[run[-1]]) / 2)
