"""When each candidate changed last: written by the database, in the transaction of whatever changed.

Two tables tell everything: the candidate's own row, and ``roster_standing``, whose row moves with every fact that is counted
(photographed, delivered, verified, registered). Times are the database's own, to the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gradphoto.apps.api.models import CandidateChange
from gradphoto.apps.core.guards import Effect, Guard

_TABLE = CandidateChange._meta.db_table
_TABLES = {_TABLE, "roster_candidate", "roster_standing"}


def _moved(key: str) -> str:
    return f"UPDATE {_TABLE} SET changed_at = CURRENT_TIMESTAMP WHERE candidate_id = NEW.{key};"


class ChangesGuard(Guard):
    """The triggers; where they stand anew, whoever has no line yet gets one."""

    def put_up(self, connection: Any) -> None:
        """Put the triggers up, and begin the line of everybody who came before them."""
        super().put_up(connection)
        with connection.cursor() as cursor:
            for statement in _filling():
                cursor.execute(statement)

    def _has_tables(self, connection: Any) -> bool:
        return set(connection.introspection.table_names()) >= _TABLES


def _filling() -> Iterator[str]:
    yield (
        f"INSERT INTO {_TABLE} (candidate_id, changed_at) SELECT c.id, CURRENT_TIMESTAMP FROM roster_candidate c"
        f" WHERE NOT EXISTS (SELECT 1 FROM {_TABLE} k WHERE k.candidate_id = c.id)"
    )


GUARD = ChangesGuard(
    (),
    (
        Effect(
            "api_change_begins", "AFTER INSERT", "roster_candidate",
            f"INSERT INTO {_TABLE} (candidate_id, changed_at) VALUES (NEW.id, CURRENT_TIMESTAMP);",
            f"INSERT INTO {_TABLE} (candidate_id, changed_at) SELECT r.id, CURRENT_TIMESTAMP FROM {{rows}} r;",
        ),
        Effect("api_change_of_candidate", "AFTER UPDATE", "roster_candidate", _moved("id")),
        Effect("api_change_of_standing", "AFTER UPDATE", "roster_standing", _moved("candidate_id")),
        Effect(
            "api_change_ends", "AFTER DELETE", "roster_candidate",
            f"DELETE FROM {_TABLE} WHERE candidate_id = OLD.id;",
        ),
    ),
)  # fmt: skip


def changed_since(moment: datetime) -> Any:
    """The keys of the candidates that changed at or after a moment, to its whole second."""
    return CandidateChange.objects.filter(changed_at__gte=moment.replace(microsecond=0)).values("candidate_id")
