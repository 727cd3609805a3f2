"""The planner in the background: progress on the job, cancel at any time, the answer on the board."""

from __future__ import annotations

from gradphoto.apps.core.jobs import JobCancelledError, JobRun, handles
from gradphoto.apps.schedule.actions import SEARCH_S, keep_plan
from gradphoto.apps.schedule.models import PlanRun
from gradphoto.apps.schedule.problem import problem_of, standing
from gradphoto.engine.planning import Options, Progress, Status, solve


@handles("schedule.search")
def search(run: JobRun) -> None:
    """Plan what is not locked and not begun. A second run after a kill finds its answer stored and stops."""
    plan_run = PlanRun.objects.select_related("campaign__rule_set").get(pk=run.params["run"])
    if plan_run.status:
        return
    run.start(100)
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

    problem = problem_of(plan_run.campaign, standing(plan_run.campaign))
    made = solve(problem, Options(seconds=SEARCH_S), told, cancelled)
    if made.status is Status.CANCELLED:
        PlanRun.objects.filter(pk=plan_run.pk).update(status=str(made.status))
        raise JobCancelledError
    keep_plan(run.actor, plan_run.campaign, plan=made, run=plan_run)
