"""When somebody counts as photographed (``roster.totals``): a check-in of theirs stands, or of their first programme."""

from gradphoto.apps.roster.totals.facts import Source, keep

PHOTOGRAPHED = (
    "EXISTS (SELECT 1 FROM capture_checkin k JOIN roster_candidate p ON p.id = {person}"
    " WHERE k.candidate_id = COALESCE(p.same_person_id, p.id) AND k.status IN ('shot', 'confirmed'))"
)
WHOSE_CHECK_IN = (
    "SELECT r.candidate_id FROM {rows} r"
    " UNION SELECT p.id FROM {rows} r JOIN roster_candidate p ON p.same_person_id = r.candidate_id"
)

keep(
    {"shot": PHOTOGRAPHED},
    Source("capture_checkin", ("candidate_id",), ("candidate_id", "status"), WHOSE_CHECK_IN, ("shot",)),
)
