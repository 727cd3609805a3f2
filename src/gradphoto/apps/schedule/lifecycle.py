"""A session is planned, opened once, and closed when both sides agree the count; a booking is decided once."""

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.schedule.models import BookingStatus as B
from gradphoto.apps.schedule.models import SessionStatus as S

SESSION = Lifecycle(
    {
        S.PLANNED: {"capture.open_session": S.OPEN},
        S.OPEN: {"capture.close_session": S.CLOSED},
        S.CLOSED: {"capture.reopen_session": S.OPEN},
    }
)
BOOKING = Lifecycle(
    {
        B.REPORTED: {"schedule.agree_booking": B.AGREED, "schedule.refuse_booking": B.REFUSED},
        B.AGREED: {"schedule.agree_booking": B.AGREED, "schedule.refuse_booking": B.REFUSED},
    }
)
