"""Findings drawn on the picture: shapes in its own pixels, and a number for each that covers neither the edge nor another number."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_RADIUS = 0.036
"""Of the picture's width: on a phone of 390 px a number of 26 px across, to be read at arm's length."""
_LEAST_SIDE = 0.02
"""A box is never drawn smaller than this share of the width, or nobody sees it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A box (x, y, width, height), a line (x, y to x2, y2) or a spot (x, y); px of the shown picture."""

    kind: str
    x: float
    y: float
    width: float = 0.0
    height: float = 0.0
    x2: float = 0.0
    y2: float = 0.0


@dataclass(frozen=True, slots=True)
class Numbered:
    """What is drawn of one finding: its shapes, and where its number stands, with a line from there to the first of them.

    Without shapes it is about the whole picture.
    """

    number: int
    outcome: str
    shapes: tuple[Shape, ...]
    x: float
    y: float
    finding: Mapping[str, Any]

    @property
    def is_drawn(self) -> bool:
        return bool(self.shapes)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything on one picture of ``width`` by ``height`` px; ``radius`` of a number, ``font`` its size."""

    width: int
    height: int
    radius: float
    font: float
    items: tuple[Numbered, ...]


def draw(findings: Sequence[Mapping[str, Any]], width: int, height: int) -> Drawing:
    """Number the findings in the order given, from 1, and find each number a place."""
    radius = width * _RADIUS
    taken: list[tuple[float, float]] = []
    items = []
    for number, finding in enumerate(findings, start=1):
        shapes = tuple(_shape(mark, width, height) for mark in finding.get("marks") or ())
        x, y = _place(shapes[0], taken, radius, width, height) if shapes else (0.0, 0.0)
        if shapes:
            taken.append((x, y))
        items.append(Numbered(number, str(finding["outcome"]), shapes, round(x, 1), round(y, 1), finding))
    return Drawing(width, height, round(radius, 1), round(radius * 1.25, 1), tuple(items))


def _shape(mark: Mapping[str, Any], width: int, height: int) -> Shape:
    kind = str(mark["kind"])
    if kind == "line":
        x1, x2 = _within(mark["x1"], width), _within(mark["x2"], width)
        return Shape("line", x1, _within(mark["y1"], height), x2=x2, y2=_within(mark["y2"], height))
    if kind == "point":
        return Shape("point", _within(mark["x"], width), _within(mark["y"], height))
    # A box may reach over the edge (hair that is cut off): what lies on the picture is drawn.
    least = width * _LEAST_SIDE
    left, top = _within(mark["x"], width - least), _within(mark["y"], height - least)
    right = max(left + least, _within(float(mark["x"]) + float(mark["width"]), width))
    bottom = max(top + least, _within(float(mark["y"]) + float(mark["height"]), height))
    return Shape("box", left, top, round(right - left, 1), round(bottom - top, 1))


def _within(value: float, most: float) -> float:
    return round(min(max(float(value), 0.0), most), 1)


def _place(
    shape: Shape, taken: Sequence[tuple[float, float]], radius: float, width: int, height: int
) -> tuple[float, float]:
    """At the shape's upper left corner, or the next free place around it, whole on the picture."""
    step = radius * 2.1
    around = sorted(itertools.product(range(-4, 5), repeat=2), key=lambda at: (math.hypot(*at), at[1], at[0]))
    wanted = ((shape.x + across * step, shape.y + along * step) for across, along in around)
    on_it = [(min(max(x, radius), width - radius), min(max(y, radius), height - radius)) for x, y in wanted]
    free = (one for one in on_it if all(math.hypot(one[0] - x, one[1] - y) >= step for x, y in taken))
    return next(free, on_it[0])
