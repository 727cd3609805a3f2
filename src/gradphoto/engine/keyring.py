"""The secrets of one installation, all from one place: a file, a folder of files, or the environment.

Each purpose has one current key and any number of earlier ones: what an earlier key sealed still opens, what it signed is
still believed, until nothing bears it any more and it is taken off the ring.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import functools
import hashlib
import json
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.packet.durable import write_durably
from gradphoto.engine.wording import Wording

KEY_BYTES = 32
KEY_ID_BYTES = 4


class Purpose(StrEnum):
    """What a key is for; the name stands in the file and names the file in a folder."""

    SESSION = "session"
    FIELD = "field"
    BLIND_INDEX = "blind_index"
    AUDIT = "audit"
    SIGNING = "signing"
    BOX = "box"


class KeyringError(GradPhotoError):
    """The keys cannot be used as they are given; nothing is started with half of them."""


@dataclass(frozen=True, slots=True)
class Key:
    """32 secret bytes and what they are for."""

    purpose: Purpose
    secret: bytes

    @property
    def fingerprint(self) -> str:
        """16 hex digits that tell keys apart and nothing about them."""
        return _fingerprint(self.purpose, self.secret)

    @property
    def key_id(self) -> bytes:
        """Four bytes of the fingerprint: what a sealed value carries in front."""
        return _key_id(self.purpose, self.secret)

    def __repr__(self) -> str:
        return f"<Key {self.purpose} {self.fingerprint}>"


@functools.lru_cache(maxsize=64)
def _fingerprint(purpose: str, secret: bytes) -> str:
    """Remembered, as a roster of 100,000 seals with one key."""
    return hashlib.sha256(b"gradphoto key\0" + purpose.encode() + b"\0" + secret).hexdigest()[:16]


@functools.lru_cache(maxsize=64)
def _key_id(purpose: str, secret: bytes) -> bytes:
    return bytes.fromhex(_fingerprint(purpose, secret))[:KEY_ID_BYTES]


Secrets = dict[Purpose, list[bytes]]
"""By purpose, the current key first."""


class Source(Protocol):
    """Where the keys come from."""

    @property
    def place(self) -> str:
        """How a message calls it."""

    def read(self) -> Secrets:
        """All keys. Raises ``KeyringError``."""

    def stamp(self) -> object:
        """Something that differs once the keys were written anew; None where only a new start brings new ones."""

    def write(self, keys: Secrets) -> None:
        """Keep them, at once and durably. Raises ``KeyringError`` ``keys.not_ours_to_write`` where that is not ours."""


class KeyFile:
    """One JSON file, ``{"field": ["<base64>", ...], ...}``; ``create``: made on first use (an embedded installation)."""

    def __init__(self, path: Path, *, create: bool) -> None:
        self.path, self._create = path, create
        self.made_now = False

    @property
    def place(self) -> str:
        return str(self.path)

    def read(self) -> Secrets:
        if self._create and not self.path.exists():
            self._make()
        try:
            given = _parsed(self.path.read_text(encoding="utf-8"), self.place)
        except OSError as error:
            raise _unreadable(self.place) from error
        if self._create and any(str(purpose) not in given for purpose in Purpose):
            # A purpose that came with a newer version. Where the database knows its key already, the start is refused.
            given |= {str(p): _base64(held) for p, held in new_keys().items() if str(p) not in given}
            self.write(_checked(given, self.place))
        return _checked(given, self.place)

    def stamp(self) -> object:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def write(self, keys: Secrets) -> None:
        try:
            write_durably(self.path, encoded(keys).encode(), private=True)
        except OSError as error:
            raise _not_ours_to_write(self.place) from error

    def _make(self) -> None:
        """Two processes starting at once must agree on one set of keys: the first link wins."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self.path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}.tmp")
        write_durably(temporary, encoded(new_keys()).encode(), private=True)
        try:
            _put_first(temporary, self.path)
            self.made_now = True
        except FileExistsError:
            _wait_for(self.path)
        finally:
            temporary.unlink(missing_ok=True)


