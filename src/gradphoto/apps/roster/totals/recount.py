"""The proof of the totals: everybody counted anew, beside what is kept; and adding up PostgreSQL's lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from gradphoto.apps.roster.models.totals import FACTS, HOUR
from gradphoto.apps.roster.totals.facts import value_of
from gradphoto.apps.roster.totals.keeping import filling

_KEY = "campaign_id, department_id, season, status"
_COLUMNS = ("people", *FACTS)
_FOLD = 0x6772_6164_746F  # of PostgreSQL's advisory locks; "gradto"


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that is not what counting finds."""

    campaign: int
    department: int
    season: str
    status: str
    column: str
    kept: int
    counted: int


def differences() -> list[Difference]:
    """Where the kept totals are not what counting every candidate finds; empty when they are proven."""
    facts = ", ".join(f"SUM({value_of(fact, 'c.id', connection.vendor)})" for fact in FACTS)
    kept = ", ".join(f"SUM({column})" for column in _COLUMNS)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql" and connection.savepoint_ids == []:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # both as one moment saw them
        cursor.execute(f"SELECT {_KEY}, {kept} FROM roster_total GROUP BY {_KEY}")
        had = {row[:4]: row[4:] for row in cursor.fetchall()}
        cursor.execute(f"SELECT {_KEY}, COUNT(*), {facts} FROM roster_candidate c GROUP BY {_KEY}")
        found = {row[:4]: row[4:] for row in cursor.fetchall()}
        hours = _hours(cursor)
    none = (0,) * len(_COLUMNS)
    return hours + [
        Difference(place[0], place[1], place[2], place[3], column, int(is_kept), int(is_counted))
        for place in sorted({*had, *found})
        for column, is_kept, is_counted in zip(_COLUMNS, had.get(place, none), found.get(place, none), strict=True)
        if int(is_kept) != int(is_counted)
    ]


def _hours(cursor: Any) -> list[Difference]:
    """The same for who was photographed in which hour."""
    hour = value_of(HOUR, "c.id", connection.vendor)
    cursor.execute(f"SELECT {_KEY}, {HOUR}, SUM(people) FROM roster_hourtotal GROUP BY {_KEY}, {HOUR}")
    had = {row[:5]: int(row[5]) for row in cursor.fetchall()}
    cursor.execute(
        f"SELECT {_KEY}, hour, COUNT(*) FROM (SELECT {_KEY}, {hour} AS hour FROM roster_candidate c) r"
        f" WHERE hour > 0 GROUP BY {_KEY}, hour"
    )
    found = {row[:5]: int(row[5]) for row in cursor.fetchall()}
    return [
        Difference(place[0], place[1], place[2], place[3], f"{HOUR} {place[4]}", had.get(place, 0), found.get(place, 0))
        for place in sorted({*had, *found})
        if had.get(place, 0) != found.get(place, 0)
    ]


def mend() -> None:
    """Make the tables anew; other transactions that count wait for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("LOCK TABLE roster_standing, roster_total, roster_hourtotal IN EXCLUSIVE MODE")
        for statement in filling(connection.vendor):
            cursor.execute(statement)


def fold() -> int:
    """Add PostgreSQL's lines up into one a place; returns how many there were. The sweeper calls it."""
    if connection.vendor != "postgresql":
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_FOLD])
        if not cursor.fetchone()[0]:
            return 0  # another sweeper is at it
        hours = _folded(cursor, "roster_hourtotal", f"{_KEY}, {HOUR}", ("people",))
        return hours + _folded(cursor, "roster_total", _KEY, _COLUMNS)


def _folded(cursor: Any, table: str, key: str, columns: tuple[str, ...]) -> int:
    cursor.execute(f"SELECT COUNT(*) FROM {table} WHERE base IS NULL")
    lines = int(cursor.fetchone()[0])
    if lines:
        named, sums = ", ".join(columns), ", ".join(f"SUM({column})" for column in columns)
        added = ", ".join(f"{column} = {table}.{column} + excluded.{column}" for column in columns)
        cursor.execute(
            f"WITH gone AS (DELETE FROM {table} WHERE base IS NULL RETURNING {key}, {named})"
            f" INSERT INTO {table} ({key}, base, {named}) SELECT {key}, 0, {sums} FROM gone GROUP BY {key}"
            f" ON CONFLICT ({key}, base) DO UPDATE SET {added}"
        )
    return lines
