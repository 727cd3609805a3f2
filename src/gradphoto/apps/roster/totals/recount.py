"""The proof of the totals: everybody counted anew, beside what is kept; and adding up PostgreSQL's lines."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction

from gradphoto.apps.roster.models.totals import FACTS
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
    facts = ", ".join(f"SUM({value_of(fact, 'c.id')})" for fact in FACTS)
    kept = ", ".join(f"SUM({column})" for column in _COLUMNS)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql" and connection.savepoint_ids == []:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # both as one moment saw them
        cursor.execute(f"SELECT {_KEY}, {kept} FROM roster_total GROUP BY {_KEY}")
        had = {row[:4]: row[4:] for row in cursor.fetchall()}
        cursor.execute(f"SELECT {_KEY}, COUNT(*), {facts} FROM roster_candidate c GROUP BY {_KEY}")
        found = {row[:4]: row[4:] for row in cursor.fetchall()}
    none = (0,) * len(_COLUMNS)
    return [
        Difference(place[0], place[1], place[2], place[3], column, int(is_kept), int(is_counted))
        for place in sorted({*had, *found})
        for column, is_kept, is_counted in zip(_COLUMNS, had.get(place, none), found.get(place, none), strict=True)
        if int(is_kept) != int(is_counted)
    ]


def mend() -> None:
    """Make both tables anew; other transactions that count wait for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("LOCK TABLE roster_standing, roster_total IN EXCLUSIVE MODE")
        for statement in filling():
            cursor.execute(statement)


def fold() -> int:
    """Add PostgreSQL's lines up into one a place; returns how many there were. The sweeper calls it."""
    if connection.vendor != "postgresql":
        return 0
    columns = ", ".join(_COLUMNS)
    sums = ", ".join(f"SUM({column})" for column in _COLUMNS)
    added = ", ".join(f"{column} = roster_total.{column} + excluded.{column}" for column in _COLUMNS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_FOLD])
        if not cursor.fetchone()[0]:
            return 0  # another sweeper is at it
        cursor.execute("SELECT COUNT(*) FROM roster_total WHERE base IS NULL")
        lines = int(cursor.fetchone()[0])
        if lines:
            cursor.execute(
                f"WITH gone AS (DELETE FROM roster_total WHERE base IS NULL RETURNING {_KEY}, {columns})"
                f" INSERT INTO roster_total ({_KEY}, base, {columns}) SELECT {_KEY}, 0, {sums} FROM gone GROUP BY {_KEY}"
                f" ON CONFLICT (campaign_id, department_id, season, status, base) DO UPDATE SET {added}"
            )
    return lines
