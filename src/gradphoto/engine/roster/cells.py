"""The cells of a sheet, kept packed as they came from the reader and unpacked a block at a time.

A hundred thousand rows of twenty columns are three megabytes so, and four hundred as Python objects.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import ge

from gradphoto.engine.bounded.reader import PackedBlock, reader_failed
from gradphoto.engine.tables.model import unpacked_columns

Cells = tuple[str, ...]
_MOST_CELLS_A_ROW = 2_000


class PackedCells:
    """Rows by number (from 1, as the spreadsheet counts); rows without anything in them are not kept.

    Every row has ``width`` cells. A changed cell lies over the packed ones, so that repairs do not unpack anything.
    ``more`` appends the next block while the sheet is still being read, and says whether there was one.
    """

    __slots__ = ("_blocks", "_changed", "_firsts", "_last", "_more", "_newest", "count", "last_row", "width")

    def __init__(self, width: int = 0, more: Callable[[], bool] | None = None) -> None:
        self._more = more
        self._newest: tuple[int, list[int], list[list[str]]] | None = None
        self._blocks: list[PackedBlock] = []
        self._firsts: list[int] = []
        self._changed: dict[int, dict[int, str]] = {}
        self._last: tuple[int, dict[int, Cells]] | None = None
        self.width, self.count, self.last_row = width, 0, 0

    def append(self, block: PackedBlock) -> dict[int, Cells]:
        """Take a block behind those that are there, and return its rows. Raises ``file.reader_failed``."""
        numbers, columns = _taken_apart(block)
        if numbers:
            if numbers[0] <= self.last_row or any(map(ge, numbers, numbers[1:])):
                raise reader_failed()
            self._blocks.append(block)
            self._firsts.append(numbers[0])
            self.count += len(numbers)
            self.last_row = numbers[-1]
            if self._more is not None:  # it is asked for next
                self._newest = (len(self._blocks) - 1, numbers, columns)
        self.width = max(self.width, len(columns))
        return dict(zip(numbers, zip(*self._evened(numbers, columns), strict=True), strict=True))

    def _evened(self, numbers: Sequence[int], columns: list[list[str]]) -> list[list[str]]:
        while len(columns) < self.width:
            columns.append([""] * len(numbers))
        return columns

    def columns(self) -> Iterator[tuple[list[int], list[list[str]]]]:
        """The numbers of the rows and their columns, block by block; the lists are the caller's own."""
        for place in itertools.count():
            if not self._has(place):
                return
            newest, self._newest = self._newest, None
            numbers, columns = newest[1:] if newest and newest[0] == place else _taken_apart(self._blocks[place])
            self._evened(numbers, columns)
            for number in self._changed.keys() & set(numbers) if self._changed else ():
                at = bisect_left(numbers, number)
                for column, text in self._changed[number].items():
                    if column < len(columns):
                        columns[column][at] = text
            yield numbers, columns

    def _has(self, place: int) -> bool:
        """Whether there is such a block, if need be after reading on."""
        while place >= len(self._blocks):
            if self._more is None or not self._more():
                return False
        return True

    def blocks(self) -> Iterator[dict[int, Cells]]:
        """The rows by number, block by block."""
        for numbers, columns in self.columns():
            yield dict(zip(numbers, zip(*columns, strict=True), strict=True))

    def _block(self, place: int) -> dict[int, Cells]:
        if self._last is None or self._last[0] != place:
            numbers, columns = _taken_apart(self._blocks[place])
            rows = dict(zip(numbers, zip(*self._evened(numbers, columns), strict=True), strict=True))
            for number in self._changed.keys() & rows.keys():
                rows[number] = _changed(rows[number], self._changed[number])
            self._last = (place, rows)
        return self._last[1]

    def row(self, number: int) -> Cells:
        """The cells of a row; empty ones where nothing stands."""
        place = bisect_right(self._firsts, number) - 1
        if place >= 0:
            found = self._block(place).get(number)
            if found is not None:
                return found if len(found) == self.width else (*found, *("",) * (self.width - len(found)))
        return ("",) * self.width

    def with_changes(self, changes: Mapping[int, Mapping[int, str]]) -> PackedCells:
        """The same cells with some replaced, by row number and column."""
        other = PackedCells(self.width)
        other._blocks, other._firsts, other.count, other.last_row = (
            self._blocks, self._firsts, self.count, self.last_row,
        )  # fmt: skip
        other._changed = {number: dict(cells) for number, cells in self._changed.items()}
        for number, cells in changes.items():
            other._changed.setdefault(number, {}).update(cells)
        return other

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]]) -> PackedCells:
        """The cells of rows that are here already, counted from 1."""
        from gradphoto.engine.bounded.frames import pack_text
        from gradphoto.engine.tables.model import clean, packed

        made = cls(max(map(len, rows), default=0))
        given = [(number, [clean(c) for c in row]) for number, row in enumerate(rows, start=1) if any(row)]
        if given:
            made.append(PackedBlock(pack_text(packed(given))))
        return made


def _taken_apart(block: PackedBlock) -> tuple[list[int], list[list[str]]]:
    try:
        numbers, columns = unpacked_columns(block.text)
    except ValueError as error:
        raise reader_failed() from error
    if len(columns) > _MOST_CELLS_A_ROW:
        raise reader_failed()
    return numbers, columns


def _changed(row: Cells, cells: Mapping[int, str]) -> Cells:
    changed = list(row)
    for column, text in cells.items():
        if column < len(changed):
            changed[column] = text
    return tuple(changed)
