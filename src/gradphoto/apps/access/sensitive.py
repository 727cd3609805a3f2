"""The table of actions that want a recent password or second factor (issue 11.5): see ``core.reauthentication``."""

from __future__ import annotations

from gradphoto.apps.core.reauthentication import SENSITIVE_ACTIONS

REVEALING = ("roster.reveal_id_number",)
EXPORTING = (
    "registration.export_ledger",
    "errata.print_form",
    "errata.print_summary",
)
"""Files that always hold whole ID numbers; roster exports and papers ask only when one of theirs does.

Taking such a file home asks too (``pages.exporting.makes(..., whole_numbers=True)``)."""
APPROVING = (
    "registration.approve_at_head_office",
    "registration.approve_correction",
    "registration.approve_nationally",
    "registration.approve_photo",
    "registration.register_without_photo",
)
CLOSING = ("campaigns.close_campaign", "fees.close_season")
CLOSING_JOBS = ("registration.close_verification",)
"""Kinds of background work, asked when the work is handed over (``core.jobs.enqueue``)."""
GRANTING = (
    "orgs.add_user",
    "orgs.grant_role",
    "orgs.withdraw_role",
    "orgs.set_user_active",
    "orgs.invite",
    "orgs.require_second_factor",
    "orgs.remove_second_factor",
    "api.make_token",
    "api.draw_secret",
    "api.add_webhook",
    "api.draw_webhook_secret",
)

SENSITIVE_ACTIONS.update(REVEALING, EXPORTING, APPROVING, CLOSING, CLOSING_JOBS, GRANTING)
