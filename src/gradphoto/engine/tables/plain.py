"""A small table of any kind (contacts, bank statements, summary tables): the rows of the sheet with the best heading."""

from __future__ import annotations

from collections.abc import Collection

from gradphoto.engine.bounded.reader import PackedBlock, reader_failed
from gradphoto.engine.tables import errors
from gradphoto.engine.tables.access import Bounded, TableReader, WantedSheet
from gradphoto.engine.tables.headings import plain_heading
from gradphoto.engine.tables.model import Limits, SheetFacts, Wanted, unpacked

NumberedRow = tuple[int, tuple[str, ...]]
_BOUNDED = Bounded()


def read_plain(
    data: bytes, headings: Collection[str], limits: Limits, reader: TableReader = _BOUNDED
) -> list[NumberedRow]:
    """The rows with anything in them, with their numbers, all of one length; the first sheet where no heading is known.

    Raises ``RosterFileError`` and ``BoundedError``.
    """
    wanted = Wanted(frozenset(plain_heading(heading) for heading in headings))
    sheets = reader.outline(data, limits, wanted)
    readable = [one for one in sheets if isinstance(one, SheetFacts) and one.rows]
    if not readable:
        raise next((one for one in sheets if not isinstance(one, SheetFacts)), errors.empty())
    best = max(readable, key=lambda one: (_known(one, wanted), not one.hidden))
    rows: list[NumberedRow] = []
    for answer in reader.rows(data, limits, [WantedSheet(best.title, wanted)]):
        if isinstance(answer, PackedBlock):
            try:
                rows.extend(unpacked(answer.text))
            except ValueError as error:
                raise reader_failed() from error
    width = max((len(row) for _, row in rows), default=0)
    return [(number, row if len(row) == width else (*row, *("",) * (width - len(row)))) for number, row in rows]


def _known(facts: SheetFacts, wanted: Wanted) -> int:
    return max((len({plain_heading(cell) for cell in row} & wanted.headings) for _, row in facts.head), default=0)
