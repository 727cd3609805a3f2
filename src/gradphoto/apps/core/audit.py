"""The audit trail: one keyed hash chain per organisation, proven whole by ``gradphoto audit verify``."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import transaction
from django.utils import timezone

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import keyring
from gradphoto.apps.core.models import AuditEntry, AuditHead
from gradphoto.engine.keyring import Purpose

HOUSE_CHAIN = 0
"""The chain for what belongs to no organisation, e.g. set-up."""

# Not inside a longer word: a SHA-256 may well hold eighteen decimal digits in a row.
_LOOKS_LIKE_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15})(?![0-9A-Za-z])")

_correlation: ContextVar[uuid.UUID | None] = ContextVar("audit_correlation", default=None)
_notes: ContextVar[dict[str, Any] | None] = ContextVar("audit_notes", default=None)


def note(**detail: Any) -> None:
    """Add detail to the entry of the action that is running. Values must be JSON and hold no ID number."""
    notes = _notes.get()
    if notes is not None:
        notes.update(detail)


@contextmanager
def collecting() -> Iterator[dict[str, Any]]:
    """Collect the notes of one action; entries of nested actions share its correlation."""
    notes: dict[str, Any] = {}
    notes_token = _notes.set(notes)
    correlation_token = _correlation.set(_correlation.get() or uuid.uuid4())
    try:
        yield notes
    finally:
        _notes.reset(notes_token)
        _correlation.reset(correlation_token)


def record(actor: Actor, action: str, target: Any = None, detail: dict[str, Any] | None = None) -> AuditEntry:
    """Append one entry to the chain of the target's organisation and return it."""
    text = json.dumps(detail or {}, ensure_ascii=False, sort_keys=True)
    if _LOOKS_LIKE_ID_NUMBER.search(text):
        raise ValueError("An ID number must not enter the audit trail.")
    chain = getattr(target, "audit_organisation_id", None) or HOUSE_CHAIN
    with transaction.atomic():
        head = _locked_head(chain)
        entry = AuditEntry(
            chain=chain,
            number=head.count + 1,
            at=timezone.now(),
            action=action,
            actor=actor.key,
            actor_label=actor.label,
            target_type=target._meta.label_lower if hasattr(target, "_meta") else "",
            target_key=str(target.pk) if hasattr(target, "pk") else "",
            detail=json.loads(text),
            correlation=_correlation.get() or uuid.uuid4(),
            previous=head.digest,
        )
        entry.digest = entry_digest(entry)
        entry.save()
        head.count, head.digest = entry.number, entry.digest
        head.save(update_fields=["count", "digest"])
    return entry


def _locked_head(chain: int) -> AuditHead:
    """The head of a chain, held until the transaction ends; a chain begins with its first entry."""
    heads = AuditHead.objects.select_for_update()
    head = heads.filter(chain=chain).order_by().first()
    if head is None:
        AuditHead.objects.get_or_create(chain=chain)
        head = heads.get(chain=chain)
    return head


def entry_digest(entry: AuditEntry, key: bytes | None = None) -> str:
    """The keyed digest of an entry: under this installation's key, or under that of a station's kit."""
    body = [
        entry.chain,
        entry.number,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.action,
        entry.actor,
        entry.actor_label,
        entry.target_type,
        entry.target_key,
        entry.detail,
        str(entry.correlation),
        entry.previous,
    ]
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key or keyring().current(Purpose.AUDIT).secret, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The state of one chain: how many entries, and the first break, if any."""

    chain: int
    entries: int
    broken_at: int | None
    reason: str = ""

    @property
    def whole(self) -> bool:
        return self.broken_at is None


def verify(chains: Collection[int] | None = None) -> list[ChainReport]:
    """Walk every chain, or those named; an altered, missing, inserted or cut-off entry is a break."""
    if chains is not None:
        heads = AuditHead.objects.in_bulk(list(chains))
        return [_verify_chain(chain, head) for chain, head in sorted(heads.items())]
    heads = AuditHead.objects.in_bulk()
    orphans = set(AuditEntry.objects.values_list("chain", flat=True).distinct()) - set(heads)
    reports = [_verify_chain(chain, head) for chain, head in sorted(heads.items())]
    return reports + [ChainReport(chain, 0, 1, "entries without a chain head") for chain in sorted(orphans)]


def _verify_chain(chain: int, head: AuditHead) -> ChainReport:
    previous, expected = "", 1
    for entry in AuditEntry.objects.filter(chain=chain).order_by("number").iterator(chunk_size=2000):
        if entry.number != expected:
            return ChainReport(chain, head.count, expected, "entry missing")
        if entry.previous != previous or not hmac.compare_digest(entry.digest, entry_digest(entry)):
            return ChainReport(chain, head.count, expected, "entry altered")
        previous, expected = entry.digest, expected + 1
    if (head.count, head.digest) != (expected - 1, previous):
        return ChainReport(chain, head.count, expected, "chain cut off at its end")
    return ChainReport(chain, head.count, None)
