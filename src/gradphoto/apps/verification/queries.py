"""Reads of the verification app: whose portrait was delivered, when a case opens, which schools are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from gradphoto.apps.campaigns import settings_keys
from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Season
from gradphoto.apps.campaigns.rules import deadline_of, in_force, value_of
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, FrameStatus
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.delivery.models import PackageStatus, Portrait
from gradphoto.apps.pages.first_rows import FirstRows, first_rows
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.roster.persons import first_of
from gradphoto.apps.schedule.models import SessionStatus
from gradphoto.apps.verification.models import CaseStatus, Opening, VerificationCase
from gradphoto.engine.standards.deadlines import due

WITH_THE_SCHOOL = (PackageStatus.DELIVERED, PackageStatus.CHECKED)
_COMING_AT_MOST = 200


def delivered_portraits(campaign: Campaign, profile: str, season: Season | None) -> QuerySet[Portrait]:
    """The portraits with the school of everyone without a case, by person; a person's newest comes first."""
    portraits = Portrait.objects.filter(
        profile=profile,
        candidate__campaign=campaign,
        candidate__status=CandidateStatus.ACCEPTED,
        candidate__verification_case__isnull=True,
        package_items__package__status__in=WITH_THE_SCHOOL,
    ).exclude(check_in__status=CheckInStatus.CANCELLED)
    if season:
        portraits = portraits.filter(candidate__season=season)
    return portraits.order_by("candidate", "-created_at", "-pk")


def ripe(portraits: QuerySet[Portrait], campaign: Campaign) -> QuerySet[Portrait]:
    """Of these portraits the ones whose earliest day has come (B4); all of them where the rule set names no days."""
    rule = in_force(campaign.rule_set, settings_keys.VERIFY_AFTER_DAYS)
    if rule is None:
        return portraits
    last_day = timezone.localdate() - timedelta(days=settings_keys.VERIFY_AFTER_DAYS.read(rule.value))
    return portraits.filter(check_in__at__lt=_midnight(last_day + timedelta(days=1)))


def first_ripe_day(portraits: QuerySet[Portrait], campaign: Campaign) -> date | None:
    """The day on which the first of these portraits may be shown, None where there is none."""
    first = portraits.order_by().aggregate(at=Min("check_in__at"))["at"]
    if first is None:
        return None
    return timezone.localdate(first) + timedelta(days=value_of(campaign, settings_keys.VERIFY_AFTER_DAYS))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def newest_delivered(candidate: Candidate) -> Portrait | None:
    """The portrait to verify: of a shot that stands, delivered, the newest; None while there is none."""
    standing = Portrait.objects.filter(
        candidate=candidate,
        profile=value_of(candidate.campaign, settings_keys.PHOTO_PROFILE),
        frame__status=FrameStatus.ACCEPTED,
        package_items__package__status__in=WITH_THE_SCHOOL,
    ).exclude(check_in__status=CheckInStatus.CANCELLED)
    return standing.select_related("blob", "check_in").order_by("-created_at", "-pk").first()


_NEWEST_LIKE = Prepared(
    lambda candidate, portrait: (
        Portrait.objects.filter(
            candidate=candidate,
            profile__in=Portrait.objects.filter(pk=portrait).order_by().values("profile"),
            frame__status=FrameStatus.ACCEPTED,
            package_items__package__status__in=WITH_THE_SCHOOL,
        )
        .exclude(check_in__status=CheckInStatus.CANCELLED)
        .only("pk")
        .order_by("-created_at", "-pk")[:1]
    )
)


def delivered_anew(case: VerificationCase) -> Portrait | None:
    """A newer delivered photograph of the same make than the one the case shows, in one query; None as a rule."""
    newest = _NEWEST_LIKE.first(candidate=case.candidate_id, portrait=case.portrait_id)
    return None if newest is None or newest.pk == case.portrait_id else newest


def replacement(case: VerificationCase) -> Portrait | None:
    """What may be shown instead of a disputed portrait: the newest delivered, where it is another one (B8)."""
    newest = newest_delivered(case.candidate)
    return None if newest is None or newest.pk == case.portrait_id else newest


@dataclass(frozen=True, slots=True)
class OpeningDates:
    """When verification opens for a person (B4): not before ``earliest``, promised for ``promised``.

    ``provisional``: the holidays up to the promised day are not all announced yet (R201).
    """

    shot_on: date
    earliest: date
    promised: date
    provisional: bool


def opening_dates(candidate: Candidate) -> OpeningDates | None:
    """Counted from the day the person was photographed; None where nobody knows that day."""
    shots = CheckIn.objects.filter(candidate=first_of(candidate)).exclude(status=CheckInStatus.CANCELLED)
    check_in = shots.order_by("-at").first()
    if check_in is None:
        return None
    day = timezone.localdate(check_in.at)
    campaign = candidate.campaign
    calendar = calendar_of(campaign.school)
    earliest = due(day, deadline_of(campaign, settings_keys.VERIFY_AFTER_DAYS), calendar)
    promised = due(day, deadline_of(campaign, settings_keys.VERIFY_AFTER_WORKDAYS), calendar)
    return OpeningDates(day, earliest.date, promised.date, promised.provisional)