class KeyFolder:
    """A folder with one file a purpose, base64 keys line by line, the current one first: how secret stores hand them out."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def place(self) -> str:
        return str(self.path)

    def read(self) -> Secrets:
        try:
            files = {str(p): (self.path / p).read_text(encoding="utf-8").split() for p in Purpose}
        except OSError as error:
            raise _unreadable(self.place) from error
        return _checked(files, self.place)

    def stamp(self) -> object:
        return None

    def write(self, keys: Secrets) -> None:
        raise _not_ours_to_write(self.place)


class KeyText:
    """The same JSON out of the environment."""

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def place(self) -> str:
        return "GRADPHOTO_KEYS"

    def read(self) -> Secrets:
        return _checked(_parsed(self._text, self.place), self.place)

    def stamp(self) -> object:
        return None

    def write(self, keys: Secrets) -> None:
        raise _not_ours_to_write(self.place)


LOOKS_AGAIN_S = 1.0
"""So often at most a ring asks whether its file was written anew: so long a server may not know of a new key."""


class Keyring:
    """The keys in use. A value under a key that is not known yet makes the ring look once more at its source.

    So a server goes on while ``gradphoto keys rotate`` runs beside it. A blind index tells nobody that a key is
    missing: it only finds nothing. So for those the ring looks whether the file was written anew.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._stamp, self._looked = source.stamp(), time.monotonic()
        self._keys = _keys(source.read())

    def current(self, purpose: Purpose) -> Key:
        """The key that new values are made with."""
        return self.every(purpose)[0]

    def every(self, purpose: Purpose) -> tuple[Key, ...]:
        """All keys of a purpose, the current one first."""
        if purpose is Purpose.BLIND_INDEX and time.monotonic() - self._looked > LOOKS_AGAIN_S:
            self._look_again()
        return self._keys[purpose]

    def find(self, purpose: Purpose, key_id: bytes) -> Key:
        """The key with this id. Raises ``KeyringError`` ``keys.unknown``."""
        for again in (False, True):
            if again:
                self.reload()
            for key in self._keys[purpose]:
                if key.key_id == key_id:
                    return key
        raise KeyringError(
            "keys.unknown",
            Wording(
                f"缺少密钥 {purpose} {key_id.hex()}，数据无法打开。",
                f"The key {purpose} {key_id.hex()} is missing; what it sealed cannot be opened.",
            ),
            Wording(
                f"请把该密钥放回 {self.source.place}（从密钥备份恢复）。",
                f"Put the key back into {self.source.place} from the backup of the keys.",
            ),
        )

    def reload(self) -> None:
        """Read the source again."""
        self._stamp, self._looked = self.source.stamp(), time.monotonic()
        self._keys = _keys(self.source.read())

    def _look_again(self) -> None:
        self._looked = time.monotonic()
        stamp = self.source.stamp()
        if stamp is not None and stamp != self._stamp:
            self.reload()

    def signing(self) -> Ed25519PrivateKey:
        """The key that packages, kits, receipts and checkpoints are signed with."""
        return Ed25519PrivateKey.from_private_bytes(self.current(Purpose.SIGNING).secret)

    def boxes(self) -> tuple[X25519PrivateKey, ...]:
        """The keys that packets may be sealed to, the current one first."""
        return tuple(X25519PrivateKey.from_private_bytes(key.secret) for key in self.every(Purpose.BOX))

    def add(self, purpose: Purpose, *, behind: bool = False) -> Key:
        """Make a new key and make it the current one; the earlier ones stay. ``behind``: for finding only, at first."""
        keys = self.source.read()
        fresh = secrets.token_bytes(KEY_BYTES)
        self.source.write({**keys, purpose: [*keys[purpose], fresh] if behind else [fresh, *keys[purpose]]})
        self.reload()
        return Key(purpose, fresh)

    def put_first(self, key: Key) -> None:
        """Make a key of the ring the current one of its purpose."""
        keys = self.source.read()
        others = [secret for secret in keys[key.purpose] if secret != key.secret]
        self.source.write({**keys, key.purpose: [key.secret, *others]})
        self.reload()

    def retire(self, purpose: Purpose, fingerprint: str) -> None:
        """Take an earlier key off the ring; the current one stays whatever is asked."""
        keys = self.source.read()
        kept = [secret for secret in keys[purpose][1:] if Key(purpose, secret).fingerprint != fingerprint]
        self.source.write({**keys, purpose: [keys[purpose][0], *kept]})
        self.reload()


