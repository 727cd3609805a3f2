"""Checkpoints: what the whole audit trail came to at one moment, signed, and written outside the database.

One is made at least daily and after every closing. Its short code is printed on closing sheets, receipts and delivery
manifests: whoever holds such a paper and the folder of checkpoints can prove a trail that was cut, rewritten or put back
from a backup (``gradphoto audit verify --checkpoints``). The note names each chain with its count and last digest: every
chain once a day, in between those that have changed.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gradphoto.apps.core import audit
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import keyring
from gradphoto.apps.core.errors import within
from gradphoto.apps.core.models import AuditCheckpoint, AuditEntry, AuditHead
from gradphoto.engine.keyring import Purpose
from gradphoto.engine.packet.durable import write_durably
from gradphoto.engine.signed_note import merkle_root, open_note, short_code, sign_note
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)

ORIGIN = "gradphoto/audit"
SUFFIX = ".checkpoint"
WRITE = "audit.write_checkpoint"
AUDIT_CODE = Wording("审计核对码", "Audit code")
"""How papers call the code of a checkpoint."""
DAILY = timedelta(hours=24)
_SIGNER = "gradphoto"
_LAST = 100
_KEEPER = Actor.system("checkpoints")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint as read: ``chains`` gives count and last digest of each chain that it names."""

    number: int
    at: datetime
    size: int
    root: str
    previous: str
    chains: dict[int, tuple[int, str]]
    code: str


def write(reason: str) -> AuditCheckpoint:
    """Make a checkpoint of everything that is committed, and put it into the folder once it is committed itself."""
    with transaction.atomic():
        audit.locked_head(audit.HOUSE_CHAIN)  # one after the other: the numbers have no forks
        row = _make(reason)
        transaction.on_commit(put_into_folder, robust=True)
    return row


def write_after_commit(reason: str) -> None:
    """A checkpoint of the present transaction's work, as soon as that is committed. A failure does not undo the work."""
    transaction.on_commit(lambda: write(reason), robust=True)


def write_if_due() -> bool:
    """The daily one: at most one however many servers ask. Also puts into the folder what a crash left out."""
    if not _is_due():
        return False
    with transaction.atomic():
        audit.locked_head(audit.HOUSE_CHAIN)
        if not _is_due():
            return False
        _make("daily")
        transaction.on_commit(put_into_folder, robust=True)
    return True


def _is_due() -> bool:
    newest = AuditCheckpoint.objects.order_by("-number").first()
    if newest is None:
        return AuditEntry.objects.exists()
    age = timezone.now() - newest.at
    return not timedelta(0) <= age < DAILY


def _make(reason: str) -> AuditCheckpoint:
    last = AuditCheckpoint.objects.order_by("-number").first()
    last_whole = AuditCheckpoint.objects.filter(whole=True).order_by("-number").first()
    heads = {head.chain: (head.count, head.digest) for head in AuditHead.objects.order_by("chain")}
    now = timezone.now()
    whole = last_whole is None or reason == "daily" or not timedelta(0) <= now - last_whole.at < DAILY
    known = {} if whole else _known_since(last_whole)
    named = {chain: state for chain, state in heads.items() if known.get(chain) != state}
    number = last.number + 1 if last else 1
    text = _text(number, now, heads, named, last.sha256 if last else "-")
    row = AuditCheckpoint.objects.create(
        number=number, at=now, reason=within(reason, 80), code=short_code(text), whole=whole,
        sha256=hashlib.sha256(text.encode()).hexdigest(), note=sign_note(text, _SIGNER, keyring().signing()),
    )  # fmt: skip
    audit.record(_KEEPER, WRITE, row, {"code": row.code, "sha256": row.sha256, "reason": row.reason})
    return row


def _known_since(whole: AuditCheckpoint | None) -> dict[int, tuple[int, str]]:
    known: dict[int, tuple[int, str]] = {}
    if whole is not None:
        for row in AuditCheckpoint.objects.filter(number__gte=whole.number).order_by("number"):
            known |= parse(row.note, _own_keys()).chains
    return known


def _text(
    number: int, at: datetime, heads: dict[int, tuple[int, str]], named: dict[int, tuple[int, str]], previous: str
) -> str:
    leaves = [_line(chain, *state).encode() for chain, state in heads.items()]
    lines = [
        ORIGIN,
        str(sum(count for count, _ in heads.values())),
        base64.b64encode(merkle_root(leaves)).decode(),
        f"number {number}",
        f"at {at.isoformat(timespec='microseconds')}",
        f"previous {previous}",
        *(_line(chain, *state) for chain, state in named.items()),
    ]
    return "\n".join(lines) + "\n"


def _line(chain: int, count: int, digest: str) -> str:
    return f"chain {chain} {count} {digest or '-'}"


def parse(note: str, trusted: Iterable[Ed25519PublicKey]) -> Checkpoint:
    """A checkpoint that one of ``trusted`` signed. ``ValueError`` for anything else."""
    text = open_note(note, _SIGNER, trusted)
    origin, size, root, *rest = text.splitlines()
    if origin != ORIGIN:
        raise ValueError("a note, but no checkpoint of an audit trail")
    facts: dict[str, str] = {}
    chains: dict[int, tuple[int, str]] = {}
    for line in rest:
        name, _, value = line.partition(" ")
        if name == "chain":
            chain, count, digest = value.split(" ")
            chains[int(chain)] = (int(count), "" if digest == "-" else digest)
        else:
            facts[name] = value
    try:
        moment = datetime.fromisoformat(facts["at"])
        return Checkpoint(int(facts["number"]), moment, int(size), root, facts["previous"], chains, short_code(text))
    except KeyError as error:
        raise ValueError("the checkpoint is not complete") from error


def trusted_keys() -> list[Ed25519PublicKey]:
    """The public keys by which this installation has ever signed."""
    return _own_keys()


def _own_keys() -> list[Ed25519PublicKey]:
    every = keyring().every(Purpose.SIGNING)
    return [Ed25519PrivateKey.from_private_bytes(key.secret).public_key() for key in every]


def folder() -> Path:
    """Where the checkpoints of this installation go: ``GRADPHOTO_CHECKPOINTS``, else beside the data."""
    return Path(settings.CHECKPOINT_DIR)


def put_into_folder() -> int:
    """Write those of the newest that are not there yet; returns how many. A folder that is away is told in the log."""
    written = 0
    try:
        there = {path.name for path in folder().glob(f"*{SUFFIX}")} if folder().is_dir() else set()
        for row in AuditCheckpoint.objects.order_by("-number")[:_LAST]:
            if file_name(row) in there:
                continue
            write_durably(folder() / file_name(row), row.note.encode())
            written += 1
    except OSError:
        log.exception("checkpoint.folder_unreachable", extra={"folder": str(folder())})
    return written


def file_name(row: AuditCheckpoint) -> str:
    """By number and code: a database put back from a backup never overwrites what the lost one had written."""
    return f"{row.number:06d}-{row.code}{SUFFIX}"


def covering(moment: datetime | None) -> str:
    """The code of the first checkpoint that covers ``moment``; until it is made, that of the newest; ``—`` without any."""
    rows = AuditCheckpoint.objects.order_by("number")
    row = (rows.filter(at__gte=moment).first() if moment else None) or rows.last()
    return row.code if row else "—"
