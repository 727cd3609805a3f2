"""The audit trail: one keyed hash chain per organisation, each known to the house chain.

The head of a chain is keyed, too: who cuts off the newest entries cannot write a head that fits. What is older than the
last checkpoint cannot even be put back from a backup unnoticed (``core.checkpoints``). Proof: ``core.audit_proof``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC
from typing import Any

from django.db import transaction
from django.utils import timezone

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import keyring
from gradphoto.apps.core.errors import refuse, within
from gradphoto.apps.core.models import AuditEntry, AuditHead
from gradphoto.apps.core.prepared import Change, Prepared, add
from gradphoto.engine.keyring import Purpose

HOUSE_CHAIN = 0
"""The chain for what belongs to no organisation, e.g. set-up, and the register of all other chains."""
BEGIN_CHAIN = "audit.begin_chain"
BROKEN_HEAD = "audit.find_broken_head"
_AUDITOR = Actor.system("audit")

# Not inside a longer word: a SHA-256 may well hold eighteen decimal digits in a row.
_LOOKS_LIKE_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15})(?![0-9A-Za-z])")

_correlation: ContextVar[uuid.UUID | None] = ContextVar("audit_correlation", default=None)
_notes: ContextVar[dict[str, Any] | None] = ContextVar("audit_notes", default=None)
_marks: ContextVar[dict[str, Any] | None] = ContextVar("audit_marks", default=None)


def note(**detail: Any) -> None:
    """Add detail to the entry of the action that is running. Values must be JSON and hold no ID number."""
    notes = _notes.get()
    if notes is not None:
        notes.update(detail)


@contextmanager
def marked(**marks: Any) -> Iterator[None]:
    """Every entry that is made meanwhile bears these marks: by which token of a person's a program acted, say."""
    token = _marks.set(marks)
    try:
        yield
    finally:
        _marks.reset(token)


def is_collecting() -> bool:
    """Whether an action is running, whose transaction an entry made now would share."""
    return _notes.get() is not None


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


def record(
    actor: Actor,
    action: str,
    target: Any = None,
    detail: dict[str, Any] | None = None,
    *,
    organisation_id: int | None = None,
) -> AuditEntry:
    """Append one entry to the chain of the target's organisation, or of ``organisation_id``, and return it.

    What belongs to no organisation stands in the house chain. The chain's head is held until the caller's transaction
    ends, so keep that short. Raises ``ValueError`` for an ID number in ``detail``.
    """
    text = json.dumps({**(detail or {}), **(_marks.get() or {})}, ensure_ascii=False, sort_keys=True)
    if _LOOKS_LIKE_ID_NUMBER.search(text):
        raise ValueError("An ID number must not enter the audit trail.")
    chain = organisation_id or getattr(target, "audit_organisation_id", None) or HOUSE_CHAIN
    # An action's own transaction holds it already: a savepoint within would be two statements for nothing.
    with nullcontext() if transaction.get_connection().in_atomic_block else transaction.atomic():
        head = locked_head(chain)
        return _append(head, actor, action, target, json.loads(text))


def _append(head: AuditHead, actor: Actor, action: str, target: Any, detail: dict[str, Any]) -> AuditEntry:
    entry = AuditEntry(
        chain=head.chain,
        number=head.count + 1,
        at=timezone.now(),
        action=action,
        actor=actor.key,
        actor_label=actor.label,
        target_type=target._meta.label_lower if hasattr(target, "_meta") else "",
        target_key=str(target.pk) if hasattr(target, "pk") else "",
        detail=detail,
        correlation=_correlation.get() or uuid.uuid4(),
        previous=head.digest,
    )
    entry.digest = entry_digest(entry)
    add(entry, only_guards=True)
    head.count, head.digest = entry.number, entry.digest
    head.seal = head_seal(head)
    _MOVED.make(chain=head.chain, count=head.count, digest=head.digest, seal=head.seal)
    return entry


_HEAD = Prepared(lambda chain: AuditHead.objects.select_for_update().filter(chain=chain).order_by())
_MOVED = Change(lambda chain: AuditHead.objects.filter(chain=chain), "count", "digest", "seal")


def locked_head(chain: int) -> AuditHead:
    """The head of a chain, held until the transaction ends; a chain begins with its first entry.

    The house chain is touched only where a chain begins, or where a head was tampered with; so organisations do not wait
    for one another. It is always locked before a new chain's own head: two beginnings cannot block each other.
    """
    head = _HEAD.first(chain=chain)
    if head is None:
        head = _begin(chain)
    if not is_sealed(head):
        if chain == HOUSE_CHAIN:
            raise _house_broken()
        house = locked_head(HOUSE_CHAIN)
        # Work goes on, and the break stays on record: a new seal over a cut chain would hide it for ever.
        _append(house, _AUDITOR, BROKEN_HEAD, None, {"chain": chain, "count": head.count, "digest": head.digest})
    return head


def _begin(chain: int) -> AuditHead:
    house = locked_head(HOUSE_CHAIN) if chain != HOUSE_CHAIN else None
    fresh = AuditHead(chain=chain, count=0, digest="")
    head, made = AuditHead.objects.select_for_update().get_or_create(chain=chain, defaults={"seal": head_seal(fresh)})
    if made and house is not None:
        _append(house, _AUDITOR, BEGIN_CHAIN, None, {"chain": chain})
    return head


def head_seal(head: AuditHead, key: bytes | None = None) -> str:
    """What only this installation can write over a chain's count and last digest."""
    text = f"gradphoto audit head\0{head.chain}\0{head.count}\0{head.digest}"
    return hmac.new(key or keyring().current(Purpose.AUDIT).secret, text.encode(), hashlib.sha256).hexdigest()


def is_sealed(head: AuditHead) -> bool:
    """Whether the head was written by this installation, under its present or an earlier key."""
    return any(hmac.compare_digest(head.seal, head_seal(head, key.secret)) for key in keyring().every(Purpose.AUDIT))


def _house_broken() -> Exception:
    return refuse(
        "core.audit_head_altered",
        "审计总链的末端与密钥不符：数据库被改动过，或本机的密钥不是这个数据库的。",
        "The head of the house chain does not fit the key: the database was tampered with, or these are not its keys.",
        "请停止办理，运行 gradphoto audit verify；核实后用 gradphoto audit reseal 登记原因并继续。",
        "Stop, run gradphoto audit verify; when the cause is known, gradphoto audit reseal puts it on record and goes on.",
    )


def reseal_house(actor: Actor, reason: str) -> AuditEntry:
    """Go on after the house chain's head was found broken; the break and the reason stand in the chain from now on."""
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().get(chain=HOUSE_CHAIN)
        found = {
            "chain": HOUSE_CHAIN,
            "count": head.count,
            "digest": head.digest,
            "reason": within(reason, 200, field="reason"),
        }
        last = AuditEntry.objects.filter(chain=HOUSE_CHAIN).order_by("-number").first()
        head.count, head.digest = (last.number, last.digest) if last else (0, "")
        return _append(head, actor, BROKEN_HEAD, None, found)


def entry_digest(entry: AuditEntry, key: bytes | None = None, number: int | None = None) -> str:
    """The keyed digest of an entry: under this installation's key, or under that of a station's kit.

    ``number``: as if it stood there; so an entry that was moved is told from one that was altered.
    """
    body = [
        entry.chain,
        entry.number if number is None else number,
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
    secret = key or keyring().current(Purpose.AUDIT).secret
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
