"""The manifest: every file with its hash, as canonical JSON, so that one signature covers the whole package."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from gradphoto import __version__
from gradphoto.engine.bounded.strict_json import strict_json

FORMAT = "gradphoto-package/1"


@dataclass(frozen=True, slots=True)
class PackageMeta:
    """Whose package this is. ``season`` is one of spring and autumn, never both (R12)."""

    campaign: str
    school: str
    centre_name: str
    season: str
    number: str
    made_at: datetime
    audit_code: str = ""
    """The code of the sender's audit checkpoint from just before: the trail up to there can be held against it."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of the package; ``shooting_number`` for photos."""

    path: str
    size: int
    sha256: str
    shooting_number: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is signed."""

    meta: PackageMeta
    files: tuple[FileEntry, ...]
    key_id: str

    def to_bytes(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, UTF-8."""
        meta = asdict(self.meta) | {"made_at": self.meta.made_at.isoformat()}
        body = {
            "format": FORMAT,
            "producer": f"GradPhoto {__version__}",
            "key_id": self.key_id,
            "meta": meta,
            "files": [asdict(entry) for entry in self.files],
            "photo_count": self.photo_count,
        }
        return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """Read a manifest; ``ValueError`` when it is not one of ours."""
        try:
            body = strict_json(data)
            if body["format"] != FORMAT:
                raise ValueError(f"unknown format {body['format']}")
            meta = body["meta"] | {"made_at": datetime.fromisoformat(body["meta"]["made_at"])}
            files = tuple(FileEntry(**entry) for entry in body["files"])
            return cls(PackageMeta(**meta), files, str(body["key_id"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a manifest") from error

    @property
    def photo_count(self) -> int:
        return sum(entry.shooting_number is not None for entry in self.files)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.to_bytes()).hexdigest()


def file_entry(path: str, data: bytes, shooting_number: int | None = None) -> FileEntry:
    """The entry for a file's content."""
    return FileEntry(path, len(data), hashlib.sha256(data).hexdigest(), shooting_number)
