"""Making the timetable: rooms and half-days, the search for a plan, and what becomes of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.core.models import JobState
from gradphoto.apps.schedule.models import CollectionRoom, OpenPeriod, PlanRun, SessionStatus
from gradphoto.apps.schedule.problem import problem_of, rooms_of, standing
from gradphoto.apps.schedule.reserved import require_free
from gradphoto.apps.schedule.storing import from_plan, movable, remember, rewrite
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.planning import Options, Plan, Proposal, Status, change_words, solve
from gradphoto.engine.wording import Wording

AT_ONCE_S = 10.0
"""How long a search may take while a person waits; the job on the board may take ``SEARCH_S``."""
SEARCH_S = 60.0


@dataclass(frozen=True, slots=True)
class SessionBlock:
    """A stretch of a day in one place, as a form asks for it."""

    date: date
    place: str
    start_time: time
    end_time: time
    stations: int = 1
    break_from: time | None = None
    break_to: time | None = None


@dataclass(frozen=True, slots=True)
class TimetableResult:
    """How many sessions and slots were made, and why some groups found no room."""

    sessions: int
    slots: int
    people: int
    unplaced: tuple[Wording, ...]


@action("schedule.set_up_rooms", permission="schedule.plan")
def set_up_rooms(actor: Actor, campaign: Campaign, *, blocks: Sequence[SessionBlock], other_hall: bool = False) -> int:
    """The rooms and half-days to plan in; those that were set before and not planned in yet are replaced.

    Returns the number of half-days. Refused once a session was opened (``schedule.already_started``), and where another
    campaign of the school has a place on one of the days (``schedule.place_reserved``, R82); one of the same name in
    another school of the centre is asked about (``schedule.place_elsewhere``), which ``other_hall`` answers.
    """
    _not_started(campaign)
    if not blocks:
        raise invalid(
            "schedule.no_blocks",
            "没有可用的时间。",
            "There is no time to plan in.",
            "请至少填写一个半天。",
            "Give at least one half-day.",
        )
    _in_order(blocks)
    require_free(campaign, {(block.place, block.date) for block in blocks}, other_hall=other_hall)
    OpenPeriod.objects.filter(room__campaign=campaign).delete()
    named = {block.place: block.stations for block in blocks}
    campaign.rooms.exclude(name__in=named).filter(checks=None).delete()
    for place, stations in named.items():
        room, _ = CollectionRoom.objects.update_or_create(
            campaign=campaign, name=place, defaults={"stations": stations}
        )
        OpenPeriod.objects.bulk_create([_period(room, block) for block in blocks if block.place == place])
    audit.note(rooms=sorted(named), half_days=len(blocks))
    return len(blocks)


@action("schedule.make_timetable", permission="schedule.plan")
def make_timetable(actor: Actor, campaign: Campaign, *, blocks: Sequence[SessionBlock]) -> TimetableResult:
    """Set up rooms and plan everybody at once, for small campaigns and the demo; the board's job does the same."""
    set_up_rooms(actor, campaign, blocks=blocks)
    made = solve(problem_of(campaign), Options(seconds=AT_ONCE_S))
    if made.status is Status.UNDECIDED:
        raise refuse(
            "schedule.undecided",
            "计算时间已用完，没有得出时间表。",
            "The time ran out before there was a timetable.",
            "请在时间表页面上点编排，后台可以计算更久。",
            "Plan it on the board: the search in the background may take longer.",
        )
    people = keep_plan(actor, campaign, plan=made, run=PlanRun.objects.create(campaign=campaign))
    unplaced = tuple(one.reason for one in made.unplaced)
    return TimetableResult(campaign.sessions.count(), len(made.slots), people, unplaced)


@action("schedule.search_plan", permission="schedule.plan")
def search_plan(actor: Actor, campaign: Campaign, *, anew: bool = False) -> PlanRun:
    """Plan in the background; one search at a time.

    What people have been told stays where it can, and the run lists who must be told what. With ``anew`` everything that
    is not locked and not begun may move.
    """
    require_no_search(campaign)
    if not OpenPeriod.objects.filter(room__campaign=campaign).exists():
        raise invalid(
            "schedule.no_rooms",
            "还没有场地和半天。",
            "There are no rooms and half-days yet.",
            "请先填写场地和开放时间。",
            "Enter rooms and their opening times first.",
        )
    run = PlanRun.objects.create(campaign=campaign, anew=anew)
    run.job = jobs.enqueue(
        "schedule.search",
        actor,
        Wording(f"编排时间表 {campaign.title}", f"Plan the timetable of {campaign.title}"),
        {"run": run.pk, "actor": actor.label},
        organisation_id=campaign.school_id,
    )
    run.save(update_fields=["job"])
    return run


