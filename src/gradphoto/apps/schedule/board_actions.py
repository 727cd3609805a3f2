"""Changing the board by hand: move, lock, set aside, take back, and move the rest when a room runs late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.schedule.actions import require_no_search
from gradphoto.apps.schedule.models import CaptureSession, CollectionRoom, PlanRun, SessionStatus, Slot
from gradphoto.apps.schedule.problem import group_key, groups_of, listed, planned, problem_of, slots_of
from gradphoto.apps.schedule.storing import remember, restore, session_for
from gradphoto.engine.planning import Delay, Options, Outcome, Replanned, replan
from gradphoto.engine.planning import Slot as PlannedSlot
from gradphoto.engine.planning.search import IsCancelled, OnProgress
from gradphoto.engine.wording import Wording

_GRID = timedelta(minutes=5)
_LONGEST_DELAY_MIN = 480


@action("schedule.move_slot", permission="schedule.plan")
def move_slot(actor: Actor, slot: Slot, *, room: CollectionRoom, starts_at: datetime) -> Slot:
    """Put a class into another room or time; its length follows the room's stations.

    A move that breaks a rule is allowed, because the person sees the conflict at once and may be half-way through
    several moves. Refused: what has begun (``schedule.slot_begun``) and what is locked (``schedule.slot_locked``).
    """
    _require_movable(slot)
    _require_room_of(slot.session.campaign, room)
    campaign = slot.session.campaign
    problem = problem_of(campaign)
    group = problem.group(slot.group_key)
    start = _on_grid(starts_at)
    if slot.session.room_id == room.pk:
        length = slot.ends_at - slot.starts_at
    else:
        length = timedelta(minutes=problem.minutes(group, room.stations))
    words = Wording(
        f"{group.title} 移到 {room.name} {timezone.localtime(start):%m-%d %H:%M}",
        f"{group.title} moved to {room.name}, {timezone.localtime(start):%m-%d %H:%M}",
    )
    remember(actor, campaign, words)
    old = slot.session
    slot.session = session_for(campaign, room, start)
    if slot.session.status == SessionStatus.CLOSED:
        raise refuse("schedule.session_closed", "该场次已结束。", "That session is closed.",
                     "请选择其他日期或场地。", "Choose another day or room.")  # fmt: skip
    slot.starts_at, slot.ends_at = start, start + length
    slot.save(update_fields=["session", "starts_at", "ends_at"])
    _drop_if_empty(old)
    audit.note(group=slot.group_key, room=room.name, starts_at=start.isoformat())
    return slot


def _require_room_of(campaign: Campaign, room: CollectionRoom) -> None:
    if room.campaign_id != campaign.pk:
        raise invalid("schedule.other_campaign", "场地不属于本批次。", "The room belongs to another campaign.",
                      "请选择本批次的场地。", "Choose a room of this campaign.")  # fmt: skip


@action("schedule.place_class", permission="schedule.plan")
def place_class(actor: Actor, campaign: Campaign, *, group: str, room: CollectionRoom, starts_at: datetime) -> Slot:
    """Give a class without a slot a place on the board."""
    _require_room_of(campaign, room)
    problem = problem_of(campaign)
    known = {one.key: one for one in problem.groups}
    if group not in known or slots_of(campaign).filter(pk__in=_holding(campaign, group)).exists():
        raise refuse("schedule.no_such_class", "该班级不存在或已有时段。", "There is no such class, or it has a slot.",
                     "请刷新页面。", "Reload the page.")  # fmt: skip
    start = _on_grid(starts_at)
    length = timedelta(minutes=problem.minutes(known[group], room.stations))
    remember(actor, campaign, Wording(f"{known[group].title} 排入 {room.name}", f"{known[group].title} placed"))
    session = session_for(campaign, room, start)
    people = [c for c in listed(campaign).order_by("student_no") if group_key(c) == group]
    slot = Slot.objects.create(
        session=session,
        department_id=people[0].department_id,
        class_name=people[0].class_name,
        season=people[0].season,
        starts_at=start,
        ends_at=start + length,
    )
    slot.appointments.bulk_create(
        [slot.appointments.model(slot=slot, candidate=one, position=n) for n, one in enumerate(people, start=1)]
    )
    audit.note(group=group, room=room.name, starts_at=start.isoformat())
    return slot


@action("schedule.set_aside", permission="schedule.plan")
def set_aside(actor: Actor, slot: Slot) -> None:
    """Take a class off the board; it waits beside it until it is placed again."""
    _require_movable(slot)
    campaign, old = slot.session.campaign, slot.session
    remember(actor, campaign, Wording(f"{slot.class_name} 移出", f"{slot.class_name} set aside"))
    audit.note(group=slot.group_key)
    Slot.objects.filter(pk=slot.pk).delete()
    _drop_if_empty(old)


@action("schedule.lock_slot", permission="schedule.plan")
def lock_slot(actor: Actor, slot: Slot, *, locked: bool) -> None:
    """A locked slot stays where it is when the rest is planned anew."""
    slot.locked = locked
    slot.save(update_fields=["locked"])
    audit.note(group=slot.group_key, locked=locked)


@action("schedule.undo", permission="schedule.plan")
def undo(actor: Actor, campaign: Campaign) -> Wording:
    """Take back the last change of the board; returns what it was."""
    change = campaign.board_changes.filter(undone_at=None).first()
    if change is None:
        raise refuse("schedule.nothing_to_undo", "没有可撤销的改动。", "There is nothing to take back.",
                     "请直接修改。", "Change the board instead.")  # fmt: skip
    restore(campaign, change.before)
    change.undone_at = timezone.now()
    change.save(update_fields=["undone_at"])
    audit.note(change=change.words)
    return Wording(change.words["zh"], change.words["en"])


@action("schedule.replan_day", permission="schedule.plan")
def replan_day(actor: Actor, campaign: Campaign, *, room: CollectionRoom, minutes: int) -> PlanRun:
    """A room runs late: what waits today moves as little as possible, in the background, with progress and cancel.

    What has begun and what is locked stays. The answer is on the run: ``changes`` says who must be told what.
    """
    if not 1 <= minutes <= _LONGEST_DELAY_MIN:
        raise invalid("schedule.delay", "延误分钟数应为1至480。", "A delay has 1 to 480 minutes.",
                      "请填写实际延误。", "Enter the actual delay.", field="minutes")  # fmt: skip
    _require_room_of(campaign, room)
    require_no_search(campaign)
    run = PlanRun.objects.create(campaign=campaign, late_room=room, late_minutes=minutes)
    run.job = jobs.enqueue(
        "schedule.replan", actor, Wording(f"{room.name} 晚{minutes}分钟", f"{room.name} {minutes} minutes late"),
        {"run": run.pk}, organisation_id=campaign.school_id,
    )  # fmt: skip
    run.save(update_fields=["job"])
    audit.note(room=room.name, minutes=minutes)
    return run


@action("schedule.keep_replanned", permission=by_system)
def keep_replanned(
    actor: Actor, campaign: Campaign, *, run: PlanRun, answer: Replanned, seen: Sequence[PlannedSlot]
) -> None:
    """Put a day that was planned anew on the board; what stood before can be taken back.

    Nothing is written when the board was changed since ``seen``, or when the planner found no sound answer.
    """
    slots = _of_the_planner(campaign)
    run.changes = [{"zh": words.zh, "en": words.en} for words in answer.words]
    run.status = str(answer.outcome)
    if planned(slots) != list(seen):
        run.status, run.changes = str(Outcome.FAILED), [_CHANGED_MEANWHILE]
    run.save(update_fields=["status", "changes"])
    if run.status == Outcome.FAILED or set(answer.slots) == set(seen):
        return
    room = run.late_room.name if run.late_room else ""
    remember(actor, campaign, Wording(f"{room} 晚{run.late_minutes}分钟", f"{room} {run.late_minutes} minutes late"))
    after = {slot.group: slot for slot in answer.slots}
    for slot in slots:
        new = after.get(slot.group_key)
        if new is None:
            Slot.objects.filter(pk=slot.pk).delete()
        elif (new.start, new.end, int(new.room)) != (slot.starts_at, slot.ends_at, slot.session.room_id):
            slot.session = session_for(campaign, campaign.rooms.get(pk=new.room), new.start)
            slot.starts_at, slot.ends_at = new.start, new.end
            slot.save(update_fields=["session", "starts_at", "ends_at"])
    campaign.sessions.filter(status=SessionStatus.PLANNED, slots=None).delete()
    audit.note(outcome=run.status, moved=len(answer.moved), left=len(answer.left))


_CHANGED_MEANWHILE = {
    "zh": "编排期间时间表被改动，没有写入。请再点一次“顺延”。",
    "en": "The board was changed meanwhile, so nothing was written. Press “Move the rest” again.",
}


def replanned(
    campaign: Campaign, run: PlanRun, on_progress: OnProgress | None = None, is_cancelled: IsCancelled | None = None
) -> tuple[Replanned, list[PlannedSlot]]:
    """The planner's answer to a late room, and the slots that it saw. Changes nothing."""
    slots = _of_the_planner(campaign)
    fast = [slot.group_key for slot in slots if slot.locked or slot.session.status == SessionStatus.CLOSED]
    seen = planned(slots)
    delays = [Delay(str(run.late_room_id), run.late_minutes)]
    now = timezone.localtime()
    answer = replan(problem_of(campaign), seen, now, delays, fast, Options(seconds=8), on_progress, is_cancelled)
    return answer, seen


