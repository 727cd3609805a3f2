"""The price list with what counts and why, and the ways in which the campaign takes money."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.actions import set_rule
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import FEE_BEFORE_LIST, FEE_CHANNELS, FEE_FEN, FEE_GATEWAY
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.fees import prices, queries, shooting_lists
from gradphoto.apps.fees.models import Channel, Item
from gradphoto.apps.fees.money import parse_yuan
from gradphoto.apps.fees.online import GATEWAYS
from gradphoto.apps.fees.views.frame import about_campaign, show
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


@page("fees.collect")
@about_campaign
def price_list(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """What everything costs for this campaign today, with its source; below, every line that concerns it."""
    settable = prices.settable(request.actor, campaign)
    try:
        channels = prices.open_channels(campaign)
    except GradPhotoError:
        channels = ()
    rule = in_force(campaign.rule_set, FEE_CHANNELS)
    gateway = in_force(campaign.rule_set, FEE_GATEWAY)
    return show(
        request,
        "fees/prices.html",
        campaign,
        {
            "counting": list(_counting(campaign)),
            "lines": list(prices.price_list(campaign)),
            "fallback": in_force(campaign.rule_set, FEE_FEN),
            "settable": settable,
            "mine": {one.pk for one in settable},
            "items": Item.choices,
            "kinds": prices.kinds_of(campaign),
            "today": timezone.localdate(),
            "channels": channels,
            "all_channels": Channel.choices,
            "channel_rule": rule,
            "gateway": gateway,
            "gateways": list(GATEWAYS),
            "only_paid": shooting_lists.only_paid(campaign),
            "may_rule": holds(request.user, "fees.set_channels")
            and may(request.actor, "campaigns.set_rule", campaign.rule_set),
        },
    )


def _counting(campaign: Campaign) -> Iterator[tuple[str, str, prices.PriceInForce | None]]:
    kinds = prices.kinds_of(campaign) or [""]
    for item in Item:
        for kind in kinds:
            try:
                yield str(item.label), kind, prices.price_of(campaign, item, kind)
            except GradPhotoError:
                yield str(item.label), kind, None


@page("fees.set_prices")
@require_POST
@about_campaign
def add_price(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Add a line to the list of an organisation in whose name the viewer may speak."""
    wanted = queries.number(request.POST.get("organisation"))
    organisation = next((one for one in prices.settable(request.actor, campaign) if one.pk == wanted), None)
    item = request.POST.get("item", "")
    if organisation is None or item not in Item.values:
        raise _incomplete()
    prices.set_price(
        request.actor,
        organisation,
        item=Item(item),
        amount_fen=parse_yuan(request.POST.get("amount", "")),
        source=request.POST.get("source", ""),
        effective_from=_day(request.POST.get("effective_from", "")),
        school_kind=request.POST.get("school_kind", ""),
        cohort_year=campaign.cohort_year if request.POST.get("this_year") else 0,
    )
    messages.success(request, say(Wording("价格已加入价目表。", "The price is on the list.")))
    return redirect("fees:prices")


@page("fees.set_prices")
@require_POST
@about_campaign
def withdraw_price(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Take a wrong line off the list."""
    price = prices.concerning(campaign).filter(pk=queries.number(request.POST.get("price"))).first()
    if price is None:
        raise _incomplete()
    prices.withdraw_price(request.actor, price.organisation, price=price, reason=request.POST.get("reason", ""))
    messages.success(request, say(Wording("这条价格已作废。", "The line is withdrawn.")))
    return redirect("fees:prices")


@page("fees.set_channels")
@require_POST
@about_campaign
def set_channels(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Say how this campaign takes money (B15), through which gateway, and whether the unpaid are listed (R139)."""
    chosen = [way for way in request.POST.getlist("channel") if way in Channel.values]
    source, gateway = request.POST.get("source", ""), request.POST.get("gateway", "")
    if not chosen or (Channel.ONLINE in chosen and gateway not in GATEWAYS):
        raise _incomplete()
    day, rule_set = _day(request.POST.get("effective_from", "")), campaign.rule_set
    values: list[tuple[Any, Any]] = [(FEE_CHANNELS, chosen), (FEE_BEFORE_LIST, bool(request.POST.get("only_paid")))]
    if Channel.ONLINE in chosen:
        values.append((FEE_GATEWAY, gateway))
    for key, value in values:
        set_rule(request.actor, rule_set, key=key, value=value, source=source, effective_from=day)
    messages.success(request, say(Wording("收费方式已更新。", "The ways of taking money are set.")))
    return redirect("fees:prices")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _incomplete() from None


def _incomplete() -> GradPhotoError:
    return invalid(
        "fees.form_incomplete",
        "表单不完整或有误。",
        "The form is incomplete or wrong.",
        "请逐项检查后再提交。",
        "Check every field and send it again.",
    )
