"""The proof of the audit trail: every fault is named by chain and entry.

Three things are held against one another: each chain's own digests under this installation's keys, the keyed heads and the
house chain's register, and the checkpoints (those of the database and those of a folder outside it).
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from gradphoto.apps.core import audit, checkpoints
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.checkpoints import Checkpoint
from gradphoto.apps.core.encryption import keyring
from gradphoto.apps.core.errors import within
from gradphoto.apps.core.models import AuditCheckpoint, AuditEntry, AuditHead
from gradphoto.engine.keyring import Purpose
from gradphoto.engine.wording import Wording

_NOTHING = Wording("", "")
_MOST_FAULTS = 20
ACKNOWLEDGE = "audit.acknowledge"


class FaultKind(StrEnum):
    """What can be wrong with a trail."""

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    MOVED = "moved"
    CUT = "cut"
    HEAD = "head"
    CHAIN_GONE = "chain_gone"
    CHAIN_UNKNOWN = "chain_unknown"
    BROKEN_BEFORE = "broken_before"
    CHECKPOINT = "checkpoint"


_SAID = {
    FaultKind.ALTERED: Wording("该条记录被改动", "the entry was altered"),
    FaultKind.MISSING: Wording("该条记录缺失", "the entry is missing"),
    FaultKind.INSERTED: Wording("该条记录是插入的", "the entry was inserted"),
    FaultKind.MOVED: Wording("该条记录原来不在此处（被调换，或有记录被插入、删除）",
                             "the entry stood elsewhere (reordered, or entries were inserted or removed)"),
    FaultKind.CUT: Wording("从该条起，末尾的记录被删除", "the entries from here on were cut off"),
    FaultKind.HEAD: Wording("链的末端被改写，该条起可能有记录被删除",
                            "the head of the chain was rewritten; entries from here on may have been cut off"),
    FaultKind.CHAIN_GONE: Wording("整条链被删除", "the whole chain was deleted"),
    FaultKind.CHAIN_UNKNOWN: Wording("总链没有登记这条链", "the house chain does not know this chain"),
    FaultKind.BROKEN_BEFORE: Wording("此处曾被发现断开", "the chain was found broken here before"),
    FaultKind.CHECKPOINT: Wording("检查点与链不符", "the trail does not fit a checkpoint"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the chain, the entry's number, what is wrong. ``acknowledged``: the reason that somebody put on record."""

    chain: int
    number: int
    kind: FaultKind
    more: Wording = _NOTHING
    acknowledged: str = ""

    @property
    def sentence(self) -> Wording:
        said = _SAID[self.kind]
        return Wording(
            f"链 {self.chain} 第 {self.number} 条：{said.zh}{self.more.zh}",
            f"chain {self.chain} entry {self.number}: {said.en}{self.more.en}",
        )


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The state of one chain: how many entries, and what is wrong with it."""

    chain: int
    entries: int
    faults: tuple[Fault, ...] = ()

    @property
    def whole(self) -> bool:
        """No fault, or only such as are explained on record."""
        return all(fault.acknowledged for fault in self.faults)


def verify(chains: Collection[int] | None = None, folder: Path | None = None) -> list[ChainReport]:
    """Walk every chain, or those named, and hold it against the house chain and all checkpoints at hand.

    ``folder``: checkpoints outside the database; without it those that the database keeps.
    """
    heads = {head.chain: head for head in AuditHead.objects.all()}
    every = set(heads) | set(AuditEntry.objects.order_by().values_list("chain", flat=True).distinct())
    begun = _begun()
    notes, unreadable = _checkpoints(folder)
    states = _states(notes)
    every |= set(begun) | {chain for chain, _, _ in states} | {audit.HOUSE_CHAIN}
    if not heads and every == {audit.HOUSE_CHAIN} and not unreadable:
        return []
    wanted = every if chains is None else every & set(chains)
    explained = _acknowledged()
    reports = []
    for chain in sorted(wanted):
        faults = [*_walk(chain, heads.get(chain)), *_register(chain, heads.get(chain), begun)]
        faults += _against(chain, states)
        if chain == audit.HOUSE_CHAIN:
            faults += unreadable
        count = AuditEntry.objects.filter(chain=chain).count()
        reports.append(ChainReport(chain, count, tuple(_explained(fault, explained) for fault in faults)))
    return reports


def find_checkpoint(code: str, folder: Path | None = None) -> str | None:
    """What the checkpoint with this printed code says of itself; ``None`` where no checkpoint at hand bears it."""
    wanted = code.strip().upper()
    for one in _checkpoints(folder)[0]:
        if one.code == wanted:
            return f"{one.number}, {one.at:%Y-%m-%d %H:%M} UTC, {one.size} entries"
    return None


def acknowledge(actor: Actor, chain: int, number: int, reason: str) -> AuditEntry:
    """Put on record why a chain is broken at an entry, e.g. a database restored from a backup. The fault stays named."""
    detail = {"chain": chain, "number": number, "reason": within(reason, 200, field="reason")}
    return audit.record(actor, ACKNOWLEDGE, None, detail)


def _acknowledged() -> dict[tuple[int, int], str]:
    rows = AuditEntry.objects.filter(chain=audit.HOUSE_CHAIN, action=ACKNOWLEDGE).values_list("detail", flat=True)
    return {(int(one["chain"]), int(one["number"])): str(one["reason"]) for one in rows}


def _explained(fault: Fault, known: dict[tuple[int, int], str]) -> Fault:
    return replace(fault, acknowledged=known.get((fault.chain, fault.number), ""))


def _walk(chain: int, head: AuditHead | None) -> list[Fault]:
    """The chain by itself: digests, numbers, its head."""
    faults: list[Fault] = []
    previous, expected, oldest_key = "", 1, len(keyring().every(Purpose.AUDIT)) - 1
    for entry in AuditEntry.objects.filter(chain=chain).order_by("number").iterator(chunk_size=2000):
        if entry.number != expected and len(faults) < _MOST_FAULTS:
            faults.append(Fault(chain, expected, FaultKind.MISSING))
            previous = entry.previous
        under = _key_of(entry, entry.number)
        good = under is not None and under <= oldest_key and entry.previous == previous
        if good and under is not None:
            oldest_key = under  # a key that was replaced signs nothing new
        elif len(faults) < _MOST_FAULTS:
            faults.append(_explain(entry, previous, head))
        previous, expected = entry.digest, entry.number + 1
    return faults + _end(chain, head, expected - 1, previous)


def _end(chain: int, head: AuditHead | None, count: int, digest: str) -> list[Fault]:
    if head is None:
        return [Fault(chain, count + 1, FaultKind.HEAD)] if count else []
    if not audit.is_sealed(head):
        return [Fault(chain, count + 1, FaultKind.HEAD)]
    if head.count > count:
        return [Fault(chain, count + 1, FaultKind.CUT)]
    if head.count < count:
        # An earlier head of ours put back over the entries of today: they are genuine, so nothing else names it.
        return [Fault(chain, head.count + 1, FaultKind.HEAD)]
    return [] if head.digest == digest else [Fault(chain, max(count, 1), FaultKind.ALTERED)]


def _key_of(entry: AuditEntry, number: int) -> int | None:
    """Which audit key, the current being 0, made the entry's digest if it stands at ``number``; none: it is not ours."""
    for at, key in enumerate(keyring().every(Purpose.AUDIT)):
        if hmac.compare_digest(entry.digest, audit.entry_digest(entry, key.secret, number)):
            return at
    return None