def open_now(case: VerificationCase) -> bool:
    """Whether this graduate may verify today: their campaign is verifying and the closing day has not passed."""
    if VerificationCase.candidate.is_cached(case) and hasattr(case.candidate, "closes_on"):
        status, closes_on = case.candidate.campaign.status, closing_of(case.candidate)
    else:
        person = _PERSON.first(pk=case.candidate_id)
        assert person is not None
        status, closes_on = person.campaign.status, closing_of(person)
        if not VerificationCase.candidate.is_cached(case):
            case.candidate = person  # as it stands under the lock of an action, which asks for more of it
    last = _last_day(case, closes_on)
    return status == CampaignStatus.VERIFYING and (last is None or last >= timezone.localdate())


def _last_day(case: VerificationCase, closes_on: date | None) -> date | None:
    """The season's closing day, or the later day until which this person has a second look."""
    return None if closes_on is None else max(closes_on, case.reopened_until or closes_on)


def still_open_until(case: VerificationCase) -> date | None:
    """The last day on which this graduate may confirm; None where no day was published."""
    return _last_day(case, closing_of(case.candidate))


def unfinished_seasons(campaign: Campaign, season: Season | None = None) -> list[Opening]:
    """The openings whose published day has not passed, or that have none: nobody of theirs is closed (R171)."""
    openings = Opening.objects.filter(campaign=campaign)
    if season:
        openings = openings.filter(season=season)
    running = Q(closes_on__isnull=True) | Q(closes_on__gte=timezone.localdate())
    return list(openings.filter(running).order_by("season"))


def before_closing_day(day: date | None) -> Refusal:
    """The answer to whoever would close verification while graduates may still confirm (R171)."""
    return refuse(
        "verification.before_closing_day",
        f"公布的校对截止日期是 {day}，在此之前不能按未校对处理。"
        if day
        else "还没有公布校对截止日期，不能按未校对处理。",
        f"Verification is published to close on {day}; nobody is closed before that day has passed."
        if day
        else "No closing day was published; nobody can be closed.",
        "请等截止日期过后再办；整季提前截止须由一人提出、另一人批准并先公布新日期。"
        if day
        else "请先公布截止日期并通知毕业生。",
        "Wait until it has passed. An early end of the season is proposed by one person, approved by another, and published "
        "first."
        if day
        else "Publish a closing day and tell the graduates first.",
    )


def closing_day(person: str = "") -> Subquery:
    """The last day of verification of a person's school and season; ``person`` is the way to them, as ``candidate__``."""
    opening = Opening.objects.filter(campaign=OuterRef(f"{person}campaign"), season=OuterRef(f"{person}season"))
    return Subquery(opening.order_by().values("closes_on")[:1])


_PERSON = Prepared(
    lambda pk: Candidate.objects.select_related("campaign").annotate(closes_on=closing_day()).filter(pk=pk).order_by()
)
"""A person with campaign and closing day: what every action asks anew under its lock."""


def closing_of(candidate: Candidate) -> date | None:
    """The last day of verification of the candidate's school and season; None where none is published."""
    if hasattr(candidate, "closes_on"):
        known: date | None = candidate.closes_on
        return known
    mine = Opening.objects.filter(campaign=candidate.campaign_id, season=candidate.season).order_by()
    return next(iter(mine.values_list("closes_on", flat=True)), None)


def open_schools() -> list[Opening]:
    """Which schools and seasons may verify now. Public: no persons, no numbers. Reads one row a school and season."""
    shown = Opening.objects.filter(campaign__status=CampaignStatus.VERIFYING).select_related("campaign__school")
    return list(shown.order_by("campaign__school__name", "campaign__cohort_year", "-season"))


@dataclass(frozen=True, slots=True)
class ComingSchool:
    """A line of the list of schools that are not open yet: when their graduates may expect it."""

    campaign: Campaign
    shot_on: date
    earliest: date
    promised: date


def coming_schools() -> FirstRows[ComingSchool]:
    """Schools that were photographed and are not open yet, counted from their last day in the room (B4, R161)."""
    campaigns = (
        Campaign.objects.filter(status=CampaignStatus.COLLECTING)
        .annotate(shot_on=Max("sessions__date", filter=Q(sessions__status=SessionStatus.CLOSED)))
        .filter(shot_on__isnull=False)
        .select_related("school", "rule_set")
        .order_by("shot_on")
    )
    shown = first_rows(campaigns, _COMING_AT_MOST)
    found = []
    for campaign in shown:
        rules = [
            in_force(campaign.rule_set, key)
            for key in (settings_keys.VERIFY_AFTER_DAYS, settings_keys.VERIFY_AFTER_WORKDAYS)
        ]
        if None not in rules:
            day: date = campaign.shot_on
            calendar = calendar_of(campaign.school)
            earliest = due(day, deadline_of(campaign, settings_keys.VERIFY_AFTER_DAYS), calendar)
            promised = due(day, deadline_of(campaign, settings_keys.VERIFY_AFTER_WORKDAYS), calendar)
            found.append(ComingSchool(campaign, day, earliest.date, promised.date))
    return FirstRows(found, _COMING_AT_MOST, is_more=shown.is_more)


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many cases of a list stand in one state."""

    status: CaseStatus
    count: int


def counts(cases: QuerySet[VerificationCase]) -> list[StatusCount]:
    """The cases of a list by state, every state named."""
    found = dict(cases.order_by().values_list("status").annotate(n=Count("pk")))
    return [StatusCount(status, found.get(status.value, 0)) for status in CaseStatus]
