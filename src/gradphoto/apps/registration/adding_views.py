"""The pages of those registered without a photograph: who, since when, what can be done, and what was proposed."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.core import blobs
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, posted_row, row_forms
from gradphoto.apps.registration import lists
from gradphoto.apps.registration.export import days_since
from gradphoto.apps.registration.forms import ADDITION_FORMS, ExportLedger
from gradphoto.apps.registration.models import AdditionStatus, PhotoAddition
from gradphoto.apps.registration.queries import LACKING
from gradphoto.apps.registration.views import ledger_export


@page("registration.read")
def without_photo(request: SignedInRequest) -> HttpResponse:
    """Who stands in the ledger without a photograph, the longest first, told by whether one can be added now."""
    return ledger_export(request, _without_photo) if request.method == "POST" else _without_photo(request)


def _without_photo(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    listing = lists.LACKING_LINES.page(request)
    start = {"kind": LACKING, "season": request.GET.get("season", ""), "campaign": request.GET.get("campaign", "")}
    context = {
        "listing": listing,
        "tabs": listing.tabs("photo"),
        "page_forms": PageForms(request.actor, None, (ExportLedger,), posted, export_ledger=start),
        "waiting": scoped(request.actor, PhotoAddition).filter(status=AdditionStatus.PROPOSED).count(),
    }
    return render(request, "registration/without_photo.html", context)


@page("registration.read")
def additions(request: SignedInRequest) -> HttpResponse:
    """What was proposed, with the photograph beside the record; what waits is decided here."""
    if request.method == "POST":
        form = posted_form(request, ADDITION_FORMS, posted_row(request, PhotoAddition.objects.all()))
        return form_action(
            request,
            form,
            again=lambda form: _additions(request, form),
            done=lambda made: redirect("registration:additions"),
        )
    return _additions(request)


def _additions(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    listing = lists.ADDITIONS.page(request)
    rows = row_forms(request.actor, listing.shown, ADDITION_FORMS, posted)
    context = {
        "listing": listing,
        "tabs": listing.tabs("state"),
        "rows": [(one, days_since(one.entry), page_forms) for one, page_forms in rows],
    }
    return render(request, "registration/additions.html", context)


@page("registration.read")
def addition_photo(request: SignedInRequest, pk: int) -> HttpResponse:
    """The photograph that shall be added, to look at before deciding."""
    addition = get_scoped(request.actor, PhotoAddition.objects.select_related("portrait__blob"), pk=pk)
    return HttpResponse(blobs.read(addition.portrait.blob), content_type=addition.portrait.blob.media_type)
