"""Making the timetable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from itertools import groupby

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import ADULT_PER_HOUR, FULL_TIME_PER_HOUR
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.policy import by
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import Appointment, CaptureSession, SessionStatus, Slot
from gradphoto.engine.planning import Group, Kind, Options, Period, Problem, Rates, Room, solve
from gradphoto.engine.planning import Slot as PlannedSlot
from gradphoto.engine.wording import Wording

_ADULT_KINDS = ("成人",)


@dataclass(frozen=True, slots=True)
class SessionBlock:
    """A stretch of a day in one place, as the planner asks for it."""

    date: date
    place: str
    start_time: time
    end_time: time
    stations: int = 1


@dataclass(frozen=True, slots=True)
class TimetableResult:
    """How many sessions and slots were made, and which groups found no room."""

    sessions: int
    slots: int
    people: int
    unplaced: tuple[Wording, ...]


@action("schedule.make_timetable", permission=by(Role.REGISTRAR, Role.COLLECTION_CENTRE))
def make_timetable(actor: Actor, campaign: Campaign, *, blocks: Sequence[SessionBlock]) -> TimetableResult:
    """Plan everybody on the approved list, class by class, student numbers ascending (R78, R102).

    A planned timetable is replaced as a whole; once a session was opened it stands, and this is refused.
    """
    if not blocks:
        raise invalid(
            "schedule.no_blocks",
            "没有可用的时间。",
            "There is no time to plan in.",
            "请至少填写一个半天。",
            "Give at least one half-day.",
        )
    if campaign.sessions.exclude(status=SessionStatus.PLANNED).exists():
        raise refuse(
            "schedule.already_started",
            "已有场次开拍，不能整体重排。",
            "A session was opened already; the timetable cannot be made anew.",
            "未拍的学生请安排补拍。",
            "Arrange a make-up session for those not photographed.",
        )
    campaign.sessions.all().delete()
    people = _by_group(campaign)
    problem = Problem(tuple(people), _rooms(blocks), _rates(campaign))
    made = solve(problem, Options(seconds=10))
    sessions = _sessions(campaign, made.slots)
    groups = {group.key: group for group in people}
    for slot in made.slots:
        group = groups[slot.group]
        _store(sessions[timezone.localtime(slot.start).date(), slot.room], group, slot, people[group])
    seated = sum(groups[slot.group].headcount for slot in made.slots)
    audit.note(sessions=len(sessions), slots=len(made.slots), people=seated, unplaced=len(made.unplaced))
    return TimetableResult(len(sessions), len(made.slots), seated, tuple(u.reason for u in made.unplaced))


def _by_group(campaign: Campaign) -> dict[Group, list[Candidate]]:
    listed = campaign.candidates.filter(status__in=APPROVED).select_related("department")
    ordered = listed.order_by("season", "department__path", "class_name", "student_no")
    groups = {}
    for (season, department, class_name), members in groupby(ordered, lambda c: (c.season, c.department, c.class_name)):
        people = list(members)
        adult = people[0].degree_category.startswith(_ADULT_KINDS)
        kind = Kind.ADULT if adult else Kind.FULL_TIME
        key = f"{season}/{department.pk}/{class_name}"
        groups[Group(key, department.name, class_name, season, kind, len(people), people[0].student_no)] = people
    return groups


def _rates(campaign: Campaign) -> Rates:
    return Rates(value_of(campaign, FULL_TIME_PER_HOUR), value_of(campaign, ADULT_PER_HOUR))


def _in_time(blocks: Sequence[SessionBlock]) -> Iterator[SessionBlock]:
    ends: dict[tuple[date, str], time] = {}
    for block in sorted(blocks, key=lambda b: (b.date, b.place, b.start_time)):
        overlaps = block.start_time < ends.get((block.date, block.place), time.min)
        if block.end_time <= block.start_time or overlaps:
            raise invalid(
                "schedule.block",
                "时间段有误或重叠。",
                "A stretch of time is wrong or overlaps.",
                "请检查起止时间。",
                "Check its start and end.",
            )
        ends[block.date, block.place] = block.end_time
        yield block


def _rooms(blocks: Sequence[SessionBlock]) -> tuple[Room, ...]:
    zone = timezone.get_current_timezone()
    found: dict[str, list[SessionBlock]] = {}
    for block in _in_time(blocks):
        found.setdefault(block.place, []).append(block)
    return tuple(
        Room(place, place, min(block.stations for block in own), tuple(_period(block, zone) for block in own))
        for place, own in found.items()
    )


def _period(block: SessionBlock, zone: tzinfo) -> Period:
    start, end = (datetime.combine(block.date, clock, zone) for clock in (block.start_time, block.end_time))
    return Period(start, end)


def _sessions(campaign: Campaign, slots: Sequence[PlannedSlot]) -> dict[tuple[date, str], CaptureSession]:
    wanted = sorted({(timezone.localtime(slot.start).date(), slot.room) for slot in slots})
    return {key: CaptureSession.objects.create(campaign=campaign, date=key[0], place=key[1]) for key in wanted}


def _store(session: CaptureSession, group: Group, planned: PlannedSlot, people: Sequence[Candidate]) -> None:
    slot = Slot.objects.create(
        session=session,
        department=people[0].department,
        class_name=group.class_name,
        season=group.season,
        starts_at=planned.start,
        ends_at=planned.end,
    )
    Appointment.objects.bulk_create(
        [Appointment(slot=slot, candidate=candidate, position=n) for n, candidate in enumerate(people, start=1)]
    )
