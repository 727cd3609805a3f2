"""The page on which the photographer takes the fee of a session from the liaison (R133)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.makeup import closings as sheets
from gradphoto.apps.makeup.fee_on_site import bill_of
from gradphoto.apps.makeup.forms.fee import TakeFee
from gradphoto.apps.makeup.models import SessionClosing
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.schedule.models import CaptureSession

_SESSIONS = CaptureSession.objects.select_related("campaign__school", "campaign__centre", "campaign__rule_set")


@page("makeup.take_fee")
def fee(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who is photographed, who of them has paid, what is to be taken; then the receipt to print."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (TakeFee,), _closing(request, pk)),
            again=lambda form: _fee(request, pk, form),
            done=lambda made: redirect("fees:receipt", pk=made.pk),
        )
    return _fee(request, pk)


def _closing(request: SignedInRequest, pk: int) -> SessionClosing:
    found = sheets.standing(get_scoped(request.actor, _SESSIONS, pk=pk))
    if found is None:
        raise Http404
    return found


def _fee(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    session = get_scoped(request.actor, _SESSIONS, pk=pk)
    standing = sheets.standing(session)
    context: dict[str, Any] = {
        "session": session,
        "closing": standing,
        "bill": bill_of(session),
        "page_forms": PageForms(request.actor, standing, (TakeFee,), posted) if standing else {},
    }
    return render(request, "makeup/fee.html", context)
