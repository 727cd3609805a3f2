"""Which bubbles are filled: by comparison with the paper, the column and the hand that filled the card.

Nothing is decided by a fixed grey. How dark this person's marks are is measured first; what is clearly lighter than
that but not paper (a faint mark, a bad erasure, a stray stroke) makes the column doubtful instead of a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from gradphoto.engine.cards.data import BLANK, CHOICES, LETTER, LETTER_FIELDS, CardField, CardForm
from gradphoto.engine.cards.layout import BUBBLE_HEIGHT_MM, BUBBLE_WIDTH_MM, Bubble, card_layout
from gradphoto.engine.cards.locate import PX_PER_MM, Sheet

Floats = npt.NDArray[np.float64]

_INNER = 0.82  # of the bubble: its printed outline stays outside
_DIGIT_INK = 0.06  # the most that a printed digit can add to a bubble's mean
_SMUDGE = 0.22  # a column whose bare bubbles are that dark cannot be trusted
_LARGEST_LOCAL = 0.30
_SEEN = (0.10, 0.20)
_SEEN_SPREADS = 6.0
_CLEARLY_DARK = 0.2
_USUAL_MARK = 0.5
_FULL_SHARE, _FULL_OVER_SEEN = 0.45, 1.5
_COVERED = 0.45  # a filled bubble is dark over most of it; a stroke through it is not
_GHOST_SHARE, _GHOST_MOST = 0.4, 0.30
_ALIKE = 0.6


class ColumnState(StrEnum):
    """What was made of a column."""

    MARKED = "marked"
    LETTER = "letter"
    BLANK = "blank"
    DOUBTFUL = "doubtful"


class Doubt(StrEnum):
    """Why a column is doubtful, or, for ``ERASED``, what was seen beside a clear mark."""

    FAINT = "faint"
    SEVERAL = "several"
    SMUDGED = "smudged"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """One column: its symbol (a digit, ``*``, or a blank; ``None`` when doubtful), and what was seen in each row.

    ``rows`` are the rows that carry a mark or a trace of one; ``darkness`` is per row, 0 paper to 1 printed black;
    ``confidence`` is 0 to 1.
    """

    field: CardField
    column: int
    symbol: str | None
    state: ColumnState
    doubt: Doubt | None
    rows: tuple[int, ...]
    confidence: float
    darkness: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Measured:
    """Bubbles as measured: mean darkness over the paper around them, and every pixel (n x height x width)."""

    value: Floats
    pixels: npt.NDArray[np.float32]
    smudged: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Hand:
    """How this card was filled: ``seen`` is more than paper, ``full`` is a mark, ``usual`` the typical mark."""

    seen: float
    full: float
    usual: float


def read_columns(sheet: Sheet, form: CardForm) -> dict[CardField, tuple[ColumnReading, ...]]:
    """Every column of the card, item by item."""
    bubbles = tuple(
        b for b in card_layout().bubbles if b.field not in CHOICES or b.row < len(form.options(b.field))
    )  # fmt: skip
    groups: dict[tuple[CardField, int], list[int]] = {}
    for index, bubble in enumerate(bubbles):
        groups.setdefault((bubble.field, bubble.column), []).append(index)
    measured = _measure(sheet, bubbles, groups)
    hand = _hand(measured, list(groups.values()))
    covered = (measured.pixels >= hand.usual / 2).mean(axis=(1, 2))
    full = (measured.value >= hand.full) & (covered >= _COVERED)
    columns: dict[CardField, tuple[ColumnReading, ...]] = {}
    for (field, column), members in groups.items():
        at = np.array(members)
        reading = _decide(field, column, measured.value[at], full[at], bool(measured.smudged[at].any()), hand)
        columns[field] = (*columns.get(field, ()), reading)
    return columns


def _measure(sheet: Sheet, bubbles: tuple[Bubble, ...], groups: dict[tuple[CardField, int], list[int]]) -> _Measured:
    pixels = _patches(sheet, bubbles)
    mean = pixels.mean(axis=(1, 2)).astype(np.float64)
    bare = float(np.percentile(mean, 25))
    rows = np.array([-1 if b.field in CHOICES else b.row for b in bubbles])
    base = np.full(len(bubbles), bare)
    for row in range(rows.max() + 1):
        # The same digit is printed in every column: what it adds is learnt from the columns that leave it empty.
        base[rows == row] = min(float(np.percentile(mean[rows == row], 25)), bare + _DIGIT_INK)
    smudged = np.zeros(len(bubbles), bool)
    for (field, _), members in groups.items():
        if field not in CHOICES:
            local = float(np.median(mean[members]))
            smudged[members] = local - bare > _SMUDGE
            base[members] = np.maximum(base[members], min(local, bare + _LARGEST_LOCAL))
    return _Measured(mean - base, pixels - base[:, None, None].astype(np.float32), smudged)


def _patches(sheet: Sheet, bubbles: tuple[Bubble, ...]) -> npt.NDArray[np.float32]:
    width = round(BUBBLE_WIDTH_MM * _INNER * PX_PER_MM)
    height = round(BUBBLE_HEIGHT_MM * _INNER * PX_PER_MM)
    x, y = sheet.place(np.array([b.x for b in bubbles]), np.array([b.y for b in bubbles]))
    left, top = np.round(x - width / 2).astype(int), np.round(y - height / 2).astype(int)
    return sheet.darkness[
        (top[:, None] + np.arange(height))[:, :, None], (left[:, None] + np.arange(width))[:, None, :]
    ]  # fmt: skip


def _hand(measured: _Measured, columns: list[list[int]]) -> _Hand:
    bare = measured.value[measured.value < _CLEARLY_DARK]
    spread = 1.4826 * float(np.median(np.abs(bare - np.median(bare)))) if bare.size else 0.0
    seen = float(np.clip(_SEEN_SPREADS * spread, *_SEEN))
    tops = np.array([measured.value[members].max() for members in columns])
    clear = tops[tops >= max(_CLEARLY_DARK, seen)]
    usual = float(np.median(clear)) if clear.size else _USUAL_MARK
    return _Hand(seen, max(_FULL_SHARE * usual, _FULL_OVER_SEEN * seen), usual)


def _decide(
    field: CardField, column: int, value: Floats, full: npt.NDArray[np.bool_], smudged: bool, hand: _Hand
) -> ColumnReading:
    marks = [int(row) for row in np.flatnonzero(full)]
    traces = [int(row) for row in np.flatnonzero((value >= hand.seen) & ~full)]
    rows = tuple(sorted(marks + traces))
    others = np.delete(value, marks) if marks else value
    highest = float(others.max()) if others.size else 0.0
    darkness = tuple(round(float(v), 3) for v in value)

    def told(symbol: str | None, state: ColumnState, doubt: Doubt | None, confidence: float) -> ColumnReading:
        return ColumnReading(
            field, column, symbol, state, doubt, rows, float(np.clip(confidence, 0, 1)), darkness
        )  # fmt: skip

    if smudged:
        return told(None, ColumnState.DOUBTFUL, Doubt.SMUDGED, 0.0)
    if not marks:
        if traces:
            return told(None, ColumnState.DOUBTFUL, Doubt.FAINT, 0.0)
        return told(BLANK, ColumnState.BLANK, None, 1 - highest / hand.full)
    weakest = float(value[marks].min())
    ghosts_only = all(value[row] <= min(_GHOST_SHARE * weakest, _GHOST_MOST) for row in traces)
    alike = weakest >= _ALIKE * float(value[marks].max())
    is_letter = marks == [0, 1] and field in LETTER_FIELDS and alike
    if (len(marks) > 1 and not is_letter) or not ghosts_only:
        return told(None, ColumnState.DOUBTFUL, Doubt.SEVERAL, 0.0)
    confidence = (weakest - max(highest, 0.0)) / hand.usual
    doubt = Doubt.ERASED if traces else None
    if is_letter:
        return told(LETTER, ColumnState.LETTER, doubt, confidence)
    return told(str(marks[0]), ColumnState.MARKED, doubt, confidence)
