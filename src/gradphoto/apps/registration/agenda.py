"""What registration tells of a campaign's plan: the days by which review and registration are done (R163 steps 10-12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Sum
from django.urls import reverse

from gradphoto.apps.campaigns.agenda import Asked, Planned, tells
from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.registration.queries import BY_KEY
from gradphoto.apps.roster.agenda import edit_of, title_of
from gradphoto.apps.roster.models import Milestone, MilestoneKind, Total, UnitTotal
from gradphoto.apps.roster.models.totals import listed

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
    columns = {"confirmed": "to_apply", **{stage: stage for stage in ("returned", "applied", "head_approved")}}
    counts: _Counts = {}
    for model, stages in ((Total, ("confirmed",)), (UnitTotal, ("returned", "applied", "head_approved"))):
        rows = scoped(asked.actor, model).filter(campaign__in=asked.campaigns).order_by().values("campaign", "season")
        found: Any = rows.annotate(**{f"at_{stage}": Sum(columns[stage]) for stage in stages})
        for row in found:
            for stage in stages:
                if row[f"at_{stage}"]:
                    counts[row["campaign"], row["season"], stage] = row[f"at_{stage}"]
    return counts


@tells("registration.export")
def registered(asked: Asked) -> Iterator[Planned]:
    """The end of registration, with who is in the ledger neither with nor without a photograph, season by season."""
    stones = list(Milestone.objects.filter(campaign__in=asked.campaigns, kind=MilestoneKind.REGISTERED))
    totals = listed(scoped(asked.actor, Total)).filter(campaign__in=[stone.campaign_id for stone in stones])
    missing = Sum(F("people") - F("registered") - F("without_photo"))
    rows = totals.order_by().values_list("campaign", "season").annotate(missing=missing) if stones else ()
    counts = {(campaign, season): count for campaign, season, count in rows if count}
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
