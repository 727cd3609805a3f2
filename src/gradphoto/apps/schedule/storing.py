"""Writing slots: the only place where a plan, a move, or an earlier state becomes sessions, slots and appointments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import (
    Appointment,
    BoardChange,
    CaptureSession,
    CollectionRoom,
    SessionStatus,
    Slot,
)
from gradphoto.apps.schedule.problem import group_key, listed, slots_of
from gradphoto.apps.schedule.reserved import require_free
from gradphoto.engine.planning import Slot as PlannedSlot
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a class is to stand."""

    group: str
    room: int
    starts_at: datetime
    ends_at: datetime
    locked: bool = False


def from_plan(slots: Iterable[PlannedSlot], locked: Iterable[str] = ()) -> list[Placement]:
    """The planner's slots as placements; ``locked`` classes stay locked."""
    fast = set(locked)
    return [Placement(s.group, int(s.room), s.start, s.end, s.group in fast) for s in slots]


def movable(campaign: Campaign) -> list[Slot]:
    """The slots of sessions that were not opened: only these are ever rewritten."""
    return [slot for slot in slots_of(campaign) if slot.session.status == SessionStatus.PLANNED]


def rewrite(campaign: Campaign, placements: Iterable[Placement]) -> int:
    """Put the campaign's planned slots where the placements say; sessions that were opened are left alone.

    Returns the number of persons who have a slot now.
    """
    people: dict[str, list[Candidate]] = defaultdict(list)
    opened = campaign.sessions.exclude(status=SessionStatus.PLANNED)
    Slot.objects.filter(session__campaign=campaign, session__status=SessionStatus.PLANNED).delete()
    for candidate in listed(campaign).exclude(appointment__slot__session__in=opened).order_by("student_no"):
        people[group_key(candidate)].append(candidate)
    rooms = {room.pk: room for room in campaign.rooms.all()}
    for placement in placements:
        if placement.room in rooms and people.get(placement.group):
            _seat(campaign, rooms[placement.room], placement, people.pop(placement.group))
    campaign.sessions.filter(status=SessionStatus.PLANNED, slots=None).delete()
    return Appointment.objects.filter(slot__session__campaign=campaign).count()


def _seat(campaign: Campaign, room: CollectionRoom, placement: Placement, people: list[Candidate]) -> None:
    slot = Slot.objects.create(
        session=session_for(campaign, room, placement.starts_at),
        department_id=people[0].department_id,
        class_name=people[0].class_name,
        season=people[0].season,
        starts_at=placement.starts_at,
        ends_at=placement.ends_at,
        locked=placement.locked,
    )
    Appointment.objects.bulk_create(
        [Appointment(slot=slot, candidate=candidate, position=n) for n, candidate in enumerate(people, start=1)]
    )


def session_for(campaign: Campaign, room: CollectionRoom, at: datetime) -> CaptureSession:
    """The room's session on that day; a new one is planned where there is none."""
    day: date = timezone.localtime(at).date()
    if not campaign.sessions.filter(date=day, place=room.name).exists():
        require_free(campaign, {(room.name, day)})
    session, _ = CaptureSession.objects.get_or_create(
        campaign=campaign, date=day, place=room.name, defaults={"room": room}
    )
    if session.room_id != room.pk:
        session.room = room
        session.save(update_fields=["room"])
    return session


def snapshot(campaign: Campaign) -> list[dict[str, Any]]:
    """The movable slots as they stand, to come back to."""
    return [
        {
            "group": slot.group_key,
            "room": slot.session.room_id,
            "from": slot.starts_at.isoformat(),
            "to": slot.ends_at.isoformat(),
            "locked": slot.locked,
        }
        for slot in movable(campaign)
        if slot.session.room_id
    ]


def restore(campaign: Campaign, saved: list[dict[str, Any]]) -> int:
    """Put the movable slots back as a snapshot has them."""
    return rewrite(
        campaign,
        [
            Placement(
                row["group"],
                row["room"],
                datetime.fromisoformat(row["from"]),
                datetime.fromisoformat(row["to"]),
                row["locked"],
            )
            for row in saved
        ],
    )


def remember(actor: Actor, campaign: Campaign, words: Wording) -> BoardChange:
    """Keep the present state before a change; called inside the action that changes it."""
    return BoardChange.objects.create(
        campaign=campaign,
        words={"zh": words.zh, "en": words.en},
        before=snapshot(campaign),
        made_by=actor.label,
    )
