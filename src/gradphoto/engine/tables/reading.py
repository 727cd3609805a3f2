"""A table file read in two looks: first what sheets there are and what stands in their heads, then the rows of some.

The first bytes decide the format, never the name. Messages come out one by one, so that neither side holds it all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradphoto.engine.tables import errors
from gradphoto.engine.tables.dbf import Dbf, is_dbf
from gradphoto.engine.tables.model import BLOCK_ROWS, Limits, Row, SheetFacts, Source, Wanted, packed
from gradphoto.engine.tables.text import UTF_16, Text, is_utf_16

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OTHER_FILES: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\xd8\xff", "JPEG 照片", "a JPEG picture"),
    (b"\x89PNG", "PNG 图片", "a PNG picture"),
    (b"GIF8", "GIF 图片", "a GIF picture"),
    (b"II*\x00", "TIFF 图片", "a TIFF picture"),
    (b"%PDF", "PDF 文档", "a PDF document"),
    (b"Rar!", "RAR 压缩包", "a RAR archive"),
    (b"7z\xbc\xaf", "7z 压缩包", "a 7z archive"),
    (b"\x1f\x8b", "gz 压缩包", "a gzip archive"),
    (b"SQLite format 3", "数据库文件", "a database file"),
    (b"{\\rtf", "RTF 文档", "an RTF document"),
)
_WEB_PAGES = (b"<html", b"<!doctype html", b"<table", b"<?xml", b"mime-version:")


def open_table(data: bytes, limits: Limits, wanted: Wanted) -> Source:
    """The reader that the first bytes ask for. Raises ``RosterFileError``."""
    if not data.strip():
        raise errors.empty()
    if len(data) > limits.bytes:
        raise errors.too_large(limits.bytes)
    if data.startswith(_ZIP):
        from gradphoto.engine.tables.xlsx import Xlsx  # each format's parser is loaded when it is needed

        return Xlsx(data, limits, wanted)
    from gradphoto.engine.tables.model import BARE_BIFF, OLE

    if data.startswith((OLE, *BARE_BIFF)):
        from gradphoto.engine.tables.xls import Xls

        return Xls(data, limits, wanted)
    if is_dbf(data):
        return Dbf(data, limits, wanted)
    _refuse_other_files(data)
    return Text(data, limits, wanted)


def _refuse_other_files(data: bytes) -> None:
    for magic, zh, en in _OTHER_FILES:
        if data.startswith(magic):
            raise errors.not_a_table(zh, en)
    start = data[:1024].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith(_WEB_PAGES) or b"<table" in start:
        raise errors.web_page()
    if data.startswith(_EMPTY_ZIP) or (
        b"\x00" in data[:4096].rstrip(b"\x00") and not data.startswith(UTF_16) and not is_utf_16(data)
    ):
        raise errors.not_a_table()


def outline(data: bytes, limits: Limits, wanted: Wanted) -> Iterator[SheetFacts | errors.RosterFileError]:
    """Every work sheet with its head and counts; one that cannot be read gives its error in its place."""
    source = open_table(data, limits, wanted)
    for sheet in range(len(source.sheets)):
        try:
            yield source.outline(sheet)
        except errors.RosterFileError as error:
            yield error


def read(data: bytes, limits: Limits, wanted: Sequence[tuple[str, Wanted]]) -> Iterator[str | SheetFacts]:
    """The asked sheets by title, each as packed blocks of rows (text) and then its facts."""
    headings = wanted[0][1] if wanted else Wanted()
    source = open_table(data, limits, headings)
    titles = tuple(facts.title for facts in source.sheets)
    for title, looks_for in wanted:
        if title not in titles and len(titles) != 1:
            raise errors.no_such_sheet(title, titles)
        sheet = titles.index(title) if title in titles else 0
        facts = SheetFacts(source.sheets[sheet].title, source.sheets[sheet].hidden)
        facts.has_macros = source.sheets[sheet].has_macros
        source.look_for(looks_for)
        block: list[Row] = []
        for row in source.rows(sheet, facts):
            block.append(row)
            if len(block) == BLOCK_ROWS:
                yield packed(block)
                block.clear()
        if block:
            yield packed(block)
        yield facts
