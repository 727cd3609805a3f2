"""After a test with transactions: only what it wrote is deleted, where Django's ``flush`` empties every table.

``flush`` truncates or deletes two hundred and fifty tables, makes all permissions anew and puts up every trigger: half a
second on SQLite and more on PostgreSQL, after each of some hundred tests. Here one statement asks which tables have rows;
those are emptied, the few that a new database brings filled (permissions) are put back as they were, and a trigger that
the test took down or changed stands again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gradphoto.apps.core.guards import GUARDS

Rows = list[tuple[Any, ...]]

_TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
    ),
}


@dataclass(frozen=True, slots=True)
class Fresh:
    """A database as it was made: its tables, the rows it began with, its triggers by name with their words."""

    tables: tuple[str, ...]
    rows: dict[str, Rows]
    triggers: dict[str, str]

    @classmethod
    def of(cls, connection: Any) -> Fresh:
        tables = tuple(sorted(connection.introspection.table_names()))
        with connection.cursor() as cursor:
            return cls(tables, {name: _rows(cursor, name) for name in _filled(cursor, tables)}, _triggers(connection))

    def restore(self, connection: Any) -> None:
        """Take away whatever was written since."""
        with connection.cursor() as cursor:
            filled = _filled(cursor, self.tables)
            changed = {name for name, rows in self.rows.items() if name not in filled or _rows(cursor, name) != rows}
            touched = {name for name in filled if name not in self.rows} | changed
            if touched:
                (_empty_sqlite if connection.vendor == "sqlite" else _empty_postgresql)(cursor, touched)
            for name in changed:
                _fill(cursor, name, self.rows[name])
        if _triggers(connection) != self.triggers:
            for guard in GUARDS:
                guard.put_up(connection)


def _filled(cursor: Any, tables: Iterable[str]) -> list[str]:
    """Those of the tables that have rows, asked in one statement."""
    asked = list(tables)
    cursor.execute("SELECT " + ", ".join(f'EXISTS (SELECT 1 FROM "{name}")' for name in asked))
    return [name for name, has in zip(asked, cursor.fetchone(), strict=True) if has]


def _rows(cursor: Any, table: str) -> Rows:
    cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
    return [tuple(row) for row in cursor.fetchall()]


def _fill(cursor: Any, table: str, rows: Rows) -> None:
    marks = ", ".join(["%s"] * len(rows[0]))
    cursor.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)


def _triggers(connection: Any) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS[connection.vendor])
        return dict(cursor.fetchall())


def _empty_sqlite(cursor: Any, tables: Iterable[str]) -> None:
    """SQLite cannot silence a trigger: those of these tables go and come again in their own words."""
    asked = set(tables)
    cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    aside = [(name, words) for name, table, words in cursor.fetchall() if table in asked]
    cursor.execute("PRAGMA foreign_keys = OFF")
    try:
        cursor.execute("BEGIN IMMEDIATE")
        for name, _ in aside:
            cursor.execute(f'DROP TRIGGER "{name}"')
        for table in asked:
            cursor.execute(f'DELETE FROM "{table}"')
        for _, words in aside:
            cursor.execute(words)
        cursor.execute("COMMIT")
    finally:
        cursor.execute("PRAGMA foreign_keys = ON")


def _empty_postgresql(cursor: Any, tables: Iterable[str]) -> None:
    """As a replica applies rows: no trigger runs and no key is followed. One round trip for all tables."""
    deletes = "; ".join(f'DELETE FROM "{table}"' for table in sorted(tables))
    cursor.execute(
        f"BEGIN; SET LOCAL session_replication_role = replica; {deletes}; COMMIT"  # the tests' own superuser
    )
