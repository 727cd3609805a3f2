"""The upload of a mailed photograph's scan or an electronic image (R146)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.makeup.forms.cases import TakeMailed
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.forms import ActionForm, form_action, posted_form


@page("makeup.take_mailed")
def mailed(request: SignedInRequest, pk: int) -> HttpResponse:
    """One picture and how it came."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (TakeMailed,), _case(request, pk)),
            again=lambda form: _mailed(request, pk, form),
            done=lambda made: redirect("makeup:case", pk=pk),
        )
    return _mailed(request, pk)


def _case(request: SignedInRequest, pk: int) -> MakeUpCase:
    return get_scoped(request.actor, MakeUpCase.objects.select_related("candidate__campaign"), pk=pk)


def _mailed(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    case = _case(request, pk)
    context = {"case": case, "person": case.candidate, "form": posted or TakeMailed(request.actor, case)}
    return render(request, "makeup/mailed.html", context)
