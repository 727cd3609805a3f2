"""Making a portrait again from its source and its sidecar, bit for bit: the proof that nothing else was done to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from gradphoto.engine.portrait.assessment import Provenance
from gradphoto.engine.portrait.crop import Crop
from gradphoto.engine.portrait.decode import decode
from gradphoto.engine.portrait.encode import encode_as
from gradphoto.engine.portrait.errors import PhotoError, photo_error
from gradphoto.engine.portrait.pipeline import PIPELINE_VERSION, Pipeline, process_pipeline
from gradphoto.engine.portrait.render import render
from gradphoto.engine.standards.profiles import PhotoProfile
from gradphoto.engine.wording import Wording


def remake(source: bytes, provenance: Provenance, profile: PhotoProfile, pipeline: Pipeline | None = None) -> bytes:
    """The portrait as ``provenance`` describes it, compared with the SHA-256 that stands there.

    No model is asked: crop, scale, quality and colour sampling are taken from the sidecar. Only where the backdrop was
    replaced is a ``pipeline`` needed, to find the person again (one is built if none is given). Raises :class:`PhotoError`:
    ``portrait.remake_source`` (another source file), ``portrait.remake_version`` (made by another pipeline),
    ``portrait.remake_differs`` (the bytes are not the same: the portrait or its sidecar was altered), and what
    :func:`decode` raises.
    """
    found = hashlib.sha256(source).hexdigest()
    if found != provenance.source_sha256:
        raise photo_error(
            "remake_source",
            f"这不是原来的照片：SHA-256 为 {found[:12]}…，应为 {provenance.source_sha256[:12]}…。",
            f"This is not the source: its SHA-256 is {found[:12]}…, it should be {provenance.source_sha256[:12]}….",
            Wording("请找到当时的原图。", "Find the original file."),
        )
    if provenance.pipeline_version != PIPELINE_VERSION:
        raise photo_error(
            "remake_version",
            f"该照片由流程版本 {provenance.pipeline_version} 制作，本程序为 {PIPELINE_VERSION}。",
            f"It was made by pipeline version {provenance.pipeline_version}; this program has {PIPELINE_VERSION}.",
            Wording("请用当时的程序版本重做。", "Use the program's version of that time."),
        )
    if profile.code != provenance.profile_code:
        raise photo_error(
            "remake_profile",
            f"图像标准应为 {provenance.profile_code}，给出的是 {profile.code}。",
            f"The profile is {provenance.profile_code}; {profile.code} was given.",
            Wording("请指定当时的图像标准。", "Name the profile of that time."),
        )
    crop = Crop(
        provenance.crop_x, provenance.crop_y, provenance.crop_width, provenance.crop_height, provenance.scale,
        profile.width_px, profile.height_px, (), (),
    )  # fmt: skip
    if provenance.new_background:
        pixels = (pipeline or process_pipeline()).remake(source, crop, profile, provenance.new_background)
    else:
        pixels = render(decode(source, reduction=provenance.reduction), crop)
    encoded = encode_as(pixels, profile, provenance.quality, provenance.subsampling)
    if encoded.sha256 != provenance.output_sha256:
        raise photo_error(
            "remake_differs",
            f"重做的文件 SHA-256 为 {encoded.sha256[:12]}…，记录为 {provenance.output_sha256[:12]}…。",
            f"The file made again has SHA-256 {encoded.sha256[:12]}…; the record says {provenance.output_sha256[:12]}….",
            Wording(
                "记录或图像标准可能被改动过，或图像库版本不同；请核对。",
                "The record or the profile may have been altered, or an imaging library has another version: look into it.",
            ),
        )
    return encoded.data


def read_provenance(plain: Mapping[str, Any]) -> Provenance:
    """A sidecar's plain values as :class:`Provenance`. Raises ``portrait.sidecar`` when something is missing or odd."""
    names = Provenance.__dataclass_fields__
    try:
        values = {name: plain[name] for name in names if name != "new_background"}
        values["new_background"] = str(plain.get("new_background", ""))
        values["model_sha256"] = tuple((str(key), str(value)) for key, value in dict(values["model_sha256"]).items())
        numbers = ("crop_x", "crop_y", "crop_width", "crop_height", "scale")
        values |= {name: float(values[name]) for name in numbers}
        values |= {name: int(values[name]) for name in ("quality", "reduction", "size_bytes")}
        return Provenance(**values)
    except (KeyError, TypeError, ValueError) as fault:
        raise _no_sidecar(fault) from fault


def _no_sidecar(fault: Exception) -> PhotoError:
    return photo_error(
        "sidecar",
        f"来源记录不完整：{fault}。",
        f"The sidecar is incomplete: {fault}.",
        Wording("请使用与照片一同生成的 json 文件。", "Use the json file that was made with the portrait."),
    )
