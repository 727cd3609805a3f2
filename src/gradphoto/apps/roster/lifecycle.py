"""Lifecycle C1 of a roster row (R19-R40, R8), of what is found wrong in it (R31-R35), and of a file handed in."""

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.roster.models import Candidate, CorrectionCase, RosterImport
from gradphoto.apps.roster.models import CandidateStatus as S
from gradphoto.apps.roster.models import CorrectionStatus as C
from gradphoto.apps.roster.models import ImportStatus as I

_LEAVING = {"roster.defer_candidate": S.DEFERRED, "roster.remove_candidate": S.REMOVED}
# Corrected data are not what was signed: the row goes back to where the student signs.
_SIGNED_AGAIN = {
    "roster.correct_candidate": S.CHECKED,
    "roster.update_from_import": S.CHECKED,
    "roster.return_candidate": S.ISSUED,
    **_LEAVING,
}
_BY_TABLE = {"roster.endorse_by_table": S.ENDORSED}

CANDIDATE = Lifecycle(
    Candidate,
    {
        S.ISSUED: {
            "roster.check_candidate": S.CHECKED,
            "roster.correct_candidate": S.ISSUED,
            "roster.update_from_import": S.ISSUED,
            **_LEAVING,
        },
        S.CHECKED: {
            "roster.sign_candidate": S.SIGNED,
            "roster.sign_in_person": S.SIGNED,
            **_BY_TABLE,
            **_SIGNED_AGAIN,
        },
        S.SIGNED: {"roster.countersign_candidate": S.COUNTERSIGNED, **_BY_TABLE, **_SIGNED_AGAIN},
        S.COUNTERSIGNED: {"roster.endorse_candidate": S.ENDORSED, **_BY_TABLE, **_SIGNED_AGAIN},
        S.ENDORSED: {"roster.accept_candidate": S.ACCEPTED, **_SIGNED_AGAIN},
        S.ACCEPTED: {
            "roster.correct_candidate": S.ACCEPTED,
            "roster.update_from_import": S.ACCEPTED,
            "roster.defer_candidate": S.DEFERRED,
            "roster.strike_candidate": S.REMOVED,
        },
        S.DEFERRED: {"roster.reinstate_candidate": S.ISSUED},
        S.REMOVED: {"roster.reinstate_candidate": S.ISSUED},
    },
)

_READ_AGAIN = {"roster.read_import": I.READING}
_DISCARD = {"roster.discard_import": (I.DONE, I.DISCARDED)}

IMPORT = Lifecycle(
    RosterImport,
    {
        I.MAPPING: {**_READ_AGAIN, **_DISCARD},
        I.READING: {
            "roster.finish_reading": (I.REVIEW, I.DONE),
            "roster.fail_import": I.FAILED,
            **_READ_AGAIN,
            **_DISCARD,
        },
        # A reading whose worker died after its last step is finished once more.
        I.REVIEW: {
            "roster.finish_reading": (I.REVIEW, I.DONE),
            "roster.close_review": I.DONE,
            **_READ_AGAIN,
            **_DISCARD,
        },
        I.DONE: {"roster.finish_reading": (I.DONE,)},
        I.FAILED: {"roster.fail_import": I.FAILED, **_READ_AGAIN, **_DISCARD},
    },
)

CORRECTION = Lifecycle(
    CorrectionCase,
    {
        C.NOTED: {
            "roster.show_proof": C.PROVEN,
            "roster.adopt_case": C.CORRECTED,
            "roster.refuse_case": C.REFUSED,
            "roster.withdraw_case": C.WITHDRAWN,
        },
        C.PROVEN: {"roster.grant_case": C.CORRECTED, "roster.refuse_case": C.REFUSED},
    },
)

APPROVED = (S.ACCEPTED,)
"""Who is on the approved list and may be photographed (R16)."""

CHAIN = (S.ISSUED, S.CHECKED, S.SIGNED, S.COUNTERSIGNED, S.ENDORSED, S.ACCEPTED)
"""The way of a row, in its order."""


def not_yet(status: S) -> tuple[S, ...]:
    """The states of a row that has still to reach ``status``."""
    return CHAIN[: CHAIN.index(status)]
