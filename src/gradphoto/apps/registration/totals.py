"""At which stage of the review somebody is, and how they are registered (``roster.totals``)."""

from gradphoto.apps.roster.totals.facts import Source, keep

_CASE = "EXISTS (SELECT 1 FROM verification_verificationcase v %s WHERE v.candidate_id = {person} AND %s)"
_REVIEW = "JOIN registration_review w ON w.case_id = v.id"
_STAGES = ("returned", "applied", "head_approved", "approved")
_LINE = "EXISTS (SELECT 1 FROM registration_ledgerentry e WHERE e.candidate_id = {person} AND e.kind IN (%s))"
_PERSON = "SELECT r.candidate_id FROM {rows} r"

keep(
    {
        "to_apply": _CASE % ("LEFT " + _REVIEW, "v.status = 'confirmed' AND w.id IS NULL"),
        **{stage: _CASE % (_REVIEW, f"w.status = '{stage}'") for stage in _STAGES},
        "registered": _LINE % "'with_photo', 'photo_added'",
        "without_photo": _LINE % "'without_photo'" + " AND NOT " + _LINE % "'photo_added'",
    },
    Source("verification_verificationcase", ("candidate_id",), ("candidate_id", "status"), _PERSON, ("to_apply",)),
    Source(
        "registration_review", ("case_id",), ("case_id", "status"),
        "SELECT v.candidate_id FROM {rows} r JOIN verification_verificationcase v ON v.id = r.case_id",
        ("to_apply", *_STAGES),
    ),
    Source(
        "registration_ledgerentry", ("candidate_id",), ("candidate_id", "kind"), _PERSON, ("registered", "without_photo"),
    ),
)  # fmt: skip
