"""What a folder run has done, line by line on disk, so that a killed run goes on instead of beginning again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gradphoto.engine.portrait.thresholds import calibrated
from gradphoto.engine.portrait.verdict import Outcome
from gradphoto.engine.standards.profiles import PhotoProfile
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class FolderFinding:
    """One broken rule of a line, with its own advice; ``explained_by``: the code of the one that makes it."""

    code: str
    outcome: Outcome
    message: Wording
    advice: Wording
    explained_by: str = ""


@dataclass(frozen=True, slots=True)
class FolderLine:
    """One source file and one profile: what became of it.

    ``output`` is empty when no portrait was made; ``code``, ``message`` and ``advice`` are those of the refusal, of the first
    broken rule or of the error. ``findings`` are all broken rules in the order of mending, ``not_assessed`` what a person has to
    look at.
    """

    file: str
    profile_code: str
    outcome: Outcome
    code: str
    message: Wording
    advice: Wording
    findings: tuple[FolderFinding, ...]
    not_assessed: tuple[Wording, ...]
    output: str
    size_bytes: int
    quality: int

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> FolderLine:
        """What :func:`dataclasses.asdict` made of a line."""
        return cls(
            **plain
            | {
                "outcome": Outcome(plain["outcome"]),
                "message": Wording(**plain["message"]),
                "advice": Wording(**plain["advice"]),
                "findings": tuple(_finding(one) for one in plain["findings"]),
                "not_assessed": tuple(Wording(**one) for one in plain["not_assessed"]),
            }
        )


def _finding(plain: dict[str, Any]) -> FolderFinding:
    message, advice = Wording(**plain["message"]), Wording(**plain["advice"])
    return FolderFinding(plain["code"], Outcome(plain["outcome"]), message, advice, plain["explained_by"])


def run_key(profiles: Sequence[PhotoProfile], version: str, new_background: str | None = None) -> str:
    """Changes with everything that may change a result: profiles, thresholds, the pipeline's version with its models."""
    what = [repr(profile) for profile in profiles], sorted(calibrated().items()), version, new_background
    return hashlib.sha256(repr(what).encode()).hexdigest()


class Journal:
    """Lines of finished files; those of another key, and a last line cut off by a power cut, do not count."""

    def __init__(self, path: Path, key: str) -> None:
        self._path, self._key = path, key
        self._known: dict[str, tuple[tuple[int, int], tuple[FolderLine, ...]]] = {}

    def __enter__(self) -> Self:
        lines = self._path.read_bytes().split(b"\n") if self._path.exists() else []
        whole = [entry for entry in map(_entry, lines) if entry is not None]
        if whole and whole[0].get("key") == self._key:
            for entry in whole[1:]:
                stamp = int(entry["size"]), int(entry["mtime_ns"])
                self._known[entry["file"]] = stamp, tuple(FolderLine.from_json(line) for line in entry["lines"])
            self._stream = self._path.open("ab")
            # After a cut the next entry must begin on a line of its own.
            self._stream.write(b"\n")
        else:
            self._stream = self._path.open("wb")
            self._write({"key": self._key})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def known(self, path: Path) -> tuple[FolderLine, ...] | None:
        """The lines of a file that is done and has the same size and time still."""
        stamp, lines = self._known.get(path.name, ((-1, -1), ()))
        return lines if stamp == _stamp(path) else None

    def add(self, path: Path, lines: Sequence[FolderLine]) -> None:
        """Put a finished file on record; on disk when this returns."""
        size, mtime_ns = _stamp(path)
        told = [dataclasses.asdict(line) for line in lines]
        self._write({"file": path.name, "size": size, "mtime_ns": mtime_ns, "lines": told})

    def _write(self, entry: dict[str, object]) -> None:
        self._stream.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
