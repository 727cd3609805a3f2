"""A changed setting is on record: what a start of the product finds other than the start before it on this machine."""

from __future__ import annotations

import platform

from django.db import transaction

from gradphoto.apps.core import audit
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import BlindIndex, blind_index
from gradphoto.apps.core.models import AuditEntry
from gradphoto.engine.environment import VARIABLES

ACTION = "core.note_settings"
_DIGEST_CHARACTERS = 16
"""Enough to tell two values apart; keyed, so that a short secret cannot be guessed from it."""


def note_settings() -> tuple[str, ...]:
    """Enter the names of settings that changed since this machine's last start; no entry where none did.

    Values never stand in the trail, only their keyed digests. Returns the names.
    """
    node = platform.node()
    present = {
        name: blind_index(f"{name}={value}") for name, one in VARIABLES.items() if (value := one.read()) != one.default
    }
    with transaction.atomic():
        audit.locked_head(audit.HOUSE_CHAIN)  # two starts at once take turns
        before = AuditEntry.objects.filter(action=ACTION, target_key="", detail__node=node).order_by("-pk").first()
        known = before.detail["settings"] if before else {}
        changed = tuple(name for name in sorted({*known, *present}) if not _is_same(known, present, name))
        if changed:
            detail = {
                "node": node,
                "changed": list(changed),
                "settings": {name: _short(index) for name, index in present.items()},
            }
            audit.record(Actor.system("start"), ACTION, detail=detail)
    return changed


def _short(index: str) -> str:
    return index[-_DIGEST_CHARACTERS:]


def _is_same(known: dict[str, str], present: dict[str, BlindIndex], name: str) -> bool:
    """A value is the same under whichever key its digest was made."""
    index = present.get(name)
    return index is not None and known.get(name) in {_short(one) for one in index.every}
