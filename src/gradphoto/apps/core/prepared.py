"""Questions that are put together once and asked again with other values.

Django puts the text of a query together anew each time it is asked; for a page of the portal, with five joined tables,
that took longer than the answer. ``Prepared`` keeps the text of a question and fills in the values, ``Change`` that of an
``UPDATE``, ``add`` that of an ``INSERT``. The database is asked every time: nothing of an answer is kept.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import get_related_populators
from django.db.models.signals import post_save, pre_save
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.transaction import TransactionManagementError, mark_for_rollback_on_error

from gradphoto.apps.core.encryption import BlindIndex, RowKeyField

M = TypeVar("M", bound=models.Model)


class Prepared(Generic[M]):
    """``build`` makes the question of its values, once of slots: so it must not ask for the day, nor look at a value.

    A value is a number, a text or a moment, never ``None`` (``TypeError``: SQL finds no row by it, Django those without a
    value). While a key of blind indexes is being replaced, a text has several indexes: then the question is put together
    anew.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M, M]]) -> None:
        self._build = build

    def all(self, **values: Any) -> list[M]:
        """The records that answer."""
        if _has_several_indexes(values):
            return list(self._build(**values))
        connection = connections[DEFAULT_DB_ALIAS]
        text, rows, locks = _kept(connection, self, lambda: _question(connection, self._build(**_slots(values))))
        if locks and not connection.in_atomic_block:
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        with _cursor(connection) as cursor:
            text.execute(cursor, connection, values)
            return [rows.record(list(row), connection) for row in cursor.fetchall()]

    def first(self, **values: Any) -> M | None:
        """The first record that answers, or None; all are read, so the question itself says how many there may be."""
        return next(iter(self.all(**values)), None)


class Change:
    """``build`` makes the rows of its values; ``setting`` names the columns that get a value at each change.

    A state among them is refused when the text is put together, but to its lifecycle.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Any, Any]], *setting: str) -> None:
        self._build, self._setting = build, setting

    def make(self, **values: Any) -> int:
        """Change the rows; returns how many there were."""
        which = {name: value for name, value in values.items() if name not in self._setting}
        new = {name: values[name] for name in self._setting}
        if _has_several_indexes(which):
            return self._build(**which).update(**new)
        connection = connections[DEFAULT_DB_ALIAS]
        text = _kept(connection, self, lambda: _update(connection, self._build(**_slots(which)), _slots(new)))
        with mark_for_rollback_on_error(), _cursor(connection) as cursor:
            text.execute(cursor, connection, values)
            return int(cursor.rowcount)


def has_more_to_save(model: type[models.Model], *, only_guards: bool = False) -> bool:
    """Whether saving is more than one statement: a ``save`` of its own (not one that ``only_guards``), somebody who is told,
    a second table. Then it is Django that saves it."""
    own = model.save is not models.Model.save or model.save_base is not models.Model.save_base
    listened_to = pre_save.has_listeners(model) or post_save.has_listeners(model)
    return bool((own and not only_guards) or model._meta.parents or listened_to)


def add(record: models.Model, *, only_guards: bool = False) -> None:
    """Insert a new record as ``save(force_insert=True)`` does, and by that where there is more to it than one statement.

    ``only_guards``: the model's own ``save`` does nothing but refuse to change what is there.
    """
    model = type(record)
    if has_more_to_save(model, only_guards=only_guards):
        record.save(force_insert=True)
        return
    connection = connections[DEFAULT_DB_ALIAS]
    record._prepare_related_fields_for_save("save")  # type: ignore[attr-defined]  # Django's own, of save()
    if record.pk is None and isinstance(key := model._meta.pk, RowKeyField):
        record.pk = key.get_pk_value_on_save(record)
    asker = model, record.pk is None
    text, fields = _kept(connection, asker, lambda: _insert(connection, model, record))
    values = {one.attname: one.get_db_prep_save(one.pre_save(record, add=True), connection) for one in fields}
    with mark_for_rollback_on_error(), _cursor(connection) as cursor:
        text.execute(cursor, connection, values)
        if record.pk is None:
            record.pk = cursor.fetchone()[0] if connection.features.can_return_columns_from_insert else cursor.lastrowid
    record._state.adding, record._state.db = False, connection.alias


class _Slot(models.Value):
    """The place of a value in a text that is put together."""

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement for one connection, with slots among its values."""

    sql: str
    values: tuple[Any, ...]

    def execute(self, cursor: Any, connection: Any, given: dict[str, Any]) -> None:
        filled = [given[one.value] if isinstance(one, _Slot) else one for one in self.values]
        cursor.execute(self.sql, [_adapted(one, connection) for one in filled])


