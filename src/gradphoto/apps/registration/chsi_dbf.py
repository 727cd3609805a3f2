"""The ledger as DBF in the column layout of the student-status files (docs of CHSI's convention; GBK; facts 2.1).

A character that GBK lacks, and a text that is wider than its column, cannot be written truly. Such a row is left out
and told by name and column; nothing is replaced, nothing is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dbf

from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.registration.models import LedgerEntry
from gradphoto.apps.roster.models import Sex
from gradphoto.apps.verification.items import text_of
from gradphoto.engine.wording import Wording

ENCODING = "gbk"
_CODE_PAGE = "cp936"
COLUMNS: tuple[tuple[str, int], ...] = (
    ("KSH", 18),
    ("XH", 15),
    ("XM", 40),
    ("XB", 2),
    ("CSRQ", 8),
    ("SFZH", 18),
    ("ZZMM", 16),
    ("MZ", 24),
    ("ZYDM", 6),
    ("ZYMC", 50),
    ("CC", 12),
    ("XZ", 3),
    ("XXXS", 10),
    ("RXRQ", 8),
    ("FY", 40),
    ("XSH", 40),
    ("BH", 40),
    ("YJBYRQ", 8),
)
"""Name and width in bytes. The convention gives no widths for FY, XSH and BH; 40 is ours."""
_WIDER = {"ZYDM": 8}
"""The catalogue of majors now has codes such as 080910T and 080717TK: only where one occurs is the column wider."""
_SEXES = {Sex.MALE.value: "男", Sex.FEMALE.value: "女"}


class LeftOut(Refusal):
    """A row that DBF cannot hold truly: ``column`` and why."""

    def __init__(self, column: str, why: Wording, remedy: Wording) -> None:
        super().__init__(f"registration.dbf_{column.lower()}", why, remedy)
        self.column = column


@dataclass(frozen=True, slots=True)
class Omission:
    """A person who is not in the file, and the columns that keep them out."""

    entry: LedgerEntry
    faults: tuple[LeftOut, ...]


def record_of(entry: LedgerEntry) -> dict[str, str]:
    """The eighteen columns of one line of the ledger as text; empty where the ledger does not say."""
    facts: Mapping[str, Any] = entry.facts
    record = dict.fromkeys((name for name, _ in COLUMNS), "")
    record |= {
        "KSH": facts.get("candidate_no", ""),
        "XH": facts["student_no"],
        "XM": entry.name,
        "XB": _SEXES[facts["sex"]],
        "CSRQ": facts["birth_date"].replace("-", ""),
        "SFZH": text_of(entry.id_number),
        "ZZMM": facts.get("political_status", ""),
        "MZ": facts.get("ethnic_group", ""),
        "ZYDM": facts.get("major_code", ""),
        "ZYMC": facts["major"],
        "CC": facts["level"],
        "XZ": facts.get("length_of_study", ""),
        "XXXS": facts.get("study_form", ""),
        "RXRQ": facts.get("entry_date", "").replace("-", ""),
        "FY": facts.get("branch_school", ""),
        "XSH": facts["department"],
        "BH": facts["class_name"],
        "YJBYRQ": facts.get("expected_graduation", ""),
    }
    return record


def faults_of(record: Mapping[str, str]) -> list[LeftOut]:
    """What keeps a record out of the file: characters beyond GBK, texts wider than their column."""
    faults = []
    for name, width in COLUMNS:
        text = record[name]
        beyond = [sign for sign in text if not _in_gbk(sign)]
        if beyond:
            faults.append(_beyond(name, beyond))
        elif len(text.encode(ENCODING)) > _WIDER.get(name, width):
            faults.append(_too_wide(name, len(text.encode(ENCODING)), _WIDER.get(name, width)))
    return faults


def _in_gbk(sign: str) -> bool:
    try:
        sign.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def _beyond(column: str, signs: list[str]) -> LeftOut:
    shown = "、".join(f"{sign}（U+{ord(sign):04X}）" for sign in signs)
    return LeftOut(
        column,
        Wording(f"{column} 列的字 GBK 编码中没有：{shown}", f"GBK has no code for this in column {column}: {shown}"),
        Wording(
            "未写入 DBF，也没有用别的字代替；请用 xlsx 报送此人，或与接收单位商定写法。",
            "Not written, and not replaced by another character; send this person by xlsx, or agree with the receiver.",
        ),
    )


def _too_wide(column: str, width: int, most: int) -> LeftOut:
    return LeftOut(
        column,
        Wording(f"{column} 列有 {width} 字节，最多 {most}。", f"Column {column} has {width} bytes, at most {most}."),
        Wording(
            "未写入 DBF，也没有截断；请用 xlsx 报送此人，或更正后重新导出。",
            "Not written, and not cut; send this person by xlsx, or correct it and export again.",
        ),
    )


@dataclass(frozen=True, slots=True)
class Written:
    """What one file holds: its rows, the columns that are empty in all of them, and who was left out with the reasons."""

    rows: int
    empty: tuple[str, ...]
    omitted: list[Omission]


def write_dbf(path: Path, entries: Iterable[LedgerEntry]) -> Written:
    """Write the file. Whoever cannot be written truly is left out and named."""
    omitted, records = [], []
    for entry in entries:
        record = record_of(entry)
        faults = faults_of(record)
        if faults:
            omitted.append(Omission(entry, tuple(faults)))
        else:
            records.append(record)
    layout = "; ".join(f"{name} C({_width(name, width, records)})" for name, width in COLUMNS)
    table = dbf.Table(str(path), layout, codepage=_CODE_PAGE, dbf_type="db3")
    table.open(dbf.READ_WRITE)
    try:
        for record in records:
            table.append(tuple(record[name] for name, _ in COLUMNS))
    finally:
        table.close()
    empty = tuple(name for name, _ in COLUMNS if not any(record[name] for record in records))
    return Written(len(records), empty, omitted)


def _width(name: str, width: int, records: Sequence[Mapping[str, str]]) -> int:
    if name not in _WIDER:
        return width
    return max(width, *(len(record[name].encode(ENCODING)) for record in records), 0)
