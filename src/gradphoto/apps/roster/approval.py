"""The province's approval of the list as a step with its document (R2, R16): who may be photographed is on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.matters import Matter, tells_matters
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import PROVINCE_APPROVAL
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import ProvinceApproval
from gradphoto.engine.wording import Wording


@action("roster.note_approval", permission="roster.approval")
def note_approval(
    actor: Actor,
    campaign: Campaign,
    *,
    season: Season,
    document: str,
    approved_on: date,
    people: int,
    scan: bytes,
    media_type: str,
) -> ProvinceApproval:
    """Put the province's approval of a season's list on record: its number, day, headcount and scan.

    Raises ``roster.approval_ahead`` and ``roster.approval_known``.
    """
    if approved_on > timezone.localdate():
        raise invalid("roster.approval_ahead", "审核日期不能晚于今天。", "The day of the approval is ahead.",
                      "请按文件上的日期填写。", "Give the date of the document.", field="approved_on")  # fmt: skip
    try:
        with transaction.atomic():
            made = ProvinceApproval.objects.create(
                campaign=campaign, season=season, document=document, approved_on=approved_on, people=people,
                scan=blobs.put(scan, media_type), noted_by=str(actor.user or actor.label)[:150],
            )  # fmt: skip
    except IntegrityError:
        raise invalid("roster.approval_known", "这份文件已登记。", "This document is on record already.",
                      "请核对文号，或登记新的文件。", "Check its number, or put a new one on record.",
                      field="document") from None  # fmt: skip
    audit.note(document=document, season=str(season), people=people, sha256=made.scan_id)
    return made


@action("roster.read_approval", permission="roster.approval")
def read_approval(actor: Actor, approval: ProvinceApproval) -> tuple[bytes, str]:
    """The scan and its media type; each look is on record."""
    audit.note(document=approval.document, sha256=approval.scan_id)
    return blobs.read(approval.scan), approval.scan.media_type


def accepted_of(campaign: Campaign, season: str) -> int:
    """How many of a season stand on the approved list here."""
    return campaign.candidates.filter(season=season, status__in=APPROVED).count()


@tells_matters("campaigns.start_collecting")
def before_collecting(actor: Actor, campaign: Campaign) -> Iterator[Matter]:
    """Whether the province's approval is on record; where the rule set demands it nothing begins without (R16)."""
    missing = int(not campaign.province_approvals.exists())
    yield Matter(
        missing,
        Wording("省教育厅对名单的审核文件还没有登记", "the province's approval of the list is not on record"),
        f"{reverse('roster:approval')}?campaign={campaign.pk}",
        value_of(campaign, PROVINCE_APPROVAL),
    )
