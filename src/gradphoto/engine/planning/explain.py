"""Why not everybody can be placed, in words, and the smallest change that helps, proven by solving it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gradphoto.engine.planning.assign import Assignment, Placing
from gradphoto.engine.planning.bounds import crew_days_bound
from gradphoto.engine.planning.plan import ChangeKind, Plan, Proposal, Status, Unplaced
from gradphoto.engine.planning.problem import Group, Period, Problem, Room, Slot, Wish
from gradphoto.engine.planning.search import Search
from gradphoto.engine.planning.seek import fits, levels_of
from gradphoto.engine.planning.sequence import slots_of
from gradphoto.engine.planning.space import Space
from gradphoto.engine.planning.standing import beside
from gradphoto.engine.standards.workdays import WorkCalendar
from gradphoto.engine.wording import Wording

_TRIAL_S = 10.0
_MOST_STATIONS = 4
_MOST_HALF_DAYS = 6
_MOST_WISHES_TRIED = 12
_RAN_OUT = Wording(
    "计算时间已用完：既没有找到全部排下的时间表，也不能断定排不下。原有安排没有改动；请稍后重新编排，仍不行请增加半天、场地或台数。",
    "The time ran out: no timetable for everybody was found, and none is ruled out. What stood is unchanged; plan again "
    "later, and if that does not help add a half-day, a room or a station.",
)
_TOO_FEW = Wording(
    "不能全部排下；计算时间已用完，还没有算出最多能排多少人。原有安排没有改动；请稍后重新编排，或增加半天、场地或台数。",
    "Not everybody fits, and the time ran out before it was known how many do. What stood is unchanged; plan again later, "
    "or add a half-day, a room or a station.",
)


def explain(problem: Problem, search: Search, standing: Sequence[Slot] = ()) -> Plan:
    """The most persons that can be placed, the reasons for the rest, and a proposal.

    Beside a ``standing`` plan those who were told a place keep it wherever they can, and only the others wait. When the
    search ran out of time before it found a plan or proved that there is none, only that is said.
    """
    if search.ran_out:
        return _undecided(problem, search, _RAN_OUT)
    search.tell(0.6, Wording("不能全部排下，正在查找原因", "Not everybody fits; looking for the reason"))
    space = Space(problem)
    placings = [] if standing else _most(space, search)
    if search.ran_out:
        return _undecided(problem, search, _TOO_FEW)
    slots = beside(problem, standing) if standing else slots_of(space, placings)
    stand = {slot.group for slot in slots}
    left = [group for group in space.groups if group.key not in stand]
    if not left and not standing:  # Where days were packed one by one, all at once may do better.
        levels = levels_of(space, placings, search.bound or 0, 0)
        return Plan(Status.FEASIBLE, slots, tuple(levels), seconds=search.seconds)
    unplaced = tuple(Unplaced(group.key, _why(space, group)) for group in left)
    reasons = tuple(_reasons(space, left, search))
    search.tell(0.8, Wording("正在试算最小改动", "Trying the smallest change"))
    proposal = _proposal(problem, search)
    return Plan(Status.IMPOSSIBLE, slots, unplaced=unplaced, reasons=reasons, proposal=proposal, seconds=search.seconds)


def _undecided(problem: Problem, search: Search, words: Wording) -> Plan:
    return Plan(Status.UNDECIDED, problem.locked, reasons=(words,), seconds=search.seconds)


def _most(space: Space, search: Search) -> list[Placing]:
    model = Assignment(space, space.groups, space.segments, may_fail=True)
    model.model.maximize(model.placed())
    answer = search.find(model.model, search.options.seconds / 6)
    return model.placings(answer) if answer.found else []


def _why(space: Space, group: Group) -> Wording:
    """The nearest limit for one group."""
    wish = space.wishes.get(group.key)
    alone = {segment.index for segment in space.segments if space.begins(group, segment)}
    longest = max((segment.minutes for segment in space.segments), default=0)
    most = max((room.stations for room in space.problem.rooms if room.ready), default=0)
    if not space.segments:
        return Wording(f"{group.title}：没有可用的场地和时间。", f"{group.title}: there is no room and time to use.")
    length = space.problem.minutes(group, most)
    if length > longest:
        needed = math.ceil(space.problem.minutes(group, 1) / longest)
        return Wording(
            f"{group.title}（{group.headcount}人）用{most}台要拍{length}分钟，最长的半天只有{longest}分钟；"
            f"需要{needed}台，或把它分成几个班。",
            f"{group.title} ({group.headcount}) takes {length} minutes with {most} station(s); the longest half-day "
            f"has {longest}: use {needed} stations, or divide it into classes.",
        )
    if not alone and wish is not None:
        return Wording(
            f"{group.title}：所要求的时间内没有开放的场地，或不能到场的时间占满了全部半天。",
            f"{group.title}: no room is open at the time asked for, or the times when it cannot come fill all half-days.",
        )
    return Wording(
        f"{group.title}（{group.headcount}人）需{length}分钟，剩下的空档都不够长；请增加半天、场地或台数。",
        f"{group.title} ({group.headcount}) needs {length} minutes and no gap is long enough: add a half-day, a room "
        "or a station.",
    )


def _reasons(space: Space, left: list[Group], search: Search) -> Iterator[Wording]:
    """The limits that all groups together meet."""
    if not left:
        return
    heads = sum(group.headcount for group in left)
    names = sorted({group.department for group in left})
    shown_zh, shown_en = "、".join(names[:6]), ", ".join(names[:6])
    yield Wording(
        f"有{len(left)}个班共{heads}人排不下：{shown_zh}{'等' if len(names) > 6 else ''}。",
        f"{len(left)} groups ({heads} persons) find no place: {shown_en}{' and others' if len(names) > 6 else ''}.",
    )
    stations = max((segment.room.stations for segment in space.segments), default=1)
    asked = sum(space.problem.minutes(group, stations) for group in space.groups)
    free = sum(segment.free * segment.room.stations for segment in space.segments) // stations
    if asked > free:
        yield Wording(
            f"全部人员按{stations}台计算需{_hours(asked)}小时，现有半天合计只有{_hours(free)}小时。",
            f"With {stations} station(s) everybody takes {_hours(asked)} hours; the half-days have {_hours(free)}.",
        )
    elif _crews_bind(space):
        yield Wording("拍摄组不够：同一天能开的场地受限。", "The crews are too few for the rooms on a day.")
    if len(space.seasons) > 1 and fits(replace(space.problem, groups=_one_season(space.problem)), search, _TRIAL_S):
        yield Wording(
            "春、秋季毕业生不能排在同一个半天，这使时间不够。",
            "Spring and autumn graduates may not share a half-day; that makes the time too short.",
        )
    if space.problem.wishes and fits(replace(space.problem, wishes=()), search, _TRIAL_S):
        clash = _clash(space.problem, search)
        names = [space.by_key[wish.group].title for wish in clash if wish.group in space.by_key]
        yield Wording(
            f"这些班级的时间要求不能同时满足：{'、'.join(names)}。",
            f"What was asked for these groups cannot all be met: {', '.join(names)}.",
        )
    if space.problem.together and fits(replace(space.problem, together=frozenset()), search, _TRIAL_S):
        yield Wording(
            f"要求同一天拍完的院系排不下：{'、'.join(sorted(space.problem.together))}。",
            f"Departments that are to be done on one day do not fit: {', '.join(sorted(space.problem.together))}.",
        )


def _clash(problem: Problem, search: Search) -> tuple[Wish, ...]:
    """A smallest set of wishes that is impossible together: whichever is taken away, the rest would fit."""
    kept = problem.wishes
    for wish in problem.wishes[:_MOST_WISHES_TRIED]:
        fewer = tuple(one for one in kept if one != wish)
        if not fits(replace(problem, wishes=fewer), search, _TRIAL_S):
            kept = fewer
    return kept


def _crews_bind(space: Space) -> bool:
    """Whether there is room for everybody only with more crews."""
    if not space.problem.crews or crew_days_bound(space) is not None:
        return False
    return crew_days_bound(Space(replace(space.problem, crews=()))) is not None


def _one_season(problem: Problem) -> tuple[Group, ...]:
    return tuple(replace(group, season=problem.groups[0].season) for group in problem.groups)


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}"


def _proposal(problem: Problem, search: Search) -> Proposal | None:
    """One wish given up, or more and more stations or half-days, until everybody fits."""
    for proposal in _fewer_wishes(problem):
        if fits(proposal.changed, search, _TRIAL_S):
            return proposal
    for count in range(1, max(_MOST_STATIONS, _MOST_HALF_DAYS) + 1):
        for proposal in _changes(problem, count):
            search.tell(0.8, Wording("正在试算最小改动", "Trying the smallest change"))
            if fits(proposal.changed, search, _TRIAL_S):
                return proposal
    return None


def _fewer_wishes(problem: Problem) -> Iterator[Proposal]:
    for wish in problem.wishes[:_MOST_WISHES_TRIED]:
        title = problem.group(wish.group).title
        words = Wording(f"放开 {title} 的时间要求即可全部排下。", f"Without what was asked for {title} everybody fits.")
        rest = tuple(one for one in problem.wishes if one != wish)
        yield Proposal(ChangeKind.WISHES, words, replace(problem, wishes=rest))


def _changes(problem: Problem, count: int) -> Iterator[Proposal]:
    ready = [room for room in problem.rooms if room.ready and room.periods]
    if count <= _MOST_STATIONS:
        for room in sorted(ready, key=lambda room: (room.stations, room.key))[:3]:
            bigger = replace(room, stations=room.stations + count)
            words = Wording(
                f"在{room.name}增加{count}台（共{bigger.stations}台）即可全部排下。",
                f"With {count} more station(s) in {room.name} ({bigger.stations} in all) everybody fits.",
            )
            yield Proposal(ChangeKind.STATIONS, words, _with_room(problem, room, bigger))
    if count <= _MOST_HALF_DAYS:
        for room in sorted(ready, key=lambda room: (-room.stations, room.key))[:1]:
            more = _more_half_days(room, count, problem.calendar)
            longer = replace(room, periods=(*room.periods, *more))
            days = "、".join(f"{period.start:%m-%d %H:%M}–{period.end:%H:%M}" for period in more)
            words = Wording(
                f"在{room.name}增加{count}个半天（{days}）即可全部排下。",
                f"With {count} more half-day(s) in {room.name} ({days.replace('、', ', ')}) everybody fits.",
            )
            yield Proposal(ChangeKind.HALF_DAYS, words, _with_room(problem, room, longer))


def _with_room(problem: Problem, old: Room, new: Room) -> Problem:
    crews = problem.crews
    if crews and max(crew.stations for crew in crews) < new.stations:
        crews = (replace(crews[0], stations=new.stations), *crews[1:])
    return replace(problem, crews=crews, rooms=tuple(new if room == old else room for room in problem.rooms))


def _more_half_days(room: Room, count: int, calendar: WorkCalendar) -> list[Period]:
    """The next half-days after the last, on working days, in the hours that the room has already."""
    last = max(room.periods, key=lambda period: period.start)
    hours = sorted({(p.start.time(), p.end.time()) for p in room.periods})
    made: list[Period] = []
    day = last.day
    while len(made) < count:
        for start, end in hours:
            begin = datetime.combine(day, start, last.start.tzinfo)
            if begin >= last.end and len(made) < count:
                made.append(Period(begin, datetime.combine(day, end, last.start.tzinfo)))
        day += timedelta(days=1)
        while not calendar.workday(day).works:
            day += timedelta(days=1)
    return made
