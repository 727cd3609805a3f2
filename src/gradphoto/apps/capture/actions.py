"""Every change in the room, under one name: the modules of ``room`` hold them by kind (R96-R104)."""

from gradphoto.apps.capture.room.alarms import raise_clock_alarm, settle_alarm
from gradphoto.apps.capture.room.clocks import record_camera_clock
from gradphoto.apps.capture.room.frames import (
    accept_frame,
    bind_frame,
    choose_frame,
    keep_beside,
    receive_frame,
    record_assessment,
    reject_frame,
    retake,
)
from gradphoto.apps.capture.room.leaving import cancel_check_in, confirm_check_in, leave_chair
from gradphoto.apps.capture.room.notices import clear_notices, tell_room, works_again
from gradphoto.apps.capture.room.seating import (
    CardFacts,
    CheckInOutcome,
    check_in,
    decide_hold,
    next_swipe_closes,
)
from gradphoto.apps.capture.room.sessions import (
    SessionCount,
    close_session,
    count_session,
    count_sessions,
    open_session,
    reopen_session,
)
from gradphoto.apps.capture.room.undo import undo_step

__all__ = [
    "CardFacts",
    "CheckInOutcome",
    "SessionCount",
    "accept_frame",
    "bind_frame",
    "cancel_check_in",
    "check_in",
    "choose_frame",
    "clear_notices",
    "close_session",
    "confirm_check_in",
    "count_session",
    "count_sessions",
    "decide_hold",
    "keep_beside",
    "leave_chair",
    "next_swipe_closes",
    "open_session",
    "raise_clock_alarm",
    "receive_frame",
    "record_assessment",
    "record_camera_clock",
    "reject_frame",
    "reopen_session",
    "retake",
    "settle_alarm",
    "tell_room",
    "undo_step",
    "works_again",
]
