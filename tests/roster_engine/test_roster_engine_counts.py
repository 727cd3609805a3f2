"""The first look at a large sheet counts without parsing the cells: the same counts as the parser's."""

import io
import zipfile

import pytest
import xlsxwriter

from gradphoto.engine.tables import xlsx, xlsx_sheet
from gradphoto.engine.tables.model import Limits, SheetFacts, Wanted
from gradphoto.engine.tables.xlsx import Xlsx
from gradphoto.engine.tables.xlsx_sheet import read_rows
from gradphoto.engine.tables.xlsx_values import Cells

pytestmark = pytest.mark.engine


def workbook(*, comment: bytes = b"", prefix: bool = False) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("名册")
    grey = book.add_format({"bg_color": "#CCCCCC"})
    for row in range(60):
        if row % 7 == 3:
            sheet.set_row(row, None, grey)  # formatted and blank
            continue
        sheet.write_row(row, 0, [f"2022{row:06d}", "测试", row])
    sheet.set_row(11, None, None, {"hidden": True})
    sheet.set_row(20, 0)
    sheet.set_column(4, 5, None, None, {"hidden": True})
    sheet.autofilter(0, 0, 59, 2)
    book.close()
    if not comment and not prefix:
        return out.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = data.replace(b"</sheetData>", comment + b"</sheetData>")
                if prefix:
                    data = data.replace(b"<row ", b"<x:row ").replace(b"</row>", b"</x:row>")
                    data = data.replace(b"<worksheet ", b'<worksheet xmlns:x="u" ')
            new.writestr(name, data)
    return changed.getvalue()


def counts(data: bytes, monkeypatch, large: int):
    monkeypatch.setattr(xlsx, "_LARGE", large)
    facts = Xlsx(data, Limits(), Wanted()).outline(0)
    return facts.rows, facts.last_row, facts.hidden_rows, facts.hidden_columns, facts.filtered, facts.head


@pytest.mark.parametrize("comment", [b"", b"<!-- <row r='99'><c><v>1</v></c></row> -->"])
def test_the_counts_are_the_parsers(monkeypatch, comment):
    data = workbook(comment=comment)
    counted = counts(data, monkeypatch, 0)
    assert counted == counts(data, monkeypatch, 1 << 40)
    assert counted[:4] == (51, 59, [12, 21], [4, 5])
    assert counted[4]


def test_another_writers_form_is_left_to_the_parser(monkeypatch):
    data = workbook(prefix=True)
    assert counts(data, monkeypatch, 0) == counts(data, monkeypatch, 1 << 40)


@pytest.mark.parametrize("size", [1, 7, 64, 1000, 1024])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_value_is_cut_where_the_parsers_blocks_meet(monkeypatch, size, encoding):
    cells = '<c r="A{0}"><v>{1}</v></c><c r="B{0}" t="inlineStr"><is><t>王小明 {0} 号</t></is></c>'
    rows = "".join(f'<row r="{n}">{cells.format(n, 2022000000 + n)}</row>\n ' for n in range(1, 60))
    xml = f'<?xml version="1.0" encoding="{encoding}"?><worksheet><sheetData>{rows}</sheetData></worksheet>'
    monkeypatch.setattr(xlsx_sheet, "_BLOCK", size)
    found = list(read_rows(io.BytesIO(xml.encode(encoding)), SheetFacts(), Cells(Limits()), {}))
    assert found == [(n, [str(2022000000 + n), f"王小明 {n} 号"]) for n in range(1, 60)]
