"""The package of an xlsx: its parts found by their relationships, whatever the writer called them, and weighed first."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pyexpat import ExpatError
from typing import IO
from xml.parsers import expat

from gradphoto.engine.tables import errors
from gradphoto.engine.tables.model import Limits

BROKEN = (
    zipfile.BadZipFile, zlib.error, ExpatError, EOFError, OSError, ValueError, LookupError, NotImplementedError,
    RuntimeError, OverflowError,
)  # fmt: skip
"""All that a package damaged at some place makes the standard library raise."""
_ENCRYPTED = 0x1
_SMALL_PART = 1 << 23
_MOST_PARTS = 20_000
_MACROS = "vbaproject.bin"
_HIDDEN = ("hidden", "veryHidden")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A work sheet: its title, its part and whether it is hidden."""

    title: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Package:
    """An opened workbook."""

    archive: zipfile.ZipFile
    parts: dict[str, zipfile.ZipInfo]
    sheets: tuple[SheetPart, ...]
    strings: str | None
    styles: str | None
    has_macros: bool
    from_1904: bool

    def open(self, part: str) -> IO[bytes]:
        """The bytes of a part, unpacked as they are read."""
        return self.archive.open(self.parts[part])

    def size_of(self, part: str) -> int:
        """Bytes of a part once it is unpacked."""
        return self.parts[part].file_size


def open_package(data: bytes, limits: Limits) -> Package:
    """Open a workbook and find its parts. Raises ``RosterFileError``."""
    archive = _opened(data)
    _refuse_weight(archive, len(data), limits)
    parts = {entry.filename.replace("\\", "/").lstrip("/").lower(): entry for entry in archive.infolist()}
    try:
        book = _workbook(archive, parts)
        if book is None:
            raise _what_zip(set(parts))
        return _read_workbook(archive, parts, book, limits)
    except BROKEN as error:
        raise errors.damaged() from error


def _opened(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except BROKEN as error:
        # A local header in order and no directory at the end: the beginning of a whole archive.
        if len(data) > 30 and data[8:10] in (b"\x00\x00", b"\x08\x00") and data[26:30] != b"\x00\x00\x00\x00":
            name = data[30 : 30 + int.from_bytes(data[26:28], "little")]
            if name.isascii() and b" " not in name and (b"." in name or b"/" in name):
                raise errors.truncated() from error
        raise errors.not_a_table() from error


def _what_zip(names: set[str]) -> errors.RosterFileError:
    known = (
        ("word/", "Word 文档", "a Word document"), ("ppt/", "演示文稿", "a presentation"),
        ("xl/workbook.bin", "xlsb 工作簿", "an xlsb workbook"), ("content.xml", "OpenDocument 文件", "an OpenDocument file"),
    )  # fmt: skip
    for start, zh, en in known:
        if any(name.startswith(start) for name in names):
            return errors.not_a_table(zh, en)
    return errors.not_a_table("压缩包", "an archive")


def _refuse_weight(archive: zipfile.ZipFile, packed: int, limits: Limits) -> None:
    entries = archive.infolist()
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise errors.encrypted()
    unpacked = sum(entry.file_size for entry in entries)
    if (
        len(entries) > _MOST_PARTS
        or unpacked > limits.unpacked_bytes
        or unpacked > limits.unpack_ratio * max(packed, 10_000)
    ):
        raise errors.zip_bomb()


def elements(stream: IO[bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of a small part, each by its name without a prefix; attributes likewise, ``r:id`` as ``id``."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = new_parser()
    parser.StartElementHandler = lambda name, attributes: found.append((bare(name), attributes))
    parser.Parse(stream.read(_SMALL_PART), True)
    return iter(found)


def new_parser() -> expat.XMLParserType:
    """A parser that knows no document types: no workbook has one, and entities live there."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def whole_tags(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks that end behind a tag: a text cut in two would come out of the parser in two pieces, and
    who takes the first for the whole has half a number."""
    rest = b""
    for block in blocks:
        end = block.rfind(b">") + 1
        if not end and len(rest) < _SMALL_PART:
            rest += block
            continue
        yield rest + block[:end]
        rest = block[end:]
    if rest:
        yield rest


def _refuse_doctype(*declared: object) -> None:
    raise errors.damaged()


def bare(name: str) -> str:
    """An element's or attribute's name without its prefix."""
    return name.rpartition(":")[2]


def _attribute(attributes: dict[str, str], wanted: str) -> str:
    for name, value in attributes.items():
        if name.endswith(f":{wanted}"):
            return value
    return attributes.get(wanted, "")


def _relations(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], part: str) -> dict[str, tuple[str, str]]:
    """Kind and target part by the id of each relationship of a part."""
    folder, name = posixpath.split(part)
    entry = parts.get(posixpath.join(folder, "_rels", f"{name}.rels"))
    if entry is None:
        return {}
    if entry.file_size > _SMALL_PART:
        raise errors.zip_bomb()
    found = {}
    with archive.open(entry) as stream:
        for name, attributes in elements(stream):
            if name == "Relationship":
                target = attributes.get("Target", "").replace("\\", "/")
                target = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = (kind, posixpath.normpath(target).lower())
    return found


def _workbook(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> str | None:
    for kind, target in _relations(archive, parts, "").values():
        if kind == "officeDocument" and target in parts and target.endswith(".xml") and not target.startswith("word/"):
            return target
    return "xl/workbook.xml" if "xl/workbook.xml" in parts else None


def _read_workbook(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], book: str, limits: Limits) -> Package:
    if parts[book].file_size > _SMALL_PART:
        raise errors.zip_bomb()
    relations = _relations(archive, parts, book)
    sheets, titles, from_1904, is_workbook = [], [], False, False
    with archive.open(parts[book]) as stream:
        for name, attributes in elements(stream):
            is_workbook = is_workbook or name == "workbook"
            if name == "workbookPr":
                from_1904 = attributes.get("date1904", "0").lower() in ("1", "true")
            if name == "sheet":
                titles.append((attributes.get("name", ""), attributes.get("state") in _HIDDEN))
                kind, target = relations.get(_attribute(attributes, "id"), ("", ""))
                if kind == "worksheet" and target in parts:
                    sheets.append(SheetPart(attributes.get("name", ""), target, attributes.get("state") in _HIDDEN))
    if not is_workbook:
        raise _what_zip(set(parts))
    if not sheets:
        # A writer without relationships: the sheets are where they always are.
        names = [name for name in parts if posixpath.dirname(name) == "xl/worksheets" and name.endswith(".xml")]
        names.sort(key=lambda name: (len(name), name))  # sheet10 behind sheet9
        if len(titles) != len(names):
            titles = [(posixpath.basename(name)[:-4], False) for name in names]
        sheets = [SheetPart(title, name, hidden) for (title, hidden), name in zip(titles, names, strict=True)]
    if len(sheets) > limits.sheets:
        raise errors.too_many_sheets(limits.sheets)
    by_kind = {kind: target for kind, target in relations.values() if target in parts}
    macros = any(name.endswith(_MACROS) for name in parts)
    strings, styles = (
        by_kind.get(kind) or (usual if usual in parts else None)
        for kind, usual in (("sharedStrings", "xl/sharedstrings.xml"), ("styles", "xl/styles.xml"))
    )
    return Package(archive, parts, tuple(sheets), strings, styles, macros, from_1904)
