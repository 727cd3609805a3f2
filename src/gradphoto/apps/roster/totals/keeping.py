"""The triggers behind ``Standing`` and ``Total``: whichever way a row is written, its numbers move in the same transaction.

A changed row renews the facts of the candidates it touches; a renewed candidate moves the totals. SQLite has one writer, so
its triggers add to the total itself. PostgreSQL's run once a statement, lock the candidates in the order of their keys and
add lines (``Total.base`` is null): no two transactions wait for one another's totals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gradphoto.apps.core.guards import GUARDS, Guard, Together, once_a_statement
from gradphoto.apps.roster.models.totals import FACTS, HOUR
from gradphoto.apps.roster.totals.facts import SOURCES, Source, value_of

_KEY = ("campaign_id", "department_id", "season", "status")
_COLUMNS = ("people", *FACTS)
_HELD = (*FACTS, HOUR)
_PLACE = ", ".join(_KEY)
_EVENTS = ("insert", "update", "delete")
_TABLES = ("roster_standing", "roster_total", "roster_hourtotal", "roster_candidate")


def renewing(persons: str, facts: Iterable[str], vendor: str) -> str:
    """The statement that looks at facts of some candidates anew; who stands as before is not touched."""
    named = tuple(facts)
    found = ", ".join(f"{value_of(fact, 's.candidate_id', vendor)} AS {fact}" for fact in named)
    changed = " OR ".join(f"roster_standing.{fact} <> n.{fact}" for fact in named)
    return (
        f"UPDATE roster_standing SET {', '.join(f'{fact} = n.{fact}' for fact in named)}"
        f" FROM (SELECT s.candidate_id AS person, {found} FROM roster_standing s WHERE s.candidate_id IN ({persons})) n"
        f" WHERE roster_standing.candidate_id = n.person AND ({changed});"
    )


def filling(vendor: str) -> Iterator[str]:
    """The statements that make all three tables anew from what there is."""
    facts = ", ".join(value_of(fact, "c.id", vendor) for fact in _HELD)
    sums = ", ".join(f"SUM({fact})" for fact in FACTS)
    yield "DELETE FROM roster_standing"
    yield (
        f"INSERT INTO roster_standing (candidate_id, {_PLACE}, {', '.join(_HELD)})"
        f" SELECT c.id, {', '.join(f'c.{name}' for name in _KEY)}, {facts} FROM roster_candidate c"
    )
    yield "DELETE FROM roster_total"
    yield (
        f"INSERT INTO roster_total ({_PLACE}, base, people, {', '.join(FACTS)})"
        f" SELECT {_PLACE}, 0, COUNT(*), {sums} FROM roster_standing GROUP BY {_PLACE}"
    )
    yield "DELETE FROM roster_hourtotal"
    yield (
        f"INSERT INTO roster_hourtotal ({_PLACE}, {HOUR}, base, people)"
        f" SELECT {_PLACE}, {HOUR}, 0, COUNT(*) FROM roster_standing WHERE {HOUR} > 0 GROUP BY {_PLACE}, {HOUR}"
    )


class TotalsGuard(Guard):
    """The triggers that keep the totals; where they stand for the first time, everybody is counted."""

    def __init__(self) -> None:
        super().__init__(())
        assert self in GUARDS

    def places(self) -> frozenset[tuple[str, str]]:
        """Every trigger with the table on which it stands."""
        return frozenset(self._triggers())

    def _triggers(self) -> Iterator[tuple[str, str]]:
        for table in ("roster_candidate", "roster_standing", *_by_table()):
            for event in _EVENTS:
                yield f"totals_{table}_{event}", table
        for event in ("insert", "update"):
            yield f"totals_roster_candidate_{event}_programme", "roster_candidate"
        for event in _EVENTS:
            yield f"totals_roster_standing_{event}_hour", "roster_standing"

    def create_sql(self, vendor: str) -> Iterator[str]:
        """The statements that put every trigger up."""
        write = _on_postgresql if vendor == "postgresql" else _on_sqlite
        for event in _EVENTS:
            yield from _on_candidates(vendor, event)
            yield from _on_standing(vendor, event)
            for table, sources in _by_table().items():
                watched = dict.fromkeys(name for source in sources for name in source.watched)
                body = [statement for source in sources for statement in _source(vendor, event, source)]
                yield from write(table, event, watched, body)

    def together(self) -> Iterator[Together]:
        """SQLite's row triggers on new candidates: a roster that is taken over moves each total once."""
        yield Together(
            "roster_candidate",
            (
                "totals_roster_candidate_insert", "totals_roster_candidate_insert_programme",
                "totals_roster_standing_insert", "totals_roster_standing_insert_hour",
            ),
            (_begun("{rows}"), _added_people("{rows}"), *_renewed("sqlite", _others("{rows}"), _of_programmes())),
        )  # fmt: skip

    def drop_sql(self, vendor: str) -> Iterator[str]:
        """The statements that take every trigger down."""
        for name, table in self._triggers():
            yield f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if vendor == "postgresql" else "")

    def put_up(self, connection: Any) -> None:
        """Put the triggers up anew, and count everybody: without them nobody did."""
        with connection.cursor() as cursor:
            for statement in (
                *self.drop_sql(connection.vendor),
                *filling(connection.vendor),
                *self.create_sql(connection.vendor),
            ):
                cursor.execute(statement)

    def _has_tables(self, connection: Any) -> bool:
        return {*_TABLES, *(source.table for source in SOURCES)} <= set(connection.introspection.table_names())


