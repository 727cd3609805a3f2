"""Looking for a whole plan: small problems as one exact model, large ones day by day."""

from __future__ import annotations

from dataclasses import dataclass

from gradphoto.engine.planning.assign import Assignment, Placing
from gradphoto.engine.planning.bounds import crew_days_bound
from gradphoto.engine.planning.check import tally
from gradphoto.engine.planning.days import DayPlan, day_plans, department_days_bound, fill_days, pack_days
from gradphoto.engine.planning.plan import Goal, Level, Options
from gradphoto.engine.planning.problem import Problem
from gradphoto.engine.planning.search import Search
from gradphoto.engine.planning.sequence import slots_of
from gradphoto.engine.planning.space import Space
from gradphoto.engine.wording import Wording

_EXACT = 6_000
"""Groups times segments up to which the whole problem is one model; beyond it is taken day by day."""


@dataclass(slots=True)
class Found:
    """Where everybody stands, and how good that is."""

    placings: list[Placing]
    levels: list[Level]


def seek(space: Space, search: Search) -> Found | None:
    """A plan for everybody, or None when there is none; ``search.ran_out`` when only the time was over."""
    if not space.groups:
        return Found([], levels_of(space, [], 0, 0))
    if any(not any(space.begins(group, segment) for segment in space.segments) for group in space.groups):
        return None
    at_least = crew_days_bound(space)
    if at_least is None:
        return None
    search.bound = at_least
    if len(space.groups) * len(space.segments) <= _EXACT:
        return _whole(space, search, at_least)
    return _by_days(space, search, at_least)


def _whole(space: Space, search: Search, at_least: int) -> Found | None:
    model = Assignment(space, space.groups, space.segments)
    crew_days = model.expression(Goal.CREW_DAYS)
    model.model.add(crew_days >= at_least)
    levels: list[Level] = []
    placings: list[Placing] = []
    goals = [Goal.CREW_DAYS, *([Goal.IDLE_MINUTES] if model.idle else []), Goal.DEPARTMENT_DAYS]
    for number, goal in enumerate(goals):
        target = model.expression(goal)
        model.model.minimize(target)
        solve = search.solve if levels else search.find
        answer = solve(model.model, search.options.seconds / 4)
        if not answer.found:
            if not levels:
                return None
            continue
        placings = model.placings(answer)
        levels.append(Level(goal, answer.value, max(answer.bound, at_least if number == 0 else 0)))
        model.model.add(target <= answer.value)
        model.hint(placings)
        if goal is Goal.CREW_DAYS:
            search.best, search.bound = answer.value, levels[-1].bound
        search.tell(0.2 + 0.2 * number, Wording("正在改进时间表", "Improving the timetable"))
    placings = _calm(model, search, placings)
    if not model.idle:
        levels.insert(1, Level(Goal.IDLE_MINUTES, 0, 0))
    return Found(placings, levels)


def _calm(model: Assignment, search: Search, placings: list[Placing]) -> list[Placing]:
    """Among equals: preferred times are met, days lie early and close, departments stand in few half-days."""
    model.model.minimize(100 * model.misses() + 5 * model.lateness() + model.scattered())
    model.hint(placings)
    answer = search.solve(model.model, search.options.seconds / 8)
    return model.placings(answer) if answer.found else placings


def _by_days(space: Space, search: Search, at_least: int) -> Found | None:
    """As few room-days as the bound says, if whole groups go into them; what does not opens another."""
    share = search.options.seconds / 6
    search.tell(0.1, Wording("正在分配各天的院系", "Sharing out the departments to days"))
    bound = department_days_bound(space, at_least, share)
    best: list[Placing] | None = None
    plan: DayPlan | None = None
    for plan in day_plans(space, at_least, search, share):
        search.tell(0.3, Wording("正在逐天编排", "Packing day by day"))
        filled = fill_days(space, plan)
        if filled is not None and (best is None or _department_days(space, filled) < _department_days(space, best)):
            best = filled
        if (best is not None and _department_days(space, best) <= bound) or search.left < search.options.seconds / 2:
            break
    if best is not None:
        return Found(best, levels_of(space, best, at_least, bound))
    return _packed(space, search, at_least, plan)


def _packed(space: Space, search: Search, at_least: int, plan: DayPlan | None) -> Found | None:
    """The exact model for the days that could not simply be filled, and one more room-day where that is not enough."""
    more = range(at_least + 1, at_least + 2 + at_least // 10)
    plans = (found for count in more for found in day_plans(space, count, search, search.options.seconds / 6))
    plan = plan or next(plans, None)
    if plan is None:
        search.ran_out = search.ran_out or not search.left
        return None
    placings, used = pack_days(space, search, plan, search.options.seconds / 40)
    if len(placings) < len(space.groups):
        search.ran_out = search.ran_out or not search.left
        return None
    search.best = len(used)
    search.tell(0.9, Wording("正在证明离最优有多远", "Proving how far from the best it can be"))
    bound = department_days_bound(space, len(used), max(1.0, search.left))
    return Found(placings, levels_of(space, placings, at_least, bound))


def _department_days(space: Space, placings: list[Placing]) -> int:
    return len({(placing.group.department, placing.segment.day) for placing in placings} | space.locked_department_days)


def levels_of(space: Space, placings: list[Placing], crew_days: int, department_days: int) -> list[Level]:
    """How good these placings are, with what is proven of the crew-days and department-days."""
    cost = tally(space.problem, slots_of(space, placings))
    return [
        Level(Goal.CREW_DAYS, cost.crew_days, min(crew_days, cost.crew_days)),
        Level(Goal.IDLE_MINUTES, cost.idle_minutes, 0),
        Level(Goal.DEPARTMENT_DAYS, cost.department_days, min(department_days, cost.department_days)),
    ]


def fits(problem: Problem, search: Search, seconds: float) -> bool:
    """Whether a plan for everybody was found within so many seconds; the first one is enough."""
    search.heed()
    space = Space(problem)
    trial = Search(
        Options(min(seconds, max(search.left, 1.0)), search.options.seed, search.options.workers),
        None,
        search.is_cancelled,
    )
    if len(space.groups) * len(space.segments) > _EXACT:
        return seek(space, trial) is not None
    if crew_days_bound(space) is None:
        return False
    return trial.find(Assignment(space, space.groups, space.segments).model, trial.options.seconds).found
