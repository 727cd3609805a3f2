"""Lifecycle C2 of a check-in, from the swipe to the confirmation at the scene (R96-R104)."""

from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.capture.models import CheckInStatus as S
from gradphoto.apps.core.lifecycle import Lifecycle

CHECK_IN = Lifecycle(
    CheckIn,
    {
        S.OPEN: {
            "capture.accept_frame": S.SHOT,
            "capture.cancel_check_in": S.CANCELLED,
            "capture.leave_chair": S.CANCELLED,
            "capture.take_back_call": S.SHOT,
        },
        S.SHOT: {
            "capture.confirm_check_in": S.CONFIRMED,
            "capture.retake": S.OPEN,
            "capture.take_back_accept": S.OPEN,
            "capture.ask_retake": S.RETAKE,
            "capture.repair_given": S.SHOT,
            "capture.repair_taken": S.RETAKE,
            "capture.cancel_check_in": S.CANCELLED,
        },
        S.CONFIRMED: {
            "capture.ask_retake": S.RETAKE,
            "capture.cancel_check_in": S.CANCELLED,
            # A repair of the pairing (R98): who was given another frame is confirmed anew, who has none comes again.
            "capture.repair_given": S.SHOT,
            "capture.repair_taken": S.RETAKE,
        },
        # A withdrawn request returns to "shot"; whoever was confirmed on site is confirmed again in the same step.
        S.RETAKE: {
            "capture.withdraw_retake": S.SHOT,
            "capture.cancel_check_in": S.CANCELLED,
            "capture.repair_given": S.SHOT,
        },
        # The undo of the room's last step: the same number goes on.
        S.CANCELLED: {"capture.take_back_leaving": S.OPEN},
    },
)
