"""What stands between a request and a staff page: limits of the session, a first password, a second factor, a proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.urls import reverse

from gradphoto.apps.access import devices, held_requests, staff_sessions
from gradphoto.apps.core import audit, error_pages
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.reauthentication import ReauthenticationRequired, proof_of_request

SECOND_FACTOR_MISSING = "second_factor_missing"
"""The session's mark that its person must still set up a second factor."""
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as a second factor; recovery codes alone do not."""
_ALWAYS_OPEN = ("account_", "mfa_", "set_language", "sign:", "makeupform:", "verification:")


class StaffAccess:
    """Ends sessions at their limits and keeps what was typed; sends a person to what has to be done first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.ended_user_id = None  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            self._watch(request)
        with proof_of_request(lambda: self._is_proven(request)):
            answer = self.get_response(request)
        return _for_fragments(request, answer)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Where the request goes instead of its page, if anywhere."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name.startswith(_ALWAYS_OPEN) or not hasattr(view, "allowed_roles"):
            return None
        if request.user.is_authenticated:
            if request.method == "POST" and (mark := request.POST.get(held_requests.MARK)):
                held_requests.let_go(request.user, mark)
            return _first_things(request)
        if request.method == "POST" and (user_id := _whose(request)):
            held = held_requests.hold(request, user_id)
            if held is not None:
                query = urlencode({"next": reverse("account_continue", args=[held.pk]), "ended": 1})
                return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{query}")
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A sensitive step asks for a proof: what was typed waits, and the person goes on with it afterwards."""
        if not isinstance(error, ReauthenticationRequired):
            return None
        if request.accepts("application/json") and not request.accepts("text/html"):
            return JsonResponse({"code": "access.reauthentication_required"}, status=401)
        following = request.get_full_path()
        if request.method == "POST":
            held = held_requests.hold(request, request.user.pk or 0)
            following = reverse("account_continue", args=[held.pk]) if held else resolve_url("/")
            request.session["continue_at_once"] = held.pk if held and not held.had_files else None
        return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': following})}")

    def _watch(self, request: HttpRequest) -> None:
        reason = staff_sessions.why_over(request.session)
        if reason is not None:
            user = request.user
            staff_sessions.end(request.session, reason)
            audit.record(Actor.of(user), "access.session_ended", user, {"reason": str(reason)})
            logout(request)
            request.ended_user_id = user.pk  # type: ignore[attr-defined]
        elif not (request.method == "GET" and request.htmx):  # type: ignore[attr-defined]
            # What a page asks for by itself (polls) keeps nobody signed in.
            staff_sessions.renew(request.session)

    def _is_proven(self, request: HttpRequest) -> bool:
        return (
            not settings.REAUTHENTICATION_AGE_S
            or not request.user.is_authenticated
            or staff_sessions.is_recently_proven(request.session)
        )


def _first_things(request: HttpRequest) -> HttpResponse | None:
    if getattr(request.user, "must_change_password", False):
        return HttpResponseRedirect(reverse("account_change_password"))
    if request.session.get(SECOND_FACTOR_MISSING):
        if not is_mfa_enabled(request.user, FACTORS):
            return HttpResponseRedirect(reverse("mfa_index"))
        del request.session[SECOND_FACTOR_MISSING]
    return None


def _whose(request: HttpRequest) -> int | None:
    """Whose session has just ended, or ended while this browser still shows its cookie."""
    ended: int | None = request.ended_user_id  # type: ignore[attr-defined]
    return ended or staff_sessions.user_of_ended(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))


def _for_fragments(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """A fragment's place must not get a whole sign-in page: the browser goes there instead."""
    if not getattr(request, "htmx", False) or answer.status_code != 302:
        return answer
    target = answer["Location"]
    login = resolve_url(settings.LOGIN_URL)
    if target.startswith(login) and "continue" not in target:
        page = held_requests.page_of(request) or "/"
        target = f"{login}?{urlencode({'next': page, 'ended': 1})}"
    elif not target.startswith((login, "/accounts/reauthenticate/", "/accounts/password/", "/accounts/second-factor/")):
        return answer
    return HttpResponse(headers={"HX-Redirect": target})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """``CSRF_FAILURE_VIEW``: a staff page that was opened before its person signed in anew in another tab loses nothing. Who is signed in now is shown what the page sent, and sends it on or throws it away.

    Nobody sees what somebody else typed: at a browser at which others sign in, too, it is refused as ever; so are a piece of
    a page (htmx) and what another site made up.
    """
    refused = error_pages.csrf_failure(request, reason)
    match, person = request.resolver_match, getattr(request, "user", None)
    is_staffs = match is not None and hasattr(match.func, "allowed_roles")
    if not is_staffs or person is None or not person.is_authenticated or getattr(request, "htmx", False):
        return refused
    if not request.session.get(devices.ALONE):
        return refused
    if not error_pages.is_from_here(request) or not request.accepts("text/html"):
        return refused
    held = held_requests.hold(request, person.pk)
    return HttpResponseRedirect(reverse("account_continue", args=[held.pk])) if held else refused
