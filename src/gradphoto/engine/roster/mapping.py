"""Which column is which: known headings, similar ones, and columns that tell by what stands in them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster.layout import (
    REQUIRED,
    SEARCHED_ROWS,
    Header,
    derivable,
    field_of,
    find_header,
    header_at,
    known_headings,
    layout_of,
)
from gradphoto.engine.roster.mapping_types import ColumnMapping, fingerprint
from gradphoto.engine.roster.read import IN_PROCESS, head_of
from gradphoto.engine.standards.codes import load_table
from gradphoto.engine.standards.identity import mask, parse_id_number
from gradphoto.engine.tables import errors
from gradphoto.engine.tables.access import TableReader
from gradphoto.engine.tables.errors import RosterFileError
from gradphoto.engine.tables.headings import plain_heading
from gradphoto.engine.tables.model import Limits, SheetFacts, Wanted

__all__ = [
    "ColumnMapping",
    "Proposal",
    "ProposedColumn",
    "chosen_of",
    "fingerprint",
    "propose_mapping",
    "propose_sheets",
]

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
    """What a sheet of a file seems to hold; ``layout`` is ``s4``, ``r52``, ``chsi`` or ``own``.

    ``missing_required`` are the fields that a candidate needs and that no column gives: they want a column or one value
    for the whole file. Sex and birth date are not missing where the ID number tells them. ``people`` counts the rows
    below the heading; ``hidden_rows`` and ``struck_rows`` those of them that a person does not see, or sees struck
    through. ``offers`` are all sheets of the file, this one too; ``asked``: a person chose this one, and it alone.
    """

    sheets: tuple[str, ...]
    sheet: str
    header_row: int
    columns: tuple[ProposedColumn, ...]
    missing_required: tuple[str, ...]
    layout: str
    people: int = 0
    hidden: bool = False
    hidden_rows: int = 0
    struck_rows: int = 0
    hidden_columns: tuple[int, ...] = ()
    offers: tuple[Proposal, ...] = ()
    asked: bool = False

    @property
    def titles(self) -> tuple[str, ...]:
        """The headings in their order."""
        return tuple(column.title for column in self.columns)

    @property
    def fingerprint(self) -> str:
        """The key of these headings (see :func:`fingerprint`)."""
        return fingerprint(self.titles)

    def to_plain(self) -> dict[str, Any]:
        """The proposal as plain values, without the offers: those are kept beside it."""
        return asdict(replace(self, offers=()))

    @classmethod
    def from_plain(cls, said: Mapping[str, Any]) -> Proposal:
        """Read :meth:`to_plain`."""
        columns = tuple(ProposedColumn(**{**one, "samples": tuple(one["samples"])}) for one in said["columns"])
        lists = {name: tuple(said[name]) for name in ("sheets", "missing_required", "hidden_columns")}
        return cls(**{**said, **lists, "columns": columns, "offers": ()})

    def mapping(self, *, with_similar: bool = False) -> ColumnMapping:
        """The known columns as a mapping, with the similar ones if asked for; sheets with the same headings with it."""
        wanted = {"known", "similar"} if with_similar else {"known"}
        columns = {c.field: c.index for c in self.columns if c.field is not None and c.certainty in wanted}
        also = tuple(one.mapping(with_similar=with_similar) for one in self.alike)
        return ColumnMapping(self.sheet, self.header_row, columns, also)

    @property
    def alike(self) -> tuple[Proposal, ...]:
        """The other visible sheets with people under the same known headings: one sheet a class."""
        mine = set() if self.asked else {column.field for column in self.columns if column.certainty == "known"}
        return tuple(
            one
            for one in self.offers
            if one.sheet != self.sheet and not one.hidden and one.people
            and {column.field for column in one.columns if column.certainty == "known"} == mine
            and len(mine) > 1
        )  # fmt: skip

    def remembered(self, mapping: ColumnMapping) -> ColumnMapping:
        """A mapping remembered for the same headings, put to where they stand in this file."""
        also = tuple(
            one.remembered(mapping) if one.fingerprint == self.fingerprint else one.mapping() for one in self.alike
        )
        return ColumnMapping(self.sheet, self.header_row, dict(mapping.columns), also)


def propose_mapping(
    data: bytes,
    file_name: str = "",
    sheet: str | None = None,
    limits: Limits | None = None,
    reader: TableReader = IN_PROCESS,
) -> Proposal:
    """Look at a file and say which column is which; raises :class:`RosterFileError` as ``read_table`` does.

    Unlike ``read_table`` it does not give up where fewer than four headings are known: the row that looks most like a
    heading is proposed, and every column of it can be mapped by hand.
    """
    return chosen_of(propose_sheets(data, limits, reader), sheet)


def propose_sheets(data: bytes, limits: Limits | None = None, reader: TableReader = IN_PROCESS) -> tuple[Proposal, ...]:
    """The same for every sheet of the file with anything in it."""
    outlines = reader.outline(data, limits or Limits(), Wanted(frozenset(known_headings())))
    readable = [one for one in outlines if isinstance(one, SheetFacts)]
    titles = tuple(one.title for one in readable)
    proposals = tuple(_proposal(one, titles) for one in readable if one.rows)
    if not proposals:
        for one in outlines:
            if isinstance(one, RosterFileError):
                raise one
        raise errors.empty()
    return proposals


def chosen_of(proposals: Sequence[Proposal], sheet: str | None = None) -> Proposal:
    """The asked sheet, or the one with the best heading, a visible one first; with all of them as its offers."""
    if sheet and sheet not in {one.sheet for one in proposals}:
        raise errors.no_such_sheet(sheet, proposals[0].sheets)
    wanted = [one for one in proposals if one.sheet == sheet] if sheet else list(proposals)
    best = max(wanted, key=lambda one: (sum(c.certainty == "known" for c in one.columns), not one.hidden, one.people))
    best = next(one for one in wanted if _rank(one) == _rank(best))
    return replace(best, offers=tuple(proposals), asked=bool(sheet))


def _rank(one: Proposal) -> tuple[int, bool]:
    return sum(column.certainty == "known" for column in one.columns), not one.hidden


def _proposal(facts: SheetFacts, titles: tuple[str, ...]) -> Proposal:
    cells = head_of(facts)
    header = find_header(cells) or _widest_row(cells)
    columns = _columns(header, cells[header.row_number :])
    found = {column.field for column in columns if column.field is not None and column.certainty == "known"}
    missing = tuple(name for name in REQUIRED if name not in found and name not in derivable(found))
    layout = layout_of(header.titles, {c.field: c.index for c in columns if c.field is not None})
    above = sum(1 for number, _ in facts.head if number <= header.row_number)
    return Proposal(
        titles, facts.title, header.row_number, columns, missing, layout,
        people=max(0, facts.rows - above),
        hidden=facts.hidden,
        hidden_rows=sum(number > header.row_number for number in facts.hidden_rows),
        struck_rows=sum(number > header.row_number for number in facts.struck_rows),
        hidden_columns=tuple(facts.hidden_columns),
    )  # fmt: skip


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
