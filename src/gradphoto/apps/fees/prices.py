"""Which price counts: decided here and nowhere else, and always told with its source (B1).

The more particular line wins: first the one for exactly this year, then the one for exactly this kind of school, then
the nearer organisation (the school's own agreement, the province's order, the centre's list, the agency's, the
national), then the later effective date. Where the list says nothing of the photograph the rule set's
``fee.per_person_fen`` counts; a make-up without a price of its own costs what the first shot costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import FEE_CHANNELS, FEE_FEN
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse, stated_reason, within
from gradphoto.apps.fees.models import Channel, Item, Price
from gradphoto.apps.fees.policy import sets_prices
from gradphoto.apps.orgs.models import Organisation, OrganisationKind

_NEARNESS = {
    OrganisationKind.SCHOOL: 0,
    OrganisationKind.PROVINCE: 1,
    OrganisationKind.COLLECTION_CENTRE: 2,
    OrganisationKind.AGENCY: 3,
    OrganisationKind.NATIONAL_CENTRE: 4,
}


@dataclass(frozen=True, slots=True)
class PriceInForce:
    """The price that counts, in fen, with the document it comes from and who set it."""

    item: Item
    amount_fen: int
    source: str
    effective_from: date
    set_by: str


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A line of the price list as a campaign sees it: ``counts`` for candidates of the line's own kind today."""

    price: Price
    counts: bool


def concerning(campaign: Campaign) -> QuerySet[Price]:
    """Every line that may concern a campaign: set by its school, its centre, or anybody above either."""
    paths = {*campaign.school.ancestor_paths(), *campaign.centre.ancestor_paths()}
    lines = Price.objects.filter(organisation__path__in=paths, cohort_year__in=(0, campaign.cohort_year))
    return lines.select_related("organisation")


def price_of(campaign: Campaign, item: Item, school_kind: str = "", on: date | None = None) -> PriceInForce:
    """The price of ``item`` for candidates of ``school_kind`` on a day (today by default).

    Refuses with ``fees.price_missing`` where neither the list nor the rule set says.
    """
    day = on or timezone.localdate()
    line = _line_that_counts(concerning(campaign), item, school_kind, day)
    if line is not None:
        return PriceInForce(item, line.amount_fen, line.source, line.effective_from, line.organisation.name)
    if item == Item.MAKE_UP:
        first = price_of(campaign, Item.PHOTO, school_kind, day)
        return PriceInForce(item, first.amount_fen, first.source, first.effective_from, first.set_by)
    rule = in_force(campaign.rule_set, FEE_FEN, day) if item == Item.PHOTO else None
    if rule is None:
        raise refuse(
            "fees.price_missing",
            f"价目表中没有“{item.label}”的价格。",
            f"The price list has no price for this item ({item.value}).",
            "请教务处或采集中心在“价目与收费方式”中补充并注明依据。",
            "Ask the registry or the centre to add it under Prices, with its source.",
        )
    return PriceInForce(item, FEE_FEN.read(rule.value), rule.source, rule.effective_from, campaign.rule_set.name)


def price_list(campaign: Campaign, on: date | None = None) -> Iterator[PriceLine]:
    """The whole list, each line with whether it counts today."""
    day = on or timezone.localdate()
    lines = list(concerning(campaign))
    for line in lines:
        best = _line_that_counts(lines, Item(line.item), line.school_kind, day)
        yield PriceLine(line, best is not None and best.pk == line.pk)


def _line_that_counts(lines: QuerySet[Price] | list[Price], item: Item, school_kind: str, day: date) -> Price | None:
    found = [
        line
        for line in (lines.filter(item=item) if isinstance(lines, QuerySet) else lines)
        if line.item == item
        and line.withdrawn_at is None
        and line.effective_from <= day
        and line.school_kind in ("", school_kind)
    ]
    return min(found, key=_particular, default=None)


def _particular(line: Price) -> tuple[bool, bool, int, int]:
    nearness = _NEARNESS.get(OrganisationKind(line.organisation.kind), len(_NEARNESS))
    return (line.cohort_year == 0, line.school_kind == "", nearness, -line.effective_from.toordinal())


