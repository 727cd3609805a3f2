"""The measured clocks of a session's cameras, and whether the frames bear them out (facts 4.3 e)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import QuerySet

from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import SOONEST_SHOT_S
from gradphoto.apps.capture.models import CameraClock, Frame
from gradphoto.apps.capture.room.chairs import chairs_here
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.pairing import FrameMark, PairingRules
from gradphoto.engine.pairing.readings import ClockReading, believed, clocks_in_force

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class KnownClock:
    """A camera's latest reading. ``believed``: not contradicted by the frames that came from it."""

    reading: CameraClock
    believed: bool


@action("capture.record_camera_clock", permission="capture.set_clock")
def record_camera_clock(
    actor: Actor,
    session: CaptureSession,
    *,
    camera_serial: str,
    offset_s: float,
    uncertainty_s: float = 0.5,
    measured_at: datetime | None = None,
    transfer_s: float | None = None,
    by_hand: bool = False,
    chair: int = 1,
) -> CameraClock:
    """Keep how far the clock of a chair's camera is ahead of the computer's, in seconds. Raises ``capture.clock_offset``."""
    if not -365 * _DAY_S <= offset_s <= 365 * _DAY_S:  # NaN as well
        raise invalid(
            "capture.clock_offset",
            "时间差不是合理的秒数。",
            "The difference is no sensible number of seconds.",
            "请填写相机时间减电脑时间的秒数，例如 12.5 或 -3。",
            "Give camera time minus computer time in seconds, such as 12.5 or -3.",
        )
    audit.note(camera=camera_serial, offset_s=round(offset_s, 2), by_hand=by_hand)
    return CameraClock.objects.create(
        session=session,
        chair=chair,
        camera_serial=camera_serial[:60],
        offset_s=offset_s,
        uncertainty_s=uncertainty_s,
        transfer_s=transfer_s,
        measured_at=measured_at or room_now(),
        by_hand=by_hand,
    )


def pairing_rules(session: CaptureSession, frames: Iterable[Frame], chair: int = 1) -> PairingRules:
    """A chair's rules: the campaign's own seconds, and the clocks that were measured there in this session."""
    rules = PairingRules(soonest_shot_s=value_of(session.campaign, SOONEST_SHOT_S))
    readings = [_reading(one) for one in _made(session, chair)]
    return replace(rules, clocks=clocks_in_force(readings, _marks(frames), rules))


def unmeasured_chairs(session: CaptureSession) -> list[int]:
    """Chairs of this computer at which no camera's clock was measured for this session."""
    measured = set(session.clocks.values_list("chair", flat=True))
    return [chair for chair in chairs_here(session) if chair not in measured]


def known_clocks(session: CaptureSession, frames: Iterable[Frame], chair: int = 1) -> Mapping[str, KnownClock]:
    """By camera serial the latest reading at a chair."""
    latest = {one.camera_serial: one for one in _made(session, chair)}
    trusted = believed({serial: _reading(one) for serial, one in latest.items()}, _marks(frames), PairingRules())
    return {serial: KnownClock(one, serial in trusted) for serial, one in latest.items()}


def _made(session: CaptureSession, chair: int) -> QuerySet[CameraClock]:
    return session.clocks.filter(chair=chair).order_by("measured_at", "pk")


def _reading(row: CameraClock) -> ClockReading:
    return ClockReading(
        row.camera_serial,
        row.offset,
        timedelta(seconds=row.uncertainty_s),
        row.measured_at,
        None if row.transfer_s is None else timedelta(seconds=row.transfer_s),
        row.by_hand,
    )


def _marks(frames: Iterable[Frame]) -> list[FrameMark]:
    return [FrameMark(f.pk, f.camera_serial, f.file_number, f.folder, f.taken_at, f.arrived_at) for f in frames]
