"""A finished export as its owner gets it."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from gradphoto.apps.pages.models import Export


def fetched(export: Export, browser: Client | None = None) -> bytes:
    """The file, fetched over HTTP by who asked for it."""
    if browser is None:
        browser = Client()
        browser.force_login(export.requested_by, "django.contrib.auth.backends.ModelBackend")
    return b"".join(browser.get(reverse("pages:export_file", args=[export.pk])).streaming_content)
