"""Addresses that leave the page: printed, coded in a QR, sent in a message."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings


def site_address(path: str = "") -> str:
    """The whole address of a path of ours, as everybody outside reaches it (``GRADPHOTO_SITE_URL``).

    Never made of the request: whoever prints from the server itself, or by an inner name, would print that name.
    """
    return f"{settings.SITE_URL}{path}"


def is_only_here() -> bool:
    """Whether that address means this very machine, so that a paper with it helps nobody else."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
