"""A roster file's way in: handed in, columns confirmed, read, reviewed, taken over person by person or all at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import PermissionRefusal, invalid, refuse
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.permissions import seats
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.roster.channel import require_confirmed
from gradphoto.apps.roster.id_numbers import without_id_numbers
from gradphoto.apps.roster.models import (
    ColumnMemory,
    DifferenceState,
    ImportDifference,
    ImportStatus,
    RosterImport,
)
from gradphoto.apps.roster.template import template_workbook
from gradphoto.engine.roster import ColumnMapping, Proposal, propose_mapping
from gradphoto.engine.roster.layout import DERIVABLE, FIELD_TITLES, REQUIRED
from gradphoto.engine.wording import Wording

AT_ONCE = 100
"""Up to so many differences are taken over while the person waits; more go to the background."""


@action("roster.take_template", permission="roster.list", within=())
def take_template(actor: Actor, campaign: Campaign) -> bytes:
    """The empty roster for schools, for who has confirmed school and teacher (R95); each fetch is on record."""
    require_confirmed(actor, campaign)
    return template_workbook()


@action("roster.upload_roster", permission="roster.list", within=("organisation",))
def upload_roster(
    actor: Actor, campaign: Campaign, *, organisation: Organisation, file_name: str, data: bytes
) -> RosterImport:
    """Keep the file after one look at its head: what is no table at all is refused here, at once.

    ``organisation`` is the school or the part of it whose people the file lists. Raises ``PermissionRefusal`` where
    that is not the actor's own, ``roster.channel_not_confirmed``, ``roster.campaign_closed``, or the reader's error.
    """
    if not any(organisation.path.startswith(home.path) for home in homes_for_import(actor, campaign)):
        raise PermissionRefusal("roster.upload_roster")
    require_confirmed(actor, campaign)
    if campaign.status == CampaignStatus.CLOSED:
        raise refuse(
            "roster.campaign_closed",
            "该采集批次已结束，不能再导入名册。",
            "This campaign is closed; no roster can be imported.",
            "请选择进行中的批次。",
            "Choose a campaign that is under way.",
        )
    propose_mapping(data, file_name)
    roster_import = RosterImport.objects.create(
        campaign=campaign,
        organisation=organisation,
        source=blobs.put(data, Kind.TABLE.value[1]),
        file_name=without_id_numbers(file_name)[:200],
    )
    audit.note(roster_import=roster_import.pk)
    return roster_import


def homes_for_import(actor: Actor, campaign: Campaign) -> list[Organisation]:
    """The parts of the campaign's school for which this person may hand in a roster, the widest first."""
    school = campaign.school
    if actor.kind is not ActorKind.USER:
        return [school] if actor.kind is ActorKind.SYSTEM else []
    own = seats(actor, "roster.list")
    if any(school.path.startswith(home.path) for home in own):
        return [school]
    return sorted((home for home in own if home.path.startswith(school.path)), key=lambda home: home.path)


def proposal_of(roster_import: RosterImport, sheet: str | None = None) -> Proposal:
    """Which column is which, by the file itself."""
    return propose_mapping(blobs.read(roster_import.source), roster_import.file_name, sheet)


def remembered(roster_import: RosterImport, proposal: Proposal) -> tuple[ColumnMapping, dict[str, str]] | None:
    """What the school confirmed for the same headings the last time: the mapping and the values for the whole file."""
    memory = ColumnMemory.objects.filter(
        school=roster_import.campaign.school_id, fingerprint=proposal.fingerprint
    ).first()
    if memory is None:
        return None
    return proposal.remembered(ColumnMapping.from_json(json.dumps(memory.mapping))), dict(memory.defaults)


