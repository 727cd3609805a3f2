"""What the database itself holds of the registration ledger: a line is written once and stays (R171, R214)."""

from __future__ import annotations

from gradphoto.apps.core.guards import Guard, Rule

_LEDGER = "registration_ledgerentry"

GUARD = Guard(
    (
        Rule("registration.entry_unchanged", "BEFORE UPDATE", _LEDGER),
        Rule("registration.entry_kept", "BEFORE DELETE", _LEDGER),
    )
)
