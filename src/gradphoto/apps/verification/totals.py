"""How far a graduate's own verification is (``roster.totals``)."""

from gradphoto.apps.roster.totals.facts import Source, keep
from gradphoto.apps.verification.lifecycle import UNVERIFIED

_CASE = "EXISTS (SELECT 1 FROM verification_verificationcase v WHERE v.candidate_id = {person} AND v.status %s)"
_WAITING = ", ".join(f"'{status}'" for status in UNVERIFIED)

keep(
    {"unverified": _CASE % f"IN ({_WAITING})", "disputed": _CASE % "= 'disputed'", "verified": _CASE % "= 'confirmed'"},
    Source(
        "verification_verificationcase", ("candidate_id",), ("candidate_id", "status"),
        "SELECT r.candidate_id FROM {rows} r", ("unverified", "disputed", "verified"),
    ),
)  # fmt: skip
