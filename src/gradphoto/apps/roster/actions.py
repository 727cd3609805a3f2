"""Every change to the roster: import, check, signature, acceptance, and what leaves the list with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import REGISTRY, action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import PermissionRefusal, invalid, refuse
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.orgs.policy import by, by_system
from gradphoto.apps.roster.corrections import CORRECTABLE, checked_values
from gradphoto.apps.roster.id_numbers import holds_id_number
from gradphoto.apps.roster.lifecycle import CANDIDATE
from gradphoto.apps.roster.models import Candidate, ImportStatus, RosterImport
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster import read_table
from gradphoto.engine.wording import Wording

COLLEGE = (Role.COLLEGE_OFFICER, Role.COUNSELLOR, Role.LEARNING_CENTRE)
"""Who compares rows and collects signatures (R19, R24, R38); the registry only accepts what the college vouches for."""
LISTING = (Role.REGISTRAR, Role.COLLEGE_OFFICER, Role.LEARNING_CENTRE)
"""Who says who is on the list: by import, deferral, removal (R8, R21)."""


@action("roster.import_roster", permission=by(*LISTING))
def import_roster(
    actor: Actor, campaign: Campaign, *, organisation: Organisation, file_name: str, data: bytes
) -> RosterImport:
    """Keep the file and read it in the background. A file that is no table at all is refused here, at once.

    ``organisation`` is the school or the part of it whose people the file lists. Raises ``PermissionRefusal`` where
    that is not the actor's own, ``roster.campaign_closed``, or the reader's error, e.g. ``roster.header_not_found``.
    """
    _require_own(actor, campaign, organisation)
    if campaign.status == CampaignStatus.CLOSED:
        raise refuse(
            "roster.campaign_closed",
            "该采集批次已结束，不能再导入名册。",
            "This campaign is closed; no roster can be imported.",
            "请选择进行中的批次。",
            "Choose a campaign that is under way.",
        )
    read_table(data, file_name)
    magic, media_type = Kind.XLSX.value
    kept = blobs.put(data, media_type if data.startswith(magic) else Kind.TEXT.value[1])
    roster_import = RosterImport.objects.create(
        campaign=campaign, organisation=organisation, source=kept, file_name=file_name[:200]
    )
    roster_import.job = jobs.enqueue(
        "roster.import",
        actor,
        Wording(f"导入名册 {file_name}", f"Import roster {file_name}"),
        {"import": roster_import.pk},
        organisation_id=organisation.pk,
        result_url=reverse("roster:import", args=[roster_import.pk]),
    )
    roster_import.save(update_fields=["job"])
    audit.note(roster_import=roster_import.pk)
    return roster_import


def homes_for_import(actor: Actor, campaign: Campaign) -> list[Organisation]:
    """The parts of the campaign's school for which this person may hand in a roster, the widest first."""
    school = campaign.school
    if actor.kind is not ActorKind.USER:
        return [school] if actor.kind is ActorKind.SYSTEM else []
    own = [membership.organisation for membership in actor.user.held if membership.role in LISTING]
    if any(school.path.startswith(home.path) for home in own):
        return [school]
    return sorted((home for home in own if home.path.startswith(school.path)), key=lambda home: home.path)


def _require_own(actor: Actor, campaign: Campaign, organisation: Organisation) -> None:
    if not any(organisation.path.startswith(home.path) for home in homes_for_import(actor, campaign)):
        raise PermissionRefusal("roster.import_roster")


@action("roster.finish_import", permission=by_system)
def finish_import(
    actor: Actor, roster_import: RosterImport, *, counts: dict[str, int], marked_up: bytes | None
) -> None:
    """Put the result of reading a file on record."""
    # A worker that lost its lease may come here second.
    if roster_import.status == ImportStatus.CHECKED:
        return
    for name, count in counts.items():
        setattr(roster_import, name, count)
    if marked_up is not None:
        roster_import.marked_up = blobs.put(marked_up, Kind.XLSX.value[1])
    roster_import.status = ImportStatus.CHECKED
    roster_import.save()
    audit.note(**counts)


@action("roster.fail_import", permission=by_system)
def fail_import(actor: Actor, roster_import: RosterImport) -> None:
    """The file could not be read; its job says why."""
    if roster_import.status == ImportStatus.CHECKED:
        return
    roster_import.status = ImportStatus.FAILED
    roster_import.save(update_fields=["status"])


@action("roster.check_candidate", permission=by(*COLLEGE), lifecycle=CANDIDATE)
def check_candidate(actor: Actor, candidate: Candidate) -> None:
    """The college has compared this row (R19, R21)."""


@action("roster.sign_candidate", permission=by(*COLLEGE), lifecycle=CANDIDATE)
def sign_candidate(actor: Actor, candidate: Candidate, *, signed_on_paper: bool = True) -> None:
    """The student has checked his own data and signed the check table personally (R24, R38)."""
    audit.note(signed_on_paper=signed_on_paper)


@action("roster.accept_candidate", permission=by(Role.REGISTRAR), lifecycle=CANDIDATE)
def accept_candidate(actor: Actor, candidate: Candidate) -> None:
    """The registry puts the row on the approved list (R16)."""


