"""A roster as read: its sheets, the rows of people in them, and what the reading noticed."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from gradphoto.engine.roster.cells import PackedCells
from gradphoto.engine.roster.findings import Finding, Place
from gradphoto.engine.roster.layout import Header


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as text by field. ``row_number`` is what the spreadsheet shows at the left edge, counted on from sheet to
    sheet where several are read together (see :meth:`Table.place`)."""

    row_number: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """One sheet of a table. ``offset`` is added to its own row numbers; ``numbers`` are the rows of people, with it."""

    sheet: str
    header: Header
    cells: PackedCells
    numbers: Sequence[int]
    offset: int = 0

    def row(self, number: int) -> tuple[str, ...]:
        """The cells of a row by its number in the table."""
        return self.cells.row(number - self.offset)

    def values(self, row: Sequence[str]) -> dict[str, str]:
        """The cells of a row by field."""
        return {name: row[column] for name, column in self.header.columns.items()}


@dataclass(frozen=True, slots=True)
class Table:
    """A roster. ``notes`` are the findings of the reading itself: macros, error values, hidden rows, repeated headings,
    lines below the table that were not taken for people, sheets that were left out. ``sheets`` names all sheets."""

    parts: tuple[Part, ...]
    sheets: tuple[str, ...] = ()
    notes: tuple[Finding, ...] = ()
    has_macros: bool = False
    rows: Sequence[RawRow] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", RawRows(self.parts))

    @classmethod
    def of(cls, header: Header, rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> Table:
        """A table of rows that are here already, counted from 1."""
        return cls((Part("", header, PackedCells.of(rows), numbers),))

    @property
    def header(self) -> Header:
        """The heading of the first sheet."""
        return self.parts[0].header

    @property
    def sheet(self) -> str:
        """The first sheet's title."""
        return self.parts[0].sheet

    def part_of(self, number: int) -> Part:
        """The sheet in which a row stands."""
        return self.parts[max(0, bisect_right([part.offset for part in self.parts], number - 1) - 1)]

    def place(self, number: int) -> Place:
        """A row's sheet and its number there; the sheet is named only where there are several."""
        part = self.part_of(number)
        return Place(part.sheet if len(self.parts) > 1 else "", number - part.offset)

    def number_of(self, place: Place) -> int:
        """The number of a row in the table; that of the first sheet where none of this title was read."""
        for part in self.parts:
            if part.sheet == place.sheet:
                return place.row + part.offset
        return place.row

    def with_changes(self, changes: Mapping[int, Mapping[int, str]]) -> Table:
        """The same with some cells replaced, by row number and column."""
        parts = []
        for part in self.parts:
            first, last = part.offset, part.offset + part.cells.last_row
            own = {number - first: cells for number, cells in changes.items() if first < number <= last}
            parts.append(dataclasses.replace(part, cells=part.cells.with_changes(own)) if own else part)
        return dataclasses.replace(self, parts=tuple(parts))


class RawRows(Sequence[RawRow]):
    """The rows of a table, each made when it is asked for: a hundred thousand dictionaries are never all needed."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(len(part.numbers) for part in self._parts)

    @overload
    def __getitem__(self, index: int) -> RawRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[RawRow]: ...
    def __getitem__(self, index: int | slice) -> RawRow | Sequence[RawRow]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        for part in self._parts:
            if 0 <= place < len(part.numbers):
                number = part.numbers[place]
                return RawRow(number, part.values(part.row(number)))
            place -= len(part.numbers)
        raise IndexError(index)

    def __iter__(self) -> Iterator[RawRow]:
        for part in self._parts:
            for number, row in rows_of(part):
                yield RawRow(number, part.values(row))


def rows_of(part: Part) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The rows of people of a sheet with their numbers in the table, unpacked a block at a time."""
    wanted = iter(part.numbers)
    number = next(wanted, None)
    offset = part.offset
    for block in part.cells.blocks():
        for own, row in block.items():
            if number is None:
                return
            if own + offset == number:
                yield number, row
                number = next(wanted, None)


def blocks_of(part: Part, size: int) -> Iterator[tuple[list[int], list[list[str]]]]:
    """The rows of people by column in blocks of ``size`` or a little more, with their numbers in the table."""
    numbers: list[int] = []
    columns: list[list[str]] = []
    for more, found in _people_of(part):
        if not numbers:
            numbers, columns = more, found
        else:
            numbers.extend(more)
            # While a sheet is still being read a later block may be wider than all headings: nobody asks for that.
            for mine, other in zip(columns, found, strict=False):
                mine.extend(other)
        if len(numbers) >= size:
            yield numbers, columns
            numbers, columns = [], []
    if numbers:
        yield numbers, columns


def _people_of(part: Part) -> Iterator[tuple[list[int], list[list[str]]]]:
    """The blocks of a sheet without the rows that are not people's."""
    first, wanted = 0, part.numbers
    for own, columns in part.cells.columns():
        numbers = [number + part.offset for number in own] if part.offset else own
        last = bisect_right(wanted, numbers[-1], first)
        if last - first == len(numbers):
            yield numbers, columns
        elif last > first:
            known = set(wanted[first:last])
            keep = [place for place, number in enumerate(numbers) if number in known]
            yield [numbers[place] for place in keep], [[column[place] for place in keep] for column in columns]
        first = last
