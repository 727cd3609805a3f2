"""Pages of what two persons decide: a second look for one graduate, an earlier closing day for a season (R170, R171)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.verification.evidence import titles_of
from gradphoto.apps.verification.forms import (
    ApproveEarlyEnd,
    ApproveReopening,
    ProposeEarlyEnd,
    RejectEarlyEnd,
    RejectReopening,
)
from gradphoto.apps.verification.models import EarlyEnd, Opening, Reopening

REOPENING_FORMS = (ApproveReopening, RejectReopening)
EARLY_END_FORMS = (ApproveEarlyEnd, RejectEarlyEnd)


def _deciding(
    request: SignedInRequest, target: Any, forms: Sequence[type[ActionForm]], shown: Callable[..., HttpResponse]
) -> HttpResponse:
    if request.method != "POST":
        return shown(request, target.pk)
    return form_action(
        request,
        posted_form(request, forms, target),
        again=lambda form: shown(request, target.pk, form),
        done=lambda made: redirect(request.path),
    )


@page("verification.read")
def reopening(request: SignedInRequest, pk: int) -> HttpResponse:
    """One proposed second look: what changed, why, and the other person's decision."""
    return _deciding(request, get_scoped(request.actor, Reopening, pk=pk), REOPENING_FORMS, _reopening)


def _reopening(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = get_scoped(
        request.actor, Reopening.objects.select_related("case__candidate", "proposed_by", "decided_by"), pk=pk
    )
    context = {
        "proposal": found,
        "changed": say(titles_of(list(found.changed))),
        "page_forms": PageForms(request.actor, found, REOPENING_FORMS, posted),
    }
    return render(request, "verification/reopening.html", context)


@page("verification.read")
def opening(request: SignedInRequest, pk: int) -> HttpResponse:
    """One open season: its published day, and the way to an earlier one."""
    return _deciding(request, get_scoped(request.actor, Opening, pk=pk), (ProposeEarlyEnd,), _opening)


def _opening(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = get_scoped(request.actor, Opening.objects.select_related("campaign"), pk=pk)
    context = {
        "opening": found,
        "early_ends": found.early_ends.select_related("proposed_by", "decided_by"),
        "page_forms": PageForms(request.actor, found, (ProposeEarlyEnd,), posted),
    }
    return render(request, "verification/opening.html", context)


@page("verification.read")
def early_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """One proposed early end, and the other person's decision."""
    return _deciding(request, get_scoped(request.actor, EarlyEnd, pk=pk), EARLY_END_FORMS, _early_end)


def _early_end(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = get_scoped(
        request.actor, EarlyEnd.objects.select_related("opening__campaign", "proposed_by", "decided_by"), pk=pk
    )
    context = {"proposal": found, "page_forms": PageForms(request.actor, found, EARLY_END_FORMS, posted)}
    return render(request, "verification/early_end.html", context)
