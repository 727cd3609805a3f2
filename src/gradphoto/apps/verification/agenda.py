"""What verification tells of a campaign's plan: when it opens, and the last day on which a graduate may confirm."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import Sum
from django.urls import reverse

from gradphoto.apps.campaigns.agenda import Asked, Planned, dated, tells
from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.campaigns.settings_keys import VERIFY_AFTER_DAYS, VERIFY_AFTER_WORKDAYS
from gradphoto.apps.delivery.agenda import last_days
from gradphoto.apps.orgs.permissions import holds, roles_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.models import Total
from gradphoto.apps.verification.models import Opening
from gradphoto.engine.standards.deadlines import due
from gradphoto.engine.wording import Wording


def _list(**asked: object) -> str:
    return f"{reverse('verification:list')}?{urlencode(asked)}"


@tells("due.openings")
def openings(asked: Asked) -> Iterator[Planned]:
    """The earliest and the promised day of opening (B4, R161, R176), season by season after the last day in the room."""
    opened = set(Opening.objects.filter(campaign__in=asked.campaigns).values_list("campaign", "season"))
    for (campaign_pk, season), shot_on in last_days(asked).items():
        campaign = asked.campaigns[campaign_pk]
        for key, setting, title, who in (
            ("6.00", VERIFY_AFTER_DAYS, Wording("最早可开放校对", "Verification may open from"), ()),
            (
                "6.01",
                VERIFY_AFTER_WORKDAYS,
                Wording("承诺开放校对", "Verification promised for"),
                roles_of("verification.open"),
            ),
        ):
            rule = asked.deadline(campaign, setting)
            if rule is None:
                continue
            day = dated(shot_on, rule, asked.calendar(campaign), due)
            is_open = (campaign_pk, season) in opened
            yield Planned(
                key=key,
                campaign=campaign,
                title=title,
                roles=who or roles_of("verification.open"),
                watchers=() if who else roles_of("roster.check"),
                url=_list(campaign=campaign_pk, season=season),
                # Nobody has to open on the earliest day: it is a date, not a duty.
                done=is_open or (not who and day["day"] < asked.today),
                season=season,
                setting=setting.name,
                **day,
            )


@tells("verification.notify")
def closings(asked: Asked) -> Iterator[Planned]:
    """The last day of each season, with who has not confirmed: they would be registered without a photograph (R171)."""
    totals = scoped(asked.actor, Total).filter(campaign__in=asked.campaigns)
    rows = totals.order_by().values_list("campaign", "season").annotate(Sum("unverified"))
    waiting = {(campaign, season): count for campaign, season, count in rows}
    for opening in Opening.objects.filter(campaign__in=asked.campaigns, closes_on__isnull=False):
        assert opening.closes_on is not None
        count = waiting.get((opening.campaign_id, opening.season), 0)
        yield Planned(
            key="6.02",
            campaign=asked.campaigns[opening.campaign_id],
            day=opening.closes_on,
            first=opening.since,
            title=Wording("本人网上校对截止", "Verification closes"),
            roles=roles_of("roster.check"),
            watchers=roles_of("verification.close"),
            url=_list(campaign=opening.campaign_id, season=opening.season, status="unverified"),
            done=not count,
            count=count,
            season=Season(opening.season).value,
            source=opening.early_reason,
            edit_url=reverse("verification:list") if holds(asked.actor.user, "verification.close") else "",
        )
