"""What no constraint can say, said by triggers, in SQLite and PostgreSQL alike.

A ``Rule`` refuses a row with its code; the one trigger that does something keeps the balances. Django remakes a table
on SQLite when a column changes, and a trigger that names the table stands in the way of that: the guard therefore steps
aside before every ``migrate`` and stands again after it (signals in ``apps.py``); 0002 puts it up for the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections

_BALANCE = "fees_entry_moves_balances"


@dataclass(frozen=True, slots=True)
class Rule:
    """Refuse ``event`` on ``table`` where ``condition`` holds, with ``code``; some conditions differ by vendor."""

    code: str
    event: str
    table: str
    condition: str
    postgresql: str = ""

    @property
    def trigger(self) -> str:
        return self.code.replace(".", "_")


_WRITTEN_ONCE = (
    "entry",
    "collection",
    "receipt",
    "receiptcancellation",
    "dayclosing",
    "seasonclosing",
    "gatewaynotice",
)
_NEVER_DELETED = ("account", "charge", "handin", "handinitem", "receiptbook", "price", "onlineorder", "bankrow")
_BALANCE_IS_MOVED_BY_LAST_ENTRY = """NEW.balance_fen <> OLD.balance_fen AND NOT EXISTS (
    SELECT 1 FROM fees_entry e WHERE e.id = (SELECT MAX(id) FROM fees_entry)
    AND ((e.debit_id = NEW.id AND NEW.balance_fen = OLD.balance_fen + e.amount_fen)
      OR (e.credit_id = NEW.id AND NEW.balance_fen = OLD.balance_fen - e.amount_fen)))"""

RULES: tuple[Rule, ...] = (
    *(Rule(f"fees.{name}_unchanged", "BEFORE UPDATE", f"fees_{name}", "1 = 1") for name in _WRITTEN_ONCE),
    *(Rule(f"fees.{name}_kept", "BEFORE DELETE", f"fees_{name}", "1 = 1") for name in _WRITTEN_ONCE + _NEVER_DELETED),
    Rule("fees.account_begins_empty", "BEFORE INSERT", "fees_account", "NEW.balance_fen <> 0"),
    Rule(
        "fees.balance_follows_entries",
        "BEFORE UPDATE",
        "fees_account",
        _BALANCE_IS_MOVED_BY_LAST_ENTRY,
        postgresql="NEW.balance_fen <> OLD.balance_fen AND pg_trigger_depth() < 2",
    ),
    Rule(
        "fees.day_is_closed",
        "BEFORE INSERT",
        "fees_entry",
        "EXISTS (SELECT 1 FROM fees_dayclosing c WHERE c.till_id IN (NEW.debit_id, NEW.credit_id)"
        " AND c.day >= NEW.business_day)",
    ),
    Rule(
        "fees.season_is_closed",
        "BEFORE INSERT",
        "fees_entry",
        "EXISTS (SELECT 1 FROM fees_seasonclosing c WHERE c.campaign_id = NEW.campaign_id AND c.season = NEW.season)",
    ),
    Rule(
        "fees.counter_entry_is_equal",
        "BEFORE INSERT",
        "fees_entry",
        "NEW.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM fees_entry e WHERE e.id = NEW.reverses_id"
        " AND e.amount_fen = NEW.amount_fen AND e.charge_id = NEW.charge_id AND e.reverses_id IS NULL)",
    ),
    Rule(
        "fees.accounts_of_one_campaign",
        "BEFORE INSERT",
        "fees_entry",
        "(SELECT COUNT(*) FROM fees_account a WHERE a.id IN (NEW.debit_id, NEW.credit_id)"
        " AND a.campaign_id = NEW.campaign_id) <> 2",
    ),
    Rule(
        "fees.charge_amount_stays",
        "BEFORE UPDATE",
        "fees_charge",
        "NEW.amount_fen <> OLD.amount_fen OR NEW.candidate_id <> OLD.candidate_id OR NEW.item <> OLD.item",
    ),
    Rule("fees.hand_in_settled", "BEFORE UPDATE", "fees_handin", "OLD.status <> 'listed'"),
    Rule(
        "fees.hand_in_as_listed",
        "BEFORE UPDATE",
        "fees_handin",
        "NEW.amount_fen <> OLD.amount_fen OR NEW.people_count <> OLD.people_count OR NEW.giver_id <> OLD.giver_id"
        " OR NEW.receiver_id <> OLD.receiver_id OR NEW.listed_by_id <> OLD.listed_by_id",
    ),
    Rule(
        "fees.hand_in_item_as_listed",
        "BEFORE UPDATE",
        "fees_handinitem",
        "NEW.live OR NEW.charge_id <> OLD.charge_id OR NEW.hand_in_id <> OLD.hand_in_id OR NEW.giver_id <> OLD.giver_id",
    ),
    Rule("fees.receipt_book_runs", "BEFORE UPDATE", "fees_receiptbook", "NEW.last <> OLD.last + 1"),
    Rule(
        "fees.receipt_number_runs",
        "BEFORE INSERT",
        "fees_receipt",
        "NEW.number <> 1 + COALESCE((SELECT MAX(r.number) FROM fees_receipt r"
        " WHERE r.issuer_id = NEW.issuer_id AND r.year = NEW.year), 0)",
    ),
    Rule(
        "fees.receipt_needs_agreement",
        "BEFORE INSERT",
        "fees_receipt",
        "NEW.hand_in_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM fees_handin h WHERE h.id = NEW.hand_in_id"
        " AND h.status = 'received' AND h.amount_fen = NEW.amount_fen)",
    ),
    Rule(
        "fees.receipt_replaces_cancelled",
        "BEFORE INSERT",
        "fees_receipt",
        "NEW.replaces_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM fees_receiptcancellation c"
        " WHERE c.receipt_id = NEW.replaces_id)",
    ),
)

_MOVE = """UPDATE fees_account SET balance_fen = balance_fen
    + CASE WHEN id = NEW.debit_id THEN NEW.amount_fen ELSE -NEW.amount_fen END
    WHERE id IN (NEW.debit_id, NEW.credit_id);"""


def names() -> tuple[str, ...]:
    """The names of all triggers of the ledger."""
    return (*(rule.trigger for rule in RULES), _BALANCE)


def create_sql(vendor: str) -> Iterator[str]:
    """The statements that put every trigger up, for ``sqlite`` or ``postgresql``."""
    if vendor == "postgresql":
        for rule in RULES:
            yield from _postgresql(
                rule.trigger,
                rule.event,
                rule.table,
                f"IF {rule.postgresql or rule.condition} THEN RAISE EXCEPTION '{rule.code}'"
                " USING ERRCODE = 'integrity_constraint_violation'; END IF;",
            )
        yield from _postgresql(_BALANCE, "AFTER INSERT", "fees_entry", _MOVE)
        return
    for rule in RULES:
        yield (
            f"CREATE TRIGGER {rule.trigger} {rule.event} ON {rule.table} FOR EACH ROW WHEN {rule.condition}"
            f" BEGIN SELECT RAISE(ABORT, '{rule.code}'); END"
        )
    yield f"CREATE TRIGGER {_BALANCE} AFTER INSERT ON fees_entry FOR EACH ROW BEGIN {_MOVE} END"


def _postgresql(name: str, event: str, table: str, body: str) -> Iterator[str]:
    row = "OLD" if event.endswith("DELETE") else "NEW"
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $body$ BEGIN {body} RETURN {row}; END $body$"
    )
    yield f"CREATE TRIGGER {name} {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"


def drop_sql(vendor: str) -> Iterator[str]:
    """The statements that take every trigger down."""
    for name, table in (*((rule.trigger, rule.table) for rule in RULES), (_BALANCE, "fees_entry")):
        yield (
            f"DROP TRIGGER IF EXISTS {name} ON {table}" if vendor == "postgresql" else f"DROP TRIGGER IF EXISTS {name}"
        )


def put_up(connection: Any) -> None:
    """Put the triggers up anew."""
    with connection.cursor() as cursor:
        for statement in (*drop_sql(connection.vendor), *create_sql(connection.vendor)):
            cursor.execute(statement)


def missing(connection: Any) -> set[str]:
    """The triggers that should stand and do not; empty when the ledger is guarded."""
    look = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(look)
        return set(names()) - {row[0] for row in cursor.fetchall()}


def _has_tables(connection: Any) -> bool:
    needed = {rule.table for rule in RULES}
    return needed <= set(connection.introspection.table_names())


def step_aside(using: str, **_: Any) -> None:
    """Before ``migrate``: only SQLite needs it, and only where the tables are there."""
    connection = connections[using]
    if connection.vendor == "sqlite" and _has_tables(connection):
        with connection.cursor() as cursor:
            for statement in drop_sql("sqlite"):
                cursor.execute(statement)


def stand_guard(using: str, **_: Any) -> None:
    """After ``migrate``: whatever was done to the tables, the triggers stand."""
    connection = connections[using]
    if _has_tables(connection) and missing(connection):
        put_up(connection)
