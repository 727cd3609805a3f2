"""What a receiver of DBF gets in one zip: the tables, the photographs named as they want them, and who was left out."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gradphoto.apps.campaigns import settings_keys
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.core import blobs
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import bi
from gradphoto.apps.registration.chsi_dbf import Omission, write_dbf
from gradphoto.apps.registration.models import LedgerEntry

NAMES: dict[str, Callable[[LedgerEntry], str]] = {
    "shooting_number": lambda entry: f"{entry.facts['shooting_number']:05d}",
    "student_no": lambda entry: str(entry.facts["student_no"]),
    "student_no_name": lambda entry: f"{entry.facts['student_no']}{entry.name}",
    "ledger_number": lambda entry: f"{entry.number:06d}",
}
"""Ways to name a photograph. None holds an ID number: file names travel further than files (R205)."""
NAMES_IN_WORDS = {
    "shooting_number": bi("拍摄序号", "Shooting number"),
    "student_no": bi("学号", "Student no."),
    "student_no_name": bi("学号和姓名", "Student number and name"),
    "ledger_number": bi("台账编号", "Ledger number"),
}
_NEVER_IN_A_NAME = '<>:"/\\|?*'


@dataclass(slots=True)
class Bundle:
    """What was written: rows with and without a photograph, and the people left out."""

    with_photo: int = 0
    without_photo: int = 0
    omitted: list[Omission] = field(default_factory=list)
    empty: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By table the columns that are empty in every row: what the roster never said."""


def naming_of(campaign: Campaign) -> str:
    """How the campaign's receiver wants photographs named; by shooting number (R52) where the rule set is silent."""
    rule = in_force(campaign.rule_set, settings_keys.PHOTO_NAMES)
    chosen = settings_keys.PHOTO_NAMES.read(rule.value) if rule else "shooting_number"
    if chosen not in NAMES:
        raise invalid(
            "registration.photo_names",
            f"规则集中的照片命名方式“{chosen}”不可用。",
            f"The rule set names photographs by an unknown way: {chosen}.",
            "可用：" + "、".join(NAMES),
            "Known ways: " + ", ".join(NAMES),
        )
    return chosen


def standing(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """One line a person: the latest, so that a correction stands in place of what it corrects."""
    latest: dict[int, LedgerEntry] = {}
    for entry in entries:
        if entry.candidate_id not in latest or latest[entry.candidate_id].number < entry.number:
            latest[entry.candidate_id] = entry
    return sorted(latest.values(), key=lambda entry: entry.number)


def write_bundle(path: Path, entries: Sequence[LedgerEntry], naming: str, advance: Callable[[int], None]) -> Bundle:
    """Write the zip: ``with_photo.dbf``, ``without_photo.dbf``, ``photos/``, ``left_out.csv``, ``README.txt``.

    A person left out of the table keeps their photograph in the zip: the receiver gets their data another way.
    """
    made = Bundle()
    pictured = [entry for entry in entries if entry.portrait_id]
    plain = [entry for entry in entries if not entry.portrait_id]
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        for title, part in (("with_photo", pictured), ("without_photo", plain)):
            table = Path(folder) / f"{title}.dbf"
            written = write_dbf(table, part)
            setattr(made, title, written.rows)
            made.omitted += written.omitted
            if written.rows and written.empty:
                made.empty[title] = written.empty
            package.write(table, table.name)
        for done, entry in enumerate(pictured, start=1):
            assert entry.portrait is not None
            package.writestr(f"photos/{photo_name(entry, naming)}", blobs.read(entry.portrait.blob))
            advance(done)
        package.writestr("left_out.csv", _left_out(made.omitted))
        package.writestr("README.txt", _readme(made, naming))
    return made


def photo_name(entry: LedgerEntry, naming: str) -> str:
    """The file name of a registered photograph, as the campaign's receiver wants it."""
    return f"{_safe(NAMES[naming](entry))}.jpg"


def _safe(name: str) -> str:
    return "".join("_" if sign in _NEVER_IN_A_NAME or ord(sign) < 32 else sign for sign in name)


def _left_out(omitted: Sequence[Omission]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("序号", "学号", "姓名", "列", "原因", "处理"))
    for omission in omitted:
        for fault in omission.faults:
            entry = omission.entry
            # A leading apostrophe keeps a spreadsheet from taking a text for a formula.
            name = f"'{entry.name}" if entry.name[:1] in "=+-@" else entry.name
            writer.writerow(
                (entry.number, entry.facts["student_no"], name, fault.column, fault.message.zh, fault.remedy.zh)
            )
    return out.getvalue().encode("utf-8-sig")


def _readme(made: Bundle, naming: str) -> str:
    return (
        f"with_photo.dbf     有图像注册 {made.with_photo} 人\n"
        f"without_photo.dbf  无图像注册 {made.without_photo} 人\n"
        f"photos/            照片，命名方式 {naming}\n"
        f"left_out.csv       未写入 DBF 的 {len(made.omitted)} 人及原因（UTF-8）\n"
        "DBF 编码 GBK；列名和宽度按学籍格式。DBF in GBK, columns as in the status files.\n"
        + "".join(
            f"{title}.dbf 全部为空的列（名册未填）：{'、'.join(columns)}。"
            f" Empty in every row, as in the roster: {', '.join(columns)}.\n"
            for title, columns in made.empty.items()
        )
    )
