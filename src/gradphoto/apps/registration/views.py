"""The pages of the review chain and of the registration ledger."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.core import blobs
from gradphoto.apps.core.wording import say, told_of
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.policy import asked_together
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.exporting import exports_of
from gradphoto.apps.pages.fields import sentence
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, ticks
from gradphoto.apps.pages.listing import Asked
from gradphoto.apps.pages.paging import number_of
from gradphoto.apps.registration import actions, bulk, lists, queries
from gradphoto.apps.registration.forms import BULK_FORMS, REVIEW_FORMS, CloseVerification, ExportLedger
from gradphoto.apps.registration.models import CorrectionStatus, LedgerCorrection, LedgerEntry, Review
from gradphoto.apps.registration.queries import BY_KEY
from gradphoto.apps.roster.person_filter import campaigns_of
from gradphoto.apps.verification.evidence import changed_cases, titles_of
from gradphoto.apps.verification.items import BY_FIELD, mask_of, text_of


@page("registration.read")
def reviews(request: SignedInRequest) -> HttpResponse:
    """The review by stages; what awaits the viewer is open first, exceptions on top; steps for many at once."""
    if request.method == "POST":
        asked = _reviews_asked(request)
        asked.require_valid()
        return form_action(
            request,
            posted_form(request, BULK_FORMS, asked),
            again=lambda form: _reviews(request, form),
            done=lambda result: _told(request, result),
        )
    return _reviews(request)


def _reviews_asked(request: SignedInRequest) -> Asked:
    return lists.REVIEWS.page(request, stage=request.GET.get("stage") or queries.default_stage(request.user.roles).key)


def _reviews(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    listing = _reviews_asked(request)
    stage = BY_KEY.get(listing.value("stage")) or queries.default_stage(request.user.roles)
    context = {
        "listing": listing,
        "stage": stage,
        "tabs": listing.tabs("stage"),
        "page_forms": PageForms(request.actor, listing, BULK_FORMS, posted) if listing.is_valid else None,
        "ticked": ticks(posted, "cases"),
        "plain": queries.without_exceptions(listing) if listing.is_valid else "",
    }
    return render(request, "registration/reviews.html", context)


def _told(request: SignedInRequest, result: bulk.BulkResult | None) -> HttpResponse:
    """Back to the list; whose step was refused is told, person by person."""
    for refused in result.refused if result is not None else ():
        messages.error(request, told_of(refused.label, sentence(refused.error)))
    return redirect(request.get_full_path())


def _review(request: SignedInRequest, pk: int) -> Review:
    found = Review.objects.select_related(
        "case__candidate__department",
        "case__candidate__campaign__school",
        "case__portrait__check_in",
        "applied_by",
        "head_by",
        "national_by",
    )
    return get_scoped(request.actor, found, pk=pk)


@page("registration.read")
def review_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One review: old and new values side by side, the photograph, and the steps the viewer may take."""
    if request.method == "POST":
        review = _review(request, pk)
        back = f"{request.path}?{urlencode({'from': review.status})}"
        return form_action(
            request,
            posted_form(request, REVIEW_FORMS, review),
            again=lambda form: _review_page(request, pk, form),
            done=lambda made: redirect(back),
        )
    return _review_page(request, pk)


def _review_page(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    review = _review(request, pk)
    corrections = [
        {
            "title": say(BY_FIELD[correction.field].title),
            "shown": correction.shown,
            "entered": mask_of(correction.field, text_of(correction.entered)),
            "correction": correction,
        }
        for correction in review.case.corrections.all()
    ]
    # Who has just decided goes back to, or on in, the pile they work through: the review itself stands in another now.
    came_from = request.GET.get("from", "")
    pile = BY_KEY.get(came_from, BY_KEY[review.status])
    waiting = lists.REVIEWS.page(request, stage=pile.key).rows.exclude(pk=review.case_id)
    following = waiting.first() if came_from in BY_KEY and came_from != review.status else None
    context = {
        "review": review,
        "corrections": corrections,
        "changed": say(titles_of(changed_cases([review.case]).get(review.case_id, ()))),
        "page_forms": PageForms(request.actor, review, REVIEW_FORMS, posted),
        "pile": pile,
        "following": following,
    }
    return render(request, "registration/review.html", context)


def ledger_export(request: SignedInRequest, shown: Any) -> HttpResponse:
    """Answer a page's request for the ledger as a file; ``shown(request, form)`` is the page again."""
    return form_action(
        request,
        posted_form(request, (ExportLedger,), None),
        again=lambda form: shown(request, form),
        done=lambda made: redirect("registration:ledger"),
    )


@page("registration.read")
def ledger(request: SignedInRequest) -> HttpResponse:
    """The registration ledger; with and without a photograph told apart (R171, R214)."""
    return ledger_export(request, _ledger) if request.method == "POST" else _ledger(request)


def _ledger(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    actor = request.actor
    listing = lists.LINES.page(request)
    initial = {name: request.GET[name] for name in ("campaign", "season", "kind") if request.GET.get(name)}
    context = {
        "listing": listing,
        "tabs": listing.tabs("kind"),
        "page_forms": PageForms(actor, None, (ExportLedger,), posted, export_ledger=initial),
        "lacking": number_of(lists.LACKING_LINES.page(request, kind="", photo="").filter.qs),
        "waiting": scoped(actor, LedgerCorrection).filter(status=CorrectionStatus.PROPOSED).count(),
        "exports": first_rows(exports_of(actor, actions.LEDGER), 5)
        if holds(request.user, "registration.export")
        else (),
        "closable": _closable(request),
    }
    return render(request, "registration/ledger.html", context)


def _closable(request: SignedInRequest) -> list[Campaign]:
    campaigns = list(campaigns_of(request.actor))
    with asked_together(campaigns):
        return [one for one in campaigns if _may_close(request, one)]


def _may_close(request: SignedInRequest, campaign: Campaign) -> bool:
    running = campaign.status in (CampaignStatus.VERIFYING, CampaignStatus.CLOSED)
    return running and CloseVerification.is_offered(request.actor, campaign)


@page("registration.read")
def entry_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The registered portrait of a ledger line."""
    entry = get_scoped(
        request.actor,  # type: ignore[attr-defined]
        LedgerEntry.objects.select_related("portrait__blob"),
        pk=pk,
    )
    if entry.portrait is None:
        raise Http404
    return HttpResponse(blobs.read(entry.portrait.blob), content_type=entry.portrait.blob.media_type)
