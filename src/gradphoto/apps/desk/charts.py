"""Bars for inline SVG: geometry only; colours are classes of the style sheet, every bar leads to its list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradphoto.engine.wording import Wording

WIDTH, HEIGHT = 640, 220
_LEFT, _BOTTOM, _TOP = 40, 26, 18


@dataclass(frozen=True, slots=True)
class Bar:
    """One column: place and size in the chart's units, its label and number, and the address of the list behind it."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int
    link: str

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def label_y(self) -> float:
        return max(12.0, self.y - 4)


@dataclass(frozen=True, slots=True)
class Columns:
    """A column chart. ``limit_y`` is the height of the line that the columns are read against, None without one."""

    bars: tuple[Bar, ...]
    base: float
    limit: int | None
    limit_y: float | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT


def columns(points: Sequence[tuple[str, int, str]], limit: int | None = None) -> Columns:
    """Columns for (label, number, link), evenly spaced; the highest number or the limit fills the height."""
    highest = max([value for _, value, _ in points] + [limit or 0, 1])
    room, base = HEIGHT - _TOP - _BOTTOM, HEIGHT - _BOTTOM
    step = (WIDTH - _LEFT) / max(len(points), 1)
    wide = min(step * 0.7, 48)
    bars = []
    for place, (label, value, link) in enumerate(points):
        tall = round(room * value / highest, 1)
        bars.append(
            Bar(
                round(_LEFT + step * (place + 0.5) - wide / 2, 1), base - tall, round(wide, 1), tall, label, value, link
            )
        )
    limit_y = None if limit is None else round(base - room * limit / highest, 1)
    return Columns(tuple(bars), base, limit, limit_y)


@dataclass(frozen=True, slots=True)
class Share:
    """A line of a bar table: a title, a number, its share of the longest or of the whole, and its list."""

    title: Wording
    value: int
    percent: int
    link: str
