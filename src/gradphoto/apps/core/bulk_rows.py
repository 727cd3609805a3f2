"""Many rows of one model written at once as ready tuples: ``COPY`` on PostgreSQL, ``executemany`` elsewhere.

Half of the time of ``bulk_create`` goes into making model objects and preparing their values. Here the caller gives
the values as the database takes them; signals and ``save`` are not called, constraints and triggers hold as ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections, models, router

Row = tuple[Any, ...]


def insert_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows whose values are in the order of ``fields`` and ready for the database (see :func:`ready`).

    Fields that are not named take the database's own default or stay out; give every field that has no null.
    """
    using = router.db_for_write(model)
    connection = connections[using]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(model._meta.get_field(name).column)) for name in fields)  # type: ignore[union-attr]
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(fields))
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(rows))  # noqa: S608 - own names


def ready(model: type[models.Model], field: str) -> Any:
    """A function that brings a value of a field into the form that the database takes."""
    found = model._meta.get_field(field)
    connection = connections[router.db_for_write(model)]
    if isinstance(found, models.JSONField):
        return lambda value: None if value is None else json.dumps(value, ensure_ascii=False)
    return lambda value: found.get_db_prep_save(value, connection)  # type: ignore[union-attr]
