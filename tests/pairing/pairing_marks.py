"""Check-ins and frames in seconds of a made-up session, and rules of a measured clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from made_up_session import later

from gradphoto.engine.pairing import (
    Alarm,
    AlarmKind,
    CheckInMark,
    ClockFix,
    FrameMark,
    PairingRules,
)

MEASURED = PairingRules(
    clocks={"SN1": (ClockFix(timedelta(0), timedelta(0), None, timedelta(seconds=1)),)}, soonest_shot_s=2.0
)


def kinds(alarms: list[Alarm] | tuple[Alarm, ...]) -> list[AlarmKind]:
    return [alarm.kind for alarm in alarms]


def person(number: int, at_s: float) -> CheckInMark:
    return CheckInMark(f"p{number}", number, later(at_s))


def frame(number: int | None, at_s: float, *, arrives_s: float | None = None, **changes: object) -> FrameMark:
    arrives = at_s + 1 if arrives_s is None else arrives_s
    mark = FrameMark(f"f{number}", "SN1", number, "100CANON", later(at_s), later(arrives))
    return replace(mark, **changes)


BURST = PairingRules(clocks={"SN1": (ClockFix(timedelta(0), timedelta(seconds=0.3), None, timedelta(seconds=1.2)),)})
