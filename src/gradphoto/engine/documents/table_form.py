"""The form that most papers are: a title, facts, a table, signatures, a seal; as PDF and as xlsx from the same data."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import xlsxwriter

from gradphoto.engine.documents.marking import marked
from gradphoto.engine.documents.typeset import qr_svg, template_text, typeset
from gradphoto.engine.wording import Wording
from gradphoto.engine.workbooks import open_workbook

Align = Literal["left", "center", "right"]
_NOTHING = Wording("", "")
_EMPTY = Wording("（无）", "(none)")
_DATE = Wording("日期", "Day")
_NUMBER = Wording("文件编号", "Document number")
_XLSX_CHARACTERS_PER_MM = 0.55
_XLSX_TEXT = "@"
_WIDTH_MM, _LANDSCAPE_MM, _LEAST_SHARED_MM = 174, 261, 20
"""What house.typ leaves between its margins, and the least in which a major or a name is read without breaking every word."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: heading, width in mm (0 shares what is left), alignment of its cells."""

    title: Wording
    width_mm: float = 0
    align: Align = "center"


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and a value above the table."""

    label: Wording
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """A run of rows that begins on a page of its own, e.g. one class; rows hold texts, one a column."""

    rows: tuple[tuple[str, ...], ...]
    facts: tuple[Fact, ...] = ()
    total: Wording | None = None


@dataclass(frozen=True, slots=True)
class TableForm:
    """A paper with a table.

    ``number`` is the document number, printed in the foot and as QR code at the top. ``signatures`` are the roles that
    sign, in order (R38); ``seal`` says whose seal is needed (R71: without it the paper is not accepted).
    ``row_height_mm`` gives rows that are signed by hand their room; 0 for as high as the text.
    """

    title: Wording
    columns: tuple[Column, ...]
    sections: tuple[Section, ...]
    dated: datetime
    number: str = ""
    issuer: Wording = _NOTHING
    subtitle: Wording = _NOTHING
    facts: tuple[Fact, ...] = ()
    notes: tuple[Wording, ...] = ()
    signatures: tuple[Wording, ...] = ()
    seal: Wording | None = None
    footer: Wording = _NOTHING
    landscape: bool = False
    size_pt: float = 9.5
    qr_text: str = field(default="")
    row_height_mm: float = 0

    def __post_init__(self) -> None:
        wrong = next((row for part in self.sections for row in part.rows if len(row) != len(self.columns)), None)
        if wrong is not None:
            raise ValueError(f"A row has {len(wrong)} cells, the form {len(self.columns)} columns.")

    def to_pdf(self, language: str = "zh") -> bytes:
        """The paper as PDF/A, Chinese unless ``language`` is English. Raises ``DocumentError`` on a missing glyph."""
        left = (_LANDSCAPE_MM if self.landscape else _WIDTH_MM) - sum(column.width_mm for column in self.columns)
        if left < _LEAST_SHARED_MM * sum(not column.width_mm for column in self.columns):
            raise ValueError(f"The columns of “{self.title.zh}” leave {left:g} mm for those that share.")
        say = _speaker(language)
        qr = self.qr_text or self.number
        return typeset(
            template_text(__package__ or "", "table_form.typ"),
            {
                "language": "en" if language.lower().startswith("en") else "zh",
                "issuer": say(self.issuer),
                "subtitle": say(self.subtitle),
                "number": self.number,
                "footer": say(self.footer),
                "landscape": self.landscape,
                "size": self.size_pt,
                "row_height": self.row_height_mm,
                "qr": "qr.svg" if qr else None,
                "columns": [
                    {"title": say(column.title), "width": column.width_mm, "align": column.align}
                    for column in self.columns
                ],
                "facts": _facts(self.facts, language),
                "sections": [
                    {
                        "rows": [list(row) for row in part.rows],
                        "facts": _facts(part.facts, language),
                        "total": say(part.total),
                    }
                    for part in self.sections
                ],
                "notes": [say(note) for note in self.notes],
                "signatures": [say(role) for role in self.signatures],
                "date_label": say(_DATE),
                "seal": say(self.seal),
                "empty": say(_EMPTY),
            },
            title=say(self.title),
            dated=self.dated,
            files={"qr.svg": qr_svg(qr)} if qr else {},
        )

    def to_xlsx(self, language: str = "zh") -> bytes:
        """The same paper as one xlsx sheet (R40: the electronic file of every one of them); every cell is text."""
        return workbook_of((self,), language)

    def write_sheet(self, workbook: xlsxwriter.Workbook, name: str, language: str) -> None:
        """Write the paper as one more sheet of a workbook."""
        say = _speaker(language)
        sheet = workbook.add_worksheet(name)
        last = len(self.columns) - 1
        big = workbook.add_format({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"})
        head = workbook.add_format(
            {"bold": True, "border": 1, "bg_color": "#EBEBEB", "align": "center", "text_wrap": True}
        )
        cells = [
            workbook.add_format({"border": 1, "align": column.align, "num_format": _XLSX_TEXT, "text_wrap": True})
            for column in self.columns
        ]
        for index, column in enumerate(self.columns):
            sheet.set_column(index, index, max(8, (column.width_mm or 28) * _XLSX_CHARACTERS_PER_MM))
        if last > 0:
            sheet.merge_range(0, 0, 0, last, marked(say(self.title)), big)
        else:
            sheet.write_string(0, 0, marked(say(self.title)), big)
        line = 1
        for part in self.sections:
            told = "　".join(f"{label}：{value}" for label, value in _facts(self.facts + part.facts, language))
            if told:
                sheet.write_string(line, 0, told)
                line += 1
            for index, column in enumerate(self.columns):
                sheet.write_string(line, index, say(column.title), head)
            line += 1
            for row in part.rows:
                for index, text in enumerate(row):
                    sheet.write_string(line, index, text, cells[index])
                line += 1
            if part.total is not None:
                sheet.write_string(line, 0, say(part.total))
                line += 1
            line += 1
        for note in self.notes:
            sheet.write_string(line, 0, say(note))
            line += 1
        for role in self.signatures:
            sheet.write_string(line, 0, f"{say(role)}：")
            line += 1
        if self.seal is not None:
            sheet.write_string(line, 0, say(self.seal))
            line += 1
        if self.number:
            sheet.write_string(line, 0, f"{say(_NUMBER)}：{self.number}")
            sheet.set_footer(f"&L{self.number}&C&P / &N")
        if self.landscape:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)


def workbook_of(forms: Sequence[TableForm], language: str = "zh") -> bytes:
    """Papers of different columns as one xlsx, a sheet each; a name that comes twice is counted."""
    out = io.BytesIO()
    workbook = open_workbook(out)
    say, taken = _speaker(language), set[str]()
    for form in forms:
        plain = name = _sheet_name(say(form.title))
        while name.lower() in taken:
            name = f"{plain[:27]} {len(taken) + 1}"
        taken.add(name.lower())
        form.write_sheet(workbook, name, language)
    workbook.close()
    return out.getvalue()


def _speaker(language: str) -> Callable[[Wording | None], str]:
    def say(words: Wording | None) -> str:
        return "" if words is None else words.in_language(language)

    return say


def _facts(facts: Sequence[Fact], language: str) -> list[tuple[str, str]]:
    return [(fact.label.in_language(language), fact.value) for fact in facts]


def _sheet_name(title: str) -> str:
    """Excel allows 31 characters and not these."""
    return "".join(character for character in title if character not in "[]:*?/\\")[:31] or "Sheet"
