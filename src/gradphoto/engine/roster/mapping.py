"""Which column is which: known headings, similar ones, and columns that tell by what stands in them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster import file_errors
from gradphoto.engine.roster.grid import Limits
from gradphoto.engine.roster.layout import (
    DERIVABLE,
    REQUIRED,
    SEARCHED_ROWS,
    Header,
    field_of,
    find_header,
    header_at,
    known_headings,
    layout_of,
    plain_heading,
)
from gradphoto.engine.roster.mapping_types import ColumnMapping, fingerprint
from gradphoto.engine.roster.read import read_grid
from gradphoto.engine.standards.codes import load_table
from gradphoto.engine.standards.identity import mask, parse_id_number

__all__ = ["ColumnMapping", "Proposal", "ProposedColumn", "fingerprint", "propose_mapping"]

_SAMPLES = 5
_PREVIEW_ROWS = 60
_ALIKE = 0.75
_MOST = 0.8
_FEWEST_TO_JUDGE = 3
# Headings that hold a known one but speak of somebody or something else.
_OTHERS = re.compile(
    r"父|母|家长|监护|班主任|辅导员|导师|联系人|负责人|曾用|配偶|紧急|收件|经办|拼音|打印|审核|代码$|编号$"
)
_ID_LIKE = re.compile(r"[0-9]{14}(?:[0-9]|[0-9]{3}[0-9Xx])")


@dataclass(frozen=True, slots=True)
class ProposedColumn:
    """A column of the file: its heading, the field proposed for it, and a few of its values (ID numbers masked).

    ``certainty``: ``known`` by its heading, ``similar`` to a known one or by its content (ask a person), ``none``.
    """

    index: int
    title: str
    field: str | None
    certainty: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file seems to hold; ``layout`` is ``s4``, ``r52``, ``chsi`` or ``own``.

    ``missing_required`` are the fields that a candidate needs and that no column gives: they want a column or one value
    for the whole file. Sex and birth date are not missing where the ID number tells them.
    """

    sheets: tuple[str, ...]
    sheet: str
    header_row: int
    columns: tuple[ProposedColumn, ...]
    missing_required: tuple[str, ...]
    layout: str

    @property
    def titles(self) -> tuple[str, ...]:
        """The headings in their order."""
        return tuple(column.title for column in self.columns)

    @property
    def fingerprint(self) -> str:
        """The key of these headings (see :func:`fingerprint`)."""
        return fingerprint(self.titles)

    def mapping(self, *, with_similar: bool = False) -> ColumnMapping:
        """The known columns as a mapping, with the similar ones if asked for."""
        wanted = {"known", "similar"} if with_similar else {"known"}
        columns = {c.field: c.index for c in self.columns if c.field is not None and c.certainty in wanted}
        return ColumnMapping(self.sheet, self.header_row, columns)

    def remembered(self, mapping: ColumnMapping) -> ColumnMapping:
        """A mapping remembered for the same headings, put to where they stand in this file."""
        return ColumnMapping(self.sheet, self.header_row, dict(mapping.columns))


def propose_mapping(data: bytes, file_name: str, sheet: str | None = None, limits: Limits | None = None) -> Proposal:
    """Look at the head of a file and say which column is which; raises :class:`RosterFileError` as ``read_table`` does.

    Unlike ``read_table`` it does not give up where fewer than four headings are known: the row that looks most like a
    heading is proposed, and every column of it can be mapped by hand.
    """
    grid = read_grid(data, limits or Limits(), sheet, only_rows=_PREVIEW_ROWS)
    if not any(any(cell.strip() for cell in row) for row in grid.cells):
        raise file_errors.empty()
    header = find_header(grid.cells) or _widest_row(grid.cells)
    below = grid.cells[header.row_number :]
    columns = _columns(header, below)
    found = {column.field for column in columns if column.field is not None and column.certainty == "known"}
    missing = tuple(name for name in REQUIRED if name not in found and not (name in DERIVABLE and "id_number" in found))
    layout = layout_of(header.titles, {c.field: c.index for c in columns if c.field is not None})
    return Proposal(grid.sheets, grid.sheet, header.row_number, columns, missing, layout)


def _widest_row(cells: Sequence[tuple[str, ...]]) -> Header:
    """The upper row with the most different words in it; the first of equals."""
    upper = cells[:SEARCHED_ROWS]
    row = max(
        range(len(upper)), key=lambda r: (len({c for c in upper[r] if c.strip() and not c.strip().isdigit()}), -r)
    )
    return header_at(upper[row], row + 1)


def _columns(header: Header, below: Sequence[tuple[str, ...]]) -> tuple[ProposedColumn, ...]:
    known = {index: name for name, index in header.columns.items()}
    taken = set(known.values())
    proposed = []
    for index, title in enumerate(header.titles):
        samples = [text for row in below if (text := row[index].strip())][:_PREVIEW_ROWS]
        name, certainty = known.get(index), "known"
        if name is None:
            name = _similar_heading(title) or _by_content(samples)
            if name is None or name in taken or field_of(title) is not None:
                name, certainty = None, "none"
            else:
                certainty = "similar"
                taken.add(name)
        proposed.append(ProposedColumn(index, title, name, certainty, _shown(name, samples)))
    return tuple(proposed)


def _shown(name: str | None, samples: Sequence[str]) -> tuple[str, ...]:
    different = list(dict.fromkeys(samples))[:_SAMPLES]
    return tuple(mask(text) if name == "id_number" or _ID_LIKE.fullmatch(text) else text[:40] for text in different)


def _similar_heading(title: str) -> str | None:
    plain = re.sub(r"[^\w\u4e00-\u9fff]", "", plain_heading(title))
    if len(plain) < 2 or _OTHERS.search(plain):
        return None
    headings = known_headings()
    inside = [heading for heading in headings if len(heading) >= 2 and not heading.isascii() and heading in plain]
    if inside:
        return headings[max(inside, key=len)]
    close = difflib.get_close_matches(plain, headings, n=1, cutoff=_ALIKE)
    return headings[close[0]] if close and not plain.isascii() else None


def _by_content(samples: Sequence[str]) -> str | None:
    if len(samples) < _FEWEST_TO_JUDGE:
        return None
    for name, is_one in _CONTENT:
        if sum(map(is_one, samples)) >= _MOST * len(samples):
            return name
    return None


def _is_id_number(text: str) -> bool:
    if not _ID_LIKE.fullmatch(text):
        return False
    try:
        parse_id_number(text)
    except GradPhotoError:
        return False
    return True


_CONTENT: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("id_number", _is_id_number),
    ("sex", lambda text: text in ("男", "女")),
    ("season", lambda text: text in ("春季", "秋季")),
    ("political_status", lambda text: text in load_table("political_status")),
    ("ethnic_group", lambda text: text in load_table("ethnic_group")),
)