def require_no_search(campaign: Campaign) -> None:
    """One search at a time. Raises ``schedule.search_running``."""
    running = campaign.plan_runs.filter(job__state__in=[JobState.QUEUED, JobState.RUNNING])
    if running.exists():
        raise refuse(
            "schedule.search_running",
            "正在编排，请等它完成或先取消。",
            "A search is running already.",
            "可在页面上查看进度或取消。",
            "Wait for it or cancel it on the page.",
        )


@action("schedule.keep_plan", permission="schedule.plan")
def keep_plan(actor: Actor, campaign: Campaign, *, plan: Plan, run: PlanRun) -> int:
    """Put a plan on the board (what stood before can be taken back) and keep how good it is.

    Returns how many persons have a slot. An impossible plan is kept, too: with the most who can be placed.
    """
    words = Wording("自动编排", "Planned automatically")
    if movable(campaign):
        remember(actor, campaign, words)
    locked = {slot.group for slot in standing(campaign)}
    people = rewrite(campaign, from_plan(plan.slots, locked))
    run.status = str(plan.status)
    run.seconds = plan.seconds
    run.levels = [{"goal": str(level.goal), "value": level.value, "bound": level.bound} for level in plan.levels]
    run.reasons = [_pair(words) for words in (*plan.reasons, *(one.reason for one in plan.unplaced))]
    run.changes = [_pair(words) for words in change_words(problem_of(campaign), plan.moved, plan.lost)]
    run.proposal = _proposal(campaign, plan.proposal) if plan.proposal else None
    run.save()
    audit.note(status=run.status, slots=len(plan.slots), people=people, unplaced=len(plan.unplaced))
    return people


@action("schedule.note_undecided", permission="schedule.plan")
def note_undecided(actor: Actor, campaign: Campaign, *, plan: Plan, run: PlanRun) -> GradPhotoError:
    """A search came to no answer that can be kept: only its words are, and the board stays as it is. Returns what to tell."""
    run.status, run.seconds = str(plan.status), plan.seconds
    run.reasons = [_pair(words) for words in plan.reasons]
    run.save(update_fields=["status", "seconds", "reasons"])
    audit.note(status=run.status)
    (why,) = plan.reasons
    return refuse("schedule.undecided", why.zh, why.en, "请在时间表页面上重新编排。", "Plan again on the board.")


@action("schedule.accept_proposal", permission="schedule.plan")
def accept_proposal(actor: Actor, run: PlanRun) -> PlanRun:
    """Make the change that the planner proposed to the rooms, and plan anew."""
    rooms = (run.proposal or {}).get("rooms", [])
    if not rooms:
        raise refuse(
            "schedule.no_proposal",
            "没有可直接采纳的方案。",
            "There is no proposal to accept.",
            "请手工调整场地、时间或班级的要求。",
            "Change rooms, times or what classes asked for by hand.",
        )
    for row in rooms:
        room = run.campaign.rooms.get(pk=row["room"])
        require_free(run.campaign, {(room.name, datetime.fromisoformat(start).date()) for start, _ in row["more"]})
        room.stations = row["stations"]
        room.save(update_fields=["stations"])
        for start, end in row["more"]:
            OpenPeriod.objects.get_or_create(
                room=room, starts_at=datetime.fromisoformat(start), defaults={"ends_at": datetime.fromisoformat(end)}
            )
    audit.note(proposal=run.proposal)
    return search_plan(actor, run.campaign)


def _proposal(campaign: Campaign, proposal: Proposal) -> dict[str, Any]:
    """The proposal in words, and what it changes of which rooms."""
    old = {room.key: room for room in rooms_of(campaign)}
    rooms = []
    for room in proposal.changed.rooms:
        if room != old[room.key]:
            more = [(p.start.isoformat(), p.end.isoformat()) for p in room.periods if p not in old[room.key].periods]
            rooms.append({"room": int(room.key), "stations": room.stations, "more": more})
    return {**_pair(proposal.words), "rooms": rooms}


def _pair(words: Wording) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _not_started(campaign: Campaign) -> None:
    if campaign.sessions.exclude(status=SessionStatus.PLANNED).exists():
        raise refuse(
            "schedule.already_started",
            "已有场次开拍，不能整体重排。",
            "A session was opened; rooms and half-days cannot be set anew.",
            "可在排班板上移动未拍的班级，或安排补拍。",
            "Move the classes that wait on the board, or arrange a make-up session.",
        )


def _in_order(blocks: Sequence[SessionBlock]) -> None:
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


def _period(room: CollectionRoom, block: SessionBlock) -> OpenPeriod:
    def at(clock: time | None) -> datetime | None:
        return None if clock is None else datetime.combine(block.date, clock, timezone.get_current_timezone())

    start, end = at(block.start_time), at(block.end_time)
    assert start is not None
    assert end is not None
    pause = at(block.break_from), at(block.break_to)
    inside = pause[0] is not None and pause[1] is not None and start < pause[0] < pause[1] < end
    return OpenPeriod(
        room=room,
        starts_at=start,
        ends_at=end,
        break_from=pause[0] if inside else None,
        break_to=pause[1] if inside else None,
    )
