"""One step for many rows: each by itself, so that one refusal does not hold up the others, and told row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit, jobs
from gradphoto.apps.core.actions import REGISTRY, action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import InvalidInput, invalid
from gradphoto.apps.roster.lifecycle import CANDIDATE
from gradphoto.apps.roster.models import BulkOutcome, BulkStep, Candidate, OutcomeState
from gradphoto.apps.roster.typed import stated
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

AT_ONCE = 100
"""Up to so many rows are done while the person waits; more go to the background with progress and cancel."""
_CHUNK = 1000
_BATCH = 25
"""Rows a transaction: a commit waits for the disk, and nobody else should wait for a long transaction."""

TITLES: dict[str, Wording] = {
    "roster.check_candidate": Wording("核对无误", "Checked"),
    "roster.sign_candidate": Wording("学生已在纸上签字", "Signed on paper by the student"),
    "roster.countersign_candidate": Wording("辅导员签字", "Sign as counsellor"),
    "roster.endorse_candidate": Wording("主管院领导签字", "Sign as leader in charge"),
    "roster.accept_candidate": Wording("核准", "Accept"),
    "roster.return_candidate": Wording("退回核对", "Return"),
    "roster.defer_candidate": Wording("另行采集", "Defer"),
    "roster.remove_candidate": Wording("删除", "Remove"),
    "roster.strike_candidate": Wording("从核准名单删除", "Take off the approved list"),
    "roster.reinstate_candidate": Wording("恢复", "Reinstate"),
}
"""The steps a person takes from a list, in their order."""
NEEDS_REASON = frozenset(
    {
        "roster.return_candidate",
        "roster.defer_candidate",
        "roster.remove_candidate",
        "roster.strike_candidate",
        "roster.reinstate_candidate",
    }
)


@dataclass(slots=True)
class BulkResult:
    """What a bulk step did: how many, and whom it could not be done for and why."""

    done: int = 0
    refused: list[tuple[Candidate, GradPhotoError]] = field(default_factory=list)


def advance_candidates(actor: Actor, *, action_name: str, candidates: Iterable[Candidate], **detail: Any) -> BulkResult:
    """Take the same lifecycle step for many rows at once, without keeping the result."""
    step = _step(action_name)
    result = BulkResult()
    for candidate in candidates:
        try:
            step(actor, candidate, **detail)
            result.done += 1
        except GradPhotoError as error:
            result.refused.append((candidate, error))
    return result


def _step(action_name: str) -> Callable[..., Any]:
    if not CANDIDATE.sources(action_name):
        raise invalid("roster.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    return REGISTRY[action_name].function


@action("roster.start_bulk", permission="roster.read", within=())
def start_bulk(
    actor: Actor, campaign: Campaign, /, *, action_name: str, candidates: QuerySet[Candidate], **detail: Any
) -> BulkStep:
    """Note whom a step is asked for. Call :func:`run_at_once` after it, which does what is not for the background.

    Whether the actor may take the step is asked row by row. Raises ``roster.nothing_chosen`` or, for a step that needs
    one, ``roster.reason_missing``.
    """
    _step(action_name)
    if action_name in NEEDS_REASON:
        detail["reason"] = stated(str(detail.get("reason", "")))
    chosen = list(candidates.filter(campaign=campaign).values_list("pk", flat=True))
    if not chosen:
        raise nobody_chosen()
    bulk = BulkStep.objects.create(campaign=campaign, user=actor.user, action=action_name, detail=detail)
    BulkOutcome.objects.bulk_create([BulkOutcome(bulk=bulk, candidate_id=pk) for pk in chosen], batch_size=_CHUNK)
    if len(chosen) > AT_ONCE:
        title = TITLES.get(action_name, Wording("按核对表办理", "By check table"))
        bulk.job = jobs.enqueue(
            "roster.bulk",
            actor,
            Wording(f"批量：{title.zh}（{len(chosen)} 人）", f"Bulk: {title.en} ({len(chosen)})"),
            {"bulk": bulk.pk},
            organisation_id=campaign.school_id,
            result_url=reverse("roster:bulk", args=[bulk.pk]),
        )
        bulk.save(update_fields=["job"])
    audit.note(step=action_name, count=len(chosen), bulk=bulk.pk)
    return bulk


def nobody_chosen() -> InvalidInput:
    """A step for nobody."""
    return invalid(
        "roster.nothing_chosen",
        "没有选中任何人。",
        "Nobody was chosen.",
        "请勾选要办理的人，或选择“全部符合条件的人”。",
        "Tick those concerned, or choose all that match.",
    )


def run_at_once(actor: Actor, bulk: BulkStep) -> None:
    """Do a small bulk step here and now."""
    if bulk.job_id is None:
        work_off(actor, bulk, lambda done, refused: None)


def work_off(actor: Actor, bulk: BulkStep, progress: Callable[[int, int], None]) -> None:
    """Take the step for every row that still waits. ``progress`` hears rows done and refused, batch by batch.

    A batch is one transaction with its outcomes, so that a second run after a kill takes no row twice; within it each
    row stands by itself.
    """
    step = _step(bulk.action)
    told = counts(bulk)
    done, refused = told[OutcomeState.DONE], told[OutcomeState.REFUSED]
    waiting = list(bulk.outcomes.filter(state=OutcomeState.WAITING).values_list("pk", flat=True))
    for start in range(0, len(waiting), _BATCH):
        with transaction.atomic():
            batch = bulk.outcomes.filter(pk__in=waiting[start : start + _BATCH]).select_related("candidate")
            results = [_take(step, actor, outcome, bulk.detail) for outcome in batch]
        done, refused = done + sum(results), refused + len(results) - sum(results)
        progress(done + refused, refused)


def _take(step: Callable[..., Any], actor: Actor, outcome: BulkOutcome, detail: dict[str, Any]) -> bool:
    try:
        step(actor, outcome.candidate, **detail)
    except GradPhotoError as error:
        refused = {"code": error.code, "message": _pair(error.message), "remedy": _pair(error.remedy)}
        _keep(outcome, state=OutcomeState.REFUSED, **refused)
        return False
    _keep(outcome, state=OutcomeState.DONE)
    return True


def _keep(outcome: BulkOutcome, **fields: Any) -> None:
    BulkOutcome.objects.filter(pk=outcome.pk).update(**fields)


def _pair(wording: Wording) -> dict[str, str]:
    return {"zh": wording.zh, "en": wording.en}


def counts(bulk: BulkStep) -> dict[str, int]:
    """How many rows wait, are done, were refused."""
    told = dict(bulk.outcomes.order_by().values_list("state").annotate(Count("pk")))
    return {str(state): told.get(state, 0) for state in OutcomeState}
