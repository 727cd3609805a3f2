"""Lifecycle C1 of a roster row (R19-R40, R8)."""

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.roster.models import CandidateStatus as S

_LEAVING = {"roster.defer_candidate": S.DEFERRED, "roster.remove_candidate": S.REMOVED}

CANDIDATE = Lifecycle(
    {
        S.ISSUED: {"roster.check_candidate": S.CHECKED, **_LEAVING},
        S.CHECKED: {"roster.sign_candidate": S.SIGNED, "roster.return_candidate": S.ISSUED, **_LEAVING},
        S.SIGNED: {"roster.accept_candidate": S.ACCEPTED, "roster.return_candidate": S.ISSUED, **_LEAVING},
        S.ACCEPTED: {"roster.defer_candidate": S.DEFERRED},
        S.DEFERRED: {"roster.reinstate_candidate": S.ISSUED},
        S.REMOVED: {"roster.reinstate_candidate": S.ISSUED},
    }
)

APPROVED = (S.ACCEPTED,)
"""Who is on the approved list and may be photographed (R16)."""
