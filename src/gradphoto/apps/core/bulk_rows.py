"""Many rows of one model written at once as ready tuples: ``COPY`` on PostgreSQL, ``executemany`` elsewhere.

Half of the time of ``bulk_create`` goes into making model objects and preparing their values. Here the caller gives
the values as the database takes them; signals and ``save`` are not called, constraints and triggers hold as ever.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections, models, router, transaction

from gradphoto.apps.core.encryption import RowKeyField, sealer

Row = tuple[Any, ...]
_CHUNK = 5_000


def insert_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows whose values are in the order of ``fields`` and ready for the database (see :func:`ready`).

    Fields that are not named take the database's own default or stay out; give every field that has no null.
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
        marks = ", ".join(["%s"] * len(fields))
        # OR FAIL: a row that is refused takes the whole transaction with it, so SQLite need not keep a journal of its own
        # for every row that sets off a trigger. That journal was half of the time of taking over a roster.
        cursor.executemany(f"INSERT OR FAIL INTO {table} ({columns}) VALUES ({marks})", list(rows))  # noqa: S608 - own names


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
        insert_rows(model, (key.name, *fields), sealed)


def ready(model: type[models.Model], field: str) -> Any:
    """A function that brings a value of a field into the form that the database takes."""
    found = model._meta.get_field(field)
    connection = connections[router.db_for_write(model)]
    if isinstance(found, models.JSONField):
        return lambda value: None if value is None else json.dumps(value, ensure_ascii=False)
    return lambda value: found.get_db_prep_save(value, connection)  # type: ignore[union-attr]
