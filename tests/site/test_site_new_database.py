"""What the tests stand on, made at once of the models (``at_once``), is the database that the migrations make."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from serving import environment, run
from test_site_backup import database

from budget import examples
from forked import forge
from gradphoto.apps.core.guards import GUARDS
from patience import PROCESS_S

TESTS = Path(__file__).parents[1]
pytestmark = [pytest.mark.slow, pytest.mark.engine]
STARTS = 3 if examples(1) > 1 else 2
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)]


@dataclass(frozen=True)
class Both:
    """A database migrated by two starts at once (three at night), and one made of the models.

    ``again``: ``gradphoto migrate`` on that one.
    """

    migrated: Callable[[str], list[tuple[Any, ...]]]
    made: Callable[[str], list[tuple[Any, ...]]]
    again: Callable[[], subprocess.CompletedProcess[str]]
    started: list[tuple[int, str]]
    doctor: str


@pytest.fixture(scope="module", params=KINDS)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with database(request.param) as created:
        asks = []
        for way in ("migrated", "made"):
            folder = tmp_path_factory.mktemp(way)
            given = created(way)
            asks.append(_ask(folder, given.get("GRADPHOTO_DATABASE", "")))
            if way == "migrated":
                started = _starts_at_once(environment(folder, **given))
                doctor = run(folder, "doctor", **given)
            else:
                shown = environment(folder, **given, DJANGO_SETTINGS_MODULE="gradphoto.site.settings")
                done = forge().run([], shown, script=TESTS / "at_once.py")
                assert done.returncode == 0, done.stderr

        def again() -> subprocess.CompletedProcess[str]:
            return run(folder, "migrate", **given)

        assert again().returncode == 0
        yield Both(*asks, again, started, doctor.stdout)


def _starts_at_once(given: dict[str, str]) -> list[tuple[int, str]]:
    """First starts at once on an empty database: how each ended and what it said."""
    command = [sys.executable, "-m", "gradphoto.cli", "migrate"]
    starts = [
        subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(STARTS)
    ]
    said = [start.communicate(timeout=PROCESS_S)[0] for start in starts]
    return [(start.returncode, words) for start, words in zip(starts, said, strict=True)]


def _ask(folder: Path, address: str) -> Callable[[str], list[tuple[Any, ...]]]:
    """A statement to this database; what it answers."""

    def on_sqlite(sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(folder / "gradphoto.sqlite3")) as connection, connection:
            return connection.execute(sql).fetchall()

    def on_postgresql(sql: str) -> list[tuple[Any, ...]]:
        import psycopg

        with psycopg.connect(address) as connection:
            answer = connection.execute(sql)
            return answer.fetchall() if answer.description else []

    return on_postgresql if address else on_sqlite


def _parts(sql: str) -> tuple[str, ...]:
    """What a statement says between its outer brackets, in no order: a column that came later stands further back."""
    said, parts, depth, quoted = sql[sql.index("(") + 1 : sql.rindex(")")], [""], 0, ""
    for sign in said:
        quoted = sign if not quoted and sign in "\"'" else "" if sign == quoted else quoted
        depth += 0 if quoted else {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return tuple(sorted(part.strip() for part in parts))


def _schema(ask: Callable[[str], list[tuple[Any, ...]]], kind: str) -> dict[tuple[str, ...], Any]:
    """Tables, columns, constraints, indexes and triggers by name."""
    if kind == "sqlite":
        rows = ask("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
        return {(what, name): _parts(sql) if what == "table" else sql for what, name, sql in rows}
    told = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length, is_identity"
        " FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferrable FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    )
    return {tuple(row[:2]): tuple(row[2:]) for sql in told for row in ask(sql)}


def _keys_of_pairs() -> list[tuple[str, str]]:
    """The own keys of the tables between two models, which Django makes by itself."""
    from django.apps import apps

    return [
        (model._meta.db_table, "id") for model in apps.get_models(include_auto_created=True) if model._meta.auto_created
    ]


def test_made_at_once_it_has_every_table_column_constraint_and_index_of_its_history(
    both: Both, request: pytest.FixtureRequest
) -> None:
    kind = request.node.callspec.params["both"]
    migrated, made = _schema(both.migrated, kind), _schema(both.made, kind)
    for name in _keys_of_pairs():  # Django's migrations do not know whose such a table is: integer here, bigint there
        assert migrated.pop(name, ("integer",))[0] in ("integer", "bigint")
        assert made.pop(name, ("bigint",))[0] in ("integer", "bigint")
    assert {k: (migrated.get(k), made.get(k)) for k in {*migrated, *made} if migrated.get(k) != made.get(k)} == {}
    assert len(made) > 500
    done = "SELECT app, name FROM django_migrations"
    assert sorted(both.migrated(done)) == sorted(both.made(done))


def test_first_starts_at_once_take_turns(both: Both) -> None:
    """Issue 18, section 1: each waits for the other's migrations, and the database is whole."""
    assert [status for status, _ in both.started] == [0] * STARTS, both.started
    assert "✓ 迁移 migrations" in both.doctor
    assert "✗" not in both.doctor


def test_no_migration_brings_rows_that_a_new_database_would_lack(both: Both) -> None:
    """A migration may fill and turn the rows that are there; a new database has none and is led through no migration."""
    from django.apps import apps

    tables = sorted(model._meta.db_table for model in apps.get_models(include_auto_created=True))
    count = "SELECT " + ", ".join(f'(SELECT count(*) FROM "{table}")' for table in tables)
    migrated, made = (dict(zip(tables, ask(count)[0], strict=True)) for ask in (both.migrated, both.made))
    brought = {table: rows for table, rows in migrated.items() if rows}
    assert brought == {table: made[table] for table in brought}
    assert len(brought) >= 2, "kinds of content and permissions at least"


def test_every_model_has_its_table_and_exactly_the_triggers_of_this_release_stand(
    both: Both, request: pytest.FixtureRequest
) -> None:
    """Said again, ``migrate`` has nothing to do but where a trigger is gone, is another or is of an earlier release."""
    from django.apps import apps

    if request.node.callspec.params["both"] != "sqlite":
        pytest.skip("the same by other tables: the first test compares them")
    gone, other = sorted(name for guard in GUARDS for name in guard.names())[:2]
    (table,) = both.made(f"SELECT tbl_name FROM sqlite_master WHERE name = '{other}'")[0]
    both.made(f"DROP TRIGGER {gone}")
    both.made(f"DROP TRIGGER {other}")
    for name in (other, "of_an_earlier_release"):
        both.made(f"CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN SELECT 1; END")
    assert both.again().returncode == 0
    named = {name: (what, sql) for name, what, sql in both.made("SELECT name, type, sql FROM sqlite_master")}
    wanted = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    assert wanted <= {name for name, (what, _) in named.items() if what == "table"}
    assert len(wanted) > 100
    assert {name for guard in GUARDS for name in guard.names()} == {
        n for n, one in named.items() if one[0] == "trigger"
    }
    assert "BEGIN SELECT 1; END" not in named[other][1]


def test_no_change_of_a_model_lacks_its_migration(tmp_path: Path) -> None:
    given = environment(tmp_path, DJANGO_SETTINGS_MODULE="gradphoto.site.settings")
    asked = forge().run(["makemigrations", "--check", "--dry-run"], given, script=TESTS.parent / "manage.py")
    assert asked.returncode == 0, asked.stdout + asked.stderr