def _explain(entry: AuditEntry, previous: str, head: AuditHead | None) -> Fault:
    """Altered, inserted, or moved from another place."""
    if head is not None and entry.number > head.count and audit.is_sealed(head):
        return Fault(entry.chain, entry.number, FaultKind.INSERTED)
    known = AuditEntry.objects.filter(chain=entry.chain)
    near = sorted(known.values_list("number", flat=True), key=lambda one: abs(one - entry.number))[:2000]
    for number in (*near, *([max(near) + 1] if near else [])):
        if _key_of(entry, number) is None:
            continue
        if number == entry.number and entry.previous == previous:
            return Fault(entry.chain, entry.number, FaultKind.ALTERED)  # written under a key that was replaced before
        was = Wording(f"，原为第 {number} 条", f", it was entry {number}") if number != entry.number else _NOTHING
        return Fault(entry.chain, entry.number, FaultKind.MOVED, was)
    rightful = known.filter(previous=previous).exclude(pk=entry.pk)
    if any(_key_of(one, entry.number) is not None for one in rightful[:5]):
        return Fault(entry.chain, entry.number, FaultKind.INSERTED)
    return Fault(entry.chain, entry.number, FaultKind.ALTERED)


def _begun() -> dict[int, int]:
    """How often the house chain says that a chain began."""
    begun: dict[int, int] = {}
    for detail in AuditEntry.objects.filter(chain=audit.HOUSE_CHAIN, action=audit.BEGIN_CHAIN).values_list(
        "detail", flat=True
    ):
        begun[int(detail["chain"])] = begun.get(int(detail["chain"]), 0) + 1
    return begun


