"""What no constraint can say, said by triggers, in SQLite and PostgreSQL alike.

A ``Rule`` refuses a row with its code; an ``Effect`` does something beside. Django remakes a table on SQLite when a column
changes, and a trigger that names the table stands in the way of that: a guard therefore steps aside before every
``migrate`` and stands again after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

GUARDS: list[Guard] = []
"""Every guard of the installation."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Refuse ``event`` on ``table`` where ``condition`` holds, with ``code``; some conditions differ by vendor."""

    code: str
    event: str
    table: str
    condition: str = "1 = 1"
    postgresql: str = ""

    @property
    def trigger(self) -> str:
        return self.code.replace(".", "_")


@dataclass(frozen=True, slots=True)
class Effect:
    """A statement that the database runs on ``event``.

    ``together``, of an insert: the same for all rows of a statement, for which ``{rows}`` stands. PostgreSQL then runs it
    once a statement; SQLite runs ``body`` once a row, but where ``core.bulk_triggers`` writes many.
    """

    trigger: str
    event: str
    table: str
    body: str
    together: str = ""


@dataclass(frozen=True, slots=True)
class Together:
    """What row triggers do as rows come into ``table``, done once for many of them; ``{rows}`` stands for these rows.

    ``triggers``: those that the ``statements`` stand for, on ``table`` or on what the statements write.
    """

    table: str
    triggers: tuple[str, ...]
    statements: tuple[str, ...]


class Guard:
    """The triggers of one room."""

    def __init__(self, rules: tuple[Rule, ...], effects: tuple[Effect, ...] = ()) -> None:
        self.rules, self.effects = rules, effects
        self._all: tuple[Rule | Effect, ...] = (*rules, *effects)
        GUARDS.append(self)

    def connect(self, sender: AppConfig) -> None:
        """Stand aside and up again around every ``migrate``; called as the app gets ready."""
        pre_migrate.connect(self.step_aside, sender=sender)
        post_migrate.connect(self.stand_guard, sender=sender)

    def names(self) -> frozenset[str]:
        """The names of all triggers."""
        return frozenset(name for name, _ in self.places())

    def places(self) -> frozenset[tuple[str, str]]:
        """Every trigger with the table on which it stands."""
        return frozenset((one.trigger, one.table) for one in self._all)

    def create_sql(self, vendor: str) -> Iterator[str]:
        """The statements that put every trigger up, for ``sqlite`` or ``postgresql``."""
        for rule in self.rules:
            if vendor == "postgresql":
                condition = rule.postgresql or rule.condition
                refusal = f"RAISE EXCEPTION '{rule.code}' USING ERRCODE = 'integrity_constraint_violation'"
                yield from _postgresql(rule, f"IF {condition} THEN {refusal}; END IF;")
            else:
                yield (
                    f"CREATE TRIGGER {rule.trigger} {rule.event} ON {rule.table} FOR EACH ROW WHEN {rule.condition}"
                    f" BEGIN SELECT RAISE(ABORT, '{rule.code}'); END"
                )
        for one in self.effects:
            if vendor == "postgresql" and one.together:
                yield from once_a_statement(
                    one.trigger, one.event, one.table, "NEW TABLE AS new_rows", one.together.format(rows="new_rows")
                )
            elif vendor == "postgresql":
                yield from _postgresql(one, one.body)
            else:
                yield f"CREATE TRIGGER {one.trigger} {one.event} ON {one.table} FOR EACH ROW BEGIN {one.body} END"

    def together(self) -> Iterator[Together]:
        """Which of them can be done for many rows at once."""
        for one in self.effects:
            if one.together:
                yield Together(one.table, (one.trigger,), (one.together,))

    def drop_sql(self, vendor: str) -> Iterator[str]:
        """The statements that take every trigger down."""
        for one in self._all:
            on = f" ON {one.table}" if vendor == "postgresql" else ""
            yield f"DROP TRIGGER IF EXISTS {one.trigger}{on}"

    def put_up(self, connection: Any) -> None:
        """Put the triggers up anew."""
        with connection.cursor() as cursor:
            for statement in (*self.drop_sql(connection.vendor), *self.create_sql(connection.vendor)):
                cursor.execute(statement)

    def missing(self, connection: Any) -> set[str]:
        """The triggers that should stand and do not, or do something else, at something else, than they should (those of an
        earlier version, or of somebody who wanted them silent); empty when all is guarded."""
        look = (
            "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
            if connection.vendor == "postgresql"
            else "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        )
        with connection.cursor() as cursor:
            cursor.execute(look)
            standing = dict(cursor.fetchall())
        meant = self._bodies(connection.vendor)
        return {name for name, body in meant.items() if standing.get(name) != body}

    def _bodies(self, vendor: str) -> dict[str, str]:
        """By trigger what the database keeps of it: the body of its function on PostgreSQL, all of it on SQLite."""
        kept = re.compile(r"CREATE OR REPLACE FUNCTION (\w+)\(\).*?\$body\$(.*)\$body\$", re.DOTALL)
        if vendor != "postgresql":
            kept = re.compile(r"(?=CREATE TRIGGER (\w+) )(.*)", re.DOTALL)
        found = (kept.match(statement) for statement in self.create_sql(vendor))
        return {one[1]: one[2] for one in found if one}

    def step_aside(self, using: str, **_: Any) -> None:
        """Before ``migrate``. SQLite makes a table anew to change it, and refuses while a trigger names the old one; so
        every trigger that stands goes there, also one of an earlier release. PostgreSQL needs only the latter gone."""
        connection = connections[using]
        gone = standing_triggers(connection) if connection.vendor == "sqlite" else unknown_triggers(connection)
        with connection.cursor() as cursor:
            for name, table in gone:
                on = f" ON {connection.ops.quote_name(table)}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}{on}")

    def stand_guard(self, using: str, **_: Any) -> None:
        """After ``migrate``: whatever was done to the tables, the triggers stand."""
        connection = connections[using]
        if self._has_tables(connection) and self.missing(connection):
            self.put_up(connection)

    def _has_tables(self, connection: Any) -> bool:
        return {one.table for one in self.rules} <= set(connection.introspection.table_names())


