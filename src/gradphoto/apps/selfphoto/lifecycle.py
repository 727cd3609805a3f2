"""The way of a self-photograph: invited, agreed, tried, handed in, taken back, returned, approved, ended."""

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.selfphoto.models import PortraitStatus as S
from gradphoto.apps.selfphoto.models import SelfPortrait

_AGREE = {"selfphoto.agree": S.AGREED}
_END = {"selfphoto.end": S.ENDED}
_HAND_IN = {"selfphoto.submit": S.SUBMITTED}
# Whoever is photographed by a camera of the room meanwhile, or is taken off again, is followed from every state.

PORTRAIT = Lifecycle(
    SelfPortrait,
    {
        S.INVITED: {**_AGREE, **_END},
        S.AGREED: {"selfphoto.agree": S.AGREED, "selfphoto.record_try": S.TRIED, **_END},
        S.TRIED: {"selfphoto.agree": S.TRIED, "selfphoto.record_try": S.TRIED, **_HAND_IN, **_END},
        S.SUBMITTED: {
            "selfphoto.withdraw": S.WITHDRAWN,
            "selfphoto.approve": S.APPROVED,
            "selfphoto.reject": S.REJECTED,
        },
        S.WITHDRAWN: {"selfphoto.agree": S.WITHDRAWN, "selfphoto.record_try": S.WITHDRAWN, **_HAND_IN, **_END},
        S.REJECTED: {
            "selfphoto.agree": S.REJECTED,
            "selfphoto.record_try": S.REJECTED,
            # The reviewer takes the rejection back.
            "selfphoto.reopen": S.SUBMITTED,
            **_HAND_IN,
            **_END,
        },
        S.APPROVED: {
            # The approval is taken back, or a later look wants another photograph.
            "selfphoto.reopen": S.SUBMITTED,
            "selfphoto.reject": S.REJECTED,
        },
        S.ENDED: {"selfphoto.invite_again": S.INVITED},
    },
)
OPEN = (S.AGREED, S.TRIED, S.WITHDRAWN, S.REJECTED)
"""The states in which the person may photograph."""
