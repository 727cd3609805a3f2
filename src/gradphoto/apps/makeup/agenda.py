"""What make-up tells of a campaign's plan: appointments, codes that run out, and the end of its season (R140-R143)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlencode

from django.db.models import Count, Min
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.agenda import CASES, Asked, Planned, tells
from gradphoto.apps.campaigns.settings_keys import MAKE_UP_WINDOW
from gradphoto.apps.makeup.lifecycle import UNDER_WAY
from gradphoto.apps.makeup.models import CaseStatus, MakeUpBooking, MakeUpCase
from gradphoto.apps.makeup.season import dated
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.engine.wording import Wording


def _list(**asked: object) -> str:
    return f"{reverse('makeup:list')}?{urlencode(asked)}"


@tells("due.appointments")
def appointments(asked: Asked) -> Iterator[Planned]:
    """Who is expected on which day and was neither there nor missed yet."""
    booked = scoped(asked.actor, MakeUpBooking).filter(
        released_at=None, case__status=CaseStatus.BOOKED, case__candidate__campaign__in=asked.campaigns
    )
    days = booked.order_by().annotate(day=TruncDate("at"))
    columns = ("case__candidate__campaign", "case__candidate__season", "day")
    for campaign, season, day, count in days.values_list(*columns).annotate(Count("pk")):
        yield Planned(
            key="4.00",
            campaign=asked.campaigns[campaign],
            day=day,
            title=Wording("补拍散拍预约", "Make-up appointments"),
            roles=roles_of("makeup.publish"),
            watchers=roles_of("makeup.ask"),
            url=_list(campaign=campaign, season=season, status=CaseStatus.BOOKED.value, day=day.isoformat()),
            done=False,
            count=count,
            season=season,
        )


@tells("makeup.ask")
def codes(asked: Asked) -> Iterator[Planned]:
    """Form codes that were handed out and not used yet, by the day on which the first of them runs out."""
    issued = scoped(asked.actor, MakeUpCase).filter(
        status=CaseStatus.ISSUED, codes__ended_at=None, candidate__campaign__in=asked.campaigns
    )
    rows = issued.order_by().values_list("candidate__campaign", "candidate__season")
    for campaign, season, first, count in rows.annotate(Min("codes__expires_at"), Count("pk", distinct=True)):
        if first is not None:
            yield Planned(
                key="4.01",
                campaign=asked.campaigns[campaign],
                day=timezone.localdate(first),
                title=Wording("补拍散拍二维码到期，尚未填表", "Make-up form codes run out unused"),
                roles=roles_of("makeup.ask"),
                url=_list(campaign=campaign, season=season, status=CaseStatus.ISSUED.value),
                done=False,
                count=count,
                season=season,
            )


@tells("due.make_up_end")
def season_end(asked: Asked) -> Iterator[Planned]:
    """The last day of the make-up season, with who is still to be photographed."""
    rows = scoped(asked.actor, MakeUpCase).filter(status__in=UNDER_WAY, candidate__campaign__in=asked.campaigns)
    waiting = dict(rows.order_by().values_list("candidate__campaign").annotate(Count("pk")))
    for campaign in asked.campaigns.values():
        rule = asked.rule(campaign, MAKE_UP_WINDOW)
        if rule is None:
            continue
        with suppress(ValueError):  # a 29 February of a rule that is no day of this year
            first, last = MAKE_UP_WINDOW.read(rule.value)
            season = dated(campaign.cohort_year, first, last, rule.source)
            yield Planned(
                key="4.02",
                campaign=campaign,
                day=season.last,
                first=season.first,
                title=Wording("补拍散拍时段", "Make-up season"),
                roles=roles_of("makeup.take_collection"),
                watchers=roles_of("makeup.ask"),
                url=_list(campaign=campaign.pk, status="waiting"),
                done=not waiting.get(campaign.pk) and season.last < asked.today,
                count=waiting.get(campaign.pk, 0),
                unit=CASES,
                source=rule.source,
                setting=MAKE_UP_WINDOW.name,
            )
