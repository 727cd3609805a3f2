"""What is wrong in a roster, row by row: R25-R31 and the standards. Good rows come out as typed records."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster.layout import REQUIRED, Header
from gradphoto.engine.roster.read import RawRow, Table
from gradphoto.engine.standards.codes import load_table
from gradphoto.engine.standards.dates import is_compact, parse_date
from gradphoto.engine.standards.identity import IdKind, IdNumber, Sex, mask, parse_id_number
from gradphoto.engine.standards.names import canonical_name, check_name
from gradphoto.engine.wording import Wording

SEASONS: Mapping[str, str] = {"春季": "spring", "春": "spring", "秋季": "autumn", "秋": "autumn"}
_SEXES = {"男": Sex.MALE, "女": Sex.FEMALE, "1": Sex.MALE, "2": Sex.FEMALE}
_NATIVE_PLACE = re.compile(r".+(省|自治区|市|特别行政区).+(县|市|区|旗|州|盟)")
_ID_FIELDS = frozenset({"id_number"})


class Severity(StrEnum):
    """An error keeps the row out; a warning goes in with it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one cell, with the reason and the remedy. ``value`` is masked where it is an ID number."""

    row_number: int
    field: str
    column_title: str
    value: str
    code: str
    severity: Severity
    reason: Wording
    remedy: Wording


@dataclass(frozen=True, slots=True)
class RosterRecord:
    """A clean row, typed."""

    student_no: str
    name: str
    sex: Sex
    birth_date: date
    id_number: str
    department: str
    season: str
    major: str
    level: str
    class_name: str = ""
    direction: str = ""
    political_status: str = ""
    ethnic_group: str = ""
    native_place: str = ""
    length_of_study: str = ""
    entry_date: date | None = None
    degree_category: str = ""
    school_kind: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row after the check: its record, or None where an error keeps it out."""

    row_number: int
    record: RosterRecord | None


@dataclass(frozen=True, slots=True)
class LintRules:
    """What a rule set allows: made-up region codes, and today for dates that cannot lie ahead."""

    today: date
    test_regions: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LintResult:
    """All rows and all findings, both in the order of the file."""

    rows: tuple[CheckedRow, ...]
    findings: tuple[Finding, ...]

    @property
    def good(self) -> tuple[CheckedRow, ...]:
        return tuple(row for row in self.rows if row.record is not None)


def lint(table: Table, rules: LintRules, progress: Callable[[int], None] | None = None) -> LintResult:
    """Check every row. ``progress`` hears the number of rows done, every thousand."""
    checks = [_check_row(raw, table.header, rules, done, progress) for done, raw in enumerate(table.rows, start=1)]
    _find_duplicates(checks, table.header)
    rows = tuple(CheckedRow(check.raw.row_number, check.record()) for check in checks)
    return LintResult(rows, tuple(finding for check in checks for finding in check.findings))


@dataclass(slots=True)
class _RowCheck:
    """A row under examination."""

    raw: RawRow
    header: Header
    findings: list[Finding] = field(default_factory=list)
    typed: dict[str, object] = field(default_factory=dict)

    def say(self, name: str, code: str, reason: Wording, remedy: Wording, severity: Severity = Severity.ERROR) -> None:
        value = self.raw.values.get(name, "")
        shown = mask(value) if name in _ID_FIELDS else value
        title = self.header.title_of(name)
        self.findings.append(
            Finding(self.raw.row_number, name, title, shown[:100], f"roster.{code}", severity, reason, remedy)
        )

    def say_error(self, name: str, error: GradPhotoError) -> None:
        self.say(name, error.code.split(".", 1)[1], error.message, error.remedy)

    def record(self) -> RosterRecord | None:
        if any(finding.severity is Severity.ERROR for finding in self.findings):
            return None
        return RosterRecord(**{**_texts(self.raw), **self.typed})  # type: ignore[arg-type]