_CANDIDATE_WATCHED = (*_KEY, "same_person_id")


def _by_table() -> dict[str, list[Source]]:
    found: dict[str, list[Source]] = {}
    for source in SOURCES:
        found.setdefault(source.table, []).append(source)
    return found


def _rows(vendor: str, event: str, columns: Iterable[str]) -> str:
    """The changed rows as a table: as they are and, where they were there before, as they were."""
    named = tuple(columns)
    states = {"insert": ("NEW",), "update": ("NEW", "OLD"), "delete": ("OLD",)}[event]
    if vendor == "postgresql":
        parts = (f"SELECT {', '.join(named)} FROM {state.lower()}_rows" for state in states)
    else:
        parts = (f"SELECT {', '.join(f'{state}.{name} AS {name}' for name in named)}" for state in states)
    return f"({' UNION ALL '.join(parts)})"


def _source(vendor: str, event: str, source: Source) -> list[str]:
    return _renewed(vendor, source.persons.format(rows=_rows(vendor, event, source.columns)), source.facts)


def _renewed(vendor: str, persons: str, facts: Iterable[str]) -> list[str]:
    # Locked first: what another transaction has just done to the same person is then seen, not overwritten.
    lock = f"PERFORM 1 FROM roster_standing WHERE candidate_id IN ({persons}) ORDER BY candidate_id FOR UPDATE;"
    return [*([lock] if vendor == "postgresql" else []), renewing(persons, facts, vendor)]


def _of_programmes() -> tuple[str, ...]:
    """Facts that change when somebody's record becomes another programme of a person."""
    return tuple(
        dict.fromkeys(fact for source in SOURCES if source.table == "capture_checkin" for fact in source.facts)
    )


def _on_candidates(vendor: str, event: str) -> Iterator[str]:
    place, programme = _candidate(vendor, event)
    if vendor == "postgresql":
        yield from _on_postgresql("roster_candidate", event, _CANDIDATE_WATCHED, [*place, *programme])
        return
    # Nearly nobody has a second programme, and SQLite runs this once a row: looking for one was a tenth of taking a
    # roster over. Two triggers that exclude each other, as SQLite promises no order among triggers.
    others = {"insert": "NEW.same_person_id IS NOT NULL", "update": "NEW.same_person_id IS NOT OLD.same_person_id"}
    when = others.get(event, "")
    yield from _on_sqlite("roster_candidate", event, _CANDIDATE_WATCHED, place, when=f"NOT ({when})" if when else "")
    if when:
        body = [*place, *programme]
        yield from _on_sqlite("roster_candidate", event, _CANDIDATE_WATCHED, body, when=when, name="_programme")


