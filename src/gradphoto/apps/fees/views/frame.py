"""What every page of the fees stands in: the campaign it is about, the tabs of the viewer's roles, its downloads."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import resolve, reverse

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.fees.queries import number
from gradphoto.apps.orgs.pages import SignedInRequest
from gradphoto.apps.orgs.scope import scoped
from gradphoto.engine.wording import Wording

_TABS = (
    ("fees:list", Wording("概况", "Overview")),
    ("fees:counter", Wording("收款台", "Counter")),
    ("fees:bulk", Wording("成批收款", "By class")),
    ("fees:shooting_lists", Wording("拍摄名单", "Shooting lists")),
    ("fees:hand_ins", Wording("上缴", "Hand-ins")),
    ("fees:receipts", Wording("收据", "Receipts")),
    ("fees:refunds", Wording("退款", "Refunds")),
    ("fees:my_day", Wording("我的今日", "My day")),
    ("fees:reconcile", Wording("三方对账", "Reconciliation")),
    ("fees:outside", Wording("银行与网上", "Bank and online")),
    ("fees:prices", Wording("价目", "Prices")),
    ("fees:seasons", Wording("结账", "Close the season")),
)

CampaignView = Callable[..., HttpResponseBase]


def chosen(request: SignedInRequest) -> Campaign | None:
    """The campaign that the address names (none where it names none that the viewer sees: money and files of another one are
    not what was asked for), else the newest that is not closed, else the newest."""
    mine = scoped(request.actor, Campaign).select_related("school", "centre", "rule_set").distinct()
    if named := request.GET.get("campaign"):
        return mine.filter(pk=number(named)).first()
    return mine.exclude(status="closed").first() or mine.first()


def about_campaign(view: CampaignView) -> CampaignView:
    """Hand the chosen campaign to the view; a page that says what to do where there is none."""

    @functools.wraps(view)
    def open_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        campaign = chosen(request)  # type: ignore[arg-type]  # stands beneath orgs.pages.page
        if campaign is None:
            if request.GET.get("campaign"):
                raise Http404
            return render(request, "fees/none.html")
        return view(request, campaign, *args, **kwargs)

    return open_view


def show(request: SignedInRequest, template: str, campaign: Campaign, context: dict[str, Any]) -> HttpResponse:
    """Render a page of the fees inside its frame."""
    campaigns = scoped(request.actor, Campaign).distinct()
    many = campaigns.count() > 1
    keep = f"?campaign={campaign.pk}" if many else ""
    here = request.resolver_match.view_name if request.resolver_match else ""
    tabs = [
        (f"{reverse(name)}{keep}", title, name == here)
        for name, title in _TABS
        if request.user.roles & getattr(resolve(reverse(name)).func, "allowed_roles", frozenset())
    ]
    frame = {"campaign": campaign, "campaigns": campaigns if many else (), "tabs": tabs, "seasons": Season.choices}
    return render(request, template, {**frame, **context})
