"""The card as one table of places, in millimetres from the upper left corner of an A4 page.

The printer draws from this table and the reader looks where it says: nothing about the sheet is said twice. The layout
is ours: the national centre never published that of its own cards.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from gradphoto.engine.cards.data import CHOICES, COLUMNS, MOST_OPTIONS, CardField
from gradphoto.engine.standards.zonecode import CODE_DIGITS, NAME_PLACES

LAYOUT_CODE = "A4-1"
PAGE_WIDTH_MM, PAGE_HEIGHT_MM = 210.0, 297.0
BUBBLE_WIDTH_MM, BUBBLE_HEIGHT_MM = 3.4, 2.4
COLUMN_PITCH_MM, ROW_PITCH_MM = 4.8, 5.0
FIDUCIAL_MM = 6.0
TIMING_WIDTH_MM, TIMING_HEIGHT_MM = 4.6, 2.0
DIGITS = 10

_LEFT, _RIGHT = 22.5, 187.5
_TRACKS = (13.0, 197.0)
_FIDUCIAL_ROWS = (13.0, 284.0)
_CHOICE_ROWS = {CardField.DEGREE_CATEGORY: 67.0, CardField.SCHOOL_KIND: 74.0}
_CHOICE_FIRST, _CHOICE_PITCH = 46.0, 18.0
_UPPER, _LOWER = 109.2, 177.7
_HEAD_MM, _HEAD_GAP = 6.0, 3.2
_CHARACTER_MM, _PINYIN_MM = 10.0, 5.0
_CHARACTER_GAP = 1.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bubble:
    """One place to be filled: ``row`` is the digit or the option it stands for; ``x`` and ``y`` are its centre."""

    field: CardField
    column: int
    row: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole sheet. ``fiducials`` go clockwise from the upper left; ``timing`` are (left, right) centres a row."""

    code: str
    bubbles: tuple[Bubble, ...]
    heads: dict[tuple[CardField, int], Box]
    characters: tuple[Box, ...]
    pinyin: tuple[Box, ...]
    texts: dict[CardField, Box]
    fiducials: tuple[tuple[float, float], ...]
    upright_bar: Box
    timing: tuple[tuple[tuple[float, float], tuple[float, float]], ...]
    qr: Box


@functools.cache
def card_layout() -> Layout:
    """The one layout there is."""
    columns = dict(_column_places())
    bubbles = [
        Bubble(field, column, digit, x, first + digit * ROW_PITCH_MM)
        for (field, column), (x, first) in columns.items()
        for digit in range(DIGITS)
    ]
    bubbles += [
        Bubble(field, 0, option, _CHOICE_FIRST + option * _CHOICE_PITCH, _CHOICE_ROWS[field])
        for field in CHOICES
        for option in range(MOST_OPTIONS)
    ]
    heads = {
        key: Box(x - COLUMN_PITCH_MM / 2, first - _HEAD_GAP - _HEAD_MM, COLUMN_PITCH_MM, _HEAD_MM)
        for key, (x, first) in columns.items()
    }
    rows = [*_CHOICE_ROWS.values(), *(first + i * ROW_PITCH_MM for first in (_UPPER, _LOWER) for i in range(DIGITS))]
    top, bottom = _FIDUCIAL_ROWS
    left, right = _TRACKS
    return Layout(
        LAYOUT_CODE,
        tuple(bubbles),
        heads,
        *_name_boxes(heads),
        {
            CardField.SCHOOL_NAME: Box(47.0, 28.0, 106.0, 8.5),
            CardField.NAME: Box(62.0, 228.5, _RIGHT - 62.0, 9.0),
            CardField.ADDRESS: Box(62.0, 238.0, _RIGHT - 62.0, 9.0),
            CardField.RECIPIENT: Box(62.0, 247.5, _RIGHT - 62.0, 9.0),
        },
        ((left, top), (right, top), (right, bottom), (left, bottom)),
        Box(left + 5.5, top - FIDUCIAL_MM / 2, 2.0, FIDUCIAL_MM),
        tuple(((left, y), (right, y)) for y in rows),
        Box(_RIGHT - 26.0, 10.0, 26.0, 26.0),
    )


def _column_places() -> list[tuple[tuple[CardField, int], tuple[float, float]]]:
    """For each column its centre and the centre of its first row."""
    upper = (CardField.SCHOOL_CODE, CardField.DEPARTMENT_CODE, CardField.NAME, CardField.POSTCODE)
    lower = (CardField.STUDENT_NO, CardField.ID_NUMBER)
    return [*_band(upper, _UPPER), *_band(lower, _LOWER)]


def _band(fields: tuple[CardField, ...], first: float) -> list[tuple[tuple[CardField, int], tuple[float, float]]]:
    inner = {field: (NAME_PLACES - 1) * _CHARACTER_GAP if field is CardField.NAME else 0.0 for field in fields}
    widths = {field: COLUMNS[field] * COLUMN_PITCH_MM + inner[field] for field in fields}
    gap = (_RIGHT - _LEFT - sum(widths.values())) / (len(fields) - 1)
    places, x = [], _LEFT
    for field in fields:
        for column in range(COLUMNS[field]):
            shift = column // CODE_DIGITS * _CHARACTER_GAP if field is CardField.NAME else 0.0
            places.append(((field, column), (x + (column + 0.5) * COLUMN_PITCH_MM + shift, first)))
        x += widths[field] + gap
    return places


def _name_boxes(heads: dict[tuple[CardField, int], Box]) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
    first = [heads[CardField.NAME, place * CODE_DIGITS] for place in range(NAME_PLACES)]
    width = CODE_DIGITS * COLUMN_PITCH_MM
    pinyin = tuple(Box(head.x, head.y - _PINYIN_MM, width, _PINYIN_MM) for head in first)
    characters = tuple(Box(box.x, box.y - _CHARACTER_MM, width, _CHARACTER_MM) for box in pinyin)
    return characters, pinyin
