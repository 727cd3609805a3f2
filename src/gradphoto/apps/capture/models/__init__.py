"""Check-ins, frames and what the room remembers; review, pairing and stations hang theirs on these."""

from gradphoto.apps.capture.models.appearance import Appearance, AppearanceLine
from gradphoto.apps.capture.models.check_ins import CheckIn, CheckInStatus, Identification, RetakeRequest
from gradphoto.apps.capture.models.frames import (
    BY_HAND,
    Assessment,
    AssessmentFinding,
    Frame,
    FramePreview,
    FrameStatus,
)
from gradphoto.apps.capture.models.room import (
    Alarm,
    CameraClock,
    ChairNumbers,
    Hold,
    HoldReason,
    RoomNotice,
    RoomStep,
    StepKind,
)

__all__ = [
    "BY_HAND",
    "Alarm",
    "Appearance",
    "AppearanceLine",
    "Assessment",
    "AssessmentFinding",
    "CameraClock",
    "ChairNumbers",
    "CheckIn",
    "CheckInStatus",
    "Frame",
    "FramePreview",
    "FrameStatus",
    "Hold",
    "HoldReason",
    "Identification",
    "RetakeRequest",
    "RoomNotice",
    "RoomStep",
    "StepKind",
]  # fmt: skip
