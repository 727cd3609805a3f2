"""Progress at a glance: the campaign's dates, who is late, and the roster by college and state."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, posted_row
from gradphoto.apps.roster import plan
from gradphoto.apps.roster.forms.plan import SetMilestone
from gradphoto.apps.roster.lifecycle import CHAIN
from gradphoto.apps.roster.models import Candidate, CandidateStatus, Milestone


def chosen_campaign(request: SignedInRequest) -> Campaign | None:
    """The campaign that the address names, else the newest that is seen."""
    wanted = request.GET.get("campaign", "")
    campaigns = scoped(request.actor, Campaign).select_related("school", "rule_set")
    if wanted.isdecimal():
        return get_scoped(request.actor, campaigns, pk=int(wanted))
    return campaigns.exclude(status="closed").first() or campaigns.first()


def posted_campaign(request: SignedInRequest) -> Campaign:
    """The campaign whose form was sent: the one that the page showed, whichever is the newest by now."""
    campaign: Campaign = posted_row(request, Campaign.objects.select_related("school", "rule_set"))
    return campaign


@page("roster.read")
def progress(request: SignedInRequest) -> HttpResponse:
    """Each number leads to the list behind it; with a department chosen, class by class."""
    if request.method == "POST":
        campaign = posted_campaign(request)
        form = posted_form(request, (SetMilestone,), campaign)
        return form_action(
            request, form, again=lambda form: _progress(request, form), done=lambda made: _back(campaign.pk)
        )
    return _progress(request)


def _progress(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
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
    page_forms = PageForms(request.actor, campaign, (SetMilestone,), posted, key=str(campaign.pk))
    context = {
        "campaign": campaign,
        "campaigns": scoped(request.actor, Campaign),
        "plan": plan.plan_of(campaign, people),
        "deadline": plan.data_deadline(campaign),
        "states": [(str(state), state.label) for state in states],
        "standings": [(str(label), [line for line in lines if line.season == season]) for season, label in Season.choices],
        "by_class": by_class,
        "empty": not lines,
        "page_forms": page_forms,
        "can_plan": SetMilestone.which() in page_forms,
    }  # fmt: skip
    return render(request, "roster/progress.html", context)


@page("roster.plan")
@require_POST
def drop_milestone(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a date out of the plan."""
    milestone = get_scoped(request.actor, Milestone, pk=pk)
    plan.drop_milestone(request.actor, milestone)
    return _back(milestone.campaign_id)


def _back(campaign_pk: int) -> HttpResponse:
    return redirect(f"{reverse('roster:progress')}?campaign={campaign_pk}")