def _adapted(value: Any, connection: Any) -> Any:
    """A moment and a UUID as the database keeps them: SQLite knows neither."""
    if isinstance(value, date):
        return connection.ops.adapt_unknown_value(value)
    return value.hex if isinstance(value, UUID) and not connection.features.has_native_uuid_field else value


@dataclass(frozen=True, slots=True)
class _Rows:
    """How records are made of the rows of a question."""

    model: type[models.Model]
    names: Sequence[str]
    first: int
    annotations: Sequence[tuple[str, int]]
    populators: Sequence[Any]
    converters: Sequence[tuple[int, Sequence[Any], Any]]

    @classmethod
    def of(cls, compiler: Any) -> _Rows:
        info, select = compiler.klass_info, compiler.select
        first, end = info["select_fields"][0], info["select_fields"][-1] + 1
        converted = compiler.get_converters([one[0] for one in select[: compiler.col_count]])
        return cls(
            info["model"],
            [one[0].target.attname for one in select[first:end]],
            first,
            list(compiler.annotation_col_map.items()),
            get_related_populators(info, select, compiler.using),  # type: ignore[call-arg]  # the stubs are of Django 6
            [(at, converters, expression) for at, (converters, expression) in converted.items()],
        )

    def record(self, row: list[Any], connection: Any) -> Any:
        for at, converters, expression in self.converters:
            for convert in converters:
                row[at] = convert(row[at], expression, connection)
        record = self.model.from_db(connection.alias, self.names, row[self.first : self.first + len(self.names)])
        for populator in self.populators:
            populator.populate(row, record)
        for name, at in self.annotations:
            setattr(record, name, row[at])
        return record


def _cursor(connection: Any) -> Any:
    """On PostgreSQL one whose statements the server keeps as well: to plan a page's question took it ten times as long as
    to answer it. A connection lives a minute (``CONN_MAX_AGE``), and so does a plan."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    return connection._prepare_cursor(_kept_by_the_server()(connection.connection))


@functools.cache
def _kept_by_the_server() -> Any:
    import psycopg

    class Keeping(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
            super().execute(query, params, prepare=True)
            self._query = Said(self.connection, query, params)  # type: ignore[assignment]
            return self

    class Said:
        """What Django's list of queries shows, put together when it is looked at."""

        def __init__(self, connection: Any, query: Any, params: Any) -> None:
            self._of = connection, query, params

        @property
        def query(self) -> bytes:
            connection, query, params = self._of
            return psycopg.ClientCursor(connection).mogrify(query, params).encode()

    return Keeping


_PUT_TOGETHER: dict[str, dict[object, Any]] = {}
"""By the kind of database: a text is the same on each of its connections, and a server has one for every thread."""


def _kept(connection: Any, asker: object, put_together: Callable[[], Any]) -> Any:
    """What this process has put together for ``asker``, once for all threads: two that begin at once do the same work."""
    known = _PUT_TOGETHER.setdefault(connection.vendor, {})
    found = known.get(asker)
    if found is None:
        found = known[asker] = put_together()
    return found


def _question(connection: Any, rows: models.QuerySet[Any, Any]) -> tuple[_Text, _Rows, bool]:
    compiler = rows.query.get_compiler(connection=connection)
    sql, values = compiler.as_sql()
    return _Text(sql, tuple(values)), _Rows.of(compiler), rows.query.select_for_update


def _update(connection: Any, rows: models.QuerySet[Any, Any], new: dict[str, Any]) -> _Text:
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(new)
    sql, values = query.get_compiler(connection=connection).as_sql()
    return _Text(sql, tuple(values))


def _insert(connection: Any, model: type[models.Model], record: models.Model) -> tuple[_Text, list[Any]]:
    key = model._meta.pk
    fields = [one for one in model._meta.local_concrete_fields if one is not key or record.pk is not None]
    query = InsertQuery(model)
    query.insert_values(fields, [record])
    compiler = query.get_compiler(connection=connection)
    compiler.returning_fields = [key] if record.pk is None else None
    [(sql, _)] = compiler.as_sql()
    return _Text(sql, tuple(_Slot(one.attname) for one in fields)), fields


def _slots(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _Slot(name) for name in values}


def _has_several_indexes(values: dict[str, Any]) -> bool:
    if any(one is None for one in values.values()):
        raise TypeError(f"A prepared statement asks by no None: {sorted(values)}")
    return any(isinstance(one, BlindIndex) and one.earlier for one in values.values())
