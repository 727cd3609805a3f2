"""Lifecycle C4 of a verification case (R163, R164; reading B8: one case, a second look before the end)."""

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.verification.models import CaseStatus as S
from gradphoto.apps.verification.models import VerificationCase

CASE = Lifecycle(
    VerificationCase,
    {
        S.OPEN: {"verification.view_case": S.VIEWED, "verification.expire_case": S.EXPIRED},
        S.VIEWED: {
            "verification.view_case": S.VIEWED,
            "verification.confirm_case": S.CONFIRMED,
            "verification.submit_corrections": S.CORRECTED,
            "verification.dispute_photo": S.DISPUTED,
            "verification.expire_case": S.EXPIRED,
        },
        S.CORRECTED: {
            "verification.view_case": S.CORRECTED,
            "verification.confirm_case": S.CONFIRMED,
            "verification.submit_corrections": S.CORRECTED,
            "verification.dispute_photo": S.DISPUTED,
            "verification.expire_case": S.EXPIRED,
        },
        # B8: the same one case goes on when the school has answered or mended it; the graduate never reopens it.
        S.DISPUTED: {"verification.settle_dispute": S.ANSWERED, "verification.expire_case": S.EXPIRED},
        S.ANSWERED: {
            "verification.view_case": S.ANSWERED,
            "verification.confirm_case": S.CONFIRMED,
            "verification.submit_corrections": S.CORRECTED,
            "verification.dispute_photo": S.DISPUTED,
            "verification.expire_case": S.EXPIRED,
        },
    },
)

UNVERIFIED = (S.OPEN, S.VIEWED, S.CORRECTED, S.DISPUTED, S.ANSWERED)
"""Who would be registered without a photograph if verification closed now (R171)."""