@action("roster.read_import", permission="roster.list")
def read_import(
    actor: Actor, roster_import: RosterImport, *, mapping: ColumnMapping, defaults: Mapping[str, str]
) -> None:
    """The columns are confirmed: remember them for the school and read the file in the background.

    ``defaults`` are values for the whole file where it has no such column. Raises ``roster.columns_missing`` or
    ``roster.import_settled``.
    """
    _require(roster_import, ImportStatus.MAPPING, ImportStatus.REVIEW, ImportStatus.FAILED, ImportStatus.READING)
    _require_untouched(roster_import)
    given = {name: text.strip() for name, text in defaults.items() if text.strip() and name not in mapping.columns}
    derived = DERIVABLE if "id_number" in mapping.columns else frozenset()
    missing = [name for name in REQUIRED if name not in mapping.columns and name not in given and name not in derived]
    if missing:
        titles = "、".join(FIELD_TITLES[name] for name in missing)
        raise invalid(
            "roster.columns_missing",
            f"还没有指定：{titles}。",
            f"Not yet named: {titles}.",
            "请选择对应的列，或为整份文件填写统一的值。",
            "Choose the column, or give one value for the whole file.",
        )
    roster_import.mapping = json.loads(mapping.to_json())
    roster_import.defaults = given
    proposal = proposal_of(roster_import, mapping.sheet or None)
    if actor.kind is ActorKind.USER:
        ColumnMemory.objects.update_or_create(
            school_id=roster_import.campaign.school_id,
            fingerprint=proposal.fingerprint,
            defaults={"mapping": roster_import.mapping, "defaults": given, "used_at": timezone.now()},
        )
    _start(actor, roster_import)
    audit.note(columns=sorted(mapping.columns), defaults=sorted(given))


def _start(actor: Actor, roster_import: RosterImport) -> None:
    roster_import.status = ImportStatus.READING
    roster_import.job = jobs.enqueue(
        "roster.import",
        actor,
        Wording(f"读取名册 {roster_import.file_name}", f"Read roster {roster_import.file_name}"),
        {"import": roster_import.pk},
        organisation_id=roster_import.organisation_id,
        result_url=reverse("roster:import", args=[roster_import.pk]),
    )
    roster_import.save(update_fields=["status", "job", "mapping", "defaults"])


def import_roster(
    actor: Actor, campaign: Campaign, *, organisation: Organisation, file_name: str, data: bytes
) -> RosterImport:
    """Hand in a file whose headings we know and read it without asking about its columns."""
    made = upload_roster(actor, campaign, organisation=organisation, file_name=file_name, data=data)
    read_import(actor, made, mapping=proposal_of(made).mapping(), defaults={})
    return made


@action("roster.choose_fixes", permission="roster.list")
def choose_fixes(
    actor: Actor, roster_import: RosterImport, *, applied: bool, chosen: Collection[int] | None = None
) -> int:
    """Apply offered safe repairs, or take applied ones back (all of them, or those of ``chosen``), and check again."""
    _require(roster_import, ImportStatus.REVIEW)
    _require_untouched(roster_import)
    fixes = roster_import.fixes.filter(applied=not applied)
    if chosen is not None:
        fixes = fixes.filter(pk__in=chosen)
    count = fixes.update(applied=applied)
    if not count:
        raise invalid(
            "roster.no_fix_chosen",
            "没有选中任何修正。",
            "No repair was chosen.",
            "请先勾选。",
            "Tick some first.",
        )
    _start(actor, roster_import)
    audit.note(count=count, applied=applied)
    return count


