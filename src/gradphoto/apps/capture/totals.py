"""When somebody counts as photographed (``roster.totals``): a check-in of theirs stands, or of their first programme."""

from gradphoto.apps.roster.models.totals import HOUR
from gradphoto.apps.roster.totals.facts import HOURS, Source, keep

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
    Source("capture_checkin", ("candidate_id",), ("candidate_id", "status", "at"), WHOSE_CHECK_IN, ("shot", HOUR)),
)
_HOUR = "SELECT MAX(%s) FROM capture_checkin k WHERE k.candidate_id = {person} AND k.status IN ('shot', 'confirmed')"
HOURS["sqlite"] = _HOUR % "CAST(strftime('%s', k.at) AS INTEGER) / 3600"
HOURS["postgresql"] = _HOUR % "FLOOR(EXTRACT(EPOCH FROM k.at) / 3600)::int"
"""Of the own check-in only: who has two programmes sat in the room once."""
