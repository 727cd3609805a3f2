"""The papers of the house: R40 (paper and its electronic file), R71 (seal), R109 (a character without a glyph)."""

from __future__ import annotations

import dataclasses
import io
import struct
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

from gradphoto.engine.documents import Column, Fact, Section, TableForm, fonts
from gradphoto.engine.wording import Wording

pytestmark = pytest.mark.engine
HANAZONO = Path("/usr/share/fonts/truetype/hanazono")
DATED = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def a_form(rows: tuple[tuple[str, ...], ...]) -> TableForm:
    return TableForm(
        title=Wording("预计毕业生添加名单汇总表", "Expected graduates added"),
        issuer=Wording("湖南理工学院", "Hunan Institute of Science and Technology"),
        columns=(
            Column(Wording("序号", "No."), 12),
            Column(Wording("姓名", "Name"), 30),
            Column(Wording("专业", "Major"), 0, "left"),
        ),
        sections=(Section(rows, (Fact(Wording("学院", "College"), "政法学院"),), Wording("共 1 人", "1 person")),),
        dated=DATED,
        number="GP-2026-000123",
        signatures=(Wording("负责人", "Person responsible"), Wording("学院领导", "College leader")),
        seal=Wording("（学院盖章）", "(college seal)"),
    )


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document)


def test_r71_a_paper_names_who_signs_and_whose_seal_it_needs() -> None:
    text = text_of(a_form((("1", "阿卜杜拉·买买提", "法学"),)).to_pdf())
    for part in (
        "预计毕业生添加名单汇总表",
        "负责人",
        "学院领导",
        "（学院盖章）",
        "第 1 页",
        "GP-2026-000123",
        "阿卜杜拉·买买提",
    ):
        assert part in text


def test_the_same_data_give_the_same_bytes() -> None:
    form = a_form((("1", "李堃", "法学"),))
    assert form.to_pdf() == form.to_pdf()


def test_papers_speak_english_when_asked() -> None:
    text = text_of(a_form(()).to_pdf("en"))
    assert "Expected graduates added" in text
    assert "(none)" in text
    assert "Page 1 of 1" in text


def test_rare_characters_are_drawn_and_an_undrawable_one_is_framed_and_told() -> None:
    with fonts.telling() as framed:
        a_form((("1", "𠮷田喆祎玥犇镕", "法学"),)).to_pdf()
    assert not framed
    with fonts.telling() as framed:
        text = text_of(a_form((("1", "李\ue5f1", "法学"), ("2", "王五", "法学"), ("3", "张\ue863", "法学"))).to_pdf())
    assert framed == {"\ue5f1", "\ue863"}
    assert "U+E5F1" in text
    assert "王五" in text
    assert "yan" in text, "its reading, where one is known"
    with fonts.telling() as framed:
        assert "13800000000" in text_of(a_form((("1", "王\U000e0100五\u202d", "\u202d13800000000\u202c"),)).to_pdf())
    assert not framed, "what nobody sees needs no glyph"


def test_a_font_behind_the_first_draws_what_it_lacks(monkeypatch, tmp_path) -> None:
    """The package's own font, cut down to a map that says it has the character, stands for a wider one."""
    assert fonts.undrawn(["李\ue5f1王"]) == ("\ue5f1",)
    wide = tmp_path / "wide.ttf"
    wide.write_bytes(a_font(0xE5F1))
    monkeypatch.setenv("GRADPHOTO_FONTS", str(tmp_path))
    assert fonts.undrawn(["李\ue5f1王"]) == ()
    assert fonts.coverage(wide)[fonts.GB18030_BLOCKS[0]] == 0
    (tmp_path / "no.ttf").write_bytes(b"no font at all")
    with pytest.raises(fonts.FontError) as refused:
        fonts.character_map(tmp_path / "no.ttf")
    assert refused.value.code == "documents.font_unreadable"


@pytest.mark.skipif(not HANAZONO.is_dir(), reason="Debian's fonts-hanazono is not installed")
def test_a_paper_is_set_with_the_font_behind_the_first(monkeypatch) -> None:
    monkeypatch.setenv("GRADPHOTO_FONTS", str(HANAZONO))
    with fonts.telling() as framed:
        assert "李𠀃" in text_of(a_form((("1", "李𠀃", "法学"),)).to_pdf())
    assert not framed


def a_font(code: int) -> bytes:
    """The tables that say which characters a font has, and no glyphs: one character (cmap format 12)."""
    table = struct.pack(">HHIIIIII", 12, 0, 28, 0, 1, code, code, 1)
    cmap = struct.pack(">HHHHI", 0, 1, 3, 10, 12) + table
    return struct.pack(">IHHHH", 0x00010000, 1, 16, 0, 0) + struct.pack(">4sIII", b"cmap", 0, 28, len(cmap)) + cmap


def test_a_long_table_repeats_its_heading_on_every_page() -> None:
    rows = tuple((str(n), f"学生{n}", "法学") for n in range(1, 121))
    document = pypdfium2.PdfDocument(a_form(rows).to_pdf())
    assert len(document) > 2
    assert all("序号" in page.get_textpage().get_text_range() for page in list(document)[:-1])


def test_r40_the_electronic_file_holds_the_same_rows_as_text() -> None:
    form = a_form((("1", "=cmd|' /C calc'!A0", "法学"), ("2", "李四", "0012")))
    sheet = openpyxl.load_workbook(io.BytesIO(form.to_xlsx())).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert ["2", "李四", "0012"] in cells
    assert sheet.cell(4, 2).data_type == "s"


def test_a_row_of_the_wrong_width_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="cells"):
        a_form((("1", "李四"),))


def test_r71_signatures_and_seal_never_stand_alone_on_a_page() -> None:
    for count in range(20, 50):
        rows = tuple((str(n), f"学生{n}", "法学") for n in range(1, count))
        pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(a_form(rows).to_pdf())]
        assert "（学院盖章）" in pages[-1]
        assert f"学生{count - 1}" in pages[-1], f"{count - 1} rows"
        assert "序号" in pages[-1], "the heading comes along"


def test_a_row_stays_on_one_page_and_the_dot_of_a_name_never_begins_a_line() -> None:
    long_name = "穆罕默德·本·阿卜杜勒·阿齐兹·艾力·吐尔逊江·买买提明"
    rows = tuple((str(n), long_name, "法学") for n in range(1, 41))
    form = a_form(rows)
    narrow = dataclasses.replace(form, columns=(form.columns[0], Column(Wording("姓名", "Name"), 22), form.columns[2]))
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(narrow.to_pdf())]
    assert len(pages) > 1
    assert sum("".join(page.split()).count(long_name) for page in pages) == len(rows), "no name is cut by a page"
    assert not any(line.startswith("·") for page in pages for line in page.splitlines())


def test_a_column_that_shares_what_is_left_is_never_squeezed():
    """The shooting list once left 5 mm for a name; such a form cannot be made any more."""
    wide = (Column(Wording("学号", ""), 100), Column(Wording("备注", ""), 60), Column(Wording("姓名", "")))
    with pytest.raises(ValueError, match="leave 14 mm"):
        TableForm(Wording("名单", ""), wide, (), DATED).to_pdf()
    assert TableForm(Wording("名单", ""), wide, (), DATED, landscape=True).to_pdf().startswith(b"%PDF")
