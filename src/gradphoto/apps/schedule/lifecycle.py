"""A session is planned, opened once, and closed when both sides agree the count; a booking is decided once;
a group photograph is booked, and then taken or cancelled."""

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.schedule.models import Booking, CaptureSession, GroupPhoto
from gradphoto.apps.schedule.models import BookingStatus as B
from gradphoto.apps.schedule.models import GroupPhotoStatus as G
from gradphoto.apps.schedule.models import SessionStatus as S

SESSION = Lifecycle(
    CaptureSession,
    {
        S.PLANNED: {"capture.open_session": S.OPEN},
        S.OPEN: {"capture.close_session": S.CLOSED},
        S.CLOSED: {"capture.reopen_session": S.OPEN},
    },
)
BOOKING = Lifecycle(
    Booking,
    {
        B.REPORTED: {"schedule.agree_booking": B.AGREED, "schedule.refuse_booking": B.REFUSED},
        B.AGREED: {"schedule.agree_booking": B.AGREED, "schedule.refuse_booking": B.REFUSED},
    },
)
GROUP_PHOTO = Lifecycle(
    GroupPhoto,
    {
        G.BOOKED: {
            "schedule.move_group_photo": G.BOOKED,
            "schedule.set_party": G.BOOKED,
            "schedule.take_group_photo": G.TAKEN,
            "schedule.cancel_group_photo": G.CANCELLED,
        },
        G.TAKEN: {"schedule.reopen_group_photo": G.BOOKED},
    },
)
