"""SQLite runs a trigger once a row; where many rows are written at once, what it does is done once for all of them.

Four fifths of taking a roster over went into the triggers of its table: SQLite also keeps a journal of every page that a
statement with such triggers touches. So those of which a guard says how to do the same for many rows (``guards.Together``)
go for the time of one transaction and come again in it, word for word. The transaction has the only pen: nobody else
writes meanwhile or sees them gone, and whatever ends it early, a refused row or a lost machine, brings them back.
PostgreSQL's triggers run once a statement anyway.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from gradphoto.apps.core.guards import GUARDS

WORTH_IT = 500
"""From so many rows on: every other connection reads the schema anew afterwards."""


@contextlib.contextmanager
def followed_together(connection: Any, table: str, key: str, keys: range) -> Iterator[None]:
    """Rows with these keys are inserted inside; nobody else's have keys among them. Call it inside of ``atomic``."""
    if connection.vendor != "sqlite" or len(keys) < WORTH_IT:
        yield
        return
    assert connection.in_atomic_block, "Without a transaction the triggers would be gone for others."
    quote = connection.ops.quote_name
    rows = f"(SELECT * FROM {quote(table)} WHERE {quote(key)} BETWEEN {keys[0]:d} AND {keys[-1]:d})"  # noqa: S608 - own names
    parts = [part for guard in GUARDS for part in guard.together() if part.table == table]
    with connection.cursor() as cursor:
        standing = _standing(cursor, {name for part in parts for name in part.triggers})
        for name in standing:
            cursor.execute(f"DROP TRIGGER {quote(name)}")
        yield
        for part in parts:
            for statement in part.statements:
                cursor.execute(statement.format(rows=rows))
        for words in standing.values():
            cursor.execute(words)


def _standing(cursor: Any, names: set[str]) -> dict[str, str]:
    """Those of the triggers that stand, in their own words."""
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return {name: words for name, words in cursor.fetchall() if name in names}