def _candidate(vendor: str, event: str) -> tuple[list[str], list[str]]:
    """What follows a changed candidate: its place in the totals, and the facts of who has become another programme."""
    names = ("id", *_KEY, "same_person_id")
    if event == "delete":
        keys = f"SELECT r.id FROM {_rows(vendor, event, names)} r"
        return [f"DELETE FROM roster_standing WHERE candidate_id IN ({keys});"], []
    now = _rows(vendor, "insert", names)
    if event == "insert":
        return [_begun(now)], _renewed(vendor, _others(now), _of_programmes())
    moved = " OR ".join(f"roster_standing.{name} <> r.{name}" for name in _KEY)
    followed = (
        f"UPDATE roster_standing SET {', '.join(f'{name} = r.{name}' for name in _KEY)} FROM {now} r"
        f" WHERE roster_standing.candidate_id = r.id AND ({moved});"
    )
    if vendor == "postgresql":
        joined = "SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id"
        others = f"{joined} WHERE n.same_person_id IS DISTINCT FROM o.same_person_id"
    else:
        others = "SELECT NEW.id WHERE NEW.same_person_id IS NOT OLD.same_person_id"
    return [followed], _renewed(vendor, others, _of_programmes())


def _begun(rows: str) -> str:
    """New candidates stand somewhere; no fact is true of them yet."""
    zeros = ", ".join("0" for _ in _HELD)
    return (
        f"INSERT INTO roster_standing (candidate_id, {_PLACE}, {', '.join(_HELD)})"
        f" SELECT r.id, {', '.join(f'r.{name}' for name in _KEY)}, {zeros} FROM {rows} r WHERE true;"
    )


def _others(rows: str) -> str:
    """Of new candidates those that are another programme of somebody: of them something may be true already."""
    return f"SELECT r.id FROM {rows} r WHERE r.same_person_id IS NOT NULL"


def _added_people(rows: str) -> str:
    """New candidates in SQLite's totals: what the trigger on ``roster_standing`` does for one of :func:`_begun`."""
    zeros = ", ".join("0" for _ in FACTS)
    return (
        f"INSERT INTO roster_total ({_PLACE}, base, {', '.join(_COLUMNS)})"
        f" SELECT {_PLACE}, 0, COUNT(*), {zeros} FROM {rows} r WHERE true GROUP BY {_PLACE}"
        f" ON CONFLICT ({_PLACE}, base) DO UPDATE SET people = people + excluded.people;"
    )


def _on_standing(vendor: str, event: str) -> Iterator[str]:
    if vendor == "postgresql":
        yield from _on_postgresql("roster_standing", event, (), [_added_lines(event), _added_hours(event)])
        return
    states = {"insert": (("NEW", "+"),), "update": (("OLD", "-"), ("NEW", "+")), "delete": (("OLD", "-"),)}[event]
    added = [statement for state, sign in states for statement in _added(state, sign)]
    yield from _on_sqlite("roster_standing", event, (), added)
    # Apart, so that a roster that is taken over, where nobody was in the room yet, does not pay for it.
    hours = [statement for state, sign in states for statement in _added_hour(state, sign)]
    when = " OR ".join(f"{state}.{HOUR} > 0" for state, _ in states)
    yield from _on_sqlite("roster_standing", event, (), hours, when=when, name="_hour")


