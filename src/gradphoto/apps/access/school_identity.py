"""Who somebody is at the school, whichever protocol said so."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest

PROVIDER = "school"
_COUNTS = "school_second_factor"


def identity_of(issuer: str, subject: str) -> str:
    """64 hex digits that are one person's at one issuer."""
    return hashlib.sha256(f"{issuer}\0{subject}".encode()).hexdigest()


def count_as_second_factor(request: HttpRequest) -> None:
    """The sign-in by which this very request comes back had a factor that counts, by the operator's setting."""
    setattr(request, _COUNTS, True)


def was_second_factor(request: HttpRequest) -> bool:
    """Whether this very request comes back from a school's sign-in with a factor that counts."""
    return bool(getattr(request, _COUNTS, False))
