"""What stands beside a face-parsing model: its name, file, classes, input and crop. Any model with such a manifest is taken."""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gradphoto.engine.portrait.errors import ModelError, model_error
from gradphoto.engine.wording import Wording

MANIFEST_NAME = "face_parsing.toml"
CLASSES = (
    "skin", "brow", "eye", "glasses", "ear", "earring", "nose", "mouth", "lip", "neck", "necklace", "clothes", "hair", "hat",
)  # fmt: skip
_NEEDED = frozenset({"skin", "hair"})
_SIDES_PX = range(64, 1025)


@dataclass(frozen=True, slots=True)
class ParserManifest:
    """``classes``: our name of a class to the numbers of the model's output channels; a class that it lacks is left out, and
    the rules on it stay as they are without a model.

    ``quick_file``: the same network in whole numbers of 8 bits, which is taken where onnxruntime is installed.
    ``side_px``: side of the square RGB input (float, NCHW, (value / 255 - mean) / std). Crop: see ``known.toml``.
    """

    name: str
    file: str
    sha256: str
    licence: str
    side_px: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    crop_eyes: float
    crop_mouth: float
    crop_down: float
    classes: Mapping[str, tuple[int, ...]]
    quick_file: str = ""
    quick_sha256: str = ""

    @property
    def label(self) -> str:
        """The model as a verdict names it: a name and the first digits of its hash."""
        return f"{self.name[:24]}@{self.sha256[:8]}"


def read_manifest(path: Path) -> ParserManifest:
    """Raises ``models.manifest`` with the field that is missing or odd."""
    try:
        return manifest_of(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _odd(path.name, str(fault)) from fault


def manifest_of(plain: Mapping[str, Any]) -> ParserManifest:
    """The manifest of its plain values."""
    try:
        image, crop, quick = plain["input"], plain["crop"], plain.get("quick", {})
        made = ParserManifest(
            name=str(plain["name"]),
            file=str(plain["file"]),
            sha256=str(plain["sha256"]).lower(),
            licence=str(plain["licence"]),
            side_px=int(image["side_px"]),
            mean=_three(image["mean"]),
            std=_three(image["std"]),
            crop_eyes=float(crop["eyes"]),
            crop_mouth=float(crop["mouth"]),
            crop_down=float(crop["down"]),
            classes={str(name): tuple(map(int, numbers)) for name, numbers in plain["classes"].items()},
            quick_file=str(quick.get("file", "")),
            quick_sha256=str(quick.get("sha256", "")).lower(),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise _odd(MANIFEST_NAME, repr(fault)) from fault
    if Path(made.file).name != made.file or not made.file:
        raise _odd("file", made.file)
    if Path(made.quick_file).name != made.quick_file:
        raise _odd("quick", made.quick_file)
    if made.side_px not in _SIDES_PX or min(made.std) <= 0 or max(made.crop_eyes, made.crop_mouth) <= 0:
        raise _odd("input/crop", f"{made.side_px}")
    if unknown := set(made.classes) - set(CLASSES):
        raise _odd("classes", ", ".join(sorted(unknown)))
    if missing := _NEEDED - set(made.classes):
        raise _odd("classes", ", ".join(sorted(missing)))
    return made


def load_model(folder: Path) -> tuple[ParserManifest, bytes] | None:
    """The installed model, checked against its manifest; ``None`` where none is installed. Where onnxruntime is, its quick form, if
    it has one; the manifest then names that file and its hash, by which a verdict tells which one was asked.

    Raises ``models.manifest``, ``models.not_installed`` (the manifest without its file) or ``models.hash_mismatch``.
    """
    path = folder / MANIFEST_NAME
    if not path.is_file():
        return None
    manifest = read_manifest(path)
    if manifest.quick_file and importlib.util.find_spec("onnxruntime") is not None:
        manifest = replace(manifest, file=manifest.quick_file, sha256=manifest.quick_sha256)
    try:
        data = (folder / manifest.file).read_bytes()
    except OSError:
        raise model_error(
            "not_installed",
            Wording(f"找不到人脸解析模型 {manifest.file}。", f"The face-parsing model {manifest.file} is missing."),
            AGAIN,
        ) from None
    check_hash(manifest.file, data, manifest.sha256)
    return manifest, data


def check_hash(title: str, data: bytes, expected: str) -> None:
    """Raises ``models.hash_mismatch``."""
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise model_error(
            "hash_mismatch",
            Wording(
                f"{title} 的 SHA-256 不符（应为 {expected[:12]}…，实为 {found[:12]}…），拒绝使用。",
                f"{title} has another SHA-256 ({found[:12]}… instead of {expected[:12]}…) and is not used.",
            ),
            AGAIN,
        )


AGAIN = Wording("请运行 gradphoto models install --face-parsing。", "Run `gradphoto models install --face-parsing`.")


def _three(values: Any) -> tuple[float, float, float]:
    first, second, third = map(float, values)
    return first, second, third


def _odd(field: str, found: str) -> ModelError:
    return model_error(
        "manifest",
        Wording(f"模型说明文件有误：{field}（{found}）。", f"The model's manifest is wrong: {field} ({found})."),
        Wording("请按 docs/face-parsing.md 的格式改正。", "Write it as docs/face-parsing.md shows."),
    )
