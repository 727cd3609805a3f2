"""Progress at a glance: the campaign's dates, who is late, and the roster by college and state."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster import plan
from gradphoto.apps.roster.lifecycle import CHAIN
from gradphoto.apps.roster.models import Candidate, CandidateStatus, Milestone, MilestoneKind
from gradphoto.apps.roster.views.persons import day_of


def chosen_campaign(request: SignedInRequest) -> Campaign | None:
    """The campaign that the address names, else the newest that is seen."""
    wanted = request.GET.get("campaign", "")
    campaigns = scoped(request.actor, Campaign).select_related("school", "rule_set")
    if wanted.isdecimal():
        return get_scoped(request.actor, campaigns, pk=int(wanted))
    return campaigns.exclude(status="closed").first() or campaigns.first()


@page("roster.read")
def progress(request: SignedInRequest) -> HttpResponse:
    """Each number leads to the list behind it; with a department chosen, class by class."""
    campaign = chosen_campaign(request)
    if campaign is None:
        return render(request, "roster/progress.html", {"campaign": None})
    people = scoped(request.actor, Candidate).filter(campaign=campaign)
    department = request.GET.get("department", "")
    by_class = department.isdecimal()
    if by_class:
        people = people.filter(department=int(department))
    states = (*CHAIN, CandidateStatus.DEFERRED, CandidateStatus.REMOVED)
    lines = plan.standings(campaign, people, by_class=by_class)
    context = {
        "campaign": campaign,
        "campaigns": scoped(request.actor, Campaign),
        "plan": plan.plan_of(campaign, people),
        "deadline": plan.data_deadline(campaign),
        "states": [(str(state), state.label) for state in states],
        "standings": [(str(label), [line for line in lines if line.season == season]) for season, label in Season.choices],
        "by_class": by_class,
        "empty": not lines,
        "kinds": MilestoneKind.choices,
        "can_plan": may(request.actor, "roster.set_milestone", campaign),
    }  # fmt: skip
    return render(request, "roster/progress.html", context)


@page("roster.plan")
@require_POST
def set_milestone(request: SignedInRequest) -> HttpResponse:
    """Put a date into the plan."""
    wanted, kind = request.POST.get("campaign", ""), request.POST.get("kind", "")
    campaign = get_scoped(request.actor, Campaign, pk=int(wanted) if wanted.isdecimal() else 0)
    if kind not in MilestoneKind.values:
        raise invalid("roster.kind", "请选择节点。", "Choose a milestone.", "从列表中选择。", "Choose from the list.")
    plan.set_milestone(
        request.actor,
        campaign,
        kind=MilestoneKind(kind),
        due=day_of(request.POST.get("due", "")),
        source=request.POST.get("source", ""),
    )
    return _back(campaign.pk)


@page("roster.plan")
@require_POST
def drop_milestone(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a date out of the plan."""
    milestone = get_scoped(request.actor, Milestone, pk=pk)
    plan.drop_milestone(request.actor, milestone)
    return _back(milestone.campaign_id)


def _back(campaign_pk: int) -> HttpResponse:
    return redirect(f"{reverse('roster:progress')}?campaign={campaign_pk}")
