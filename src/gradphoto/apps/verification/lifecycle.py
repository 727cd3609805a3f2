"""Lifecycle C4 of a verification case (R163, R164; reading B8: one case, a second look before the end)."""

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.verification.models import CaseStatus as S
from gradphoto.apps.verification.models import EarlyEnd, Reopening, VerificationCase
from gradphoto.apps.verification.models import ProposalStatus as P

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
        # The graduate never reopens it (R164): only a recorded four-eyes step, where the record changed afterwards (R170).
        S.CONFIRMED: {"verification.reopen_case": S.ANSWERED},
    },
)

REOPENING = Lifecycle(
    Reopening,
    {
        P.PROPOSED: {
            "verification.approve_reopening": P.APPROVED,
            "verification.reject_reopening": P.REJECTED,
            # A correction has opened the case before anybody decided.
            "verification.overtake_reopening": P.REJECTED,
        }
    },
)

EARLY_END = Lifecycle(
    EarlyEnd,
    {P.PROPOSED: {"verification.approve_early_end": P.APPROVED, "verification.reject_early_end": P.REJECTED}},
)

UNVERIFIED = (S.OPEN, S.VIEWED, S.CORRECTED, S.DISPUTED, S.ANSWERED)
"""Who would be registered without a photograph if verification closed now (R171)."""
