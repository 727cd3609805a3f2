"""A new database is built from the models, an old one is migrated: both must be the same house."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.engine]

_MIGRATE = "import django; django.setup(); from django.core.management import call_command; call_command('migrate', verbosity=0)"
_BUILD = "import django; django.setup(); from gradphoto.site import schema; schema.bring_up_to_date(); schema.bring_up_to_date()"


def _made(folder: Path, how: str) -> dict[str, object]:
    folder.mkdir()
    environment = {**os.environ, "GRADPHOTO_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "gradphoto.site.settings"}
    environment.pop("GRADPHOTO_DATABASE", None)
    subprocess.run([sys.executable, "-c", how], env=environment, check=True)
    with closing(sqlite3.connect(folder / "gradphoto.sqlite3")) as database:
        return _house(database)


def _house(database: sqlite3.Connection) -> dict[str, object]:
    """Everything of a schema but the order of columns, which migrations append."""

    def ask(sql: str) -> list[tuple[object, ...]]:
        return database.execute(sql).fetchall()

    house: dict[str, object] = {
        "migrations": sorted(ask("SELECT app, name FROM django_migrations")),
        "permissions": sorted(ask("SELECT app_label, model, codename FROM auth_permission JOIN django_content_type c ON c.id = content_type_id")),
        "triggers": sorted(ask("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")),
        "indexes": sorted(ask("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")),
    }  # fmt: skip
    for name, sql in ask("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
        columns = sorted(row[1:] for row in ask(f"PRAGMA table_xinfo('{name}')"))
        keys = sorted(row[2:] for row in ask(f"PRAGMA foreign_key_list('{name}')"))
        uniques = sorted(row[2] for row in ask(f"PRAGMA index_list('{name}')"))
        house[f"table {name}"] = columns, keys, uniques, sorted(_checks(str(sql)))
    return house


def _checks(sql: str) -> list[str]:
    """The named constraints and checks of a CREATE TABLE, without the columns' own text."""
    return [part.strip(" ,)") for part in sql.replace('" CHECK', '"\nCHECK').split("CONSTRAINT")[1:]]


def test_a_built_database_is_what_the_migrations_make(tmp_path: Path) -> None:
    built, migrated = _made(tmp_path / "built", _BUILD), _made(tmp_path / "migrated", _MIGRATE)
    assert built.keys() == migrated.keys()
    assert len(built) > 100
    for part in built:
        assert built[part] == migrated[part], part


def test_no_change_of_a_model_lacks_its_migration(tmp_path: Path) -> None:
    environment = {**os.environ, "GRADPHOTO_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "gradphoto.site.settings"}
    command = [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"]
    asked = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert asked.returncode == 0, asked.stdout
