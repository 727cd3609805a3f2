"""What every test stands on; the database and the data directory are chosen in settings_for_tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest

ON_BOTH = ("core", "access", "registration", "test_pages_exports.py")
"""What runs on PostgreSQL, too, with every test of transactions anywhere: actions, locks, leases, the trail, exports,
numbers and ledgers; the journey opens every page there. The rest asks nothing that a database could answer differently;
``make nightly`` runs it on PostgreSQL all the same."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs on both databases."""
    for item in items:
        database = item.get_closest_marker("django_db")
        if item.get_closest_marker("engine") or item.get_closest_marker("slow") or database is None:
            continue
        if {item.path.parent.name, item.path.name} & {*ON_BOTH} or database.kwargs.get("transaction"):
            item.add_marker("both")


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: the collector need not go through it at every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_sessionfinish() -> None:
    """At the end everything is looked through once, as if nothing had been set aside."""
    gc.unfreeze()


@pytest.fixture(autouse=True, scope="session")
def _no_waiting_for_the_disk() -> Iterator[None]:
    """What a test itself writes need not survive a power cut; the processes that tests kill wait for the disk as ever."""
    patch = pytest.MonkeyPatch()
    patch.setattr(os, "fsync", lambda descriptor: None)
    yield
    patch.undo()


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