@action("roster.decide_differences", permission="roster.list")
def decide_differences(
    actor: Actor, roster_import: RosterImport, *, accepted: bool, chosen: QuerySet[ImportDifference]
) -> int:
    """Decide on differences that wait; returns how many. Call :func:`deciding.take_at_once` after it.

    More than ``AT_ONCE`` go to the background with progress and cancel.
    """
    _require(roster_import, ImportStatus.REVIEW)
    waiting = chosen.filter(roster_import=roster_import, state__in=(DifferenceState.WAITING, DifferenceState.REFUSED))
    count = waiting.update(accepted=accepted, state=DifferenceState.WAITING, code="", message=None, remedy=None)
    if not count:
        raise invalid(
            "roster.nothing_chosen",
            "没有选中待确认的差异。",
            "No difference was chosen that waits.",
            "请勾选，或选择“全部”。",
            "Tick some, or choose all of a kind.",
        )
    if count > AT_ONCE:
        roster_import.job = jobs.enqueue(
            "roster.decide",
            actor,
            Wording(f"导入 {roster_import.file_name}（{count} 人）", f"Take over {roster_import.file_name} ({count})"),
            {"import": roster_import.pk, "actor": actor.user.pk if actor.kind is ActorKind.USER else None},
            organisation_id=roster_import.organisation_id,
            result_url=reverse("roster:import", args=[roster_import.pk]),
        )
        roster_import.save(update_fields=["job"])
    audit.note(accepted=accepted, count=count)
    return count


@action("roster.discard_import", permission="roster.list")
def discard_import(actor: Actor, roster_import: RosterImport) -> None:
    """Nothing more of this file is taken over; what was taken over stays. A reading under way is cancelled."""
    _require(roster_import, ImportStatus.MAPPING, ImportStatus.READING, ImportStatus.REVIEW, ImportStatus.FAILED)
    if roster_import.job is not None:
        jobs.cancel(roster_import.job)
    roster_import.differences.filter(state=DifferenceState.WAITING).update(
        accepted=False, state=DifferenceState.DECLINED
    )
    taken = roster_import.differences.filter(state=DifferenceState.TAKEN).exists()
    roster_import.status = ImportStatus.DONE if taken else ImportStatus.DISCARDED
    roster_import.save(update_fields=["status"])


@action("roster.finish_reading", permission=by_system)
def finish_reading(
    actor: Actor, roster_import: RosterImport, *, counts: Mapping[str, int], marked_up: bytes | None
) -> None:
    """Put the result of reading a file on record; without any difference there is nothing to review."""
    for name, count in counts.items():
        setattr(roster_import, name, count)
    roster_import.marked_up = blobs.put(marked_up, Kind.XLSX.value[1]) if marked_up is not None else None
    undecided = roster_import.differences.exists() or roster_import.fixes.exists()
    roster_import.status = ImportStatus.REVIEW if undecided else ImportStatus.DONE
    roster_import.save()
    audit.note(**counts)


@action("roster.fail_import", permission=by_system)
def fail_import(actor: Actor, roster_import: RosterImport) -> None:
    """The file could not be read; its job says why."""
    roster_import.status = ImportStatus.FAILED
    roster_import.save(update_fields=["status"])


@action("roster.take_marked_up", permission="roster.list")
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


def _require(roster_import: RosterImport, *statuses: str) -> None:
    if roster_import.status not in statuses:
        raise refuse(
            "roster.import_settled",
            "这个文件当前不能这样办理。",
            "This is not possible with the file as it stands.",
            "请刷新页面查看最新状态；需要时重新上传。",
            "Reload the page to see how it stands; upload it again if need be.",
        )


def _require_untouched(roster_import: RosterImport) -> None:
    """Once something was taken over, the file is not read anew: the review would speak of another state."""
    if roster_import.differences.exclude(state=DifferenceState.WAITING).exists():
        raise refuse(
            "roster.review_begun",
            "已开始确认，不能再改列或修正。",
            "The review has begun; columns and repairs can no longer change.",
            "请完成确认，或放弃后重新上传。",
            "Finish the review, or discard it and upload the file again.",
        )


def counts_of(roster_import: RosterImport) -> dict[str, dict[str, int]]:
    """How many differences of each kind stand in each state."""
    told: dict[str, dict[str, int]] = {}
    rows = roster_import.differences.order_by().values_list("kind", "state").annotate(Count("pk"))
    for kind, state, count in rows:
        told.setdefault(kind, {})[state] = count
    return told
