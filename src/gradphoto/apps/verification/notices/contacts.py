"""Telephone numbers and e-mail addresses from a table of three columns: student number, telephone, e-mail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from gradphoto.apps.core.errors import invalid
from gradphoto.apps.verification.notices.models import Channel
from gradphoto.engine.tables.model import Limits
from gradphoto.engine.tables.plain import read_plain
from gradphoto.engine.wording import Wording

_TITLES = {
    "student_no": ("学号", "student number", "student no", "student_no"),
    Channel.SMS.value: ("手机", "手机号", "手机号码", "电话", "联系电话", "mobile", "phone"),
    Channel.EMAIL.value: ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail"),
}
_MOBILE = re.compile(r"1[3-9]\d{9}")
LIMIT_MB = 8
_LIMITS = Limits(bytes=LIMIT_MB * 1024 * 1024, rows=100_000, columns=100)


@dataclass(frozen=True, slots=True)
class BadContact:
    """A row of the table that gives no address, by its number in the sheet, and why."""

    row: int
    why: Wording


@dataclass(slots=True)
class ContactTable:
    """What a table holds: ``found`` maps student numbers to (channel, address) pairs."""

    found: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    bad: list[BadContact] = field(default_factory=list)


def read_contacts(data: bytes) -> ContactTable:
    """Read an xlsx, xls, csv or dbf table. Raises ``RosterFileError`` or ``InvalidInput`` where it is none."""
    rows = read_plain(data, [title for titles in _TITLES.values() for title in titles], _LIMITS)
    columns = _columns(rows[0][1]) if rows else {}
    if "student_no" not in columns or len(columns) < 2:
        raise invalid(
            "verification.contact_columns",
            "第一行没有“学号”和“手机”或“邮箱”。",
            "The first row does not name 学号 and 手机 or 邮箱.",
            "请在第一行写明列名后重新上传。",
            "Name the columns in the first row and upload it again.",
        )
    table = ContactTable()
    for number, row in rows[1:]:
        texts = {key: unicodedata.normalize("NFKC", row[column]).strip() for key, column in columns.items()}
        student_no = texts.pop("student_no")
        if student_no:
            good = list(_addresses(number, texts, table.bad))
            if good:
                table.found[student_no] = good
    return table


def _columns(titles: tuple[str, ...]) -> dict[str, int]:
    known = {title: key for key, names in _TITLES.items() for title in names}
    return {known[title.strip().lower()]: place for place, title in enumerate(titles) if title.strip().lower() in known}


def _addresses(row: int, texts: dict[str, str], bad: list[BadContact]) -> Iterator[tuple[str, str]]:
    for channel, text in texts.items():
        if not text:
            continue
        if channel == Channel.SMS:
            digits = re.sub(r"[\s-]", "", text).removeprefix("+86")
            if _MOBILE.fullmatch(digits):
                yield channel, digits
            else:
                bad.append(BadContact(row, Wording("手机号码应为 11 位。", "A mobile number has 11 digits.")))
        else:
            try:
                validate_email(text)
                yield channel, text
            except ValidationError:
                bad.append(BadContact(row, Wording("电子邮箱格式不对。", "This is no e-mail address.")))
