"""What the papers say, read from the campaign: its fee, ways of paying and identifying, dates, places and offices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.utils import timezone

from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import deadline_of, in_force
from gradphoto.apps.campaigns.settings_keys import (
    BACKDROP,
    CHECK_TABLE,
    EARLY_MINUTES,
    ERRORS_OFFICE,
    FEE_CHANNELS,
    IDENTIFICATION,
    JEWELLERY_RULE,
    VERIFY_AFTER_DAYS,
    VERIFY_AFTER_WORKDAYS,
    VERIFY_SITE,
    Key,
)
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.fees.models import Channel, Item
from gradphoto.apps.fees.money import yuan
from gradphoto.apps.fees.prices import PriceInForce, kinds_of, price_of
from gradphoto.apps.roster.models import MilestoneKind
from gradphoto.apps.schedule.models import GroupPhoto, Slot
from gradphoto.apps.schedule.problem import local
from gradphoto.engine.standards.deadlines import DueDate, due
from gradphoto.engine.standards.profiles import JEWELLERY_STRICT
from gradphoto.engine.wording import Wording

T = TypeVar("T")

SWIPE, CARD, BY_HAND = "id_card_swipe", "collection_card", "manual"
"""The ways of identification (B9): S0 and S2 swipe the ID card, S1 and S3 work with the collection card."""
_SWIPE = (SWIPE,)
IN_ADVANCE = (Channel.CLASS, Channel.COLLEGE, Channel.REMITTANCE, Channel.ONLINE)
_BACKDROPS = {
    "light_blue": Wording("浅蓝", "light blue"),
    "blue": Wording("蓝", "blue"),
    "dark_blue": Wording("深蓝", "dark blue"),
    "white": Wording("白", "white"),
    "light_grey": Wording("浅灰", "light grey"),
}
_SEASONS = {"spring": Wording("春季", "spring"), "autumn": Wording("秋季", "autumn")}


@dataclass(frozen=True, slots=True)
class Fee:
    """A price that counts for some kind of school (empty: for everybody)."""

    school_kind: str
    price: PriceInForce

    @property
    def words(self) -> Wording:
        """The amount per head, with the kind where prices differ."""
        amount = plain_yuan(self.price.amount_fen)
        kind = f"{self.school_kind} " if self.school_kind else ""
        return Wording(f"{kind}{amount}元／人", f"{kind}{amount} yuan a person")


@dataclass(frozen=True, slots=True)
class ClassTime:
    """A class's own time and place, as the leaflet prints it on top."""

    title: str
    season: Wording
    starts_at: datetime
    ends_at: datetime
    come_at: datetime
    place: str
    group_photo: GroupPhoto | None


@dataclass(frozen=True, slots=True)
class DayFacts:
    """One campaign's day as the papers tell it. What the rule set does not say is None or empty, never made up."""

    school: Wording
    centre: str
    cohort_year: int
    first_day: date | None
    last_day: date | None
    places: tuple[str, ...]
    own: ClassTime | None
    early_minutes: int
    fees: tuple[Fee, ...]
    channels: tuple[Channel, ...]
    ways: tuple[str, ...]
    check_table: bool
    backdrop: str
    jewellery: str
    office: str
    site: str
    errors_due: date | None
    earliest_days: int | None
    earliest: date | None
    promised_workdays: int | None
    promised: DueDate | None
    verify_source: str

    @property
    def swipes(self) -> bool:
        return SWIPE in self.ways

    @property
    def with_card(self) -> bool:
        return CARD in self.ways

    @property
    def pays_on_the_day(self) -> bool:
        return Channel.ON_THE_DAY in self.channels

    @property
    def advance(self) -> tuple[Channel, ...]:
        """The ways of paying before the day."""
        return tuple(channel for channel in IN_ADVANCE if channel in self.channels)

    @property
    def school_pays(self) -> bool:
        return self.channels == (Channel.SCHOOL,)

    @property
    def backdrop_words(self) -> Wording:
        return _BACKDROPS.get(self.backdrop, Wording("背景", "the backdrop's"))

    @property
    def fee_words(self) -> Wording:
        """The fee with its amount; by the school's notice where no price is set."""
        if not self.fees:
            return Wording("以学校通知为准", "as the school's notice says")
        return Wording("；".join(fee.words.zh for fee in self.fees), "; ".join(fee.words.en for fee in self.fees))

    @property
    def fee_source(self) -> str:
        """The documents that the fee comes from, with the day since when it counts (R6)."""
        told = {f"{fee.price.source}（{fee.price.effective_from:%Y-%m-%d}）": None for fee in self.fees}
        return "；".join(told)

    @property
    def office_words(self) -> Wording:
        return Wording(self.office, self.office) if self.office else Wording("学校教务处", "the registry")

    @property
    def site_words(self) -> Wording:
        return Wording(self.site, self.site) if self.site else Wording("校对网站", "the verification site")

    @property
    def days_words(self) -> Wording:
        """The day or days of the collection."""
        if self.own is not None:
            return day_words(local(self.own.starts_at).date())
        if self.first_day is None or self.last_day is None:
            return Wording("以学校通知为准", "as the school's notice says")
        if self.first_day == self.last_day:
            return day_words(self.first_day)
        first, last = day_words(self.first_day), day_words(self.last_day)
        return Wording(f"{first.zh}至{last.zh}", f"{first.en} to {last.en}")

    @property
    def promised_words(self) -> Wording | None:
        """The promised day of verification; 'provisional' while the calendar of that year is not announced (R201)."""
        if self.promised is None:
            return None
        told = day_words(self.promised.date)
        return Wording(f"{told.zh}（暂定）", f"{told.en} (provisional)") if self.promised.provisional else told


