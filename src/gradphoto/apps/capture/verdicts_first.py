"""Rendering is shed before verdicts: whoever renders for hours lets the room go first, in whichever process either works."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from gradphoto.apps.capture.models import Frame, FrameStatus
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus

_DUE = timedelta(seconds=20)
"""A verdict that took longer is not coming (the engine ended, the disk is full): nobody waits for it any more."""
_MOST_S, _LOOK_S = 30.0, 0.1


def verdicts_due() -> bool:
    """Whether somebody sits before a camera and waits for what the engine says of a frame."""
    since = room_now() - _DUE
    at_work = CaptureSession.objects.filter(status=SessionStatus.OPEN)
    frames = Frame.objects.filter(session__in=at_work, status=FrameStatus.BOUND, arrived_at__gte=since)
    return frames.filter(assessments=None).exists()


def let_verdicts_go_first(most_s: float = _MOST_S, sleep: Callable[[float], object] = time.sleep) -> float:
    """Called between two photographs of a long job: waits as long as verdicts are due, at most ``most_s``. Seconds waited.

    A room that is never done does not stop the rendering for good: one photograph is rendered every ``most_s``.
    """
    begins = time.monotonic()
    while time.monotonic() - begins < most_s and verdicts_due():
        sleep(_LOOK_S)
    return time.monotonic() - begins
