"""Changes to the roster as a whole: import, correction of a value, and what leaves the house on record."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action, may
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import PermissionRefusal, invalid, refuse
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.orgs.policy import by, by_system
from gradphoto.apps.roster import signatures
from gradphoto.apps.roster.channel import require_confirmed
from gradphoto.apps.roster.circles import KEEPERS, LISTING
from gradphoto.apps.roster.corrections import ALREADY_LISTED, CORRECTABLE, KEY_FIELDS, checked_values
from gradphoto.apps.roster.lifecycle import CANDIDATE
from gradphoto.apps.roster.models import Candidate, CandidateStatus, ImportStatus, RosterImport, SignatureStep
from gradphoto.apps.roster.reasons import stated
from gradphoto.apps.roster.template import template_workbook
from gradphoto.engine.roster import read_table
from gradphoto.engine.wording import Wording


@action("roster.import_roster", permission=by(*LISTING))
def import_roster(
    actor: Actor, campaign: Campaign, *, organisation: Organisation, file_name: str, data: bytes
) -> RosterImport:
    """Keep the file and read it in the background. A file that is no table at all is refused here, at once.

    ``organisation`` is the school or the part of it whose people the file lists. Raises ``PermissionRefusal`` where
    that is not the actor's own, ``roster.campaign_closed``, or the reader's error, e.g. ``roster.header_not_found``.
    """
    _require_own(actor, campaign, organisation)
    require_confirmed(actor, campaign)
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


@action("roster.take_template", permission=by(*LISTING))
def take_template(actor: Actor, campaign: Campaign) -> bytes:
    """The empty roster for schools, for who has confirmed school and teacher (R95); each fetch is on record."""
    require_confirmed(actor, campaign)
    return template_workbook()


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


@action("roster.correct_candidate", permission=by(*KEEPERS), lifecycle=CANDIDATE)
def correct_candidate(
    actor: Actor, candidate: Candidate, *, field: str, value: str, reason: str, case: int | None = None
) -> tuple[str, ...]:
    """Correct one value, checked like an imported one; returns the fields changed (see ``checked_values``).

    What a student has signed for is not changed behind his back: his signature and those after it are void and the
    row goes back to be signed; the key fields then change by a proven ``case`` only (R32-R35). On the approved list
    only the registry corrects. The old and the new value stay out of the audit trail.
    """
    if field not in CORRECTABLE:
        raise invalid(
            "roster.field",
            "这一项不能在此更正。",
            "This cannot be corrected here.",
            "请选择其他项目。",
            "Choose another.",
        )
    why = stated(reason)
    new = checked_values(candidate, field, value)
    for name, corrected in new.items():
        setattr(candidate, name, corrected)
    try:
        with transaction.atomic():
            candidate.save(update_fields=list(new))
    except IntegrityError:
        raise ALREADY_LISTED from None
    changed = tuple(name for name in new if name in CORRECTABLE)
    _require_registry_or_proof(actor, candidate, changed, case)
    signatures.settle_findings(candidate, changed)
    audit.note(fields=changed, reason=why, case=case)
    if candidate.status != CandidateStatus.ACCEPTED:
        audit.note(voided=signatures.void(candidate, keep=(SignatureStep.CHECK,)))
    return changed


def _require_registry_or_proof(actor: Actor, candidate: Candidate, changed: tuple[str, ...], case: int | None) -> None:
    if candidate.status == CandidateStatus.ACCEPTED and not may(actor, "roster.accept_candidate", candidate):
        raise refuse(
            "roster.accepted_by_registry",
            "该生已核准，只能由教务处更正。",
            "This row is accepted; only the registry corrects it.",
            "请登记信息错误并提交证明。",
            "Note the error and hand in the proof.",
        )
    unsigned = (CandidateStatus.ISSUED, CandidateStatus.CHECKED)
    if case is None and candidate.status not in unsigned and set(changed) & set(KEY_FIELDS):
        raise refuse(
            "roster.proof_needed",
            "已签字的姓名、性别、出生日期、证件号码须凭证明更正。",
            "Name, sex, birth date and ID number change by proof once they are signed for.",
            "请在“信息更正”中登记错误，附上证明后办理。",
            "Note the error under corrections and attach the proof.",
        )


@action("roster.reveal_id_number", permission=by(Role.REGISTRAR, Role.LEARNING_CENTRE, Role.SITE_STAFF))
def reveal_id_number(actor: Actor, candidate: Candidate, *, reason: str) -> str:
    """Show the whole number once; who, when and why stays on record."""
    audit.note(reason=stated(reason))
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
