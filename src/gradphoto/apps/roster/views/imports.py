"""The data channel: identity confirmed, template out, files in, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster import actions, channel, plan
from gradphoto.apps.roster.circles import LISTING
from gradphoto.apps.roster.models import RosterImport
from gradphoto.apps.roster.views.lists import download
from gradphoto.apps.roster.views.plan import chosen_campaign
from gradphoto.engine.wording import Wording


@page(*LISTING)
def import_list(request: SignedInRequest) -> HttpResponse:
    """Files handed in so far, the deadline, and the place to hand in one once school and teacher are confirmed."""
    if request.method == "POST":
        return _take_file(request)
    campaign = chosen_campaign(request)
    context = {
        "imports": scoped(request.actor, RosterImport).select_related("organisation", "job"),
        "campaign": campaign,
        "campaigns": scoped(request.actor, Campaign).exclude(status="closed"),
        "homes": actions.homes_for_import(request.actor, campaign) if campaign else [],
        "confirmation": channel.confirmation_of(request.actor, campaign) if campaign else None,
        "deadline": plan.data_deadline(campaign) if campaign else None,
    }
    return render(request, "roster/imports.html", context)


def _campaign(request: SignedInRequest) -> Campaign:
    wanted = request.POST.get("campaign", "")
    campaigns = Campaign.objects.select_related("school")
    return get_scoped(request.actor, campaigns, pk=int(wanted) if wanted.isdecimal() else 0)


@page(*LISTING)
@require_POST
def confirm(request: SignedInRequest) -> HttpResponse:
    """The person names the school and himself (R95)."""
    campaign = _campaign(request)
    school, teacher = (request.POST.get(name, "") for name in ("school", "teacher"))
    channel.confirm_channel(request.actor, campaign, school=school, teacher=teacher)
    messages.success(
        request, say(Wording("身份已确认，可以下载模板和上传数据。", "Confirmed: template and upload are open."))
    )
    return redirect("roster:imports")


def _take_file(request: SignedInRequest) -> HttpResponse:
    campaign = _campaign(request)
    upload = request.FILES.get("file")
    if upload is None:
        raise invalid(
            "roster.no_file",
            "没有选择文件。",
            "No file was chosen.",
            "请选择名册文件后再提交。",
            "Choose the roster file first.",
        )
    data, _ = read_upload(upload, Kind.XLSX, Kind.TEXT, limit_mb=64)
    home = _home(actions.homes_for_import(request.actor, campaign), request.POST.get("organisation", ""))
    made = actions.import_roster(
        request.actor, campaign, organisation=home or campaign.school, file_name=upload.name or "roster", data=data
    )
    return redirect("roster:import", pk=made.pk)


def _home(homes: Iterable[Organisation], asked: str) -> Organisation | None:
    """The unit chosen, or the widest of the person's own."""
    known = list(homes)
    return next((home for home in known if str(home.pk) == asked), known[0] if known else None)


@page(*LISTING)
def import_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """What became of a file: counts, and every finding by row, column, reason and remedy."""
    roster_import = get_scoped(request.actor, RosterImport.objects.select_related("job", "organisation"), pk=pk)
    findings = roster_import.findings.all()
    if severity := request.GET.get("severity"):
        findings = findings.filter(severity=severity)
    context = {"import": roster_import, "page": Paginator(findings, 100).get_page(request.GET.get("page"))}
    return render(request, "roster/import.html", context)


@page(*LISTING)
def marked_up(request: SignedInRequest, pk: int) -> HttpResponse:
    """The file given back with its faults marked."""
    roster_import = get_scoped(request.actor, RosterImport.objects.exclude(marked_up=None), pk=pk)
    return download(actions.take_marked_up(request.actor, roster_import), f"roster-{pk}-marked.xlsx")


@page(*LISTING)
def template(request: SignedInRequest) -> HttpResponse:
    """An empty roster with the headings that we read, for who has confirmed the school's and his own identity."""
    campaign = chosen_campaign(request)
    if campaign is None:
        return redirect("roster:imports")
    return download(actions.take_template(request.actor, campaign), "roster-template.xlsx")
