"""Check-ins whose status changed in bulk: whoever follows them is told, as no row is saved by itself then."""

from __future__ import annotations

from collections.abc import Sequence

from django.dispatch import Signal

from gradphoto.apps.capture.models import CheckIn

check_ins_changed = Signal()
"""``check_ins``: the rows as they now stand; sent within the transaction that changed them."""
_AT_ONCE = 500


def save_statuses(check_ins: Sequence[CheckIn]) -> None:
    """Write the statuses of many check-ins by few statements, and tell who follows them (make-up cases, lists)."""
    CheckIn.objects.bulk_update(check_ins, ["status"], batch_size=_AT_ONCE)
    check_ins_changed.send(CheckIn, check_ins=check_ins)
