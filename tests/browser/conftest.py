"""One window for a module, and the world of all pages (``pages.walk_world``), rolled back afterwards."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction
from django.test import override_settings

from browser.window import SITE, Window
from chromium import opened_chromium
from pages.walk_world import build_walk


@pytest.fixture(scope="module")
def window() -> Iterator[Window]:
    with opened_chromium() as browser:
        yield Window(browser.new_page(base_url=SITE))


@pytest.fixture
def walk(tmp_path) -> Iterator:
    blobs = {**settings.STORAGES["blobs"], "OPTIONS": {"location": tmp_path / "blobs"}}
    with override_settings(STORAGES={**settings.STORAGES, "blobs": blobs}):
        storages._storages.clear()
        with transaction.atomic():
            yield build_walk()
            transaction.set_rollback(True)
    storages._storages.clear()
