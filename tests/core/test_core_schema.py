"""A new database is made by the migrations alone, and they know every model and trigger."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gradphoto.apps.core.guards import GUARDS

pytestmark = [pytest.mark.slow, pytest.mark.engine]


def _django(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GRADPHOTO_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "gradphoto.site.settings"}
    environment.pop("GRADPHOTO_DATABASE", None)
    return subprocess.run([sys.executable, "-m", "django", *command], env=environment, capture_output=True, text=True)


def test_a_new_database_has_every_table_and_stands_guarded(tmp_path: Path) -> None:
    from django.apps import apps

    earlier = "CREATE TRIGGER of_an_earlier_release AFTER INSERT ON roster_total BEGIN SELECT 1; END"
    for run in range(2):  # the second run finds nothing to do, and takes down what this release does not name
        made = _django(tmp_path, "migrate", "--verbosity", "0")
        assert made.returncode == 0, made.stderr
        if run == 0:
            with closing(sqlite3.connect(tmp_path / "gradphoto.sqlite3")) as database:
                database.execute(earlier)
    with closing(sqlite3.connect(tmp_path / "gradphoto.sqlite3")) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        triggers = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    wanted = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    assert wanted <= tables
    assert len(wanted) > 100
    assert {name for guard in GUARDS for name in guard.names()} == triggers


def test_no_change_of_a_model_lacks_its_migration(tmp_path: Path) -> None:
    asked = _django(tmp_path, "makemigrations", "--check", "--dry-run")
    assert asked.returncode == 0, asked.stdout
