"""Pages of campaigns: the list, one campaign, and the page of each step that it takes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from gradphoto.apps.campaigns.actions import drop_contact
from gradphoto.apps.campaigns.forms import SetContact
from gradphoto.apps.campaigns.matters import matters
from gradphoto.apps.campaigns.models import Campaign, Contact
from gradphoto.apps.campaigns.rules import rule_lines
from gradphoto.apps.campaigns.steps import STEPS, reopen_until
from gradphoto.apps.core.actions import REGISTRY, may, offered
from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import PageForms, form_action, posted_form
from gradphoto.engine.wording import Wording

_CAMPAIGNS = Campaign.objects.select_related("school", "centre", "rule_set")


@page("campaigns.read")
def campaign_list(request: SignedInRequest) -> HttpResponse:
    """The campaigns in the viewer's scope."""
    found = scoped(request.actor, _CAMPAIGNS).distinct()
    return render(
        request, "campaigns/list.html", {"campaigns": found, "may_begin": holds(request.user, "campaigns.manage")}
    )


@page("campaigns.read")
def campaign_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One campaign: its state, the steps that are open, its contacts and what its rules still need."""
    campaign = get_scoped(request.actor, _CAMPAIGNS, pk=pk)
    lines = [line for _, of_theme in rule_lines(campaign.rule_set) for line in of_theme]
    context = {
        "campaign": campaign,
        "steps": [STEPS[name] for name in offered(request.actor, campaign) if name in STEPS],
        "reopen_until": reopen_until(campaign),
        "needed": [line for line in lines if line.rule is None and line.key.needed],
        "set_count": sum(line.is_set for line in lines),
        "total": len(lines),
        "contacts": campaign.contacts.all(),
        "may_manage": holds(request.user, "campaigns.manage"),
    }
    return render(request, "campaigns/detail.html", context)


@page("campaigns.manage")
def contacts(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Whom to reach on both sides, entered by the registry."""
    campaign = get_scoped(request.actor, _CAMPAIGNS, pk=pk)
    if request.method != "POST":
        return _contacts(request, pk)
    if (number := request.POST.get("drop", "")).isdigit():
        drop_contact(request.actor, get_scoped(request.actor, Contact, pk=int(number), campaign=campaign))
        return redirect("campaigns:contacts", pk=pk)
    form = posted_form(request, (SetContact,), campaign)
    return form_action(
        request, form, again=lambda form: _contacts(request, pk, form),
        done=lambda made: redirect("campaigns:contacts", pk=pk),
    )  # fmt: skip


def _contacts(request: SignedInRequest, pk: int, posted: SetContact | None = None) -> HttpResponse:
    campaign = get_scoped(request.actor, _CAMPAIGNS, pk=pk)
    forms = PageForms(request.actor, campaign, (SetContact,), posted)
    return render(
        request,
        "campaigns/contacts_page.html",
        {"campaign": campaign, "contacts": campaign.contacts.all(), "page_forms": forms, "may_drop": True},
    )


@page("campaigns.read")
def take_step(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """The page of a step: what it does, what is open, who may take it back; confirmed there, and only there."""
    campaign = get_scoped(request.actor, _CAMPAIGNS, pk=pk)
    step = STEPS.get(f"campaigns.{name}")
    if step is None:
        raise Http404
    if not may(request.actor, step.name, campaign):
        raise PermissionRefusal(step.name)
    context: dict[str, Any] = {"campaign": campaign, "step": step, "reason": request.POST.get("reason", "")}
    status = 200
    if request.method == "POST":
        detail = {"reason": request.POST.get("reason", "")} if step.reason else {}
        try:
            REGISTRY[step.name].function(request.actor, campaign, **detail)
        except Refusal as refusal:
            context["refusal"], status = refusal, 422 if refusal.status == 400 else refusal.status
            campaign.refresh_from_db()
        else:
            told = Wording("已办理：{step}。", "Done: {step}.").format(step=say(step.title))
            messages.success(request, say(told))
            return redirect("campaigns:detail", pk=pk)
    open_matters = matters(request.actor, step.name, campaign)
    context |= {
        "matters": open_matters,
        "blocked": any(one.blocks for one in open_matters),
        "possible": step.name in offered(request.actor, campaign),
    }
    return render(request, "campaigns/step.html", context, status=status)
