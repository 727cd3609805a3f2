"""Pages of delivery: portraits, packages, image cards."""

from __future__ import annotations

import io

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import PHOTO_PROFILE
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actions import may, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.wording import say
from gradphoto.apps.delivery import actions, queries
from gradphoto.apps.delivery.models import Package, Portrait, ReportStatus
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.engine.packet import verify_package
from gradphoto.engine.wording import Wording


@page("delivery.browse")
def package_list(request: SignedInRequest) -> HttpResponse:
    """Packages so far, and for the centre what waits to be packed; colleges see their own people instead."""
    if not holds(request.user, "delivery.keep"):
        return redirect("delivery:college")
    packages = scoped(request.actor, Package).select_related("organisation", "campaign", "job")
    if season := request.GET.get("season"):
        packages = packages.filter(season=season)
    packing = []
    if may(request.actor, "delivery.build_package"):
        for campaign in scoped(request.actor, Campaign).exclude(status="closed").select_related("school", "rule_set"):
            packing.append((campaign, queries.waiting(campaign), queries.frames_to_make(campaign).count()))
    can_make = holds(request.user, "delivery.make")
    context = {
        "packages": packages,
        "packing": packing,
        "can_make": can_make,
        "sees_classes": holds(request.user, "delivery.hand_out"),
        "seasons": dict(Season.choices),
    }
    return render(request, "delivery/list.html", context)


@page("delivery.make")
def portraits(request: SignedInRequest) -> HttpResponse:
    """Made, not yet made, failed with reasons."""
    rows = []
    for campaign in scoped(request.actor, Campaign).select_related("rule_set"):
        made = queries.portraits_of(campaign, value_of(campaign, PHOTO_PROFILE))
        rows.append((campaign, made.count(), queries.frames_to_make(campaign).count()))
    centres = [m.organisation_id for m in request.user.held]
    job = Job.objects.filter(kind="delivery.make_portraits", organisation_id__in=centres).first()
    context = {
        "rows": rows,
        "job": job,
        "under_way": job is not None and not job.is_over,
        "issues": job.issues.all() if job else [],
    }
    return render(request, "delivery/portraits.html", context)


@page("delivery.make")
@require_POST
def make(request: SignedInRequest, pk: int) -> HttpResponse:
    """Start making what is missing."""
    actions.make_portraits(request.actor, get_scoped(request.actor, Campaign, pk=pk))
    return redirect("delivery:portraits")


@page("delivery.deliver")
@require_POST
def build(request: SignedInRequest, pk: int) -> HttpResponse:
    """Start a package for one receiver and one season."""
    campaign = get_scoped(request.actor, Campaign.objects.select_related("school", "rule_set"), pk=pk)
    wanted, season = request.POST.get("organisation", ""), request.POST.get("season", "")
    receivers = Organisation.objects.filter(path__startswith=campaign.school.path)
    organisation = receivers.filter(pk=int(wanted) if wanted.isdigit() else 0).first()
    if organisation is None or season not in Season.values:
        raise invalid(
            "delivery.receiver",
            "接收单位或季别不对。",
            "Receiver or season is wrong.",
            "请刷新页面。",
            "Reload the page.",
        )
    made = actions.build_package(request.actor, campaign, organisation=organisation, season=Season(season))
    return redirect("delivery:package", pk=made.pk)


@page("delivery.read")
def package_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One package: state, signature, contact sheet."""
    package = get_scoped(
        request.actor, Package.objects.select_related("organisation", "campaign", "job", "blob"), pk=pk
    )
    report = verify_package(io.BytesIO(blobs.read(package.blob))) if package.blob else None
    items = package.items.select_related("portrait__candidate__department").order_by(
        "portrait__candidate__class_name", "shooting_number"
    )
    context = {
        "package": package,
        "report": report,
        "steps": offered(request.actor, package),
        "page": Paginator(items, 120).get_page(request.GET.get("page")),
        "can_fetch": may(request.actor, "delivery.fetch_package", package),
        "can_print": may(request.actor, "delivery.print_cards", package) and package.delivered_at,
        "open_reports": package.reports.filter(status=ReportStatus.OPEN).count(),
    }
    return render(request, "delivery/package.html", context)


@page("delivery.read")
@require_POST
def package_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Deliver or check a package."""
    package = get_scoped(request.actor, Package.objects.select_related("campaign__rule_set"), pk=pk)
    if request.POST.get("step") == "delivery.deliver_package":
        actions.deliver_package(request.actor, package)
    else:
        actions.check_package(request.actor, package, note=request.POST.get("note", ""))
    messages.success(request, say(Wording("已办理。", "Done.")))
    return redirect("delivery:package", pk=pk)


@page("delivery.fetch")
def download(request: SignedInRequest, pk: int) -> HttpResponse:
    """The zip, on record."""
    package = get_scoped(request.actor, Package, pk=pk)
    response = HttpResponse(actions.fetch_package(request.actor, package), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="package-{package}.zip"'
    return response


@page("delivery.browse")
def portrait_image(request: SignedInRequest, pk: int) -> HttpResponse:
    """A finished portrait."""
    portrait = get_scoped(request.actor, Portrait.objects.select_related("blob"), pk=pk)
    return HttpResponse(blobs.read(portrait.blob), content_type="image/jpeg")