_TEXT_FIELDS = (
    "student_no", "department", "major", "level", "class_name", "direction", "political_status", "ethnic_group",
    "native_place", "length_of_study", "degree_category", "school_kind", "remarks",
)  # fmt: skip


def _texts(raw: RawRow) -> dict[str, str]:
    return {name: raw.values.get(name, "") for name in _TEXT_FIELDS}


def _check_row(
    raw: RawRow, header: Header, rules: LintRules, done: int, progress: Callable[[int], None] | None
) -> _RowCheck:
    check = _RowCheck(raw, header)
    for name in REQUIRED:
        if not raw.values.get(name):
            check.say(name, "required", _MISSING[0], _MISSING[1])
    _check_name(check)
    number = _check_id_number(check, rules)
    _check_birth_date(check, number, rules)
    _check_sex(check, number)
    _check_season(check)
    _check_entry_date(check, rules)
    _check_codes(check)
    if progress is not None and done % 1000 == 0:
        progress(done)
    return check


_MISSING = (Wording("必填项为空。", "A required value is missing."), Wording("请补充完整。", "Fill it in."))


def _check_name(check: _RowCheck) -> None:
    name = check.raw.values.get("name", "")
    if not name:
        return
    for fault in check_name(name):
        check.say("name", fault.code, fault.reason, fault.remedy)
    check.typed["name"] = canonical_name(name)


def _check_id_number(check: _RowCheck, rules: LintRules) -> IdNumber | None:
    text = check.raw.values.get("id_number", "")
    if not text:
        return None
    if "E+" in text.upper():
        check.say(
            "id_number",
            "id_as_number",
            Wording(
                "证件号码被存成了数字，后几位已丢失。", "The ID number was stored as a figure and lost its last digits."
            ),
            Wording("把该列设为“文本”格式后重新录入。", "Format the column as text and enter it again."),
        )
        return None
    try:
        number = parse_id_number(text, rules.test_regions)
    except GradPhotoError as error:
        check.say_error("id_number", error)
        return None
    if number.kind is IdKind.RESIDENT_15:
        check.say(
            "id_number",
            "id_15_digits",
            Wording(
                "这是15位旧号，已按规则升为18位。", "This is an old 15-digit number; it was upgraded to 18 digits."
            ),
            Wording("请本人持证核对升位后的号码。", "Have the person compare the upgraded number with the card."),
            Severity.WARNING,
        )
    check.typed["id_number"] = number.number
    return number


def _check_birth_date(check: _RowCheck, number: IdNumber | None, rules: LintRules) -> None:
    text = check.raw.values.get("birth_date", "")
    if not text:
        return
    try:
        born = parse_date(text)
    except GradPhotoError as error:
        check.say_error("birth_date", error)
        return
    check.typed["birth_date"] = born
    if not is_compact(text):
        check.say("birth_date", "date_form", _COMPACT[0], _COMPACT[1], Severity.WARNING)
    if number is not None and number.birth_date is not None and number.birth_date != born:
        check.say(
            "birth_date",
            "birth_date_contradicts_id",
            Wording("出生日期与证件号码不一致。", "The birth date contradicts the ID number."),
            Wording(
                f"证件号码中为 {number.birth_date:%Y%m%d}；以身份证为准改正其中一项。",
                f"The ID number says {number.birth_date:%Y%m%d}; the card decides which is right.",
            ),
        )
    elif not date(rules.today.year - 90, 1, 1) < born < date(rules.today.year - 12, 12, 31):
        check.say(
            "birth_date",
            "birth_date_unlikely",
            Wording("出生日期不合常理。", "The birth date is not plausible."),
            Wording("请对照身份证核对。", "Compare it with the card."),
        )


_COMPACT = (
    Wording("日期没有写成八位数字。", "The date is not written as eight digits."),
    Wording("写成如 19860305；已按此读入。", "Write it like 19860305; it was read as such."),
)


