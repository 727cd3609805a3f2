"""Files that somebody may hand in to break the reader, each small and each of another kind."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import xlsxwriter
from PIL import Image

HEADINGS = (
    "学号",
    "姓名",
    "性别",
    "出生日期",
    "身份证号",
    "院系",
    "专业名称",
    "培养层次",
    "毕业季",
    "手机",
    "交易日期",
    "金额",
)
SHEET = "xl/worksheets/sheet1.xml"


def workbook(merge: bool = False) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("名册")
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(0, column, heading)
        sheet.write_string(1, column, "1")
    book.close()
    return out.getvalue()


def repacked(change: Callable[[str, bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
    return out.getvalue()


def in_sheet(more: bytes) -> bytes:
    return repacked(lambda name, body: body.replace(b"</sheetData>", more + b"</sheetData>") if name == SHEET else body)


def entities() -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY l0 "lollollol">{levels}]>'.encode()
    more = b'<row r="3"><c r="A3" t="inlineStr"><is><t>&l9;</t></is></c></row></sheetData>'
    return repacked(
        lambda name, body: body.replace(b"<worksheet", doctype + b"<worksheet", 1).replace(b"</sheetData>", more)
        if name == SHEET else body
    )  # fmt: skip


def merges(count: int = 20_000) -> bytes:
    ranges = "".join(f'<mergeCell ref="A{n}:A{n + 1}"/>' for n in range(3, 2 * count, 2)).encode()
    more = b"</sheetData><mergeCells>" + ranges + b"</mergeCells>"
    return repacked(lambda name, body: body.replace(b"</sheetData>", more) if name == SHEET else body)


def zip_bomb() -> bytes:
    return repacked(lambda name, body: body + bytes(80_000_000) if name == SHEET else body)


def nested_zip() -> bytes:
    inner = workbook()
    for _ in range(6):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.zip", inner)
        inner = out.getvalue()
    return inner


def broken_xls() -> bytes:
    """A container whose allocation table leads in a circle."""
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<III", head, 44, 1, 1, 0)
    struct.pack_into("<II", head, 56, 4096, 0)
    struct.pack_into("<" + "I" * 109, head, 76, 0, *[0xFFFFFFFF] * 108)
    return bytes(head) + struct.pack("<128I", *[1, 0] * 64) + "Workbook".encode("utf-16-le") * 40


def lying_dbf() -> bytes:
    head = bytearray(32)
    head[0], head[1:4] = 3, bytes((126, 1, 1))
    struct.pack_into("<IHH", head, 4, 0x7FFFFFFF, 65, 200)
    return bytes(head) + b"XM\0\0\0\0\0\0\0\0\0C\0\0\0\0\xff" + bytes(15) + b"\r" + b" " * 400


def png_bomb(side: int = 60_000) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
        + chunk(b"IEND", b"")
    )


def jpeg(width: int = 64, height: int = 64) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(out, "JPEG")
    data = bytearray(out.getvalue())
    place = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, place + 5, height, width)
    return bytes(data)


def zip_of(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


TABLES: dict[str, Callable[[], bytes]] = {
    "far-cell.xlsx": lambda: in_sheet(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "cell-without-reference-far-down.xlsx": lambda: in_sheet(b'<row r="1048576"><c><v>1</v></c><c r="XFC1048576" t="n"><v>2</v></c></row>'),
    "column-beyond-all.xlsx": lambda: in_sheet(b'<row r="3"><c r="ZZZZZZZZ3"><v>1</v></c></row>'),
    "row-beyond-all.xlsx": lambda: in_sheet(b'<row r="99999999999999999999"><c r="A9"><v>1</v></c></row>'),
    "string-beyond-all.xlsx": lambda: in_sheet(b'<row r="3"><c r="A3" t="s"><v>999999999</v></c></row>'),
    "entities.xlsx": entities,
    "merges.xlsx": merges,
    "bomb.xlsx": zip_bomb,
    "nested.xlsx": nested_zip,
    "deep.xlsx": lambda: in_sheet(b"<x>" * 200_000),
    "half.xlsx": lambda: workbook()[:900],
    "broken.xls": broken_xls,
    "lying.dbf": lying_dbf,
    "million-columns.csv": lambda: (",".join(HEADINGS) + "\n" + "1," * 1_000_000 + "1\n").encode(),
    "long-cell.csv": lambda: (",".join(HEADINGS) + "\n" + "1" * 400_000 + ",1\n").encode(),
    "open-quote.csv": lambda: (",".join(HEADINGS) + '\n"1' + ",1\n" * 90_000).encode(),
    "nothing.csv": lambda: b"\x00" * 100_000,
}  # fmt: skip
PICTURES: dict[str, Callable[[], bytes]] = {
    "bomb.png": png_bomb,
    "wide.jpg": lambda: jpeg(65_000, 65_000),
    "tall.jpg": lambda: jpeg(64, 30_000),
    "cut.jpg": lambda: jpeg()[:200],
    "only-a-head.jpg": lambda: b"\xff\xd8\xff\xe0" + b"\x00" * 5_000,
    "zip.jpg": lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF" + nested_zip(),
}
