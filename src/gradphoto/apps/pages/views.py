"""The page of one's own exports: what is being written, what is ready, until when. And where searches are asked."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from gradphoto.apps.core import jobs
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages import exporting
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.models import Export
from gradphoto.apps.pages.sealed_queries import SealedQuery

SHOWN = 100
ASKED_OF = "_to"
"""The hidden field of a search form that holds the path of its page (``pages/asks.html``)."""


def _mine(request: SignedInRequest, pk: int) -> Export:
    mine = Export.objects.filter(requested_by=request.user.pk).select_related("job", "blob")
    return get_scoped(request.actor, mine, pk=pk)


@page("desk.open")
@require_POST
def ask(request: SignedInRequest) -> HttpResponse:
    """What a search form asks of its page, as that page's address: words plain, what may be an ID number sealed."""
    query = SealedQuery.of(request.POST, request.user.pk).copy()
    where = (query.pop(ASKED_OF, [""]) or [""])[-1].partition("?")[0]
    query.pop("csrfmiddlewaretoken", None)
    if not where.startswith("/") or not url_has_allowed_host_and_scheme(where, allowed_hosts=None):
        raise Http404
    return redirect(f"{where}?{query.urlencode()}")


@page("desk.open")
def export_list(request: SignedInRequest) -> HttpResponse:
    """Every file that the person asked for, newest first."""
    exporting.expire()
    mine = Export.objects.filter(requested_by=request.user.pk).select_related("job")
    exports = first_rows(mine, SHOWN)
    moving = any(one.job is not None and not one.job.is_over for one in exports)
    return render(request, "pages/exports.html", {"exports": exports, "moving": moving})


@page("desk.open")
def export_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One file: its progress, then the way to it."""
    return render(request, "pages/export.html", {"export": _mine(request, pk)})


@page("desk.open")
def export_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The file itself, for who asked for it."""
    export = _mine(request, pk)
    exporting.fetch_export(request.actor, export)
    return exporting.file_answer(export)


@page("desk.open")
@require_POST
def cancel_export(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop a file that is being written."""
    export = _mine(request, pk)
    if export.job is not None:
        jobs.cancel(export.job)
    return redirect("pages:exports")
