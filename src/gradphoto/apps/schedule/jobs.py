"""The planner in the background: progress on the job, cancel at any time, the answer on the board."""

from __future__ import annotations

from gradphoto.apps.core.jobs import JobCancelledError, JobRun, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.schedule.actions import SEARCH_S, keep_plan, note_undecided
from gradphoto.apps.schedule.board_actions import keep_replanned, replanned
from gradphoto.apps.schedule.models import PlanRun
from gradphoto.apps.schedule.problem import planned, problem_of, slots_of, standing
from gradphoto.apps.schedule.storing import snapshot
from gradphoto.engine.planning import CancelledError, Options, Plan, Progress, Status, solve
from gradphoto.engine.planning.search import IsCancelled, OnProgress
from gradphoto.engine.wording import Wording


def _reports(run: JobRun) -> tuple[OnProgress, IsCancelled]:
    """The planner's progress on the job, and the job's cancel to the planner."""
    reached = 0

    def told(progress: Progress) -> None:
        nonlocal reached
        reached = int(progress.fraction * 99)
        run.advance(reached)

    def cancelled() -> bool:
        try:
            run.advance(reached)
        except JobCancelledError:
            return True
        return False

    return told, cancelled


_CHANGED_MEANWHILE = Wording(
    "编排期间时间表被改动，没有写入；改动都保留着。请再编排一次。",
    "The board was changed meanwhile, so nothing was written and the changes stand. Plan once more.",
)


@handles("schedule.search", Queue.QUICK)
def search(run: JobRun) -> None:
    """Plan what is not locked and not begun. A second run after a kill finds its answer stored and stops.

    A search that came to no answer fails with that reason, and may be tried again until there is a later one.
    """
    plan_run = PlanRun.objects.select_related("campaign__rule_set").get(pk=run.params["run"])
    tried_again = plan_run.status == Status.UNDECIDED and plan_run == plan_run.campaign.plan_runs.first()
    if plan_run.status and not tried_again:
        return
    run.start(100)
    told, cancelled = _reports(run)
    seen = snapshot(plan_run.campaign)
    problem = problem_of(plan_run.campaign, standing(plan_run.campaign))
    told_before = () if plan_run.anew else tuple(planned(slots_of(plan_run.campaign)))
    made = solve(problem, Options(seconds=SEARCH_S), told, cancelled, standing=told_before)
    if made.status is Status.CANCELLED:
        PlanRun.objects.filter(pk=plan_run.pk).update(status=str(made.status))
        raise JobCancelledError
    if snapshot(plan_run.campaign) != seen:
        made = Plan(Status.UNDECIDED, (), reasons=(_CHANGED_MEANWHILE,), seconds=made.seconds)
    if made.status is Status.UNDECIDED:
        raise note_undecided(run.actor, plan_run.campaign, plan=made, run=plan_run)
    keep_plan(run.actor, plan_run.campaign, plan=made, run=plan_run)


@handles("schedule.replan", Queue.QUICK)
def replan_late(run: JobRun) -> None:
    """A room runs late. A second run after a kill finds its answer stored and stops."""
    plan_run = PlanRun.objects.select_related("campaign__rule_set", "late_room").get(pk=run.params["run"])
    if plan_run.status or plan_run.late_room is None:
        return
    run.start(100)
    try:
        answer, seen = replanned(plan_run.campaign, plan_run, *_reports(run))
    except CancelledError as error:
        PlanRun.objects.filter(pk=plan_run.pk).update(status=str(Status.CANCELLED))
        raise JobCancelledError from error
    keep_replanned(run.actor, plan_run.campaign, run=plan_run, answer=answer, seen=seen)
