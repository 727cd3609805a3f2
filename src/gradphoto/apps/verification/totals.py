"""How far a graduate's own verification is (``roster.totals``)."""

from gradphoto.apps.roster.totals.facts import Source, keep
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.notices.models import REACHED

_CASE = "EXISTS (SELECT 1 FROM verification_verificationcase v WHERE v.candidate_id = {person} AND v.status %s)"
_WAITING = ", ".join(f"'{status}'" for status in UNVERIFIED)

_REACHED = ", ".join(f"'{state}'" for state in REACHED)
_TOLD = "EXISTS (SELECT 1 FROM verification_notice t WHERE t.candidate_id = {person} AND t.state IN (%s))"
_PERSON = "SELECT r.candidate_id FROM {rows} r"
_STATES = {
    "unseen": "open", "viewed": "viewed", "corrected": "corrected", "disputed": "disputed", "answered": "answered",
    "verified": "confirmed", "expired": "expired",
}  # fmt: skip
_FACTS = (*_STATES, "unverified", "unproven")

keep(
    {
        **{fact: _CASE % f"= '{status}'" for fact, status in _STATES.items()},
        "unverified": _CASE % f"IN ({_WAITING})",
        "unproven": _CASE % f"IN ({_WAITING})" + f" AND NOT {_TOLD % _REACHED}",
    },
    Source("verification_verificationcase", ("candidate_id",), ("candidate_id", "status"), _PERSON, _FACTS),
    Source("verification_notice", ("candidate_id",), ("candidate_id", "state"), _PERSON, ("unproven",)),
)  # fmt: skip
