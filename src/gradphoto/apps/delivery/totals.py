"""When somebody's photograph counts as delivered, and who waits for that (``roster.totals``)."""

from gradphoto.apps.capture.totals import PHOTOGRAPHED, WHOSE_CHECK_IN
from gradphoto.apps.roster.totals.facts import Source, keep

_DELIVERED = (
    "EXISTS (SELECT 1 FROM delivery_portrait o JOIN delivery_packageitem i ON i.portrait_id = o.id"
    " JOIN delivery_package g ON g.id = i.package_id"
    " WHERE o.candidate_id = {person} AND g.status IN ('delivered', 'checked'))"
)
_FACTS = ("delivered", "undelivered")

keep(
    {"delivered": _DELIVERED, "undelivered": f"{PHOTOGRAPHED} AND NOT {_DELIVERED}"},
    Source("capture_checkin", ("candidate_id",), ("candidate_id", "status"), WHOSE_CHECK_IN, ("undelivered",)),
    Source("delivery_portrait", ("candidate_id",), ("candidate_id",), "SELECT r.candidate_id FROM {rows} r", _FACTS),
    Source(
        "delivery_packageitem", ("portrait_id",), ("portrait_id", "package_id"),
        "SELECT o.candidate_id FROM {rows} r JOIN delivery_portrait o ON o.id = r.portrait_id", _FACTS,
    ),
    Source(
        "delivery_package", ("id",), ("status",),
        "SELECT o.candidate_id FROM {rows} r JOIN delivery_packageitem i ON i.package_id = r.id"
        " JOIN delivery_portrait o ON o.id = i.portrait_id", _FACTS,
    ),
)  # fmt: skip
