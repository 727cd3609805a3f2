"""Awkward files as they come: half characters, headers that lie, struck parts, lines between people, other encodings."""

import io
import struct

import openpyxl
import pytest
from made_up_rosters import OWN_TITLES, RULES, cells_of, csv_text, number, person
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from gradphoto.engine.roster import lint, read_table
from gradphoto.engine.roster.mapping import propose_sheets
from gradphoto.engine.tables.errors import RosterFileError

pytestmark = pytest.mark.engine
PEOPLE = [person(serial) for serial in range(1, 6)]
NAME = OWN_TITLES.index("姓名")


def told(data):
    return [(f.row_number, f.field, f.code.removeprefix("roster.")) for f in lint(read_table(data), RULES).findings]


def book(change):
    made = openpyxl.Workbook()
    sheet = made.active
    for row in cells_of(PEOPLE):
        sheet.append(row)
    change(sheet)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_struck_name_and_a_struck_part_are_told_and_a_row_struck_by_rich_text_is_a_struck_row():
    def change(sheet):
        sheet.cell(2, NAME + 1).font = Font(strike=True)
        sheet.cell(3, NAME + 1).value = CellRichText(TextBlock(InlineFont(strike=True), "王五"), "李四")
        for cell in sheet[4]:
            if cell.value:
                cell.value = CellRichText(TextBlock(InlineFont(strike=True), str(cell.value)))

    data = book(change)
    assert told(data) == [(2, "name", "struck_cell"), (3, "name", "struck_cell"), (4, "", "struck_row")]
    (offer,) = propose_sheets(data)
    assert offer.struck_rows == 1


def test_a_line_between_people_is_none_of_them():
    def change(sheet):
        sheet.append([])
        sheet.append(["计算机2202班"])
        for row in cells_of([person(8)]):
            sheet.append(row)

    data = book(change)
    assert told(data) == [(8, "", "foot_line"), (9, "", "repeated_header")]
    assert len(read_table(data).rows) == 6


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", [b"", b"\x1a", b"\x00" * 7])
def test_text_without_a_mark_and_with_an_end_of_its_own(encoding, end):
    if encoding.startswith("utf-16") and end:
        end = end.replace(b"\x1a", b"\x1a\x00") if encoding != "utf-16-be" else b""
    rows = read_table(csv_text(PEOPLE, separator="\t").encode(encoding) + end).rows
    assert [row.values["name"] for row in rows] == [one["name"] for one in PEOPLE]


def test_a_broken_byte_is_told_in_its_cell_and_the_others_are_read():
    data = csv_text(PEOPLE).encode("gb18030").replace("张伟".encode("gb18030"), "张".encode("gb18030") + b"\xff", 1)
    assert (2, "name", "broken_character") in told(data)
    assert len(read_table(data).rows) == 5


COLUMNS = (("XH", "C", 12), ("XM", "C", 10), ("XB", "C", 3), ("CSRQ", "D", 8), ("SFZH", "C", 18), ("ZYMC", "C", 30),
           ("CC", "C", 10), ("XSH", "C", 30), ("XZ", "I", 4), ("BZ", "M", 10))  # fmt: skip


def dbf(names, *, encoding="gbk", said=None, version=0x03, deleted=(), end=b"\x1a"):
    size, head = 1 + sum(width for *_, width in COLUMNS), 32 + 32 * len(COLUMNS) + 1
    out = struct.pack("<BBBBIHH", version, 124, 3, 5, len(names) if said is None else said, head, size) + bytes(20)
    place = 1
    for title, kind, width in COLUMNS:
        out += (
            title.encode().ljust(11, b"\0") + kind.encode() + struct.pack("<I", place) + bytes([width, 0]) + bytes(14)
        )
        place += width
    out += b"\r"
    for serial, name in enumerate(names, start=1):
        values = (f"2022{serial:08d}", name, "男", "20040305", number(serial=2 * serial + 1), "软件工程", "本科", "计算机学院",
                  struct.pack("<i", 4), b"         7" if serial == 2 else b" " * 10)  # fmt: skip
        out += b"*" if serial in deleted else b" "
        for (_, _, width), value in zip(COLUMNS, values, strict=True):
            out += (value if isinstance(value, bytes) else value.encode(encoding))[:width].ljust(width)
    return out + end


@pytest.mark.parametrize("version", [0x03, 0x30, 0x83, 0xF5, 0xFB])
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_a_dbf_with_cut_names_figures_of_bytes_and_a_memo(version, encoding):
    table = read_table(dbf(["王五", "阿卜杜热依木江", "李四"], encoding=encoding, version=version))
    kept = 5 if encoding == "gbk" else 3
    assert [row.values["name"] for row in table.rows] == ["王五", "阿卜杜热依木江"[:kept], "李四"]
    assert {row.values["length_of_study"] for row in table.rows} == {"4"}
    assert {row.values["major"] for row in table.rows} == {"软件工程"}
    notes = [(note.row_number, note.field, note.code) for note in table.notes]
    assert notes == [(3, "name", "roster.cut"), (3, "remarks", "roster.memo_elsewhere")]


@pytest.mark.parametrize(("said", "end"), [(9, b"\x1a"), (2, b"\x1a"), (0, b"\x1a"), (2, b""), (5, b"")])
def test_a_dbf_header_that_counts_otherwise_is_told_and_nobody_is_lost(said, end):
    table = read_table(dbf(["王五", "赵六", "李四", "孙七"], said=said, end=end, deleted=(1,)))
    assert [(row.row_number, row.values["name"]) for row in table.rows] == [(3, "赵六"), (4, "李四"), (5, "孙七")]
    (note,) = [note for note in table.notes if note.code == "roster.count_differs"]
    assert f"{said} 条" in note.reason.zh
    assert "4 条" in note.reason.zh


def test_a_dbf_that_breaks_off_inside_of_a_record_is_refused():
    with pytest.raises(RosterFileError) as refused:
        read_table(dbf(["王五", "赵六"])[:-20])
    assert refused.value.code == "roster.truncated"
