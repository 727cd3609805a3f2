"""The photographs on file for the room's comparison, and their way to a station: small copies, of those who consented."""

from __future__ import annotations

import base64
from collections.abc import Collection
from typing import Any

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.previews import small_copy
from gradphoto.apps.core import blobs
from gradphoto.apps.core.models import Blob
from gradphoto.apps.pairing.face_people import policy_of
from gradphoto.apps.pairing.models import FaceConsent
from gradphoto.apps.pairing.providers import tell_references
from gradphoto.apps.selfphoto.models import Consent, Purpose, Reference
from gradphoto.apps.stations.kit_parts import kit_part


def keep(people: Collection[int]) -> dict[int, Blob]:
    """Candidate -> the photograph on file."""
    rows = Reference.objects.filter(candidate__in=people, blob__isnull=False).select_related("blob")
    return {row.candidate_id: row.blob for row in rows if row.blob is not None}


def forget(people: Collection[int]) -> int:
    """The files go, the rows stay and say that there was one. Not of who lets an own photograph be compared with it: that
    consent is another one and is taken back on the own page."""
    agreed = Consent.objects.filter(purpose=Purpose.COMPARE, withdrawn_at=None, portrait__candidate__in=people)
    rows = Reference.objects.filter(candidate__in=people, blob__isnull=False)
    rows = rows.exclude(candidate__in=agreed.values("portrait__candidate"))
    files = set(rows.values_list("blob", flat=True))
    gone = rows.update(blob=None)
    blobs.forget_unnamed(files)
    return gone


def gather(campaign: Campaign, people: Collection[int]) -> list[dict[str, Any]]:
    """For a kit; nothing where the rule set does not permit comparing. The comparison sees a face of 112 px: 360 px travel."""
    if not policy_of(campaign).permitted:
        return []
    agreed = FaceConsent.objects.filter(candidate__in=people, withdrawn_at=None).values("candidate")
    rows = Reference.objects.filter(candidate__in=agreed, candidate__campaign=campaign, blob__isnull=False)
    return [
        {
            "candidate": row.candidate_id,
            "origin": row.origin,
            "jpeg": base64.b64encode(small_copy(blobs.read(row.blob))).decode(),
        }
        for row in rows.select_related("blob").order_by("pk")
        if row.blob is not None
    ]


def load(campaign: Campaign, rows: list[dict[str, Any]]) -> None:
    """At the station: sealed like every file of its store."""
    for row in rows:
        blob = blobs.put(base64.b64decode(row["jpeg"]), "image/jpeg")
        Reference.objects.create(candidate_id=row["candidate"], blob=blob, origin=row["origin"])


tell_references(keep, forget)
kit_part("photographs_on_file", gather, load)
