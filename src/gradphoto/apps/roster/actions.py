"""Every change to the roster: import, check, signature, acceptance, and what leaves the list with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import TEST_REGIONS
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import REGISTRY, action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import InvalidInput, invalid, refuse
from gradphoto.apps.core.sealed import blind_index
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.orgs.policy import by, by_system
from gradphoto.apps.roster.lifecycle import CANDIDATE
from gradphoto.apps.roster.models import Candidate, ImportStatus, RosterImport
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster import read_table
from gradphoto.engine.standards.dates import parse_date
from gradphoto.engine.standards.identity import parse_id_number
from gradphoto.engine.standards.names import check_name
from gradphoto.engine.wording import Wording

KEEPERS = by(Role.COLLEGE_OFFICER, Role.COUNSELLOR, Role.LEARNING_CENTRE, Role.REGISTRAR)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@action("roster.import_roster", permission=by(Role.REGISTRAR, Role.COLLEGE_OFFICER, Role.LEARNING_CENTRE))
def import_roster(
    actor: Actor, campaign: Campaign, *, organisation: Organisation, file_name: str, data: bytes
) -> RosterImport:
    """Keep the file and read it in the background. A file that is no table at all is refused here, at once."""
    read_table(data, file_name)
    roster_import = RosterImport.objects.create(
        campaign=campaign, organisation=organisation, source=blobs.put(data, _XLSX), file_name=file_name[:200]
    )
    roster_import.job = jobs.enqueue(
        "roster.import",
        actor,
        Wording(f"导入名册 {file_name}", f"Import roster {file_name}"),
        {"import": roster_import.pk},
        organisation_id=organisation.pk,
    )
    roster_import.save(update_fields=["job"])
    audit.note(roster_import=roster_import.pk)
    return roster_import


@action("roster.finish_import", permission=by_system)
def finish_import(
    actor: Actor, roster_import: RosterImport, *, counts: dict[str, int], marked_up: bytes | None
) -> None:
    """Put the result of reading a file on record."""
    for name, count in counts.items():
        setattr(roster_import, name, count)
    if marked_up is not None:
        roster_import.marked_up = blobs.put(marked_up, _XLSX)
    roster_import.status = ImportStatus.CHECKED
    roster_import.save()
    audit.note(**counts)


@action("roster.check_candidate", permission=KEEPERS, lifecycle=CANDIDATE)
def check_candidate(actor: Actor, candidate: Candidate) -> None:
    """The college has compared this row (R19, R21)."""


@action("roster.sign_candidate", permission=KEEPERS, lifecycle=CANDIDATE)
def sign_candidate(actor: Actor, candidate: Candidate, *, signed_on_paper: bool = True) -> None:
    """The student has checked his own data and signed the check table personally (R24, R38)."""
    audit.note(signed_on_paper=signed_on_paper)


@action("roster.accept_candidate", permission=by(Role.REGISTRAR, Role.LEARNING_CENTRE), lifecycle=CANDIDATE)
def accept_candidate(actor: Actor, candidate: Candidate) -> None:
    """The registry puts the row on the approved list (R16)."""


@action("roster.return_candidate", permission=KEEPERS, lifecycle=CANDIDATE)
def return_candidate(actor: Actor, candidate: Candidate, *, reason: str) -> None:
    """Send the row back to be checked again."""
    _keep_reason(candidate, reason)


@action("roster.defer_candidate", permission=by(Role.REGISTRAR, Role.COLLEGE_OFFICER), lifecycle=CANDIDATE)
def defer_candidate(actor: Actor, candidate: Candidate, *, reason: str) -> None:
    """The person is photographed with a later class (另行采集, R8)."""
    _keep_reason(candidate, reason)


@action("roster.remove_candidate", permission=by(Role.REGISTRAR, Role.COLLEGE_OFFICER), lifecycle=CANDIDATE)
def remove_candidate(actor: Actor, candidate: Candidate, *, reason: str) -> None:
    """The person cannot graduate (R21, annex 2)."""
    _keep_reason(candidate, reason)


@action("roster.reinstate_candidate", permission=by(Role.REGISTRAR, Role.COLLEGE_OFFICER), lifecycle=CANDIDATE)
def reinstate_candidate(actor: Actor, candidate: Candidate, *, reason: str) -> None:
    """Take a deferred or removed person back; the row starts anew."""
    _keep_reason(candidate, reason)


def _keep_reason(candidate: Candidate, reason: str) -> None:
    if not reason.strip():
        raise invalid(
            "roster.reason_missing", "请填写原因。", "A reason is needed.", "用一句话说明。", "One sentence is enough."
        )
    candidate.status_reason = reason.strip()[:200]
    candidate.save(update_fields=["status_reason"])
    audit.note(reason=candidate.status_reason)


CORRECTABLE = (
    "name", "sex", "birth_date", "id_number", "class_name", "major", "direction", "level", "political_status",
    "ethnic_group", "native_place", "remarks",
)  # fmt: skip


@action("roster.correct_candidate", permission=KEEPERS)
def correct_candidate(actor: Actor, candidate: Candidate, *, field: str, value: str, reason: str) -> None:
    """Correct one value, checked like an imported one. The old and new values stay out of the audit trail."""
    if field not in CORRECTABLE:
        raise invalid(
            "roster.field",
            "这一项不能在此更正。",
            "This cannot be corrected here.",
            "请选择其他项目。",
            "Choose another.",
        )
    if not reason.strip():
        raise invalid(
            "roster.reason_missing",
            "请填写更正依据。",
            "A reason is needed.",
            "例如“对照身份证”。",
            "E.g. compared with the card.",
        )
    for name, new in checked_value(candidate.campaign, field, value).items():
        setattr(candidate, name, new)
    try:
        with transaction.atomic():
            candidate.save()
    except IntegrityError:
        raise refuse(
            "roster.already_listed",
            "本批次已有相同证件号码的学生。",
            "This campaign has a person with that ID number already.",
            "请先查清是否同一人。",
            "Find out first whether it is the same person.",
        ) from None
    audit.note(field=field, reason=reason.strip()[:200])


def checked_value(campaign: Campaign, field: str, value: str) -> dict[str, Any]:
    """The columns that a corrected value changes; raises the standard's own error for a bad one."""
    text = value.strip()
    if field == "id_number":
        number = parse_id_number(text, value_of(campaign, TEST_REGIONS)).number
        return {"id_number": number, "id_number_index": blind_index(number)}
    if field == "birth_date":
        return {"birth_date": parse_date(text)}
    if field == "name" and (faults := check_name(text)):
        raise InvalidInput(f"standards.{faults[0].code}", faults[0].reason, faults[0].remedy)
    if field == "sex":
        sexes = {"男": "male", "女": "female", "male": "male", "female": "female"}
        if text not in sexes:
            raise invalid(
                "roster.sex_unknown", "性别应为“男”或“女”。", "The sex must be 男 or 女.", "请改正。", "Correct it."
            )
        return {"sex": sexes[text]}
    if not text and field in ("major", "level"):
        raise invalid("roster.required", "必填项为空。", "A required value is missing.", "请补充完整。", "Fill it in.")
    return {field: text}