def _of_the_planner(campaign: Campaign) -> list[Slot]:
    known = {group.key for group in groups_of(campaign)}
    return [slot for slot in slots_of(campaign) if slot.session.room_id and slot.group_key in known]


def _require_movable(slot: Slot) -> None:
    if slot.session.status == SessionStatus.CLOSED or (
        slot.session.status == SessionStatus.OPEN and slot.starts_at <= timezone.now()
    ):
        raise refuse("schedule.slot_begun", "该时段已开拍，不能移动。", "This slot has begun and stays.",
                     "未拍到的学生请安排补拍。", "Arrange a make-up session for those missed.")  # fmt: skip
    if slot.locked:
        raise refuse("schedule.slot_locked", "该时段已锁定。", "This slot is locked.",
                     "请先解锁再移动。", "Unlock it first.")  # fmt: skip


def _on_grid(moment: datetime) -> datetime:
    """Slots begin on five minutes."""
    extra = timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)
    return moment - extra if extra < _GRID / 2 else moment - extra + _GRID


def _holding(campaign: Campaign, group: str) -> list[int]:
    return [slot.pk for slot in slots_of(campaign) if slot.group_key == group]


def _drop_if_empty(session: CaptureSession) -> None:
    if session.status == SessionStatus.PLANNED and not session.slots.exists():
        session.delete()
