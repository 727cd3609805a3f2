"""What registration tells of a campaign's plan: the days by which review and registration are done (R163 steps 10-12)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from gradphoto.apps.campaigns.agenda import Asked, Planned, tells
from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.registration.models import Review, ReviewStatus
from gradphoto.apps.registration.queries import BY_KEY
from gradphoto.apps.roster.agenda import edit_of, title_of
from gradphoto.apps.roster.models import Candidate, CandidateStatus, Milestone, MilestoneKind
from gradphoto.apps.verification.models import CaseStatus, VerificationCase

_Counts = dict[tuple[int, str, str], int]


@tells("due.reviews")
def reviews(asked: Asked) -> Iterator[Planned]:
    """The end of the review, one line for each level that still holds somebody."""
    stones = list(Milestone.objects.filter(campaign__in=asked.campaigns, kind=MilestoneKind.REVIEWED))
    counts = _by_stage(asked) if stones else {}
    for stone in stones:
        campaign = asked.campaigns[stone.campaign_id]
        held = [(key, count) for key, count in counts.items() if key[0] == campaign.pk]
        for (_, season, stage), count in held or [((0, "", "approved"), 0)]:
            query = {"campaign": campaign.pk, "stage": stage} | ({"season": season} if season else {})
            yield Planned(
                key="8.00",
                campaign=campaign,
                day=stone.due,
                title=title_of(stone),
                roles=BY_KEY[stage].roles or roles_of("due.reviews"),
                watchers=roles_of("registration.propose"),
                url=f"{reverse('registration:reviews')}?{urlencode(query)}",
                done=not held and stone.due < asked.today,
                count=count,
                detail=str(BY_KEY[stage].title) if count else "",
                season=season,
                source=stone.source,
                edit_url=edit_of(asked, campaign),
            )


def _by_stage(asked: Asked) -> _Counts:
    counts: _Counts = {}
    confirmed = scoped(asked.actor, VerificationCase).filter(
        status=CaseStatus.CONFIRMED, review=None, candidate__campaign__in=asked.campaigns
    )
    rows = confirmed.order_by().values_list("candidate__campaign", "candidate__season").annotate(Count("pk"))
    for campaign, season, count in rows:
        counts[campaign, season, "confirmed"] = count
    under_way = scoped(asked.actor, Review).filter(case__candidate__campaign__in=asked.campaigns)
    columns = ("case__candidate__campaign", "case__candidate__season", "status")
    found = under_way.exclude(status=ReviewStatus.APPROVED).order_by().values_list(*columns).annotate(Count("pk"))
    for campaign, season, status, count in found:
        counts[campaign, season, status] = count
    return counts


@tells("registration.export")
def registered(asked: Asked) -> Iterator[Planned]:
    """The end of registration, with who is in the ledger neither with nor without a photograph, season by season."""
    stones = list(Milestone.objects.filter(campaign__in=asked.campaigns, kind=MilestoneKind.REGISTERED))
    people = scoped(asked.actor, Candidate).filter(campaign__in=[stone.campaign_id for stone in stones])
    missing = people.exclude(status=CandidateStatus.REMOVED).exclude(
        ledger_entries__kind__in=("with_photo", "without_photo")
    )
    rows = missing.order_by().values_list("campaign", "season").annotate(Count("pk")) if stones else ()
    counts = {(campaign, season): count for campaign, season, count in rows}
    for stone in stones:
        campaign = asked.campaigns[stone.campaign_id]
        left = [(season, counts[campaign.pk, season]) for season in Season.values if (campaign.pk, season) in counts]
        for season, count in left or [("", 0)]:
            query = {"campaign": campaign.pk, "stage": "not_registered", "without": "without_photo"}
            query |= {"season": season} if season else {}
            yield Planned(
                key="8.01",
                campaign=campaign,
                day=stone.due,
                title=title_of(stone),
                roles=roles_of("registration.return"),
                watchers=roles_of("registration.propose"),
                url=f"{reverse('desk:people')}?{urlencode(query)}",
                done=not left,
                count=count,
                season=season,
                source=stone.source,
                edit_url=edit_of(asked, campaign),
            )
