"""Pages of campaigns: the list, and one campaign with its rules and their sources."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actions import REGISTRY, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.engine.wording import Wording

STEPS = {
    "campaigns.start_collecting": Wording("开始采集", "Start collecting"),
    "campaigns.open_verification": Wording("开放校对", "Open verification"),
    "campaigns.close_campaign": Wording("结束批次", "Close the campaign"),
}


@page("campaigns.read")
def campaign_list(request: SignedInRequest) -> HttpResponse:
    """The campaigns in the viewer's scope."""
    found = scoped(request.actor, Campaign).select_related("school", "centre", "rule_set").distinct()
    return render(request, "campaigns/list.html", {"campaigns": found})


@page("campaigns.read")
def campaign_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One campaign: its state, and every rule with its source and date (R6)."""
    campaign = get_scoped(request.actor, Campaign.objects.select_related("school", "centre", "rule_set"), pk=pk)
    steps = [(name, STEPS[name]) for name in offered(request.actor, campaign) if name in STEPS]
    return render(request, "campaigns/detail.html", {"campaign": campaign, "steps": steps})


@page("campaigns.read")
@require_POST
def take_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Move a campaign on."""
    campaign = get_scoped(request.actor, Campaign, pk=pk)
    name = request.POST.get("step", "")
    if name not in STEPS:
        raise invalid("campaigns.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    REGISTRY[name].function(request.actor, campaign)
    messages.success(request, say(Wording("已办理。", "Done.")))
    return redirect("campaigns:detail", pk=pk)