def _register(chain: int, head: AuditHead | None, begun: dict[int, int]) -> list[Fault]:
    """The chain against the house chain's register and what was noted when somebody wrote over a broken head."""
    faults = []
    noted = AuditEntry.objects.filter(chain=audit.HOUSE_CHAIN, action=audit.BROKEN_HEAD, detail__chain=chain)
    for detail in noted.values_list("detail", flat=True):
        reason = str(detail.get("reason", ""))
        more = Wording(f"：{reason}", f": {reason}") if reason else Wording("", "")
        faults.append(Fault(chain, int(detail["count"]) + 1, FaultKind.BROKEN_BEFORE, more))
    if chain == audit.HOUSE_CHAIN:
        return faults
    there = head is not None or AuditEntry.objects.filter(chain=chain).exists()
    if begun.get(chain) and not there:
        faults.append(Fault(chain, 1, FaultKind.CHAIN_GONE))
    elif begun.get(chain, 0) > 1:
        again = Wording("，后来又重新开始", ", and begun anew later")
        faults.append(Fault(chain, 1, FaultKind.CHAIN_GONE, again))
    elif there and not begun.get(chain):
        faults.append(Fault(chain, 1, FaultKind.CHAIN_UNKNOWN))
    return faults


def _checkpoints(folder: Path | None) -> tuple[list[Checkpoint], list[Fault]]:
    """All checkpoints at hand, the oldest first, and those that cannot be believed."""
    trusted = checkpoints.trusted_keys()
    kept = [(f"{row.number} {row.code}", row.note) for row in AuditCheckpoint.objects.order_by("number")]
    if folder is not None:
        kept += [
            (path.name, path.read_text(encoding="utf-8", errors="replace"))
            for path in sorted(folder.rglob(f"*{checkpoints.SUFFIX}"))
        ]
    good: dict[str, Checkpoint] = {}
    bad: list[Fault] = []
    for name, note in kept:
        try:
            one = checkpoints.parse(note, trusted)
            good[one.code] = one
        except ValueError as error:
            more = Wording(f"：{name} 无法采信（{error}）", f": {name} cannot be believed ({error})")
            bad.append(Fault(audit.HOUSE_CHAIN, 0, FaultKind.CHECKPOINT, more))
    written = AuditEntry.objects.filter(chain=audit.HOUSE_CHAIN, action=checkpoints.WRITE)
    for number, code in written.values_list("number", "detail__code"):
        if code not in good:
            more = Wording(f"：检查点 {code} 不见了", f": the checkpoint {code} is gone")
            bad.append(Fault(audit.HOUSE_CHAIN, number, FaultKind.CHECKPOINT, more))
    return sorted(good.values(), key=lambda one: one.at), bad


_State = tuple[int, int, str]


def _states(notes: Iterable[Checkpoint]) -> dict[_State, Checkpoint]:
    """What the checkpoints say: chain, count and last digest, with the first checkpoint that says so."""
    said: dict[_State, Checkpoint] = {}
    for one in notes:
        for chain, (count, digest) in one.chains.items():
            said.setdefault((chain, count, digest), one)
    return said


def _against(chain: int, states: dict[_State, Checkpoint]) -> list[Fault]:
    """Where the chain is shorter than a checkpoint says, or another than it was."""
    mine = {(count, digest): one for (which, count, digest), one in states.items() if which == chain and count}
    if not mine:
        return []
    wanted = {count for count, _ in mine}
    there = dict(AuditEntry.objects.filter(chain=chain, number__in=wanted).values_list("number", "digest"))
    last = AuditEntry.objects.filter(chain=chain).order_by("-number").values_list("number", flat=True).first() or 0
    faults = []
    for (count, digest), one in sorted(mine.items()):
        if there.get(count) == digest:
            continue
        known = Wording(f"（检查点 {one.code}，{one.at:%Y-%m-%d %H:%M} UTC，共 {count} 条）",
                        f" (checkpoint {one.code} of {one.at:%Y-%m-%d %H:%M} UTC knows {count} entries)")  # fmt: skip
        if count > last:
            faults.append(Fault(chain, last + 1, FaultKind.CUT if last else FaultKind.CHAIN_GONE, known))
            break
        faults.append(Fault(chain, count, FaultKind.CHECKPOINT, known))
        break
    return faults
