"""Pages of campaigns: the list, one campaign, and the page of each step that it takes."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from gradphoto.apps.campaigns.forms import STEP_FORMS, DropContact, SetContact
from gradphoto.apps.campaigns.matters import matters
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import rule_lines
from gradphoto.apps.campaigns.steps import STEPS, Step, reopen_until
from gradphoto.apps.core.actions import may, offered
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form

_CONTACT_FORMS = (SetContact, DropContact)
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
    form = posted_form(request, _CONTACT_FORMS, campaign)
    return form_action(
        request, form, again=lambda form: _contacts(request, pk, form),
        done=lambda made: redirect("campaigns:contacts", pk=pk),
    )  # fmt: skip


def _contacts(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    campaign = get_scoped(request.actor, _CAMPAIGNS, pk=pk)
    forms = PageForms(request.actor, campaign, _CONTACT_FORMS, posted)
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
    if request.method == "POST":
        form = posted_form(request, (STEP_FORMS[step.name],), campaign)
        return form_action(
            request, form, again=lambda form: _step(request, pk, step, form),
            done=lambda made: redirect("campaigns:detail", pk=pk),
        )  # fmt: skip
    return _step(request, pk, step)


def _step(request: SignedInRequest, pk: int, step: Step, posted: ActionForm | None = None) -> HttpResponse:
    campaign = get_scoped(request.actor, _CAMPAIGNS, pk=pk)
    open_matters = matters(request.actor, step.name, campaign)
    context = {
        "campaign": campaign,
        "step": step,
        "form": posted or STEP_FORMS[step.name](request.actor, campaign),
        "matters": open_matters,
        "blocked": any(one.blocks for one in open_matters),
        "possible": step.name in offered(request.actor, campaign),
    }
    return render(request, "campaigns/step.html", context)