def plain_yuan(fen: int) -> str:
    """``1500`` as ``15``, ``1550`` as ``15.50``."""
    return yuan(fen).removesuffix(".00")


def day_words(day: date) -> Wording:
    """A day as a paper prints it."""
    return Wording(f"{day.year}年{day.month}月{day.day}日", f"{day:%Y-%m-%d}")


def facts_of(campaign: Campaign, slot: Slot | None = None, group_photo: GroupPhoto | None = None) -> DayFacts:
    """The facts of a campaign; with ``slot`` those of its class: own time, own place, own price, own dates."""
    sessions = list(campaign.sessions.order_by("date").values_list("date", "place"))
    days = [local(slot.starts_at).date()] if slot else [day for day, _ in sessions]
    shot_on = days[-1] if days else None
    early, calendar = _said(campaign, EARLY_MINUTES) or 0, calendar_of(campaign.school)
    earliest_days = _said(campaign, VERIFY_AFTER_DAYS)
    workdays = _said(campaign, VERIFY_AFTER_WORKDAYS)
    errors = campaign.milestones.filter(kind=MilestoneKind.ERRORS_PROVEN).values_list("due", flat=True).first()
    promise = in_force(campaign.rule_set, VERIFY_AFTER_WORKDAYS)
    check_table = _said(campaign, CHECK_TABLE)
    return DayFacts(
        school=Wording(campaign.school.name, campaign.school.name_en or campaign.school.name),
        centre=campaign.centre.name,
        cohort_year=campaign.cohort_year,
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
        places=(slot.session.place,) if slot else tuple(dict.fromkeys(place for _, place in sessions)),
        own=_own(slot, early, group_photo) if slot else None,
        early_minutes=early,
        fees=_fees(campaign, slot),
        channels=tuple(Channel(name) for name in _said(campaign, FEE_CHANNELS) or ()),
        ways=_said(campaign, IDENTIFICATION) or _SWIPE,
        # S1 and S4 both have the students sign their row; a rule set may say that a school works without.
        check_table=True if check_table is None else check_table,
        backdrop=_said(campaign, BACKDROP) or "",
        jewellery=_said(campaign, JEWELLERY_RULE) or JEWELLERY_STRICT,
        office=_said(campaign, ERRORS_OFFICE) or "",
        site=_said(campaign, VERIFY_SITE) or "",
        errors_due=errors,
        earliest_days=earliest_days,
        earliest=due(shot_on, deadline_of(campaign, VERIFY_AFTER_DAYS), calendar).date if shot_on else None,
        promised_workdays=workdays,
        promised=due(shot_on, deadline_of(campaign, VERIFY_AFTER_WORKDAYS), calendar) if shot_on else None,
        verify_source=promise.source if promise else "",
    )


def _said(campaign: Campaign, key: Key[T]) -> T | None:
    rule = in_force(campaign.rule_set, key, timezone.localdate())
    return None if rule is None else key.read(rule.value)


def _own(slot: Slot, early: int, group_photo: GroupPhoto | None) -> ClassTime:
    start = local(slot.starts_at)
    return ClassTime(
        f"{slot.department.name} {slot.class_name}".strip(),
        _SEASONS[slot.season],
        start,
        local(slot.ends_at),
        start - timedelta(minutes=early),
        slot.session.place,
        group_photo,
    )


def _fees(campaign: Campaign, slot: Slot | None) -> tuple[Fee, ...]:
    if slot is not None:
        own = slot.appointments.values_list("candidate__school_kind", flat=True)
        kinds: Iterable[str] = sorted(set(own))
    else:
        kinds = kinds_of(campaign)
    found = []
    for kind in kinds or ("",):
        try:
            found.append(Fee(kind, price_of(campaign, Item.PHOTO, kind)))
        except Refusal:  # no price yet: the paper then refers to the school's notice
            continue
    if len({(fee.price.amount_fen, fee.price.source) for fee in found}) == 1:
        return (Fee("", found[0].price),)
    return tuple(found)
