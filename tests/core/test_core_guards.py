"""Triggers of this release stand, each at its place and at its event, or ``migrate`` puts them up (``site.migrating``)."""

from __future__ import annotations

import pytest
from django.db import connection

from gradphoto.apps.core.guards import GUARDS, all_stand, unknown_triggers

pytestmark = pytest.mark.django_db
NAME, TABLE, OTHER = "fees_receipt_kept", "fees_receipt", "fees_price"


def _said(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _at_another_event() -> None:
    """An earlier release ran the same at another event: its name and what it does are the present ones."""
    if connection.vendor == "sqlite":
        _said(
            f"DROP TRIGGER {NAME}",
            f"CREATE TRIGGER {NAME} BEFORE INSERT ON {TABLE} FOR EACH ROW WHEN 1 = 1"
            " BEGIN SELECT RAISE(ABORT, 'fees.receipt_kept'); END",
        )
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [NAME])
        body = cursor.fetchone()[0].replace("BEFORE DELETE", "BEFORE INSERT")
    _said(
        f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$",
        f"DROP TRIGGER {NAME} ON {TABLE}",
        f"CREATE TRIGGER {NAME} BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}()",
    )


def _silent() -> None:
    if connection.vendor == "sqlite":
        _said(f"DROP TRIGGER {NAME}")
    else:
        _said(f"ALTER TABLE {TABLE} DISABLE TRIGGER {NAME}")


def _on_another_table() -> None:
    """An earlier release had it there; PostgreSQL lets each table have one of that name."""
    if connection.vendor == "sqlite":
        _said(f"CREATE TRIGGER of_old BEFORE DELETE ON {OTHER} BEGIN SELECT 1; END")
    else:
        _said(f"CREATE TRIGGER {NAME} BEFORE INSERT ON {OTHER} FOR EACH ROW EXECUTE FUNCTION {NAME}()")
    assert unknown_triggers(connection) == {(NAME if connection.vendor == "postgresql" else "of_old", OTHER)}


@pytest.mark.parametrize("wrong", [_at_another_event, _silent, _on_another_table])
def test_a_trigger_that_is_another_is_seen_and_put_up_anew(wrong):
    assert all_stand(connection)
    wrong()
    assert not all_stand(connection)
    for guard in GUARDS:
        guard.step_aside(connection.alias)
    for guard in GUARDS:
        guard.stand_guard(connection.alias)
    assert all_stand(connection)
