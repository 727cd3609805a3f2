"""The review chain: centre applies, head office approves, national centre approves (R163 steps 10-12)."""

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.registration.models import AdditionStatus as A
from gradphoto.apps.registration.models import CorrectionStatus as C
from gradphoto.apps.registration.models import LedgerCorrection, PhotoAddition, Review
from gradphoto.apps.registration.models import ReviewStatus as S

REVIEW = Lifecycle(
    Review,
    {
        S.APPLIED: {
            "registration.approve_at_head_office": S.HEAD_APPROVED,
            "registration.return_review": S.RETURNED,
            "registration.take_back_review": S.RETURNED,
        },
        S.HEAD_APPROVED: {
            "registration.approve_nationally": S.APPROVED,
            "registration.return_review": S.RETURNED,
            "registration.take_back_review": S.RETURNED,
        },
        S.RETURNED: {"registration.apply_again": S.APPLIED},
    },
)

LEDGER_CORRECTION = Lifecycle(
    LedgerCorrection,
    {C.PROPOSED: {"registration.approve_correction": C.APPROVED, "registration.reject_correction": C.REJECTED}},
)

PHOTO_ADDITION = Lifecycle(
    PhotoAddition,
    {A.PROPOSED: {"registration.approve_photo": A.APPROVED, "registration.reject_photo": A.REJECTED}},
)
