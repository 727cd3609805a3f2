"""Whose faces may be compared: what the rule set permits, who belongs to a session, whose consent stands."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import COMPARE_FACES
from gradphoto.apps.capture.models import CheckInStatus
from gradphoto.apps.pairing.models import FaceConsent
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.portrait.compare import ComparisonPolicy


def policy_of(campaign: Campaign) -> ComparisonPolicy:
    """What the rule set says on comparing faces; where it says nothing, nothing is permitted."""
    rule = in_force(campaign.rule_set, COMPARE_FACES)
    return ComparisonPolicy(bool(rule and COMPARE_FACES.read(rule.value)), rule.source if rule else "")


def people_of(session: CaptureSession) -> QuerySet[Candidate]:
    """Whoever is on the session's list or was photographed in it, each once: of two programmes the record that is
    photographed. A check-in that was cancelled (another's card) brings nobody in."""
    seated = session.check_ins.exclude(status=CheckInStatus.CANCELLED).order_by().values("candidate")
    here = Candidate.objects.filter(Q(pk__in=seated) | Q(appointment__slot__session=session)).order_by().values("pk")
    return Candidate.objects.filter(Q(pk__in=here, same_person=None) | Q(other_records__in=here)).distinct()


def consenting(session: CaptureSession) -> frozenset[int]:
    """Whose faces may be measured: candidates of the session with a consent that stands."""
    standing = FaceConsent.objects.filter(withdrawn_at=None, candidate__in=people_of(session).order_by().values("pk"))
    return frozenset(standing.values_list("candidate", flat=True))


def held_consents(people: Collection[int]) -> frozenset[int]:
    """Of these the ones whose consent stands, held until the transaction ends: who takes it back meanwhile comes after."""
    standing = FaceConsent.objects.filter(withdrawn_at=None, candidate__in=people).select_for_update(no_key=True)
    return frozenset(standing.order_by("pk").values_list("candidate", flat=True))