def standing_triggers(connection: Any) -> set[tuple[str, str]]:
    """Every trigger of this database with its table."""
    look = (
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(look)
        return set(cursor.fetchall())


def unknown_triggers(connection: Any) -> set[tuple[str, str]]:
    """Those on tables of ours where no guard has them any more: an earlier release left them, and they would go on acting."""
    known = {place for guard in GUARDS for place in guard.places()}
    ours = {model._meta.db_table for model in apps.get_models() if model.__module__.startswith("gradphoto.")}
    return {place for place in standing_triggers(connection) - known if place[1] in ours}


def all_stand(connection: Any) -> bool:
    """Whether exactly the triggers of this release stand, each doing what it should."""
    return not unknown_triggers(connection) and not any(guard.missing(connection) for guard in GUARDS)


def once_a_statement(name: str, event: str, table: str, seen: str, body: str) -> Iterator[str]:
    """PostgreSQL's statements for a trigger that runs once a statement and sees its rows as tables (``REFERENCING``)."""
    when = f"{event} ON {table} REFERENCING {seen} FOR EACH STATEMENT"
    yield _function(name, when, f"{body} RETURN NULL;")
    yield f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()"


def _postgresql(one: Rule | Effect, body: str) -> Iterator[str]:
    row = "OLD" if one.event.endswith("DELETE") else "NEW"
    when = f"{one.event} ON {one.table} FOR EACH ROW"
    yield _function(one.trigger, when, f"{body} RETURN {row};")
    yield f"CREATE TRIGGER {one.trigger} {when} EXECUTE FUNCTION {one.trigger}()"


def _function(name: str, when: str, body: str) -> str:
    """The function of a trigger. It says when it runs, too: what a release changed of that alone is then seen (``missing``)."""
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $body$ /* {when} */ BEGIN {body} END $body$"
    )
