"""Make-up and single shooting, self-organised collection, and the closing of a session."""

from gradphoto.apps.makeup.models.calendars import MakeUpCalendar, MakeUpSlot
from gradphoto.apps.makeup.models.cases import (
    CaseStatus,
    DeliveryRecipient,
    FormCode,
    FormSession,
    MakeUpBooking,
    MakeUpCase,
    ReasonKind,
    Waiting,
    Way,
)
from gradphoto.apps.makeup.models.closings import ReturnedTable, SessionClosing, SessionCrew
from gradphoto.apps.makeup.models.selfmade import SelfCollection, SelfPhoto, SelfRow, SelfStatus

__all__ = [
    "CaseStatus", "DeliveryRecipient", "FormCode", "FormSession", "MakeUpBooking", "MakeUpCalendar", "MakeUpCase", "MakeUpSlot",
    "ReasonKind", "ReturnedTable", "SelfCollection", "SelfPhoto", "SelfRow", "SelfStatus", "SessionClosing", "SessionCrew",
    "Waiting", "Way",
]  # fmt: skip
