"""The measured clocks of a session's cameras, and whether the frames bear them out (facts 4.3 e)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from gradphoto.apps.capture.models import CameraClock, Frame
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.pairing import PairingRules

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
    by_hand: bool = False,
) -> CameraClock:
    """Keep how far a camera's clock is ahead of the computer's, in seconds. Raises ``capture.clock_offset``."""
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
        camera_serial=camera_serial[:60],
        offset_s=offset_s,
        uncertainty_s=uncertainty_s,
        measured_at=measured_at or timezone.now(),
        by_hand=by_hand,
    )


def pairing_rules(session: CaptureSession, frames: Iterable[Frame]) -> PairingRules:
    """The engine's rules with the clocks that were measured in this session and that its frames bear out."""
    clocks = known_clocks(session, frames)
    return PairingRules(clock_offsets={serial: one.reading.offset for serial, one in clocks.items() if one.believed})


def known_clocks(session: CaptureSession, frames: Iterable[Frame]) -> Mapping[str, KnownClock]:
    """By camera serial the latest reading."""
    latest: dict[str, CameraClock] = {}
    for reading in session.clocks.all():
        latest.setdefault(reading.camera_serial, reading)
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
