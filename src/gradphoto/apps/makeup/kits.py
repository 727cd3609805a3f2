"""The make-up cases in a station's kit: enough to know a QR again and to say why it does not count, and no more.

Reason, telephone number and recipient stay at the centre. The case itself is closed there, when the packet brings the
check-in (``following.py``).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.makeup.models import CaseStatus, MakeUpBooking, MakeUpCase, ReasonKind
from gradphoto.apps.stations.kit_parts import kit_part

_BY = "kit"
_DONE = (CaseStatus.CAPTURED, CaseStatus.DELIVERED)


def gather(campaign: Campaign, people: Collection[int]) -> list[dict[str, Any]]:
    """One row for each case of the kit's people."""
    cases = MakeUpCase.objects.filter(candidate__campaign=campaign, candidate__in=people).order_by("pk")
    standing = {one.case_id: one for one in MakeUpBooking.objects.filter(case__in=cases, released_at=None)}
    return [_row(case, standing.get(case.pk)) for case in cases]


def _row(case: MakeUpCase, booking: MakeUpBooking | None) -> dict[str, Any]:
    return {
        "pk": case.pk,
        "candidate": case.candidate_id,
        "key": case.key,
        "status": case.status,
        "way": case.way,
        "attended_at": case.attended_at.isoformat() if case.attended_at else None,
        "at": booking.at.isoformat() if booking else None,
        "place": booking.place if booking else "",
    }


def load(campaign: Campaign, rows: list[dict[str, Any]]) -> None:
    """Put the cases into an empty database. One that was photographed before counts as over: its number is not here."""
    MakeUpCase.objects.bulk_create((_case(row) for row in rows), batch_size=500)
    MakeUpBooking.objects.bulk_create(
        (
            # Its half-hour is not here, so it stands like one that was agreed by telephone.
            MakeUpBooking(
                case_id=row["pk"],
                at=datetime.fromisoformat(row["at"]),
                place=row["place"],
                by_telephone=True,
                booked_by=_BY,
            )
            for row in rows
            if row["at"]
        ),
        batch_size=500,
    )


def _case(row: dict[str, Any]) -> MakeUpCase:
    done = row["status"] in _DONE
    return MakeUpCase(
        pk=row["pk"],
        candidate_id=row["candidate"],
        key=row["key"],
        status=CaseStatus.CANCELLED if done else row["status"],
        decision_reason="制作采集箱时已拍摄" if done else "",
        way=row["way"],
        reason_kind=ReasonKind.MISSED,
        applied_by=_BY,
        attended_at=datetime.fromisoformat(row["attended_at"]) if row["attended_at"] else None,
    )


kit_part("make_up", gather, load)
