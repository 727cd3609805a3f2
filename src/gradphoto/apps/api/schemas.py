"""What goes in and out of the interface; unknown fields are refused, so that nothing is silently dropped or set."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

MOST_KEY = 2**63 - 1
Key = Annotated[int, Field(ge=1, le=MOST_KEY)]


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("NUL is no text")
    return text


def text(most: int, least: int = 0) -> Any:
    """A text of so many characters, without NUL, which PostgreSQL does not keep."""
    return Annotated[
        str,
        StringConstraints(min_length=least, max_length=most, pattern="^[^\\x00]*$"),
        AfterValidator(_without_nul),
    ]


class Given(Schema):
    """The base of everything that comes in: no field that we do not know, no number that was a text."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Sentence(Schema):
    zh: str
    en: str


class FieldError(Schema):
    """One wrong value: where it stands, why, and what to do."""

    row: int | None = None
    field: str
    code: str
    zh: str
    en: str
    remedy: Sentence


class Problem(Schema):
    """RFC 9457, with a stable ``code``, both sentences and the remedy; ``errors`` bears a hundred of ``errors_total``."""

    type: str
    title: str
    status: int
    code: str
    zh: str
    en: str
    remedy: Sentence
    errors: list[FieldError] | None = None
    errors_total: int | None = None
    number: str | None = None


class Unit(Schema):
    id: int
    code: str
    name: str


class CampaignOut(Schema):
    id: int
    title: str
    cohort_year: int
    status: str
    school: Unit


class Page(Schema):
    """``next`` is the cursor of the following page, null at the end."""

    next: str | None


class Campaigns(Page):
    items: list[CampaignOut]


class CandidateOut(Schema):
    """``stage``: roster, accepted, shot, delivered, verified, registered or without_photo. The ID number is masked."""

    id: int
    campaign: int
    unit: Unit
    season: str
    class_name: str
    student_no: str
    name: str
    sex: str
    birth_date: date
    id_number: str
    major: str
    level: str
    status: str
    stage: str
    has_photograph: bool
    changed_at: datetime | None


class Candidates(Page):
    """``next_changed_since`` is what to ask with the next time: a little before this answer, so that nothing is missed."""

    items: list[CandidateOut]
    next_changed_since: datetime


class LookUp(Given):
    """By student number or by ID number: these never stand in an address. ``id_numbers`` and ``whole_numbers`` need the right
    numbers.whole."""

    campaign: Key
    student_numbers: list[text(40, 1)] = Field(default_factory=list, max_length=200)  # type: ignore[valid-type]
    id_numbers: list[text(40, 1)] = Field(default_factory=list, max_length=200)  # type: ignore[valid-type]
    whole_numbers: bool = False


class Found(Schema):
    items: list[CandidateOut]


class RosterRow(Given):
    """One person, by the names of the roster's fields. What is missing or wrong is told row by row after the reading, so
    that one bad row keeps no good one out."""

    student_no: text(60) = ""  # type: ignore[valid-type]
    name: text(120) = ""  # type: ignore[valid-type]
    id_number: text(60) = ""  # type: ignore[valid-type]
    department: text(120) = ""  # type: ignore[valid-type]
    major: text(120) = ""  # type: ignore[valid-type]
    level: text(60) = ""  # type: ignore[valid-type]
    season: text(20) = ""  # type: ignore[valid-type]
    sex: text(20) = ""  # type: ignore[valid-type]
    birth_date: text(30) = ""  # type: ignore[valid-type]
    political_status: text(60) = ""  # type: ignore[valid-type]
    ethnic_group: text(60) = ""  # type: ignore[valid-type]
    native_place: text(120) = ""  # type: ignore[valid-type]
    class_name: text(120) = ""  # type: ignore[valid-type]
    direction: text(120) = ""  # type: ignore[valid-type]
    length_of_study: text(20) = ""  # type: ignore[valid-type]
    entry_date: text(30) = ""  # type: ignore[valid-type]
    degree_category: text(60) = ""  # type: ignore[valid-type]
    school_kind: text(60) = ""  # type: ignore[valid-type]
    graduation_kind: text(60) = ""  # type: ignore[valid-type]
    remarks: text(300) = ""  # type: ignore[valid-type]
    candidate_no: text(60) = ""  # type: ignore[valid-type]
    major_code: text(60) = ""  # type: ignore[valid-type]
    study_form: text(60) = ""  # type: ignore[valid-type]
    branch_school: text(120) = ""  # type: ignore[valid-type]
    expected_graduation: text(30) = ""  # type: ignore[valid-type]
    department_code: text(40) = ""  # type: ignore[valid-type]
    id_type: text(60) = ""  # type: ignore[valid-type]


class RosterRows(Given):
    """``unit``: whose people these are; the widest unit of the token's without it. More than 5,000 people come as a file."""

    unit: Key | None = None
    rows: list[RosterRow] = Field(min_length=1, max_length=5_000)


class JobOut(Page):
    """``next`` is the cursor of the following issues; ``failed`` counts them all."""

    id: UUID
    kind: str
    state: str
    total: int
    done: int
    failed: int
    created_at: datetime
    finished_at: datetime | None
    error: FieldError | None
    issues: list[FieldError]


class ImportOut(Schema):
    """A roster on its way: what was read of it, and how many differences of each kind wait or were dealt with."""

    id: int
    campaign: int
    unit: Unit
    status: str
    rows: int
    good: int
    bad: int
    same: int
    waiting: dict[str, int]
    taken: dict[str, int]
    job: UUID | None
    created_at: datetime


class FindingOut(Schema):
    """What is wrong or odd in one cell; ``value`` is masked where it is a personal number."""

    row: int
    field: str
    column: str
    value: str
    code: str
    severity: str
    zh: str
    en: str
    remedy: Sentence


class Findings(Page):
    items: list[FindingOut]


class Change(Schema):
    field: str
    before: str
    after: str


class DifferenceOut(Schema):
    id: int
    kind: str
    state: str
    row: int | None
    candidate: int | None
    student_no: str
    name: str
    changes: list[Change]
    error: FieldError | None


class Differences(Page):
    items: list[DifferenceOut]


class Decision(Given):
    """Only new people and changes; who is gone from a roster is taken off by a person."""

    kind: Literal["added", "changed"]
    accepted: bool = True


class Decided(Schema):
    count: int
    job: UUID | None


class VerificationOut(Schema):
    candidate: int
    student_no: str
    status: str
    opened_at: datetime
    viewed_at: datetime | None
    confirmed_at: datetime | None


class Verifications(Page):
    items: list[VerificationOut]


class LedgerLine(Schema):
    """A line of the registration ledger; a later line of the same candidate is a correction or an added photograph."""

    number: int
    kind: str
    candidate: int
    student_no: str
    name: str
    has_photograph: bool
    photograph_sha256: str
    at: datetime


class Ledger(Page):
    items: list[LedgerLine]


class ExportWanted(Given):
    """The whole ledger as a file, ID numbers included."""

    season: Literal["", "spring", "autumn"] = ""
    format: Literal["xlsx", "dbf"] = "xlsx"


class ExportOut(Schema):
    id: int
    file_name: str
    rows: int | None
    ready: bool
    expires_at: datetime
    job: UUID | None
