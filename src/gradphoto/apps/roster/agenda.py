"""What the roster tells of a campaign's plan: its milestones (R41) and the day of the data (R85)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlencode

from django.db.models import Count, Min, Sum
from django.urls import reverse

from gradphoto.apps.campaigns.agenda import Asked, Planned, dated, tells, tells_elsewhere
from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Season
from gradphoto.apps.campaigns.settings_keys import DATABASE_WORKDAYS
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import both
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.permissions import holds, roles_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.lifecycle import not_yet
from gradphoto.apps.roster.models import CandidateStatus, CorrectionCase, CorrectionStatus, Milestone, Total
from gradphoto.apps.roster.models import MilestoneKind as K
from gradphoto.apps.roster.plan import REACHED
from gradphoto.engine.standards.deadlines import due_before
from gradphoto.engine.wording import Wording

TOLD_LATER = (K.ERRATA, K.REVIEWED, K.REGISTERED)
"""Milestones whose work lies in later apps: those tell them, with their own numbers."""
_WHO: Mapping[K, tuple[Role, ...]] = {
    K.CARDS_OUT: roles_of("roster.accept"),
    K.CHECKED: roles_of("roster.check"),
    K.ERRORS_PROVEN: roles_of("roster.keep"),
    K.STUDENTS_SIGNED: roles_of("roster.check"),
    K.DATA_IN: roles_of("due.data"),
    K.ACCEPTED: roles_of("roster.accept"),
    K.SHOOTING: roles_of("verification.open"),
    K.VERIFICATION: roles_of("verification.open"),
}
_OPENED = (CampaignStatus.VERIFYING, CampaignStatus.CLOSED)

_Counts = Mapping[tuple[int, str], Mapping[str, int]]


def edit_of(asked: Asked, campaign: Campaign) -> str:
    """Where the dates of the plan are set; empty for who may not."""
    user = asked.actor.user
    return f"{reverse('roster:progress')}?campaign={campaign.pk}" if user and holds(user, "roster.plan") else ""


@tells_elsewhere
def of_others(actor: Actor, campaigns: Collection[int]) -> set[int]:
    """The campaigns that have people, but none of the viewer's."""
    peopled = Total.objects.filter(campaign__in=campaigns, people__gt=0).order_by()
    own = scoped(actor, peopled).values_list("campaign", flat=True).distinct()
    return set(peopled.values_list("campaign", flat=True).distinct()) - set(own)


@tells("due.milestones")
def milestones(asked: Asked) -> Iterator[Planned]:
    """Every milestone that speaks of the roster, spring and autumn apart where people are behind it.

    The day of shooting is done once sessions stand: from then on they are the duty, each with its own day.
    """
    people, noted = _by_status(asked), _noted(asked)
    # Sessions belong to a later app: they are read by their relation, not imported.
    with_sessions = Campaign.objects.filter(pk__in=asked.campaigns, sessions__isnull=False)
    timetabled = set(with_sessions.order_by().values_list("pk", flat=True))
    for stone in Milestone.objects.filter(campaign__in=asked.campaigns).exclude(kind__in=TOLD_LATER):
        campaign, kind = asked.campaigns[stone.campaign_id], K(stone.kind)
        for season, behind, url in _behind(campaign, kind, people, noted):
            yield Planned(
                key=f"1.{list(K).index(kind):02d}",
                campaign=campaign,
                day=stone.due,
                title=title_of(stone),
                roles=_WHO[kind],
                url=url,
                done=_is_done(asked, stone, behind) or (kind == K.SHOOTING and campaign.pk in timetabled),
                count=behind,
                season=season,
                source=stone.source,
                edit_url=edit_of(asked, campaign),
                watchers=roles_of("roster.plan"),
            )


def title_of(stone: Milestone) -> Wording:
    """The milestone in both languages."""
    return both(K(stone.kind).label)


def _is_done(asked: Asked, stone: Milestone, behind: int | None) -> bool:
    if behind is not None:
        return behind == 0
    if stone.kind == K.VERIFICATION:
        return asked.campaigns[stone.campaign_id].status in _OPENED
    return stone.due < asked.today


def _behind(campaign: Campaign, kind: K, people: _Counts, noted: _Counts) -> Iterator[tuple[str, int | None, str]]:
    """Season, how many are behind, and their list; one line without a number for what is a date only."""
    counted = kind in REACHED or kind == K.ERRORS_PROVEN
    seasons = [season for season in Season.values if people.get((campaign.pk, season))]
    if not counted or not seasons:
        yield "", None, f"{reverse('roster:progress')}?{urlencode({'campaign': campaign.pk})}"
        return
    for season in seasons:
        found = (noted if kind == K.ERRORS_PROVEN else people).get((campaign.pk, season), {})
        states = (CorrectionStatus.NOTED,) if kind == K.ERRORS_PROVEN else not_yet(REACHED[kind])
        query = urlencode({"campaign": campaign.pk, "season": season, "behind": kind.value})
        yield season, sum(found.get(str(state), 0) for state in states), f"{reverse('roster:list')}?{query}"


def _by_status(asked: Asked) -> dict[tuple[int, str], dict[str, int]]:
    found: dict[tuple[int, str], dict[str, int]] = {}
    rows = scoped(asked.actor, Total).filter(campaign__in=asked.campaigns).order_by()
    for campaign, season, status, count in rows.values_list("campaign", "season", "status").annotate(Sum("people")):
        if count:
            found.setdefault((campaign, season), {})[status] = count
    return found


def _noted(asked: Asked) -> dict[tuple[int, str], dict[str, int]]:
    rows = scoped(asked.actor, CorrectionCase).filter(
        status=CorrectionStatus.NOTED, candidate__campaign__in=asked.campaigns
    )
    counted = rows.order_by().values_list("candidate__campaign", "candidate__season")
    return {
        (campaign, season): {str(CorrectionStatus.NOTED): count}
        for campaign, season, count in counted.annotate(Count("candidate", distinct=True))
    }


@tells("roster.plan", "delivery.deliver")
def database(asked: Asked) -> Iterator[Planned]:
    """Until when the database must be with the centre: working days before the first session, or the planned shooting.

    It is done when everybody on the list is accepted, and moot once the first session is over.
    """
    wanted = Campaign.objects.filter(pk__in=asked.campaigns).order_by()
    first = dict(wanted.values_list("pk").annotate(first=Min("sessions__date")))
    planned = dict(
        Milestone.objects.filter(campaign__in=asked.campaigns, kind=K.SHOOTING).values_list("campaign", "due")
    )
    people = _by_status(asked)
    for campaign in asked.campaigns.values():
        session, rule = first.get(campaign.pk) or planned.get(campaign.pk), asked.deadline(campaign, DATABASE_WORKDAYS)
        if session is None or rule is None:
            continue
        behind = sum(
            people.get((campaign.pk, season), {}).get(str(state), 0)
            for season in Season.values
            for state in not_yet(CandidateStatus.ACCEPTED)
        )
        query = urlencode({"campaign": campaign.pk, "behind": K.ACCEPTED.value})
        yield Planned(
            key="1.20",
            campaign=campaign,
            title=Wording("采集数据库交采集中心", "Database with the collection centre"),
            roles=roles_of("roster.plan"),
            watchers=roles_of("delivery.deliver"),
            url=f"{reverse('roster:list')}?{query}",
            done=behind == 0 or session < asked.today,
            count=behind,
            setting=DATABASE_WORKDAYS.name,
            **dated(session, rule, asked.calendar(campaign), due_before),
        )
