"""Who somebody is at the school, and what the sign-in there proves, whichever protocol said so."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import HttpRequest

PROVIDER = "school"
_COUNTS, _FRESH = "school_second_factor", "school_proven_now"
_CLOCKS_APART_S = 60


def identity_of(issuer: str, subject: str) -> str:
    """64 hex digits that are one person's at one issuer."""
    return hashlib.sha256(f"{issuer}\0{subject}".encode()).hexdigest()


def forget(user: Any) -> int:
    """No school identity opens the account any more; returns how many did. Part of the action that resets the account."""
    return int(SocialAccount.objects.filter(user_id=user.pk, provider=PROVIDER).delete()[0])


def count_as_second_factor(request: HttpRequest) -> None:
    """The sign-in by which this very request comes back had a factor that counts, by the operator's setting."""
    setattr(request, _COUNTS, True)


def was_second_factor(request: HttpRequest) -> bool:
    """Whether this very request comes back from a school's sign-in with a factor that counts."""
    return bool(getattr(request, _COUNTS, False))


def count_as_fresh(request: HttpRequest) -> None:
    """The school says that the person proved who it is there just now, not in a session that stood open."""
    setattr(request, _FRESH, True)


def is_recent(signed_in_at: object) -> bool:
    """Whether a proven time of signing in there (seconds since 1970) is as recent as a proof here must be."""
    if isinstance(signed_in_at, bool) or not isinstance(signed_in_at, int | float):
        return False
    return -_CLOCKS_APART_S <= time.time() - signed_in_at < settings.REAUTHENTICATION_AGE_S


def is_proven(request: HttpRequest, user: Any) -> bool:
    """Whether the sign-in that ends here is itself a fresh proof of who it is.

    The school's session may stand open on a computer that many use: a sign-in by it alone, where nobody typed anything
    here or there, opens the pages but proves nobody for a sensitive step.
    """
    if getattr(request, _FRESH, False):
        return True
    steps = get_authentication_records(request, user)
    return not steps or any(one["method"] != "socialaccount" and is_recent(one["at"]) for one in steps)
