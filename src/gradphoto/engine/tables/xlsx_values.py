"""What a cell's value says: by its kind, its number format, and what a person would see in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gradphoto.engine.tables.model import Limits, MarkKind, SheetFacts, Wanted, clean, figure_text, may_be_october
from gradphoto.engine.tables.number_formats import shown
from gradphoto.engine.tables.xlsx_strings import unescaped
from gradphoto.engine.tables.xlsx_styles import Styles

_MOST_REMEMBERED = 20_000
_TRUE = ("1", "true")


@dataclass(slots=True)
class Cells:
    """What a sheet's cells refer to."""

    limits: Limits
    strings: Sequence[str] = ()
    struck_strings: set[int] = field(default_factory=set)
    partly_struck_strings: set[int] = field(default_factory=set)
    styles: Styles = field(default_factory=Styles)
    from_1904: bool = False
    wanted: Wanted = field(default_factory=Wanted)


class CellValues:
    """The values of one sheet's cells; ``facts`` hears what a text does not tell."""

    def __init__(self, facts: SheetFacts, cells: Cells) -> None:
        self.facts, self.cells = facts, cells
        self.number, self.next_row = 0, 0
        self.figures: dict[tuple[str, str], str] = {}

    def value(self, found: str, kind: str, style: str, column: int, *, is_formula: bool, has_value: bool = True) -> str:
        """The text of a cell that is no shared string. ``has_value``: it has a value, be it an empty one; the saved result
        of a formula may be an empty text."""
        if kind == "e":
            self._mark(column, MarkKind.ERROR_VALUE, found or "#")
            return ""
        if not found or found.isspace():
            if is_formula and (kind != "str" or not has_value):
                self._mark(column, MarkKind.NO_CACHED_VALUE)
            return ""
        if kind in ("str", "inlineStr"):
            return unescaped(found)
        if kind == "b":
            return "TRUE" if found.strip() in _TRUE else "FALSE"
        if kind == "d":
            return self._as_date(_iso(found), column)
        return self._figure(found, style, column)

    def _figure(self, found: str, style: str, column: int) -> str:
        form = self.cells.styles.format_of(style) if style else None
        if (form is None or form.kind == "general") and found.isdecimal() and len(found) <= 15:
            return found if found[0] != "0" or len(found) == 1 else str(int(found))
        key = (found, style)
        text = self.figures.get(key)
        if text is None:
            try:
                figure = float(found)
            except ValueError:
                return clean(found)
            text = shown(figure, form, from_1904=self.cells.from_1904) if form else figure_text(figure)
            if len(self.figures) < _MOST_REMEMBERED:
                self.figures[key] = text
        if form is not None and form.kind == "date":
            return self._as_date(text, column)
        if len(text) <= 7 and may_be_october(text):
            self._mark(column, MarkKind.MONTH_AS_FIGURE, text)
        return text

    def _as_date(self, text: str, column: int) -> str:
        wanted = self.cells.wanted
        if column in wanted.columns and column not in wanted.dates:
            self._mark(column, MarkKind.BECAME_DATE, text)
        return text

    def _mark(self, column: int, kind: MarkKind, text: str = "") -> None:
        if self.cells.wanted.counts(column):
            self.facts.mark(self.number or self.next_row, column, kind, text, self.cells.limits.marks)


def _iso(found: str) -> str:
    day, _, moment = found.strip().partition("T")
    plain = day.replace("-", "") if len(day) == 10 else day
    moment = moment[:8]
    return clean(plain if not moment.strip("0:") else f"{plain} {moment}")