@action("roster.return_candidate", permission=by(*COLLEGE, Role.REGISTRAR), lifecycle=CANDIDATE)
def return_candidate(actor: Actor, candidate: Candidate, *, reason: str) -> None:
    """Send the row back to be checked again."""
    _keep_reason(candidate, reason)


@action("roster.defer_candidate", permission=by(*LISTING), lifecycle=CANDIDATE)
def defer_candidate(actor: Actor, candidate: Candidate, *, reason: str) -> None:
    """The person is photographed with a later class (另行采集, R8)."""
    _keep_reason(candidate, reason)


@action("roster.remove_candidate", permission=by(*LISTING), lifecycle=CANDIDATE)
def remove_candidate(actor: Actor, candidate: Candidate, *, reason: str) -> None:
    """The person cannot graduate (R21, annex 2)."""
    _keep_reason(candidate, reason)


@action("roster.reinstate_candidate", permission=by(*LISTING), lifecycle=CANDIDATE)
def reinstate_candidate(actor: Actor, candidate: Candidate, *, reason: str) -> None:
    """Take a deferred or removed person back; the row starts anew."""
    _keep_reason(candidate, reason)


def _keep_reason(candidate: Candidate, reason: str) -> None:
    candidate.status_reason = _stated(reason)
    candidate.save(update_fields=["status_reason"])
    audit.note(reason=candidate.status_reason)


def _stated(reason: str) -> str:
    """The reason as it goes on record: never empty, never with an ID number in it."""
    if not reason.strip():
        raise invalid(
            "roster.reason_missing", "请填写原因。", "A reason is needed.", "用一句话说明。", "One sentence is enough."
        )
    if holds_id_number(reason):
        raise invalid(
            "roster.reason_holds_id_number",
            "原因中不能写证件号码。",
            "A reason must not hold an ID number.",
            "请改为文字说明，例如“对照身份证”。",
            "Say it in words, e.g. compared with the card.",
        )
    return reason.strip()[:200]


@action("roster.correct_candidate", permission=by(*COLLEGE, Role.REGISTRAR))
def correct_candidate(actor: Actor, candidate: Candidate, *, field: str, value: str, reason: str) -> tuple[str, ...]:
    """Correct one value, checked like an imported one; returns the fields changed (see ``checked_values``).

    The old and the new value stay out of the audit trail.
    """
    if field not in CORRECTABLE:
        raise invalid(
            "roster.field",
            "这一项不能在此更正。",
            "This cannot be corrected here.",
            "请选择其他项目。",
            "Choose another.",
        )
    stated = _stated(reason)
    new = checked_values(candidate, field, value)
    for name, corrected in new.items():
        setattr(candidate, name, corrected)
    try:
        with transaction.atomic():
            candidate.save(update_fields=list(new))
    except IntegrityError:
        raise refuse(
            "roster.already_listed",
            "本批次已有相同证件号码或学号的学生。",
            "This campaign has a person with that ID number or student number already.",
            "请先查清是否同一人。",
            "Find out first whether it is the same person.",
        ) from None
    changed = tuple(name for name in new if name in CORRECTABLE)
    audit.note(fields=changed, reason=stated)
    return changed


@action("roster.reveal_id_number", permission=by(Role.REGISTRAR, Role.LEARNING_CENTRE, Role.SITE_STAFF))
def reveal_id_number(actor: Actor, candidate: Candidate, *, reason: str) -> str:
    """Show the whole number once; who, when and why stays on record."""
    audit.note(reason=_stated(reason))
    return str(candidate.id_number.reveal())


@action("roster.record_export", permission=by(*Role))
def record_export(actor: Actor, campaign: Campaign, *, count: int, with_id_numbers: int) -> None:
    """An export leaves the house: how many rows of this campaign, and how many with the whole ID number."""
    audit.note(count=count, with_id_numbers=with_id_numbers)


@action("roster.take_marked_up", permission=by(*LISTING))
def take_marked_up(actor: Actor, roster_import: RosterImport) -> bytes:
    """The file given back with its faults marked. It holds ID numbers as they were handed in, so it is on record."""
    if roster_import.marked_up is None:
        raise refuse(
            "roster.not_marked_up",
            "这个文件没有标注件。",
            "There is no marked-up copy of this file.",
            "没有发现问题的文件不需要标注。",
            "A file in which nothing was found needs none.",
        )
    return blobs.read(roster_import.marked_up)


@dataclass(slots=True)
class BulkResult:
    """What a bulk step did: how many, and whom it could not be done for and why."""

    done: int = 0
    refused: list[tuple[Candidate, GradPhotoError]] = field(default_factory=list)


def advance_candidates(
    actor: Actor,
    campaign: Campaign | None = None,
    *,
    action_name: str,
    candidates: Iterable[Candidate],
    **detail: Any,
) -> BulkResult:
    """Take the same lifecycle step for many rows, each by itself: one refusal does not hold up the others.

    With ``campaign`` the rows of others are left alone. ``detail`` goes to the step, e.g. ``reason``.
    """
    if not CANDIDATE.sources(action_name):
        raise invalid("roster.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    step = REGISTRY[action_name].function
    result = BulkResult()
    for candidate in candidates:
        if campaign is not None and candidate.campaign_id != campaign.pk:
            continue
        try:
            step(actor, candidate, **detail)
            result.done += 1
        except GradPhotoError as error:
            result.refused.append((candidate, error))
    return result
