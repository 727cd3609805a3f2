"""What was found in a file and what it would change is looked through: repairs, differences, or nothing of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from gradphoto.apps.core import audit, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.roster.imports.guards import require_status, require_untouched
from gradphoto.apps.roster.imports.map import start_reading
from gradphoto.apps.roster.lifecycle import IMPORT
from gradphoto.apps.roster.models import DifferenceState, ImportDifference, ImportStatus, RosterImport
from gradphoto.engine.wording import Wording

AT_ONCE = 100
"""Up to so many differences are taken over while the person waits; more go to the background."""


@action("roster.choose_fixes", permission="roster.list")
def choose_fixes(
    actor: Actor, roster_import: RosterImport, *, applied: bool, chosen: Collection[int] | None = None
) -> int:
    """Apply offered safe repairs, or take applied ones back (all of them, or those of ``chosen``), and check again."""
    require_status(roster_import, ImportStatus.REVIEW)
    require_untouched(roster_import)
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
    start_reading(actor, roster_import)
    audit.note(count=count, applied=applied)
    return count


@action("roster.decide_differences", permission="roster.list")
def decide_differences(
    actor: Actor, roster_import: RosterImport, *, accepted: bool, chosen: QuerySet[ImportDifference]
) -> int:
    """Decide on differences that wait; returns how many. Call :func:`deciding.take_at_once` after it.

    More than ``AT_ONCE`` go to the background with progress and cancel.
    """
    require_status(roster_import, ImportStatus.REVIEW)
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
    require_status(roster_import, ImportStatus.MAPPING, ImportStatus.READING, ImportStatus.REVIEW, ImportStatus.FAILED)
    if roster_import.job is not None:
        jobs.cancel(roster_import.job)
    roster_import.differences.filter(state=DifferenceState.WAITING).update(
        accepted=False, state=DifferenceState.DECLINED
    )
    taken = roster_import.differences.filter(state=DifferenceState.TAKEN).exists()
    IMPORT.move(roster_import, "roster.discard_import", to=ImportStatus.DONE if taken else ImportStatus.DISCARDED)


@action("roster.finish_reading", permission=by_system)
def finish_reading(
    actor: Actor, roster_import: RosterImport, *, counts: Mapping[str, int], sheets: list[dict[str, Any]]
) -> None:
    """Put the result of reading a file on record; without any difference there is nothing to review.

    The marked-up copy of an earlier reading is not true any more; it is made anew when somebody asks for it.
    """
    for name, count in counts.items():
        setattr(roster_import, name, count)
    roster_import.sheets = sheets
    roster_import.marked_up = None
    undecided = roster_import.differences.exists() or roster_import.fixes.exists()
    to = ImportStatus.REVIEW if undecided else ImportStatus.DONE
    IMPORT.move(roster_import, "roster.finish_reading", to=to, fields=(*counts, "sheets", "marked_up"))
    audit.note(**counts)


@action("roster.fail_import", permission=by_system, lifecycle=IMPORT)
def fail_import(actor: Actor, roster_import: RosterImport) -> None:
    """The file could not be read; its job says why."""


def counts_of(roster_import: RosterImport) -> dict[str, dict[str, int]]:
    """How many differences of each kind stand in each state."""
    told: dict[str, dict[str, int]] = {}
    rows = roster_import.differences.order_by().values_list("kind", "state").annotate(Count("pk"))
    for kind, state, count in rows:
        told.setdefault(kind, {})[state] = count
    return told