@action("roster.reveal_id_number", permission=by(Role.REGISTRAR, Role.LEARNING_CENTRE, Role.SITE_STAFF))
def reveal_id_number(actor: Actor, candidate: Candidate, *, reason: str) -> str:
    """Show the whole number once; who, when and why stays on record."""
    if not reason.strip():
        raise invalid(
            "roster.reason_missing",
            "请说明查看原因。",
            "Say why you need it.",
            "用一句话说明。",
            "One sentence is enough.",
        )
    audit.note(reason=reason.strip()[:200])
    return str(candidate.id_number.reveal())


@action("roster.export_roster", permission=by(*Role))
def export_roster(actor: Actor, campaign: Campaign, *, count: int, with_id_numbers: bool) -> bool:
    """Put an export on record before its file is made."""
    audit.note(count=count, with_id_numbers=with_id_numbers)
    return with_id_numbers


@dataclass(slots=True)
class BulkResult:
    """What a bulk step did: how many, and whom it could not be done for and why."""

    done: int = 0
    refused: list[tuple[Any, GradPhotoError]] = field(default_factory=list)


def advance_candidates(actor: Actor, *, action_name: str, candidates: Iterable[Candidate], **detail: Any) -> BulkResult:
    """Take the same step for many rows, each by itself: one refusal does not hold up the others."""
    result = BulkResult()
    for candidate in candidates:
        try:
            REGISTRY[action_name].function(actor, candidate, **detail)
            result.done += 1
        except GradPhotoError as error:
            result.refused.append((candidate, error))
    return result
