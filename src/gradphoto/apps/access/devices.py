"""The browser's own secret, by which throttling knows a browser where somebody signed in before."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from gradphoto.apps.access.client import Client, client_of
from gradphoto.apps.access.models import AccessAttempt, AttemptOutcome, EntryPoint
from gradphoto.apps.access.throttling import KEPT_FOR
from gradphoto.apps.core.encryption import blind_index

COOKIE = "gradphoto_browser"
_KEY_BYTES = 32
ALONE = "alone_at_this_browser"
"""The session's mark that nobody else is known to have signed in here: what an older page sends was typed by this person."""


def staff_client(request: HttpRequest) -> Client:
    """Address and browser of somebody at the staff sign-in."""
    return client_of(request, COOKIE)


def subject_of(username: str) -> str:
    """By what attempts at an account are counted: any spelling of the name is one name."""
    return f"staff|{username.strip().casefold()}"


def remember(request: HttpRequest, username: str) -> None:
    """After a whole sign-in this browser is known for the account; ``hand_over`` gives it its secret. The session is marked
    where the browser was known before, and for nobody else (``ALONE``).
    """
    key = request.COOKIES.get(COOKIE) or secrets.token_hex(_KEY_BYTES)
    client = Client(staff_client(request).address, key)
    here = AccessAttempt.objects.filter(
        entry_point=EntryPoint.STAFF, device_index=blind_index(client.device), outcome=AttemptOutcome.SUCCEEDED
    )
    known = set(here.values_list("subject_index", flat=True))
    request.session[ALONE] = known == {blind_index(subject_of(username))}
    AccessAttempt.objects.create(
        entry_point=EntryPoint.STAFF,
        address_index=blind_index(client.address),
        device_index=blind_index(client.device),
        subject_index=blind_index(subject_of(username)),
        outcome=AttemptOutcome.SUCCEEDED,
    )
    request.browser_key = key  # type: ignore[attr-defined]


def hand_over(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Give the browser its secret after a sign-in; it opens nothing, it only keeps strangers' failures apart."""
    key = getattr(request, "browser_key", "")
    if key:
        answer.set_cookie(
            COOKIE,
            key,
            max_age=KEPT_FOR,
            path="/accounts/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return answer
