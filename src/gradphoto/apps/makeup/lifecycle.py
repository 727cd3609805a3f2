"""Lifecycle C6 of a make-up case, and that of a self-organised collection (R148-R152)."""

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.makeup.models import CaseStatus as C
from gradphoto.apps.makeup.models import MakeUpCase, SelfCollection
from gradphoto.apps.makeup.models import SelfStatus as S

# However they come to be photographed, the case follows; and it can be given up or run out until then.
_ANY = {
    "makeup.cancel_case": C.CANCELLED,
    "makeup.record_captured": C.CAPTURED,
    "makeup.expire_case": C.EXPIRED,
}
_BOOK = {"makeup.book": C.BOOKED, "makeup.book_by_telephone": C.BOOKED}

CASE = Lifecycle(
    MakeUpCase,
    {
        C.APPLIED: {"makeup.approve_case": C.APPROVED, "makeup.refuse_case": C.REFUSED, **_ANY},
        C.APPROVED: {"makeup.issue_form": C.ISSUED, **_ANY},
        C.ISSUED: {"makeup.issue_form": C.ISSUED, "makeup.fill_form": C.FILLED, **_ANY},
        C.FILLED: {**_BOOK, "makeup.issue_form": C.FILLED, "makeup.fill_form": C.FILLED, **_ANY},
        C.BOOKED: {
            "makeup.attend": C.ATTENDED,
            "makeup.attend_at_camera": C.ATTENDED,
            "makeup.release_booking": C.FILLED,
            "makeup.mark_no_show": C.NO_SHOW,
            "makeup.issue_form": C.BOOKED,
            **_BOOK,
            **_ANY,
        },
        C.NO_SHOW: {**_BOOK, "makeup.issue_form": C.NO_SHOW, **_ANY},
        # Who was at the desk and not photographed that day, or is needed again, makes another appointment.
        C.ATTENDED: {**_BOOK, "makeup.issue_form": C.ATTENDED, **_ANY},
        C.CAPTURED: {"makeup.deliver": C.DELIVERED, "makeup.reopen_captured": C.ATTENDED},
    },
)
UNDER_WAY = tuple(C(state) for state in CASE.sources("makeup.record_captured"))
"""The states in which the person is still to be photographed."""

COLLECTION = Lifecycle(
    SelfCollection,
    {
        S.PREPARING: {"makeup.confirm_contact": S.OPEN, "makeup.withdraw_collection": S.WITHDRAWN},
        S.OPEN: {
            "makeup.confirm_contact": S.OPEN,
            "makeup.submit_collection": S.SUBMITTED,
            "makeup.withdraw_collection": S.WITHDRAWN,
        },
        S.SUBMITTED: {
            "makeup.take_collection": S.TAKING,
            "makeup.return_collection": S.OPEN,
            "makeup.withdraw_collection": S.WITHDRAWN,
        },
        S.TAKING: {"makeup.take_collection": S.TAKING, "makeup.finish_collection": S.TAKEN},
    },
)
