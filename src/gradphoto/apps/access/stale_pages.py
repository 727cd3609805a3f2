"""A staff page that was opened before its person signed in anew in another tab: its token is old, what was typed is not lost."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from gradphoto.apps.access import held_requests
from gradphoto.apps.core import error_pages


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """``CSRF_FAILURE_VIEW``: who is signed in now is shown what the page sent, and sends it on or throws it away.

    Somebody else than who typed it may have signed in meanwhile: so nothing is sent by itself, and the page says as whom.
    A piece of a page (htmx) and what another site made up are refused as ever.
    """
    refused = error_pages.csrf_failure(request, reason)
    match, person = request.resolver_match, getattr(request, "user", None)
    is_staffs = match is not None and hasattr(match.func, "allowed_roles")
    if not is_staffs or person is None or not person.is_authenticated or getattr(request, "htmx", False):
        return refused
    if not error_pages.is_from_here(request) or not request.accepts("text/html"):
        return refused
    held = held_requests.hold(request, person.pk)
    return HttpResponseRedirect(reverse("account_continue", args=[held.pk])) if held else refused
