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
_STEPS_MAX = 400_000
_STEP_MIN_S = 0.2
# The first look counts a sample on a raster; the most promising offsets are then counted exactly.
_SAMPLE = 400
_CONTENDERS = 128
_FINE_STEPS_MAX = 500
_LAST_TURN_S = 600.0
_MARGIN_MIN = 3
_MARGIN_SHARE = 0.05
_NEARLY_SHARE = 0.02
_HITS_SHARE = 0.8

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FoundOffset:
    """Camera clock minus computer clock in seconds, and whether no other offset comes near.

    ``low_s`` and ``high_s``: the offsets around it that do nearly as well. A stray frame makes a slightly wrong offset
    look better than the true one, so that frames which change hands in between are not to be trusted unseen.
    """

    offset_s: float
    certain: bool
    low_s: float = 0.0
    high_s: float = 0.0


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
    coarse = _contenders(turns, taken, np.arange(low, high + step, step), step)
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
    certain = alone and agreed and best >= _HITS_SHARE * len(check_ins)
    near = fine_scores >= best - max(_MARGIN_MIN, _NEARLY_SHARE * len(check_ins))
    place = int(np.searchsorted(fine, offset_s))
    low_place = place - int(np.argmin(near[place::-1])) if not near[: place + 1].all() else -1
    high_place = place + int(np.argmin(near[place:])) if not near[place:].all() else fine.size
    return FoundOffset(offset_s, certain, float(fine[low_place + 1]), float(fine[high_place - 1]))


def owners_differ(check_ins: Sequence[CheckInMark], taken_s: Sequence[float], found: FoundOffset) -> list[bool]:
    """Beside ``taken_s``: whether a frame changes hands between the offsets that do nearly as well."""
    turns, taken = _Turns.of(check_ins), np.asarray(taken_s)
    at_ends = [turns.of_each(taken - offset) for offset in (found.low_s, found.offset_s, found.high_s)]
    return [bool(differs) for differs in (at_ends[0] != at_ends[1]) | (at_ends[1] != at_ends[2])]


def _contenders(turns: _Turns, taken: _Floats, offsets: _Floats, step: float) -> _Floats:
    """Of ``offsets`` (evenly ``step`` apart) those that a sampled count on a raster of one step finds best, in order.

    Moving the offset by one step moves everybody's turn by one cell, so that a person's hits under all offsets are one
    difference of two slices of the running count of frames.
    """
    if offsets.size <= _CONTENDERS:
        return offsets
    origin = turns.begins[0] + offsets[0]
    cells = int((turns.ends[-1] + offsets[-1] - origin) / step) + 3
    cell_of = np.clip(((taken - origin) / step).astype(np.int64), 0, cells - 1)
    count = np.bincount(cell_of, minlength=cells)
    before = np.concatenate(([0], np.cumsum(count))).astype(np.int32)
    first = ((turns.begins - turns.begins[0]) / step).astype(np.int64)
    last = ((turns.ends - turns.begins[0]) / step).astype(np.int64)
    covered = np.zeros(int(last[-1]) + 2, np.int32)
    np.add.at(covered, first, 1)
    np.add.at(covered, last + 1, -1)
    nobody = (np.cumsum(covered) <= 0).astype(np.int32)

    total = offsets.size
    persons, frames = _evenly(first.size), _evenly(cell_of.size)
    score = np.zeros(total, np.float32)
    for b, e in zip(first[persons], last[persons], strict=True):
        score += before[e + 1 : e + 1 + total] > before[b : b + total]
    score *= first.size / persons.size
    outside = np.zeros(total, np.float32)
    reversed_nobody = nobody[::-1]
    for cell in cell_of[frames]:
        # Under offset k the frame stands in cell - k; where that is beyond the turns, it is nobody's.
        from_k, to_k = max(0, cell - nobody.size + 1), min(total, cell + 1)
        outside[:from_k] += 1
        outside[max(0, to_k) :] += 1
        if to_k > from_k:
            start = nobody.size - 1 - (cell - from_k)
            outside[from_k:to_k] += reversed_nobody[start : start + to_k - from_k]
    score -= outside * (cell_of.size / frames.size)
    best: _Ints = np.sort(np.argpartition(score, -_CONTENDERS)[-_CONTENDERS:])
    return offsets[best]


def _evenly(size: int) -> _Ints:
    """Places of at most ``_SAMPLE`` members spread over ``size``."""
    return np.unique(np.linspace(0, size - 1, min(size, _SAMPLE)).astype(np.int64))


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
        # A computer whose clock was set back has turns that end before they begin: they have no length.
        ends = np.maximum(np.minimum(np.append(begins[1:], begins[-1] + _LAST_TURN_S), closed), begins)
        return cls(begins, ends, float(np.median(np.diff(begins))) if len(begins) > 1 else _LAST_TURN_S)

    def of_each(self, moments: _Floats) -> _Ints:
        """The index of the turn each moment falls into; -1 for none."""
        turns = np.searchsorted(self.begins, moments, side="right") - 1
        return np.where((turns >= 0) & (moments <= self.ends[turns]), turns, -1)

    def score(self, moments: _Floats) -> int:
        """Persons with a frame, less frames without a person; ``moments`` in order."""
        turns = self.of_each(moments)
        held = turns[turns >= 0]
        persons = int(np.count_nonzero(np.diff(held))) + 1 if held.size else 0
        return persons - (moments.size - held.size)
