"""One corrected value, held against the same rules as an imported row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from django.utils import timezone

from gradphoto.apps.campaigns.code_tables import code_names_of
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import TEST_REGIONS
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import InvalidInput, Refusal
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.roster import Header, LintRules, RosterRecord, Severity, Table, lint
from gradphoto.engine.roster.layout import FIELD_TITLES, FIELD_WORDINGS
from gradphoto.engine.roster.records import RECORD_FIELDS
from gradphoto.engine.standards.identity import IdNumberError, parse_id_number
from gradphoto.engine.wording import Wording

CORRECTABLE = (
    "name", "sex", "birth_date", "id_number", "student_no", "class_name", "major", "direction", "level",
    "length_of_study", "entry_date", "degree_category", "school_kind", "graduation_kind",
    "political_status", "ethnic_group",
    "native_place", "remarks", "candidate_no", "major_code", "study_form", "branch_school", "expected_graduation", "id_type",
)  # fmt: skip
"""What a college may correct (R20, R21). Season and department are the campaign's order and come by import only."""

STORED = tuple(name for name in RECORD_FIELDS if name in {field.name for field in Candidate._meta.get_fields()})
"""What of a roster row the candidate keeps, in the record's order; school and shooting number are not the row's own."""

KEY_FIELDS = ("name", "sex", "birth_date", "id_number")
"""The fields compared with the admissions data (R31): once signed for, they change by proof only (R32-R35)."""

ALREADY_LISTED = Refusal(
    "roster.already_listed",
    Wording(
        "本批次已有相同证件号码或学号的学生。",
        "This campaign has a person with that ID number or student number already.",
    ),
    Wording("请先查清是否同一人。", "Find out first whether it is the same person."),
)

_SEXES = {"male": "男", "female": "女"}
_SEASONS = {"spring": "春季", "autumn": "秋季"}


def texts_of(candidate: Candidate) -> dict[str, str]:
    """The row as a roster file would write it, by field; the ID number is whole, so this is never shown as it is."""
    texts = {name: str(getattr(candidate, name)) for name in STORED}
    return texts | {
        "sex": _SEXES[candidate.sex],
        "season": _SEASONS[candidate.season],
        "birth_date": _compact(candidate.birth_date),
        "entry_date": _compact(candidate.entry_date),
        "department": candidate.department.name,
        "id_number": candidate.id_number.decrypt(),
    }


def _compact(day: date | None) -> str:
    return f"{day:%Y%m%d}" if day else ""


def checked_values(candidate: Candidate, field: str, value: str) -> dict[str, Any]:
    """The columns that a corrected value changes, after the row as a whole has passed the check of an import.

    With a new ID number the birth date and the sex that it tells come along (R26: they follow the card). Raises
    ``InvalidInput`` with the finding's own code, e.g. ``roster.birth_date_contradicts_id``.
    """
    test_regions = value_of(candidate.campaign, TEST_REGIONS)
    changed = {field: _SEXES.get(value.strip(), value.strip())}
    if field == "id_number":
        changed |= _told_by(changed[field], test_regions)
    record = checked_record(candidate.campaign, texts_of(candidate) | changed)
    new = {name: getattr(record, name) for name in changed}
    if "id_number" in new:
        new["id_number_index"] = blind_index(new["id_number"])
    return new


def checked_record(campaign: Campaign, texts: Mapping[str, str]) -> RosterRecord:
    """The typed row, after the check of an import. Raises ``InvalidInput`` with the code of the first error found."""
    rules = LintRules(timezone.localdate(), value_of(campaign, TEST_REGIONS), code_names=code_names_of(campaign.school))
    titles = tuple(FIELD_TITLES[name] for name in STORED)
    header = Header(1, {name: column for column, name in enumerate(STORED)}, titles)
    result = lint(Table.of(header, (titles, tuple(texts.get(name, "").strip() for name in STORED)), (2,)), rules)
    for finding in result.findings:
        if finding.severity is Severity.ERROR:
            raise InvalidInput(finding.code, _about(finding.field, finding.reason), finding.remedy)
    record = result.rows[0].record
    assert record is not None
    for name, text in fields_of(record).items():
        if name != "id_number" and isinstance(text, str) and len(text) > longest(name):
            raise InvalidInput("roster.too_long", *too_long(name))
    return record


def _about(field: str, reason: Wording) -> Wording:
    said = FIELD_WORDINGS.get(field, Wording(field, field))
    return Wording(f"{said.zh}：{reason.zh}", f"{said.en}: {reason.en}")


def fields_of(record: RosterRecord) -> dict[str, Any]:
    """The record as columns of a candidate; the department is an organisation and is found apart."""
    return {name: getattr(record, name) for name in STORED if name != "department"}


def _told_by(number: str, test_regions: Collection[str]) -> dict[str, str]:
    """Birth date and sex inside an ID number; nothing for a wrong one, of which the check will speak."""
    with suppress(IdNumberError):
        told = parse_id_number(number, test_regions)
        if told.birth_date is not None and told.sex is not None:
            return {"birth_date": _compact(told.birth_date), "sex": _SEXES[told.sex]}
    return {}


def longest(field: str) -> int:
    """How many characters the database keeps of a field."""
    return getattr(Candidate._meta.get_field(field), "max_length", None) or 1000


def too_long(field: str) -> tuple[Wording, Wording]:
    """Reason and remedy for a value that does not fit."""
    limit = longest(field)
    return (
        Wording(f"内容超过 {limit} 个字。", f"This is longer than {limit} characters."),
        Wording("请写简称，其余说明写入备注。", "Use the short form and put the rest into the remarks."),
    )
