"""The price list with what counts and why, and the ways in which the campaign takes money."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import redirect

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import FEE_CHANNELS, FEE_FEN
from gradphoto.apps.fees import prices
from gradphoto.apps.fees.forms.prices import SetChannels, SetPrice, WithdrawPrice
from gradphoto.apps.fees.models import Item
from gradphoto.apps.fees.views.frame import about_campaign, show
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_of, row_forms
from gradphoto.engine.errors import GradPhotoError

LIST_FORMS = (SetPrice, SetChannels)


@page("fees.collect")
@about_campaign
def price_list(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """What everything costs for this campaign today, with its source; below, every line that concerns it."""
    if request.method == "POST":
        lines = prices.concerning(campaign).select_related("organisation")
        return form_action(
            request,
            posted_of(request, {SetPrice: campaign, SetChannels: campaign, WithdrawPrice: lines}),
            again=lambda form: _price_list(request, campaign, form),
            done=lambda made: redirect(request.get_full_path()),
        )
    return _price_list(request, campaign)


def _price_list(request: SignedInRequest, campaign: Campaign, posted: ActionForm | None = None) -> HttpResponse:
    try:
        channels = prices.open_channels(campaign)
    except GradPhotoError:
        channels = ()
    lines = {line.price: line for line in prices.price_list(campaign)}
    rows = row_forms(request.actor, lines, (WithdrawPrice,), posted)
    context = {
        "counting": list(_counting(campaign)),
        "rows": [(lines[price], page_forms) for price, page_forms in rows],
        "fallback": in_force(campaign.rule_set, FEE_FEN),
        "kinds": prices.kinds_of(campaign),
        "channels": channels,
        "channel_rule": in_force(campaign.rule_set, FEE_CHANNELS),
        "page_forms": PageForms(request.actor, campaign, LIST_FORMS, posted),
    }
    return show(request, "fees/prices.html", campaign, context)


def _counting(campaign: Campaign) -> Iterator[tuple[str, str, prices.PriceInForce | None]]:
    kinds = prices.kinds_of(campaign) or [""]
    for item in Item:
        for kind in kinds:
            try:
                yield str(item.label), kind, prices.price_of(campaign, item, kind)
            except GradPhotoError:
                yield str(item.label), kind, None
