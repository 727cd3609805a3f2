"""When a fact of ``Standing`` is true, as each room says it, and which tables it hangs on.

A room registers with ``keep`` the facts that hang on its tables. A condition is a sentence of SQL about the candidate whose
key is ``{person}``; it is the same for SQLite and PostgreSQL. A ``Source`` says whose facts a changed row touches.
"""

from __future__ import annotations

from dataclasses import dataclass

from gradphoto.apps.roster.models.totals import FACTS, HOUR


@dataclass(frozen=True, slots=True)
class Source:
    """A table that facts hang on.

    ``persons`` selects the keys of the candidates that changed rows touch; ``{rows}`` stands for these rows with their
    ``columns``. ``watched``: an update of other columns touches nobody.
    """

    table: str
    columns: tuple[str, ...]
    watched: tuple[str, ...]
    persons: str
    facts: tuple[str, ...]


CONDITIONS: dict[str, str] = {}
HOURS: dict[str, str] = {}
"""By vendor, the hour in which a candidate was photographed (``Standing.shot_hour``); the room says it."""
SOURCES: list[Source] = []


def keep(conditions: dict[str, str], *sources: Source) -> None:
    """Register a room's facts. Every fact is a column of ``Standing``."""
    unknown = {*conditions, *(fact for source in sources for fact in source.facts)} - {*FACTS, HOUR}
    if unknown:
        raise ValueError(f"No columns of Standing: {unknown}")
    CONDITIONS.update(conditions)
    SOURCES.extend(source for source in sources if source not in SOURCES)


def value_of(fact: str, person: str, vendor: str) -> str:
    """0 or 1 for the candidate whose key ``person`` says; of ``HOUR`` the hour, 0 for none."""
    if fact == HOUR:
        return f"COALESCE(({HOURS[vendor].format(person=person)}), 0)"
    condition = CONDITIONS[fact].format(person=person)
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"
