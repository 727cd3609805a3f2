"""The ledger as a workbook: persons with their photograph and persons without one, told apart (R171, R214)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path

from django.utils import timezone
from PIL import Image
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core import blobs
from gradphoto.apps.registration.bundle import photo_name
from gradphoto.apps.registration.models import EntryKind, LedgerEntry
from gradphoto.apps.roster.models import Sex
from gradphoto.apps.verification.items import text_of
from gradphoto.engine.workbooks import open_workbook

THUMB_PX = (72, 96)
_ROW_PT = 76
COLUMNS: tuple[tuple[str, int], ...] = (
    ("注册序号 No.", 10),
    ("登记类别 Kind", 14),
    ("毕业季 Season", 10),
    ("拍摄序号 Shooting number", 12),
    ("照片文件名 Photo file", 14),
    ("姓名 Name", 12),
    ("学号 Student number", 18),
    ("性别 Sex", 8),
    ("出生日期 Birth date", 12),
    ("身份证号码 ID number", 22),
    ("专业名称 Major", 22),
    ("层次 Level", 8),
    ("学历类别 Degree category", 12),
    ("所在校别 School kind", 12),
    ("毕（结）业 Leaves as", 10),
    ("（院）系代码 Department code", 10),
    ("（院）系名称 Department", 20),
    ("所在院校名称 School", 20),
    ("院校代码 School code", 10),
    ("登记日期 Entered", 12),
    ("考生号 Candidate number", 18),
    ("专业代码 Major code", 10),
    ("学习形式 Form of study", 10),
    ("分院 Branch school", 16),
    ("预计毕业日期 Expected graduation", 12),
    ("无图像天数 Days without a photograph", 10),
    ("图像 Photograph", 11),
)
_PHOTO_COLUMN = len(COLUMNS) - 1


def write_ledger(
    path: Path,
    title: str,
    entries: Iterable[LedgerEntry],
    advance: Callable[[int], None] = lambda done: None,
    naming: str = "shooting_number",
) -> int:
    """Write the workbook to ``path`` and return the number of lines.

    ID numbers are text cells, shooting numbers keep their zeros, and the small pictures are scaled copies for
    looking at: the registered file itself is named beside them, as the receiver wants it (``naming``).
    """
    rows = 0
    with open_workbook(path, row_by_row=True) as book:
        sheet = book.add_worksheet("注册台账")
        head = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E8F1F9", "border": 1, "valign": "top"})
        plain = book.add_format({"border": 1, "valign": "vcenter", "num_format": "@"})
        without = book.add_format({"border": 1, "valign": "vcenter", "num_format": "@", "bg_color": "#FFF3D6"})
        for column, (_, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(2, 6)
        sheet.write_string(0, 0, title)
        for column, (text, _) in enumerate(COLUMNS):
            sheet.write_string(1, column, text, head)
        for rows, entry in enumerate(entries, start=1):
            _write_row(sheet, rows + 1, entry, plain if entry.portrait_id else without, naming)
            advance(rows)
        if rows:
            sheet.autofilter(1, 0, rows + 1, len(COLUMNS) - 1)
    return rows


def _write_row(sheet: Worksheet, row: int, entry: LedgerEntry, style: Format, naming: str) -> None:
    if entry.portrait is not None:
        sheet.set_row(row, _ROW_PT)
    for column, text in enumerate(_texts(entry, naming)):
        # write_string: a name that begins with "=" is a name, not a formula.
        sheet.write_string(row, column, text, style)
    if entry.portrait is not None:
        picture = io.BytesIO(_thumbnail(blobs.read(entry.portrait.blob)))
        placing = {"image_data": picture, "x_offset": 3, "y_offset": 2, "object_position": 1}
        sheet.insert_image(row, _PHOTO_COLUMN, f"{entry.number}.jpg", placing)


def _texts(entry: LedgerEntry, naming: str) -> tuple[str, ...]:
    facts = entry.facts
    number = facts.get("shooting_number")
    label = f"{number:05d}" if number else ""
    return (
        str(entry.number),
        str(EntryKind(entry.kind).label),
        str(Season(facts["season"]).label),
        label,
        photo_name(entry, naming) if entry.portrait_id else "",
        entry.name,
        facts["student_no"],
        str(Sex(facts["sex"]).label),
        facts["birth_date"],
        text_of(entry.id_number),
        facts["major"],
        facts["level"],
        facts["degree_category"],
        facts["school_kind"],
        facts.get("graduation_kind", ""),
        facts["department_code"],
        facts["department"],
        facts["school"],
        facts["school_code"],
        timezone.localdate(entry.at).isoformat(),
        facts.get("candidate_no", ""),
        facts.get("major_code", ""),
        facts.get("study_form", ""),
        facts.get("branch_school", ""),
        facts.get("expected_graduation", ""),
        "" if entry.portrait_id else str(days_since(entry)),
        "" if entry.portrait_id else "无图像",
    )


def days_since(entry: LedgerEntry) -> int:
    """Days since the line was entered: how long a person has been registered without a photograph."""
    return (timezone.localdate() - timezone.localdate(entry.at)).days


def _thumbnail(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("RGB", THUMB_PX)
        small = picture.convert("RGB")
        small.thumbnail(THUMB_PX)
        out = io.BytesIO()
        small.save(out, "JPEG", quality=80)
    return out.getvalue()
