"""What every test stands on; the database and the data directory are chosen in settings_for_tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _blobs_apart(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every test keeps its blobs in a folder of its own."""
    from django.core.files.storage import storages

    folder = tmp_path_factory.mktemp("blobs")
    settings.STORAGES = {**settings.STORAGES, "blobs": {**settings.STORAGES["blobs"], "OPTIONS": {"location": folder}}}
    storages._storages.clear()
    yield
    storages._storages.clear()


@pytest.fixture(autouse=True, scope="session")
def _ledger_lets_tests_clean_up() -> None:
    """The ledgers forbid deletion, and on SQLite a test with transactions is cleaned up by DELETE.

    For that one moment the triggers step aside; ``flush`` itself puts them up again (``post_migrate``).
    """
    from django.db import connection

    from gradphoto.apps.core.guards import GUARDS

    if connection.vendor == "sqlite":
        flush = connection.ops.sql_flush
        aside = [statement for guard in GUARDS for statement in guard.drop_sql("sqlite")]
        connection.ops.sql_flush = lambda *args, **kwargs: [*aside, *flush(*args, **kwargs)]
