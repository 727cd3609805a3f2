"""What the database itself holds of the fee ledger: rows written once, closed days, balances that follow the entries.

0002 puts the triggers up for the first time; ``core.guards`` keeps them up after later migrations.
"""

from __future__ import annotations

from gradphoto.apps.core.guards import Effect, Guard, Rule

_WRITTEN_ONCE = (
    "entry",
    "collection",
    "receipt",
    "receiptcancellation",
    "dayclosing",
    "seasonclosing",
    "gatewaynotice",
)
_NEVER_DELETED = (
    "account", "charge", "handin", "handinitem", "receiptbook", "price", "onlineorder", "bankrow", "refund", "refunditem",
)  # fmt: skip
_BALANCE_IS_MOVED_BY_LAST_ENTRY = """NEW.balance_fen <> OLD.balance_fen AND NOT EXISTS (
    SELECT 1 FROM fees_entry e WHERE e.id = (SELECT MAX(id) FROM fees_entry)
    AND ((e.debit_id = NEW.id AND NEW.balance_fen = OLD.balance_fen + e.amount_fen)
      OR (e.credit_id = NEW.id AND NEW.balance_fen = OLD.balance_fen - e.amount_fen)))"""

RULES: tuple[Rule, ...] = (
    *(Rule(f"fees.{name}_unchanged", "BEFORE UPDATE", f"fees_{name}") for name in _WRITTEN_ONCE),
    *(Rule(f"fees.{name}_kept", "BEFORE DELETE", f"fees_{name}") for name in _WRITTEN_ONCE + _NEVER_DELETED),
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
    Rule("fees.refund_settled", "BEFORE UPDATE", "fees_refund", "OLD.status <> 'asked'"),
    Rule(
        "fees.refund_as_asked",
        "BEFORE UPDATE",
        "fees_refund",
        "NEW.amount_fen <> OLD.amount_fen OR NEW.asked_by_id <> OLD.asked_by_id OR NEW.people_count <> OLD.people_count",
    ),
    Rule(
        "fees.refund_item_as_asked",
        "BEFORE UPDATE",
        "fees_refunditem",
        "NEW.live OR NEW.charge_id <> OLD.charge_id OR NEW.refund_id <> OLD.refund_id OR NEW.amount_fen <> OLD.amount_fen",
    ),
    # Four eyes: money leaves a till on a request that stands; what the gateway has paid back by itself is a fact.
    Rule(
        "fees.refund_needs_request",
        "BEFORE INSERT",
        "fees_entry",
        "NEW.kind = 'refund' AND NOT EXISTS (SELECT 1 FROM fees_refunditem i JOIN fees_refund r ON r.id = i.refund_id"
        " WHERE i.charge_id = NEW.charge_id AND i.live AND r.status = 'asked')"
        " AND NOT EXISTS (SELECT 1 FROM fees_collection c WHERE c.id = NEW.collection_id AND c.channel = 'online')",
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

GUARD = Guard(RULES, (Effect("fees_entry_moves_balances", "AFTER INSERT", "fees_entry", _MOVE),))
