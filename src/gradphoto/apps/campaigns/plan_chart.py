"""The plan of a campaign as a dated chart: geometry only; colours are classes of the style sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gradphoto.apps.campaigns.agenda import Planned
from gradphoto.engine.standards.workdays import add_months
from gradphoto.engine.wording import Wording

WIDTH, LABELS, ROW, HEAD = 1080, 300, 26, 34
_RIGHT = WIDTH - 70
_GROUPS = (
    ("", Wording("春、秋两季", "Both seasons")),
    ("spring", Wording("春季毕业生", "Spring graduates")),
    ("autumn", Wording("秋季毕业生", "Autumn graduates")),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A duty on its row: the middle of its day, and where its stretch begins (None for a single day)."""

    item: Planned
    x: float
    from_x: float | None
    labelled: bool

    @property
    def length(self) -> float:
        return round(self.x - self.from_x, 1) if self.from_x is not None else 0.0

    @property
    def look(self) -> str:
        """The class that tells done, late, soon, ahead."""
        if self.item.done:
            return "done"
        return "late" if self.item.is_late else "soon" if self.item.is_soon else "ahead"

    @property
    def label_x(self) -> float:
        return self.x + 11


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the chart: one duty with its days; a heading of a season has no marks."""

    y: int
    title: Wording
    marks: tuple[Mark, ...] = ()

    @property
    def text_y(self) -> int:
        return self.y + 4

    @property
    def bar_y(self) -> int:
        return self.y - 4


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole chart in its own units; ``today_x`` is None when today lies outside."""

    height: int
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    today_x: float | None
    width: int = WIDTH
    left: int = LABELS
    right: int = _RIGHT
    head: int = HEAD


def chart(items: Sequence[Planned], today: date) -> Chart | None:
    """The chart of a plan; a row a duty, spring and autumn apart (R12). None for an empty plan."""
    if not items:
        return None
    days = [day for item in items for day in (item.day, item.first) if day is not None]
    if any(not item.done for item in items):
        days.append(today)
    first, last = min(days) - timedelta(days=3), max(days) + timedelta(days=3)
    span = max((last - first).days, 1)

    def x(day: date) -> float:
        return round(LABELS + (_RIGHT - LABELS) * (day - first).days / span, 1)

    lines: list[Line] = []
    y = HEAD + ROW // 2
    for season, heading in _GROUPS:
        rows = _rows(item for item in items if item.season == season)
        if not rows:
            continue
        lines.append(Line(y, heading))
        y += ROW
        for row in rows:
            marks = tuple(
                Mark(item, x(item.day), x(item.first) if item.first else None, place == len(row) - 1)
                for place, item in enumerate(row)
            )
            lines.append(Line(y, row[0].title, marks))
            y += ROW
    today_x = x(today) if first <= today <= last else None
    return Chart(y + 4, tuple(lines), tuple(_ticks(first, last, x)), today_x)


def _rows(items: Iterable[Planned]) -> list[list[Planned]]:
    """The items of one duty together, the rows in the order of their first day."""
    rows: dict[tuple[str, str], list[Planned]] = {}
    for item in sorted(items, key=lambda item: item.day):
        rows.setdefault((item.key, item.title.zh), []).append(item)
    return list(rows.values())


def _ticks(first: date, last: date, x: object) -> Iterable[Tick]:
    month = first.replace(day=1)
    months = (last.year - first.year) * 12 + last.month - first.month
    step = 1 + months // 14
    while month <= last:
        if month >= first:
            label = f"{month:%Y-%m}" if month.month == 1 or month - timedelta(days=31 * step) < first else f"{month:%m}"
            yield Tick(x(month), label)  # type: ignore[operator]
        month = add_months(month, step)
