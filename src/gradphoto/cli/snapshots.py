"""The form of a backup, shared by ``backup`` and ``restore`` (docs/deploy.md).

    DEST/blobs/ab/cd/<name>              photographs and files as they lie in the store, once, whatever snapshots name them
    DEST/snapshots/<time>/manifest.json  what belongs to this moment, with digests and counts
                          database.sqlite3 | database.dump
                          blobs.txt      the digests it needs
                          files/         what else the data directory holds, without keys

The keys are never among them: they go into a file of their own, sealed with a passphrase, to be kept elsewhere.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.packet.envelope import Opener, Receiver, open_envelope, write_envelope
from gradphoto.engine.wording import Wording

FORMAT = 1
_KEYS_KIND = "gradphoto.keys"
_TRANSIENT = ("blobs", "broker", "broker-control", "static", "metrics", "spool", "tmp")
_TRANSIENT_NAMES = ("gradphoto.sqlite3", "gradphoto.log", "migrate.lock", ".")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one snapshot holds. ``missing``: digests whose bytes were not in the store when it was made."""

    made_at: str
    version: str
    engine: str
    database_file: str
    database_sha256: str
    blobs: int
    blobs_bytes: int
    blobs_sha256: str
    missing: list[str]
    counts: dict[str, int]
    chains: dict[str, list[Any]]
    key_fingerprints: list[str]
    format: int = FORMAT

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False).encode()

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Raises ``backup.not_a_snapshot`` and ``backup.too_new``."""
        try:
            said = json.loads((folder / "manifest.json").read_bytes())
            if said["format"] > FORMAT:
                raise problem("too_new", "这份备份由更新的版本制作。", "A newer version made this backup.",
                              "请用同样新的程序恢复。", "Restore it with a program as new.")  # fmt: skip
            return cls(**said)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise problem(
                "not_a_snapshot", f"{folder} 不是一份完整的备份。", f"{folder} is no whole backup.",
                "请指向 gradphoto backup 写入的文件夹。", "Name the folder that gradphoto backup wrote to.",
            ) from error  # fmt: skip


def newest(destination: Path) -> Path:
    """The latest whole snapshot. Raises ``backup.not_a_snapshot``."""
    whole = sorted(one.parent for one in destination.glob("snapshots/*/manifest.json"))
    return whole[-1] if whole else destination / "snapshots" / "-"


def is_kept(path: Path) -> bool:
    """Whether a file or folder of the data directory belongs into ``files/``."""
    if path.is_dir():
        return path.name not in _TRANSIENT and not path.name.startswith(".")
    return not is_secret(path) and not path.name.startswith(_TRANSIENT_NAMES)


def is_secret(path: Path) -> bool:
    """Whether a file of the data directory holds a private key."""
    return path.name == "keys.json" or (path.suffix == ".pem" and not path.name.endswith(".pub.pem"))


def seal_keys(ring: str, files: dict[str, bytes], passphrase: str) -> bytes:
    """Key ring and key files in one sealed file, opened by the passphrase."""
    said = {"ring": ring, "files": {name: base64.b64encode(data).decode() for name, data in files.items()}}
    return write_envelope(
        json.dumps(said).encode(), kind=_KEYS_KIND, about={}, signer=Ed25519PrivateKey.generate(),
        receivers=[Receiver(passphrase=passphrase)], made_at=datetime.now(UTC),
    )  # fmt: skip


def open_keys(sealed: bytes, passphrase: str) -> tuple[str, dict[str, bytes]]:
    """The other way. Raises ``packet.wrong_passphrase``, ``packet.altered`` and their kin."""
    opened = open_envelope(
        sealed, kind=_KEYS_KIND, opener=Opener(passphrase=passphrase), now=datetime.now(UTC), trusted=None
    )
    said = json.loads(opened.payload)
    return said["ring"], {name: base64.b64decode(data) for name, data in said["files"].items()}


def problem(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> GradPhotoError:
    """A refusal of ``backup`` or ``restore``."""
    return GradPhotoError(f"backup.{code}", Wording(zh, en), Wording(remedy_zh, remedy_en))
