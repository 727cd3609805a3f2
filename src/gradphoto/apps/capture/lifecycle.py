"""Lifecycle C2 of a check-in, from the swipe to the confirmation at the scene (R96-R104), and that of its frames (R98)."""

from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.capture.models import CheckInStatus as S
from gradphoto.apps.capture.models import FrameStatus as F
from gradphoto.apps.core.lifecycle import Lifecycle

# The centre takes in what a station says of a check-in, and an undone repair gives back what was there before.
_BACK = {
    "stations.place_record": (S.SHOT, S.CONFIRMED, S.RETAKE, S.CANCELLED),
    "pairing.undo_repair": (S.SHOT, S.CONFIRMED, S.RETAKE),
}

CHECK_IN = Lifecycle(
    CheckIn,
    {
        S.OPEN: {
            "capture.accept_frame": S.SHOT,
            "capture.cancel_check_in": S.CANCELLED,
            "capture.leave_chair": S.CANCELLED,
            "capture.take_back_call": S.SHOT,
            **_BACK,
        },
        S.SHOT: {
            "capture.confirm_check_in": S.CONFIRMED,
            "capture.retake": S.OPEN,
            "capture.take_back_accept": S.OPEN,
            "capture.ask_retake": S.RETAKE,
            "pairing.give_frame": S.SHOT,
            "pairing.take_frame": S.RETAKE,
            "capture.cancel_check_in": S.CANCELLED,
            **_BACK,
        },
        S.CONFIRMED: {
            "capture.ask_retake": S.RETAKE,
            "capture.cancel_check_in": S.CANCELLED,
            # A repair of the pairing (R98): who was given another frame is confirmed anew, who has none comes again.
            "pairing.give_frame": S.SHOT,
            "pairing.take_frame": S.RETAKE,
            **_BACK,
        },
        # A withdrawn request returns to "shot"; whoever was confirmed on site is confirmed again in the same step.
        S.RETAKE: {
            "capture.withdraw_retake": S.SHOT,
            "capture.cancel_check_in": S.CANCELLED,
            "pairing.give_frame": S.SHOT,
            **_BACK,
        },
        # The undo of the room's last step: the same number goes on.
        S.CANCELLED: {"capture.take_back_leaving": S.OPEN, **_BACK},
    },
)

_ANY = tuple(F)
_MOVED = {
    "pairing.lay_aside": F.REJECTED,
    "pairing.move_frame": _ANY,
    "capture.undo_step": _ANY,
    "stations.place_record": _ANY,
}
_UNUSED = {"capture.bind_frame": F.BOUND, "capture.reject_frame": F.REJECTED, "capture.keep_beside": F.REJECTED}

FRAME = Lifecycle(
    Frame,
    {
        F.UNBOUND: {
            "capture.receive_frame": F.BOUND,
            "capture.enter_afterwards": F.ACCEPTED,
            **_UNUSED,
            **_MOVED,
        },
        F.BOUND: {
            "capture.accept_frame": F.ACCEPTED,
            "capture.choose_frame": F.ACCEPTED,
            "capture.pass_over": F.REJECTED,
            "capture.cancel_check_in": F.REJECTED,
            **_UNUSED,
            **_MOVED,
        },
        F.ACCEPTED: {
            "capture.accept_frame": F.ACCEPTED,
            # Another one is used instead, or the person is called back.
            "capture.pass_over": F.REJECTED,
            "capture.ask_retake": F.REJECTED,
            "capture.cancel_check_in": F.REJECTED,
            **_MOVED,
        },
        F.REJECTED: {
            "capture.accept_frame": F.ACCEPTED,
            "capture.choose_frame": F.ACCEPTED,
            "capture.withdraw_retake": F.ACCEPTED,
            **_UNUSED,
            **_MOVED,
        },
    },
)
