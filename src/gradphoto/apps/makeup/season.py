"""The make-up season as days of the campaign's year (R140, R142): what may be booked without being an exception."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.campaigns.settings_keys import MAKE_UP_WINDOW
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.schedule.booking_actions import window


@dataclass(frozen=True, slots=True)
class MakeUpSeason:
    """First and last day on which make-up shots are taken, and the document that says so."""

    first: date
    last: date
    source: str

    def holds(self, day: date) -> bool:
        """Whether the day lies in it, both ends included."""
        return self.first <= day <= self.last


def dated(year: int, first: str, last: str, source: str) -> MakeUpSeason:
    """The season of a year class: it ends in the class's year, and begins the year before where it runs over New Year.

    ``first`` and ``last`` are ``MM-DD``, as the rule holds them; a season that ends with February has all of it.
    """
    return MakeUpSeason(_day(year if first <= last else year - 1, first), _day(year, last, is_last=True), source)


def _day(year: int, text: str, *, is_last: bool = False) -> date:
    if text == "02-29" or (is_last and text == "02-28"):
        text = "02-29" if isleap(year) else "02-28"
    return date.fromisoformat(f"{year}-{text}")


def season_of(campaign: Campaign) -> MakeUpSeason | None:
    """The campaign's make-up season; None where its rules name none, so that every day will do."""
    rule = window(campaign, MAKE_UP_WINDOW)
    return None if rule is None else dated(campaign.cohort_year, rule.first, rule.last, rule.source)


def days_outside(centre: Organisation, days: Iterable[date]) -> tuple[date, ...]:
    """The days that lie in the season of no campaign of the centre that is under way; none where one has no season."""
    under_way = Campaign.objects.filter(centre=centre).exclude(status=CampaignStatus.CLOSED).select_related("rule_set")
    seasons = [season_of(campaign) for campaign in under_way]
    if not seasons or None in seasons:
        return ()
    return tuple(day for day in days if not any(season and season.holds(day) for season in seasons))


def require_in_season(campaign: Campaign, day: date) -> None:
    """Raises ``makeup.out_of_season`` for a day on which the campaign takes no make-up shots (R140)."""
    season = season_of(campaign)
    if season is None or season.holds(day):
        return
    raise refuse(
        "makeup.out_of_season",
        f"{day:%Y-%m-%d} 不在补拍时段内（{season.first:%Y-%m-%d} 至 {season.last:%Y-%m-%d}，{season.source}）。",
        f"{day:%Y-%m-%d} is outside the make-up season ({season.first:%Y-%m-%d} to {season.last:%Y-%m-%d}, "
        f"{season.source}).",
        "请另选时段；确有特殊情况的，由工作人员在“电话预约”中写明例外原因。",
        "Choose another half-hour; in a special case staff record it under By telephone, with the reason.",
    )
