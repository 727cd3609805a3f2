"""Many rows of one model written at once as ready tuples: ``COPY`` on PostgreSQL, ``executemany`` elsewhere.

Half of the time of ``bulk_create`` goes into making model objects and preparing their values. Here the caller gives
the values as the database takes them; signals and ``save`` are not called, constraints and triggers hold as ever.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connections, models, router, transaction

from gradphoto.apps.core.bulk_triggers import followed_together
from gradphoto.apps.core.encryption import RowKeyField, sealer

Row = tuple[Any, ...]
_CHUNK = 5_000
_ROWS_A_STATEMENT = 100
"""On SQLite: every statement looks through ``sqlite_sequence`` from its beginning and opens a journal of its own."""


def insert_rows(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Row], *, keys: Sequence[int] = ()
) -> None:
    """Write rows whose values are in the order of ``fields`` and ready for the database (see :func:`ready`).

    Fields that are not named take the database's own default or stay out; give every field that has no null. ``keys`` are
    those of the rows, rising, where they are given and nobody else's lie between them.
    """
    using = router.db_for_write(model)
    connection = connections[using]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(model._meta.get_field(name).column)) for name in fields)  # type: ignore[union-attr]
    table = quote(model._meta.db_table)
    # One transaction: outside of one, SQLite would put every single row down on disk by itself.
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Django turns the errors of execute() into its own; those of copy() it does not know.
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        span = range(keys[0], keys[-1] + 1) if keys else range(0)
        with followed_together(connection, model._meta.db_table, str(model._meta.pk.column), span):
            _insert_by_statements(connection, cursor, f"{table} ({columns})", len(fields), rows)


def _insert_by_statements(connection: Any, cursor: Any, into: str, width: int, rows: Iterable[Row]) -> None:
    """As many rows a statement as it may have values; what is left over one by one."""
    most = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    size = max(1, min(_ROWS_A_STATEMENT, most // width))
    pending = iter(rows)
    left: list[Row] = []

    def full() -> Iterator[Row]:
        while len(part := list(itertools.islice(pending, size))) == size:
            yield tuple(itertools.chain.from_iterable(part))
        left.extend(part)

    row = f"({', '.join(['%s'] * width)})"
    # OR FAIL: a row that is refused takes the whole transaction with it, so SQLite need not keep a journal of its own for
    # every row that sets off a trigger. That journal was half of the time of taking over a roster.
    insert = f"INSERT OR FAIL INTO {into} VALUES "  # noqa: S608 - own names
    cursor.executemany(insert + ", ".join([row] * size), full())
    cursor.executemany(insert + row, left)


def insert_encrypted_rows(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Row], *, encrypted: str
) -> None:
    """The same for a model with an encrypted field, whose text stands unsealed in ``rows``: every row is given its key
    first, and its text is sealed for that row."""
    key, field = model._meta.pk, model._meta.get_field(encrypted)
    assert isinstance(key, RowKeyField)
    place = list(fields).index(encrypted)
    seal = sealer(model._meta.db_table, str(field.column))  # type: ignore[union-attr]
    pending = iter(rows)
    while part := list(itertools.islice(pending, _CHUNK)):
        keys = key.take(len(part))
        # One by one: while PostgreSQL stores a row that was sent, the next is sealed here.
        sealed = (
            (pk, *row[:place], seal(pk, row[place]), *row[place + 1 :]) for pk, row in zip(keys, part, strict=True)
        )
        insert_rows(model, (key.name, *fields), sealed, keys=keys)


def ready(model: type[models.Model], field: str) -> Any:
    """A function that brings a value of a field into the form that the database takes."""
    found = model._meta.get_field(field)
    connection = connections[router.db_for_write(model)]
    if isinstance(found, models.JSONField):
        return lambda value: None if value is None else json.dumps(value, ensure_ascii=False)
    return lambda value: found.get_db_prep_save(value, connection)  # type: ignore[union-attr]
