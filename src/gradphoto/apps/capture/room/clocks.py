"""The measured clocks of a session's cameras, and whether the frames bear them out (facts 4.3 e)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import SOONEST_SHOT_S
from gradphoto.apps.capture.models import CameraClock, Frame
from gradphoto.apps.capture.room.chairs import chairs_here
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.pairing import ClockFix, PairingRules

_LOOK_AT = 5
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
        measured_at=measured_at or timezone.now(),
        by_hand=by_hand,
    )


def pairing_rules(session: CaptureSession, frames: Iterable[Frame], chair: int = 1) -> PairingRules:
    """A chair's rules: the campaign's own seconds, and the clocks that were measured there in this session.

    A single reading counts from the first frame on, unless the frames contradict it, and so does what somebody entered
    last; of several each counts from when it was made.
    """
    readings: dict[str, list[CameraClock]] = defaultdict(list)
    every = list(session.clocks.filter(chair=chair).order_by("measured_at", "pk"))
    for reading in every:
        readings[reading.camera_serial].append(reading)
    for serial, own in readings.items():
        if own[-1].by_hand:
            readings[serial] = own[-1:]
    believed = {serial for serial, one in _believed(every, frames).items() if one.believed}
    return PairingRules(
        clocks={
            serial: tuple(_fix(one, from_the_first=one is own[0]) for one in own)
            for serial, own in readings.items()
            if len(own) > 1 or serial in believed
        },
        soonest_shot_s=value_of(session.campaign, SOONEST_SHOT_S),
    )


def _fix(reading: CameraClock, *, from_the_first: bool) -> ClockFix:
    return ClockFix(
        reading.offset,
        timedelta(seconds=reading.uncertainty_s),
        None if from_the_first else reading.measured_at,
        None if reading.transfer_s is None else timedelta(seconds=reading.transfer_s),
    )


def unmeasured_chairs(session: CaptureSession) -> list[int]:
    """Chairs of this computer at which no camera's clock was measured for this session."""
    measured = set(session.clocks.values_list("chair", flat=True))
    return [chair for chair in chairs_here(session) if chair not in measured]


def known_clocks(session: CaptureSession, frames: Iterable[Frame], chair: int = 1) -> Mapping[str, KnownClock]:
    """By camera serial the latest reading at a chair."""
    return _believed(session.clocks.filter(chair=chair).order_by("measured_at", "pk"), frames)


def _believed(readings: Iterable[CameraClock], frames: Iterable[Frame]) -> dict[str, KnownClock]:
    latest = {reading.camera_serial: reading for reading in readings}
    if not latest:
        return {}
    lags: dict[str, list[timedelta]] = defaultdict(list)
    for frame in sorted(frames, key=lambda frame: frame.arrived_at):
        if frame.taken_at is not None and frame.camera_serial in latest and len(lags[frame.camera_serial]) < _LOOK_AT:
            lags[frame.camera_serial].append(frame.taken_at - frame.arrived_at)
    return {serial: KnownClock(one, _believable(one, lags[serial])) for serial, one in latest.items()}


def _believable(reading: CameraClock, lags: list[timedelta]) -> bool:
    """No frame arrives before it was taken; and live ones arrive soon after. A camera set to another time zone than
    its files, or set anew after the measurement, shows itself so, and the engine finds its clock by itself."""
    if not lags:
        return True
    rules = PairingRules()
    give = timedelta(seconds=rules.drift_s + reading.uncertainty_s)
    spread = timedelta(seconds=rules.live_spread_s)
    if max(lags) > reading.offset + give:
        return False
    # Frames brought on a card arrive hours later, each by another interval: they say nothing against a reading.
    live = max(lags) - min(lags) < spread
    return len(lags) == 1 or not live or max(lags) > reading.offset - spread
