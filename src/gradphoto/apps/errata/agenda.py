"""What errata tell of a campaign's plan: the clock of each case received (R174), and the day of annex 6 (R60)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from gradphoto.apps.campaigns.agenda import CASES, Asked, Planned, tells
from gradphoto.apps.campaigns.settings_keys import ERRATA_REISSUE_WORKDAYS, ERRATA_SUMMARY_DUE
from gradphoto.apps.errata.models import CaseStatus, ErrataCase
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.agenda import edit_of, title_of
from gradphoto.apps.roster.models import Milestone, MilestoneKind
from gradphoto.engine.standards.deadlines import due
from gradphoto.engine.wording import Wording


def _list(**asked: object) -> str:
    return f"{reverse('errata:list')}?{urlencode(asked)}"


@tells("due.errata")
def clocks(asked: Asked) -> Iterator[Planned]:
    """The cases that a corrector holds, by the day on which each must be mended."""
    held = scoped(asked.actor, ErrataCase).filter(
        status=CaseStatus.RECEIVED, due_on__isnull=False, campaign__in=asked.campaigns
    )
    rows = held.order_by().values_list("campaign", "season", "received_on", "due_on", "due_provisional")
    for campaign_pk, season, received, due_on, provisional, count in rows.annotate(Count("pk")):
        day = due_on
        campaign = asked.campaigns[campaign_pk]
        rule = asked.deadline(campaign, ERRATA_REISSUE_WORKDAYS, received)
        rule = rule or asked.deadline(campaign, ERRATA_REISSUE_WORKDAYS)
        query = {"status": CaseStatus.RECEIVED.value, "campaign": campaign_pk, "season": season}
        if asked.is_trial and rule is not None:
            # The day is stored with the case; on trial it is counted anew, as it will be when the change is saved.
            reached = due(received, rule, asked.calendar(campaign))
            day, provisional = reached.date, reached.provisional
        yield Planned(
            key="7.00",
            campaign=campaign,
            day=day,
            title=Wording("勘误更正、补发", "Errata to be mended"),
            roles=roles_of("due.mending"),
            watchers=roles_of("verification.close"),
            url=_list(**query, received=received, due=due_on),
            done=False,
            count=count,
            unit=CASES,
            season=season,
            provisional=provisional,
            deadline=rule,
            source=rule.source if rule else "",
            setting=ERRATA_REISSUE_WORKDAYS.name,
        )


@tells("errata.draft")
def handed_in(asked: Asked) -> Iterator[Planned]:
    """The day by which errata are handed in, by the plan or by the rule of annex 6, with what was not sent yet."""
    drafts = scoped(asked.actor, ErrataCase).filter(status=CaseStatus.DRAFTED, campaign__in=asked.campaigns)
    counted = dict(drafts.order_by().values_list("campaign").annotate(Count("pk")))
    stones = Milestone.objects.filter(campaign__in=asked.campaigns, kind=MilestoneKind.ERRATA)
    planned = {stone.campaign_id: stone for stone in stones}
    for campaign in asked.campaigns.values():
        stone, rule = planned.get(campaign.pk), asked.rule(campaign, ERRATA_SUMMARY_DUE)
        if stone is None and rule is None:
            continue
        day = stone.due if stone else ERRATA_SUMMARY_DUE.read(rule.value)  # type: ignore[union-attr]
        count = counted.get(campaign.pk, 0)
        yield Planned(
            key="7.01",
            campaign=campaign,
            day=day,
            title=title_of(stone) if stone else ERRATA_SUMMARY_DUE.title,
            roles=roles_of("errata.draft"),
            url=_list(status=CaseStatus.DRAFTED.value, campaign=campaign.pk),
            done=not count and day < asked.today,
            count=count,
            unit=CASES,
            source=stone.source if stone else rule.source,  # type: ignore[union-attr]
            setting="" if stone else ERRATA_SUMMARY_DUE.name,
            edit_url=edit_of(asked, campaign) if stone else "",
        )