def open_channels(campaign: Campaign, on: date | None = None) -> tuple[Channel, ...]:
    """The ways in which this campaign takes money (B15); refuses with ``fees.channels_missing`` where it is not said."""
    rule = in_force(campaign.rule_set, FEE_CHANNELS, on)
    if rule is None:
        raise refuse(
            "fees.channels_missing",
            "本批次尚未规定收费方式。",
            "This campaign does not say yet how money is taken.",
            "请教务处在“价目与收费方式”中选定，并注明依据。",
            "Ask the registry to set it under Prices, with its source.",
        )
    return tuple(Channel(name) for name in FEE_CHANNELS.read(rule.value))


def require_open(campaign: Campaign, channel: Channel) -> None:
    """Raises ``fees.channel_closed`` for a way of paying that the campaign does not take."""
    if channel not in open_channels(campaign):
        raise refuse(
            "fees.channel_closed",
            f"本批次不采用“{channel.label}”。",
            f"This campaign does not take money this way ({channel.value}).",
            "请改用本批次规定的收费方式。",
            "Use one of the campaign's own ways.",
        )


@action("fees.set_price", permission=sets_prices)
def set_price(
    actor: Actor,
    organisation: Organisation,
    *,
    item: Item,
    amount_fen: int,
    source: str,
    effective_from: date,
    school_kind: str = "",
    cohort_year: int = 0,
) -> Price:
    """Add a line to the price list of an organisation. What was charged before keeps its price."""
    if not source.strip():
        raise invalid(
            "fees.price_without_source",
            "价格必须注明依据。",
            "A price needs its source.",
            "请填写文件名称或文号。",
            "Name the document it comes from.",
        )
    if amount_fen <= 0:
        raise invalid(
            "fees.price_not_positive",
            "价格必须大于零。",
            "A price is more than nothing.",
            "免费请用“减免”办理，以便留下原因。",
            "What is free is waived, so that the reason stays on record.",
        )
    key = {
        "organisation": organisation,
        "item": item,
        "school_kind": school_kind.strip(),
        "cohort_year": cohort_year,
        "effective_from": effective_from,
    }
    if Price.objects.filter(**key, withdrawn_at=None).exists():
        raise refuse(
            "fees.price_exists",
            "同一项目、类别、年份和生效日期已有价格。",
            "There is a price for this item, kind, year and date already.",
            "请先作废原价格，或改用新的生效日期。",
            "Withdraw that one first, or take a later effective date.",
        )
    audit.note(item=str(item), amount_fen=amount_fen, source=source.strip(), effective_from=effective_from.isoformat())
    return Price.objects.create(**key, amount_fen=amount_fen, source=within(source, 200, field="source"))


@action("fees.withdraw_price", permission=sets_prices)
def withdraw_price(actor: Actor, organisation: Organisation, *, price: Price, reason: str) -> None:
    """Take a wrong line off the list; it stays to be seen, struck through."""
    if price.organisation_id != organisation.pk or price.withdrawn_at is not None:
        raise refuse(
            "fees.price_not_listed",
            "这条价格已不在价目表中。",
            "This price is not on the list any more.",
            "请刷新页面。",
            "Reload the page.",
        )
    price.withdrawn_at, price.withdrawn_reason = timezone.now(), stated_reason(reason, "fees.reason_missing")
    price.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    audit.note(price=price.pk, reason=price.withdrawn_reason)


def kinds_of(campaign: Campaign) -> list[str]:
    """The kinds of school that stand in the campaign's roster."""
    kinds = campaign.candidates.exclude(school_kind="").order_by("school_kind")
    return list(kinds.values_list("school_kind", flat=True).distinct())


def settable(actor: Actor, campaign: Campaign) -> list[Organisation]:
    """The organisations in whose name this person may set prices for the campaign."""
    paths = {*campaign.school.ancestor_paths(), *campaign.centre.ancestor_paths()}
    return [one for one in Organisation.objects.filter(Q(path__in=paths)) if sets_prices(actor, one)]
