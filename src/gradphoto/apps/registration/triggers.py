"""What the database itself holds of the registration ledger: a line is written once and stays (R171, R214).

Its ID number may be sealed anew under another key (``gradphoto keys rotate``); what it says is bound to the line by its seal.
"""

from __future__ import annotations

from gradphoto.apps.core.guards import Guard, Rule

_LEDGER = "registration_ledgerentry"
_STAYS = ("id", "campaign_id", "number", "candidate_id", "kind", "portrait_id", "review_id", "name", "facts", "at")

GUARD = Guard(
    (
        Rule(
            "registration.entry_unchanged",
            "BEFORE UPDATE",
            _LEDGER,
            " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _STAYS),
            " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _STAYS),
        ),
        Rule("registration.entry_kept", "BEFORE DELETE", _LEDGER),
    )
)
