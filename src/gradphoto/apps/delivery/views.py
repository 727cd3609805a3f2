"""Pages of delivery: portraits, packages, image cards."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.models import Job
from gradphoto.apps.delivery import actions, queries
from gradphoto.apps.delivery.forms import PACKAGE_FORMS, Packing
from gradphoto.apps.delivery.lists import PACKAGES, PHOTOGRAPHS
from gradphoto.apps.delivery.models import Package, Portrait, ReportStatus
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.downloads import disposition
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, sent_values
from gradphoto.apps.roster.status_marks import marks_of


@page("delivery.browse")
def package_list(request: SignedInRequest) -> HttpResponse:
    """Packages so far, and for the centre what waits to be packed; colleges see their own people instead."""
    if not holds(request.user, "delivery.keep"):
        return redirect("delivery:college")
    packing: list[tuple[Campaign, Sequence[queries.Waiting], int]] = []
    if may(request.actor, "delivery.build_package"):
        open_ones = list(scoped(request.actor, Campaign).exclude(status="closed").select_related("school", "rule_set"))
        waiting, to_make = queries.waiting(open_ones), queries.numbers_to_make(open_ones)
        packing = [(one, waiting.get(one.pk, ()), to_make.get(one.pk, 0)) for one in open_ones]
    can_make = holds(request.user, "delivery.make")
    context = {
        "listing": PACKAGES.page(request),
        "packing": packing,
        "can_make": can_make,
        "sees_classes": holds(request.user, "delivery.hand_out"),
    }
    return render(request, "delivery/list.html", context)


@page("delivery.make")
def portraits(request: SignedInRequest) -> HttpResponse:
    """Made, not yet made, failed with reasons."""
    campaigns = list(scoped(request.actor, Campaign).select_related("rule_set"))
    made, to_make = queries.numbers_made(campaigns), queries.numbers_to_make(campaigns)
    rows = [(one, made.get(one.pk, 0), to_make.get(one.pk, 0)) for one in campaigns]
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
    asked = sent_values(request, Packing)
    if not asked["organisation"].path.startswith(campaign.school.path):
        raise Http404
    made = actions.build_package(request.actor, campaign, **asked)
    return redirect("delivery:package", pk=made.pk)


@page("delivery.read")
def package_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One package: state, signature, contact sheet, and its next step."""
    if request.method == "POST":
        found = get_scoped(request.actor, Package.objects.select_related("campaign__rule_set"), pk=pk)
        return form_action(
            request,
            posted_form(request, PACKAGE_FORMS, found),
            again=lambda form: _package(request, pk, form),
            done=lambda made: redirect("delivery:package", pk=pk),
        )
    return _package(request, pk)


def _package(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    package = get_scoped(
        request.actor, Package.objects.select_related("organisation", "campaign", "job", "blob"), pk=pk
    )
    listing = PHOTOGRAPHS.page(request, package=pk)
    context = {
        "package": package,
        "marks": marks_of(one.portrait.candidate_id for one in listing.shown),
        "page_forms": PageForms(request.actor, package, PACKAGE_FORMS, posted),
        "listing": listing,
        "can_fetch": may(request.actor, "delivery.fetch_package", package),
        "can_print": may(request.actor, "delivery.print_cards", package) and package.delivered_at,
        "open_reports": package.reports.filter(status=ReportStatus.OPEN).count(),
    }
    return render(request, "delivery/package.html", context)


@page("delivery.fetch")
def download(request: SignedInRequest, pk: int) -> StreamingHttpResponse:
    """The zip, on record; however large, it passes through in pieces."""
    package = get_scoped(request.actor, Package, pk=pk)
    response = StreamingHttpResponse(actions.fetch_package(request.actor, package), content_type="application/zip")
    response.headers["Content-Disposition"] = disposition(f"package-{package}.zip")
    return response


@page("delivery.browse")
def portrait_image(request: SignedInRequest, pk: int) -> HttpResponse:
    """A finished portrait."""
    portrait = get_scoped(request.actor, Portrait.objects.select_related("blob"), pk=pk)
    return HttpResponse(blobs.read(portrait.blob), content_type="image/jpeg")
