"""Reading a bank's statement (csv or xlsx): which column is what, and which of its words name a student.

Kept free of Django: what matches whom is decided in ``bank``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gradphoto.apps.core.errors import invalid
from gradphoto.apps.fees.money import parse_yuan
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.standards.dates import parse_date
from gradphoto.engine.tables.errors import RosterFileError
from gradphoto.engine.tables.model import Limits
from gradphoto.engine.tables.plain import NumberedRow, read_plain

MOST_ROWS = 50_000
LIMIT_MB = 16
_LIMITS = Limits(bytes=LIMIT_MB * 1024 * 1024, rows=MOST_ROWS, columns=200)
_HEADINGS: dict[str, tuple[str, ...]] = {
    "serial": ("流水号", "交易流水号", "交易流水", "凭证号", "回单编号", "serial"),
    "paid_on": ("交易日期", "入账日期", "记账日期", "日期", "交易时间", "date"),
    "amount": ("金额", "交易金额", "贷方金额", "收入金额", "贷方发生额", "收入", "amount"),
    "payer": ("付款人", "对方户名", "付款人名称", "汇款人", "对方账户名称", "payer"),
    "memo": ("附言", "摘要", "用途", "备注", "汇款附言", "交易附言", "memo"),
}
_SEARCHED = 20
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15})(?![0-9A-Za-z])")
_WORD = re.compile(r"[0-9A-Za-z]{4,36}")


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One row as read; ``fault`` is the error of a row that cannot be read. ``memo`` may still hold an ID number."""

    row_number: int
    serial: str
    paid_on: date | None
    amount_fen: int | None
    payer: str
    memo: str
    fault: GradPhotoError | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What in the memo may be a student number, an order's number or an ID number."""
        return tuple(dict.fromkeys(_WORD.findall(unicodedata.normalize("NFKC", self.memo).upper())))


def masked(text: str) -> str:
    """The text with whatever looks like an ID number masked, for keeping and showing."""
    return _ID_NUMBER.sub(lambda found: f"{found[0][:3]}{'*' * (len(found[0]) - 7)}{found[0][-4:]}", text)


def read_statement(data: bytes) -> list[StatementRow]:
    """Every row with money coming in. Raises ``fees.statement_unreadable`` or ``fees.statement_heading``.

    Rows without an amount (headings of pages, payments going out) are left out; a row with an unreadable one is kept
    with its fault.
    """
    try:
        rows = read_plain(data, [heading for known in _HEADINGS.values() for heading in known], _LIMITS)
    except RosterFileError as error:
        raise _unreadable(error) from error
    for place, (_, row) in enumerate(rows[:_SEARCHED]):
        columns = _columns(row)
        if {"amount", "paid_on"} <= columns.keys():
            return list(_rows(rows[place + 1 :], columns))
    raise invalid(
        "fees.statement_heading",
        "没有找到表头：至少要有“交易日期”和“金额”两列。",
        "No heading was found: a date and an amount are the least.",
        "请从网银重新导出明细，不要删除表头。",
        "Export the statement again and keep its headings.",
    )


def _columns(row: Sequence[str]) -> dict[str, int]:
    plain = [unicodedata.normalize("NFKC", cell).strip().lower().removesuffix("(元)") for cell in row]
    return {
        field: plain.index(heading)
        for field, known in _HEADINGS.items()
        for heading in reversed(known)
        if heading in plain
    }


def _rows(rows: Sequence[NumberedRow], columns: dict[str, int]) -> Iterator[StatementRow]:
    for number, row in rows:
        text = {field: row[at].strip() if at < len(row) else "" for field, at in columns.items()}
        if not text["amount"] or text["amount"].lstrip("+-0.,") == "" or text["amount"].startswith("-"):
            continue
        yield _row(number, text)


def _row(number: int, text: dict[str, str]) -> StatementRow:
    serial, payer, memo = (text.get(field, "")[:most] for field, most in (("serial", 80), ("payer", 80), ("memo", 200)))
    try:
        day = parse_date(re.split(r"[ T]", text["paid_on"])[0])
        return StatementRow(number, serial, day, parse_yuan(text["amount"].lstrip("+")), payer, memo)
    except GradPhotoError as error:
        return StatementRow(number, serial, None, None, payer, memo, error)


def _unreadable(why: RosterFileError) -> GradPhotoError:
    return invalid(
        "fees.statement_unreadable",
        f"无法读取这个文件：{why.message.zh}",
        f"This file cannot be read: {why.message.en}",
        f"请从网银导出 xlsx 或 csv 明细，不超过 {MOST_ROWS} 行。",
        f"Export the statement as xlsx or csv, at most {MOST_ROWS} rows.",
    )