def _added(state: str, sign: str) -> Iterator[str]:
    place = " AND ".join(f"{name} = {state}.{name}" for name in _KEY)
    if sign == "+":
        zeros = ", ".join("0" for _ in _COLUMNS)
        yield (
            # Not OR IGNORE: the outer statement's own way with conflicts would take its place.
            f"INSERT INTO roster_total ({_PLACE}, base, {', '.join(_COLUMNS)})"
            f" SELECT {', '.join(f'{state}.{name}' for name in _KEY)}, 0, {zeros}"
            f" WHERE NOT EXISTS (SELECT 1 FROM roster_total WHERE {place} AND base = 0);"
        )
    moved = ", ".join(f"{fact} = {fact} {sign} {state}.{fact}" for fact in FACTS)
    yield f"UPDATE roster_total SET people = people {sign} 1, {moved} WHERE {place} AND base = 0;"


def _added_hour(state: str, sign: str) -> Iterator[str]:
    place = " AND ".join(f"{name} = {state}.{name}" for name in _KEY)
    hour = f"{place} AND {HOUR} = {state}.{HOUR} AND base = 0"
    if sign == "+":
        yield (
            f"INSERT INTO roster_hourtotal ({_PLACE}, {HOUR}, base, people)"
            f" SELECT {', '.join(f'{state}.{name}' for name in _KEY)}, {state}.{HOUR}, 0, 0"
            f" WHERE {state}.{HOUR} > 0 AND NOT EXISTS (SELECT 1 FROM roster_hourtotal WHERE {hour});"
        )
    yield f"UPDATE roster_hourtotal SET people = people {sign} 1 WHERE {hour};"


_SIGNED = {
    "insert": (("new_rows", ""),),
    "update": (("new_rows", ""), ("old_rows", "-")),
    "delete": (("old_rows", "-"),),
}


def _added_lines(event: str) -> str:
    parts = (
        f"SELECT {_PLACE}, {sign}1 AS people, {', '.join(f'{sign}{fact} AS {fact}' for fact in FACTS)} FROM {table}"
        for table, sign in _SIGNED[event]
    )
    sums = ", ".join(f"SUM({name})" for name in _COLUMNS)
    moved = " OR ".join(f"SUM({name}) <> 0" for name in _COLUMNS)
    return (
        f"INSERT INTO roster_total ({_PLACE}, {', '.join(_COLUMNS)}) SELECT {_PLACE}, {sums}"
        f" FROM ({' UNION ALL '.join(parts)}) r GROUP BY {_PLACE} HAVING {moved} ORDER BY {_PLACE};"
    )


def _added_hours(event: str) -> str:
    parts = (f"SELECT {_PLACE}, {HOUR}, {sign}1 AS people FROM {table}" for table, sign in _SIGNED[event])
    return (
        f"INSERT INTO roster_hourtotal ({_PLACE}, {HOUR}, people) SELECT {_PLACE}, {HOUR}, SUM(people)"
        f" FROM ({' UNION ALL '.join(parts)}) r WHERE {HOUR} > 0 GROUP BY {_PLACE}, {HOUR}"
        f" HAVING SUM(people) <> 0 ORDER BY {_PLACE}, {HOUR};"
    )


def _on_sqlite(
    table: str, event: str, watched: Iterable[str], body: list[str], *, when: str = "", name: str = ""
) -> Iterator[str]:
    of = f" OF {', '.join(watched)}" if event == "update" and watched else ""
    yield (
        f"CREATE TRIGGER totals_{table}_{event}{name} AFTER {event.upper()}{of} ON {table} FOR EACH ROW"
        f"{f' WHEN {when}' if when else ''} BEGIN {' '.join(body)} END"
    )


def _on_postgresql(table: str, event: str, watched: Iterable[str], body: list[str]) -> Iterator[str]:
    name = f"totals_{table}_{event}"
    seen = {"insert": "NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
    tables = seen.get(event, "OLD TABLE AS old_rows NEW TABLE AS new_rows")
    if event == "update" and watched:
        same = " OR ".join(f"n.{column} IS DISTINCT FROM o.{column}" for column in watched)
        touched = f"EXISTS (SELECT 1 FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE {same})"
        body = [f"IF {touched} THEN", *body, "END IF;"]
    yield from once_a_statement(name, f"AFTER {event.upper()}", table, tables, " ".join(body))


GUARD = TotalsGuard()