def new_keys() -> Secrets:
    """One fresh key for each purpose."""
    return {purpose: [secrets.token_bytes(KEY_BYTES)] for purpose in Purpose}


def encoded(keys: Mapping[Purpose, Sequence[bytes]]) -> str:
    """The text of a key file."""
    return json.dumps({str(purpose): _base64(held) for purpose, held in keys.items()}, indent=1)


def _base64(held: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in held]


def _parsed(text: str, place: str) -> dict[str, list[str]]:
    try:
        said = json.loads(text)
        return {str(name): [held] if isinstance(held, str) else list(held) for name, held in said.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise KeyringError(
            "keys.not_json",
            Wording(f"{place} 不是密钥文件。", f"{place} is not a key file."),
            Wording("请从密钥备份恢复。", "Restore it from the backup of the keys."),
        ) from error


def _checked(given: Mapping[str, Sequence[str]], place: str) -> Secrets:
    keys: Secrets = {}
    for purpose in Purpose:
        try:
            keys[purpose] = [base64.b64decode(text, validate=True) for text in given.get(purpose, ())]
        except (binascii.Error, TypeError, ValueError):
            keys[purpose] = []
        if not keys[purpose] or any(len(secret) != KEY_BYTES for secret in keys[purpose]):
            raise KeyringError(
                "keys.incomplete",
                Wording(
                    f"{place} 中的密钥 {purpose} 缺失或不是 32 字节的 base64。",
                    f"The key {purpose} in {place} is missing or is not base64 of 32 bytes.",
                ),
                Wording(
                    "请从密钥备份恢复；不要另造新密钥，否则原有数据无法打开。",
                    "Restore it from the backup of the keys; a new one would open nothing of what is there.",
                ),
            )
    return keys


def _keys(given: Secrets) -> dict[Purpose, tuple[Key, ...]]:
    return {purpose: tuple(Key(purpose, secret) for secret in given[purpose]) for purpose in Purpose}


def _unreadable(place: str) -> KeyringError:
    return KeyringError(
        "keys.unreadable",
        Wording(f"读不到密钥：{place}。", f"The keys cannot be read: {place}."),
        Wording("请检查路径和权限。", "Check the path and its permissions."),
    )


def _not_ours_to_write(place: str) -> KeyringError:
    return KeyringError(
        "keys.not_ours_to_write",
        Wording(
            f"密钥由 {place} 提供，本程序不能改写。", f"The keys come from {place}, which the program does not write."
        ),
        Wording(
            "请用 gradphoto keys new 造一把新密钥，在密钥库中放到第一位（原有的留在后面），重启后再运行一次。",
            "Make a key with gradphoto keys new, put it first in the secret store with the earlier ones behind it, "
            "restart, and run this again.",
        ),
    )


_FIRST_PUTS_IT_WITHIN_S = 5.0
_LEFT_BEHIND_S = 30.0
"""A mark of who is first that is older was left by a process that died: it counts no more."""


def _wait_for(path: Path) -> None:
    """The process that was first is about to put it there."""
    ends = time.monotonic() + _FIRST_PUTS_IT_WITHIN_S
    while not path.exists() and time.monotonic() < ends:
        time.sleep(0.02)


def _put_first(temporary: Path, target: Path) -> None:
    """Give a written file its name, unless another process was first: then ``FileExistsError``.

    A hard link does both in one step; FAT and exFAT (a stick, a shared partition) have none. There an empty file of a
    second name, made exclusively, says who is first, and it stays for the moment of the replacement only.
    """
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        turn = target.with_suffix(".first")
        with contextlib.suppress(FileNotFoundError):
            if time.time() - turn.stat().st_mtime > _LEFT_BEHIND_S:
                turn.unlink()
        os.close(os.open(turn, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            if target.exists():
                raise FileExistsError(target) from None
            os.replace(temporary, target)
        finally:
            turn.unlink(missing_ok=True)
