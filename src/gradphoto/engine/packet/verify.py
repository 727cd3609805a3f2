"""Checking a delivery package without unpacking it to disk: signature, hashes, completeness, one photo a row."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from cryptography.exceptions import InvalidSignature

from gradphoto.engine.packet.keys import key_id, load_public
from gradphoto.engine.packet.manifest import Manifest
from gradphoto.engine.packet.package import MANIFEST_NAME, PUBLIC_KEY_NAME, SIGNATURE_NAME, SUMMARY_NAME, photo_path
from gradphoto.engine.packet.summary import doubtful_numbers, read_summary
from gradphoto.engine.wording import Wording

_MOST_ENTRIES = 200_000
_MOST_BYTES_A_FILE = 64 * 1024 * 1024
_MOST_RATIO = 200
_UNSIGNED = frozenset({MANIFEST_NAME, SIGNATURE_NAME, PUBLIC_KEY_NAME})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, in which file, and what to do."""

    code: str
    file: str
    message: Wording
    remedy: Wording


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """``ok``: nothing wrong. ``trusted``: signed by the key the receiver trusts, not just by the one inside."""

    problems: tuple[Problem, ...]
    trusted: bool
    key_id: str
    photo_count: int
    manifest: Manifest | None = None

    @property
    def ok(self) -> bool:
        return not self.problems


def verify_package(source: Path | IO[bytes], trusted_key: Path | None = None) -> VerificationReport:
    """Check a package. Whatever is wrong with it becomes a problem in the report, never an exception."""
    try:
        with zipfile.ZipFile(source) as archive:
            return _Check(archive, trusted_key).run()
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError):
        problem = _problem("not_a_package", "", "文件不是完整的交付包。", "This is not a whole delivery package.",
                           "请重新下载或重新拷贝。", "Download or copy it again.")  # fmt: skip
        return VerificationReport((problem,), False, "", 0)


class _Check:
    """One run over one package."""

    def __init__(self, archive: zipfile.ZipFile, trusted_key: Path | None) -> None:
        self.archive = archive
        self.trusted_key = trusted_key
        self.problems: list[Problem] = []
        self.key_id = ""
        self.trusted = False

    def run(self) -> VerificationReport:
        manifest = self._manifest() if self._entries_are_safe() else None
        if manifest is not None:
            self._check_files(manifest)
            self._check_summary(manifest)
        count = manifest.photo_count if manifest else 0
        return VerificationReport(tuple(self.problems), self.trusted, self.key_id, count, manifest)

    def _say(self, code: str, file: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> None:
        self.problems.append(_problem(code, file, zh, en, remedy_zh, remedy_en))

    def _entries_are_safe(self) -> bool:
        entries = self.archive.infolist()
        names = Counter(entry.filename for entry in entries)
        for entry in entries:
            name = entry.filename
            path = PurePosixPath(name)
            is_link = stat.S_ISLNK(entry.external_attr >> 16)
            if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or is_link:
                self._say("unsafe_name", name, "包内有不安全的路径。", "A path inside is not safe.",
                          "不要解压，请联系发送方。", "Do not unpack it; ask the sender.")  # fmt: skip
            if entry.file_size > _MOST_BYTES_A_FILE or entry.file_size > _MOST_RATIO * max(entry.compress_size, 1000):
                self._say("bomb", name, "包内有异常巨大的文件。", "A file inside is absurdly large.",
                          "不要解压，请联系发送方。", "Do not unpack it; ask the sender.")  # fmt: skip
            if names[name] > 1:
                self._say("duplicate_name", name, "同名文件出现多次。", "A name occurs more than once.",
                          "请发送方重新制作。", "Have the sender make it again.")  # fmt: skip
        if len(entries) > _MOST_ENTRIES:
            self._say("bomb", "", f"包内文件超过 {_MOST_ENTRIES} 个。", f"There are more than {_MOST_ENTRIES} files inside.",
                      "不要解压，请联系发送方。", "Do not unpack it; ask the sender.")  # fmt: skip
        return not self.problems

    def _manifest(self) -> Manifest | None:
        try:
            signed, signature, pem = (
                self.archive.read(name) for name in (MANIFEST_NAME, SIGNATURE_NAME, PUBLIC_KEY_NAME)
            )
        except KeyError:
            self._say("unsigned", MANIFEST_NAME, "缺少清单或签名。", "Manifest or signature is missing.",
                      "请向发送方索取完整的包。", "Ask the sender for the whole package.")  # fmt: skip
            return None
        try:
            key = load_public(pem)
            self.key_id = key_id(key)
            key.verify(signature, signed)
            manifest = Manifest.from_bytes(signed)
        except (InvalidSignature, ValueError):
            self._say("signature", MANIFEST_NAME, "签名无效，清单被改动过。", "The signature is invalid: the manifest was altered.",
                      "不要使用，请联系发送方。", "Do not use it; ask the sender.")  # fmt: skip
            return None
        self._check_trust()
        return manifest

    def _check_trust(self) -> None:
        if self.trusted_key is None:
            return
        try:
            self.trusted = key_id(load_public(self.trusted_key.read_bytes())) == self.key_id
        except ValueError:
            self.trusted = False
        if not self.trusted:
            self._say("foreign_key", PUBLIC_KEY_NAME, "签名密钥不是所信任的密钥。", "It is signed with a key that is not trusted.",
                      "请与发送方电话核对密钥编号。", "Compare the key number with the sender by telephone.")  # fmt: skip

    def _check_files(self, manifest: Manifest) -> None:
        present = set(self.archive.namelist()) - _UNSIGNED
        listed = {entry.path: entry for entry in manifest.files}
        for name in sorted(present - set(listed)):
            self._say("extra_file", name, "清单中没有这个文件。", "This file is not in the manifest.",
                      "请发送方重新制作。", "Have the sender make it again.")  # fmt: skip
        for name, entry in listed.items():
            if name not in present:
                self._say("missing_file", name, "清单中的文件缺失。", "A file of the manifest is missing.",
                          "请重新下载或向发送方索取。", "Download it again or ask the sender.")  # fmt: skip
                continue
            data = self._read(name)
            if data is None or hashlib.sha256(data).hexdigest() != entry.sha256:
                self._say("altered_file", name, "文件内容与清单不符。", "The content differs from the manifest.",
                          "不要使用，请向发送方索取。", "Do not use it; ask the sender.")  # fmt: skip
            elif entry.shooting_number is not None and not data.startswith(b"\xff\xd8\xff"):
                self._say("not_a_photo", name, "文件不是 JPEG 照片。", "The file is not a JPEG photo.",
                          "请发送方重新制作。", "Have the sender make it again.")  # fmt: skip

    def _check_summary(self, manifest: Manifest) -> None:
        data = self._read(SUMMARY_NAME)
        try:
            rows = read_summary(data) if data is not None else []
        except ValueError:
            rows = []
        in_table = {photo_path(row.shooting_number) for row in rows}
        photos = {entry.path for entry in manifest.files if entry.shooting_number is not None}
        for name in sorted(in_table ^ photos | {photo_path(number) for number in doubtful_numbers(rows)}):
            self._say("not_one_to_one", name, "照片与汇总表行不是一一对应。", "Photo and table row do not match one to one.",
                      "请发送方核对拍摄序号。", "Have the sender check the shooting numbers.")  # fmt: skip

    def _read(self, name: str) -> bytes | None:
        try:
            return self.archive.read(name)
        except (KeyError, zipfile.BadZipFile):
            return None


def _problem(code: str, file: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Problem:
    return Problem(f"packet.{code}", file, Wording(zh, en), Wording(remedy_zh, remedy_en))
