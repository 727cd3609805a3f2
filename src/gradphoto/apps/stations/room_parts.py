"""What the rooms below the station put into a kit.

The college's appearance lines, which the crew reads beside the person without network (R120, R122, R123).

Only what is still to be put right, without who noted it; nothing of it travels back.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import AppearanceLine
from gradphoto.apps.pairing import consents_carried
from gradphoto.apps.stations.kit_parts import kit_part

_BY = "kit"


def gather(campaign: Campaign, people: Collection[int]) -> list[dict[str, Any]]:
    """One row for each open line of the kit's people."""
    lines = AppearanceLine.objects.filter(candidate__campaign=campaign, candidate__in=people, settled_on=None)
    return [
        {"candidate": line.candidate_id, "day": line.day.isoformat(), "finding": line.finding, "note": line.note}
        for line in lines.order_by("pk")
    ]


def load(campaign: Campaign, rows: list[dict[str, Any]]) -> None:
    """Put them into an empty database."""
    AppearanceLine.objects.bulk_create(
        (
            AppearanceLine(
                candidate_id=row["candidate"], day=date.fromisoformat(row["day"]), finding=row["finding"],
                note=row["note"], noted_by=_BY,
            )
            for row in rows
        ),
        batch_size=500,
    )  # fmt: skip


kit_part("appearance", gather, load)
# Consents to comparing faces: a laptop measures nobody's face who has not agreed (facts 5.1). What is signed or taken back in the
# room comes back as a record of the packet (``place_consents``).
kit_part("face_consents", consents_carried.gather, consents_carried.load)