def _check_sex(check: _RowCheck, number: IdNumber | None) -> None:
    text = check.raw.values.get("sex", "")
    if not text:
        return
    sex = _SEXES.get(text)
    if sex is None:
        check.say(
            "sex",
            "sex_unknown",
            Wording("性别应为“男”或“女”。", "The sex must be 男 or 女."),
            Wording("请改正。", "Correct it."),
        )
        return
    check.typed["sex"] = sex
    if number is not None and number.sex is not None and number.sex is not sex:
        check.say(
            "sex",
            "sex_contradicts_id",
            Wording("性别与证件号码第17位不一致。", "The sex contradicts digit 17 of the ID number."),
            Wording("以身份证为准改正其中一项。", "The card decides which is right."),
        )


def _check_season(check: _RowCheck) -> None:
    text = check.raw.values.get("season", "")
    if not text:
        return
    season = SEASONS.get(text)
    if season is None:
        check.say(
            "season",
            "season_unknown",
            Wording("毕业季应为“春季”或“秋季”。", "The season must be 春季 or 秋季."),
            Wording("春、秋季毕业生须严格分开，请填写其一。", "Spring and autumn graduates are kept apart: name one."),
        )
    else:
        check.typed["season"] = season


def _check_entry_date(check: _RowCheck, rules: LintRules) -> None:
    text = check.raw.values.get("entry_date", "")
    if not text:
        return
    try:
        entered = parse_date(f"{text}01" if len(text) == 6 and text.isdigit() else text)
    except GradPhotoError as error:
        check.say_error("entry_date", error)
        return
    check.typed["entry_date"] = entered
    if entered > rules.today:
        check.say(
            "entry_date",
            "entry_date_ahead",
            Wording("入学日期在未来。", "The entry date lies ahead."),
            Wording("请核对。", "Check it."),
        )


def _check_codes(check: _RowCheck) -> None:
    for name, table in (("political_status", "political_status"), ("length_of_study", "length_of_study")):
        text = check.raw.values.get(name, "")
        if text and text not in load_table(table):
            allowed = "、".join(load_table(table).names.values())
            check.say(
                name,
                f"{name}_unknown",
                Wording("不是规定的填写值。", "This is not one of the values allowed."),
                Wording(f"应为：{allowed}。", f"Use one of: {allowed}."),
            )
    ethnic = check.raw.values.get("ethnic_group", "")
    if ethnic and ethnic not in load_table("ethnic_group") and f"{ethnic}族" not in load_table("ethnic_group"):
        check.say(
            "ethnic_group",
            "ethnic_group_unknown",
            Wording("民族名称不在国家标准中。", "The ethnic group is not in the national table."),
            Wording("请按身份证填写，如“汉族”。", "Fill it in as on the card, e.g. 汉族."),
        )
    place = check.raw.values.get("native_place", "")
    if place and not _NATIVE_PLACE.fullmatch(place):
        check.say(
            "native_place",
            "native_place_form",
            Wording("籍贯没有写成“××省××县（市）”。", "The native place is not written as province and county."),
            Wording("例如“湖南省平江县”。", "For example 湖南省平江县."),
            Severity.WARNING,
        )


def _find_duplicates(checks: Iterable[_RowCheck], header: Header) -> None:
    seen: dict[tuple[str, str], list[_RowCheck]] = defaultdict(list)
    for check in checks:
        if number := check.typed.get("id_number"):
            seen["id_number", str(number)].append(check)
        if student_no := check.raw.values.get("student_no"):
            seen["student_no", student_no].append(check)
    for (name, _), twins in seen.items():
        for later in twins[1:]:
            first = twins[0].raw.row_number
            later.say(
                name,
                "duplicate",
                Wording(f"与第 {first} 行重复。", f"The same stands in row {first}."),
                Wording("保留正确的一行，删除另一行。", "Keep the right row and delete the other."),
            )
