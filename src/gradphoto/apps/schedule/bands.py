"""The stretch of an hour in which a class is called: classes are told the band, best of one hour (R78, R180)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import SLOT_MINUTES
from gradphoto.apps.schedule.models import OpenPeriod, Slot
from gradphoto.apps.schedule.problem import local


@dataclass(frozen=True, slots=True)
class Band:
    """From when to when a class is called, by the clock on the wall."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        return f"{self.start:%H:%M}—{self.end:%H:%M}"


class Bands:
    """The bands of a campaign: its half-days cut into steps of the preferred length, read once for many slots."""

    def __init__(self, campaign: Campaign) -> None:
        self._step = timedelta(minutes=value_of(campaign, SLOT_MINUTES))
        periods = OpenPeriod.objects.filter(room__campaign=campaign).values_list("room", "starts_at", "ends_at")
        self._periods = [(room, local(start), local(end)) for room, start, end in periods]

    def of(self, slot: Slot) -> Band:
        """The whole steps that hold the slot; its own time where bands are off (0) or no half-day holds it."""
        start, end = local(slot.starts_at), local(slot.ends_at)
        opens = self._opening(slot, start)
        if not self._step or opens is None:
            return Band(start, end)
        first, last = opens
        begin = first + (start - first) // self._step * self._step
        steps = -((first - end) // self._step)
        return Band(begin, min(max(first + steps * self._step, end), last))

    def _opening(self, slot: Slot, start: datetime) -> tuple[datetime, datetime] | None:
        room = slot.session.room_id
        return next(((a, b) for one, a, b in self._periods if one == room and a <= start < b), None)


def bands_of(slots: Iterable[Slot]) -> dict[int, Band]:
    """The band of each slot, campaign by campaign."""
    known: dict[int, Bands] = {}
    found: dict[int, Band] = {}
    for slot in slots:
        campaign = slot.session.campaign
        bands = known.get(campaign.pk) or known.setdefault(campaign.pk, Bands(campaign))
        found[slot.pk] = bands.of(slot)
    return found
