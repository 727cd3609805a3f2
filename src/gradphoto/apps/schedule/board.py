"""The board as its page draws it: a day's rooms as lanes over one time axis, in steps of five minutes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.models import JobState
from gradphoto.apps.schedule.group_photos import GroupMark, live, marks_of
from gradphoto.apps.schedule.models import BoardChange, CollectionRoom, PlanRun, SessionStatus, Slot
from gradphoto.apps.schedule.problem import local, planned, problem_of, slots_of
from gradphoto.engine.planning import Conflict, ConflictKind, Group, Problem, Status, check_plan, tally
from gradphoto.engine.wording import Wording

STEP_MIN = 5
_MOST_STEPS = 288
_AXIS = (8 * 60, 17 * 60)
_NO_ANSWER = ("", Status.UNDECIDED, Status.CANCELLED)
_GOALS = {
    "crew_days": Wording("拍摄组·天", "Crew-days"),
    "idle_minutes": Wording("空等分钟", "Idle minutes"),
    "department_days": Wording("院系·天", "Department-days"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """Something with a place on the axis: first row and number of rows."""

    row: int
    rows: int

    @property
    def place(self) -> str:
        """The classes of its place."""
        return f"r{self.row} h{self.rows}"


@dataclass(frozen=True, slots=True)
class Card(Bar):
    """A class on the board."""

    slot: Slot
    heads: int
    minutes: int
    wrong: bool
    fast: bool
    beside: bool
    """Overlaps the one before it: drawn beside it, so that both are seen."""

    @property
    def hours(self) -> str:
        start, end = timezone.localtime(self.slot.starts_at), timezone.localtime(self.slot.ends_at)
        return f"{start:%H:%M}–{end:%H:%M}"

    @property
    def marks(self) -> str:
        """The classes of what is said by its look: held fast, in conflict, beside another."""
        return " ".join(name for name in ("fast", "wrong", "beside") if getattr(self, name))


@dataclass(frozen=True, slots=True)
class Lane:
    """A room's day."""

    room: CollectionRoom
    open: tuple[Bar, ...]
    pauses: tuple[Bar, ...]
    cards: tuple[Card, ...]
    heads: int


@dataclass(frozen=True, slots=True)
class Hour(Bar):
    """A label of the axis."""

    label: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A level of the plan: what it is now, and what is proven of the last search."""

    title: Wording
    value: int
    bound: int | None

    @property
    def best(self) -> bool:
        return self.bound is not None and self.value <= self.bound


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that the page shows of one campaign and day."""

    campaign: Campaign
    days: tuple[date, ...]
    day: date | None
    axis_from: int
    rows: int
    hours: tuple[Hour, ...]
    lanes: tuple[Lane, ...]
    waiting: tuple[Group, ...]
    conflicts: tuple[Conflict, ...]
    figures: tuple[Figure, ...]
    run: PlanRun | None
    answered: PlanRun | None
    """The last run that came to an answer: who must be told stays until another one does."""
    undo: BoardChange | None
    people: int
    total: int
    group_photos: tuple[GroupMark, ...]

    @property
    def searching(self) -> bool:
        job = self.run.job if self.run else None
        return bool(job and job.state in (JobState.QUEUED, JobState.RUNNING))


def board_of(campaign: Campaign, day: date | None) -> Board:
    """The board of a day; the first day with rooms or slots when none is asked for."""
    problem = problem_of(campaign)
    slots = list(slots_of(campaign).annotate(heads=Count("appointments")))
    days = _days(problem, slots)
    shown = day if day in days else (days[0] if days else None)
    known = {group.key for group in problem.groups}
    placed = planned(slot for slot in slots if slot.group_key in known)
    conflicts = check_plan(problem, placed)
    stand = {slot.group_key for slot in slots}
    start, end = _axis(problem, slots, shown)
    run = campaign.plan_runs.select_related("job").first()
    cost = tally(problem, placed)
    bounds = {level["goal"]: level["bound"] for level in (run.levels if run else ())}
    wrong = {key for conflict in conflicts for key in conflict.groups if conflict.kind is not ConflictKind.MISSING}
    return Board(
        campaign=campaign,
        days=days,
        day=shown,
        axis_from=start,
        rows=(end - start) // STEP_MIN,
        hours=tuple(
            Hour((at - start) // STEP_MIN, 12, f"{at // 60:02}:00") for at in range(-(-start // 60) * 60, end, 60)
        ),
        lanes=tuple(_lane(room, problem, slots, wrong, shown, start) for room in campaign.rooms.all()),
        waiting=tuple(group for group in problem.groups if group.key not in stand),
        conflicts=tuple(conflict for conflict in conflicts if conflict.kind is not ConflictKind.MISSING),
        figures=tuple(Figure(title, getattr(cost, goal), bounds.get(goal)) for goal, title in _GOALS.items() if placed),
        run=run,
        answered=campaign.plan_runs.exclude(status__in=_NO_ANSWER).first(),
        undo=campaign.board_changes.filter(undone_at=None).first(),
        people=sum(slot.heads for slot in slots),
        total=sum(group.headcount for group in problem.groups),
        group_photos=marks_of(live(campaign), slots, shown),
    )


def _days(problem: Problem, slots: Iterable[Slot]) -> tuple[date, ...]:
    days = {period.day for room in problem.rooms for period in room.periods}
    return tuple(sorted(days | {local(slot.starts_at).date() for slot in slots}))


def _axis(problem: Problem, slots: Iterable[Slot], day: date | None) -> tuple[int, int]:
    """From the first opening of the day to its last end, in whole hours."""
    marks = [moment for room in problem.rooms for p in room.periods if p.day == day for moment in (p.start, p.end)] + [
        local(moment)
        for slot in slots
        if local(slot.starts_at).date() == day
        for moment in (slot.starts_at, slot.ends_at)
    ]
    minutes = [_minute(mark) for mark in marks] or list(_AXIS)
    first = min(minutes) // 60 * 60
    return first, min(-(-max(minutes) // 60) * 60, first + _MOST_STEPS * STEP_MIN, 24 * 60)


def _lane(
    room: CollectionRoom, problem: Problem, slots: Iterable[Slot], wrong: set[str], day: date | None, start: int
) -> Lane:
    periods = [p for p in problem.room(str(room.pk)).periods if p.day == day]
    own = [slot for slot in slots if slot.session.room_id == room.pk and local(slot.starts_at).date() == day]
    ends = [max((slot.ends_at for slot in own[:n]), default=None) for n in range(len(own))]
    cards = tuple(
        _card(slot, wrong, start, beside=end is not None and slot.starts_at < end)
        for slot, end in zip(own, ends, strict=True)
    )
    return Lane(
        room,
        tuple(_bar(Bar, p.start, p.end, start) for p in periods),
        tuple(_bar(Bar, pause.start, pause.end, start) for p in periods for pause in p.breaks),
        cards,
        sum(card.heads for card in cards),
    )


def _card(slot: Slot, wrong: set[str], start: int, *, beside: bool) -> Card:
    bar = _bar(Bar, local(slot.starts_at), local(slot.ends_at), start)
    minutes = int((slot.ends_at - slot.starts_at).total_seconds() // 60)
    fast = slot.locked or slot.session.status != SessionStatus.PLANNED
    return Card(bar.row, bar.rows, slot, getattr(slot, "heads", 0), minutes, slot.group_key in wrong, fast, beside)


def _bar(kind: type[Bar], first: datetime, last: datetime, start: int) -> Bar:
    row = max(0, (_minute(first) - start) // STEP_MIN)
    return kind(row, max(1, (_minute(last) - start) // STEP_MIN - row))


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute
