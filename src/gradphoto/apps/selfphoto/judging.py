"""The judge: the original file, all rules, and what a person is told of it, drawn on the copy that they see.

Nothing is beautified and nothing decided: a photograph fails by rules that the room's photographs fail by, too, and a
person reviews whatever is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import simplejpeg

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.assessments import severity
from gradphoto.apps.capture.verdicts import assess_seen, rules_of, standard_of
from gradphoto.apps.core.uploads import prove_picture
from gradphoto.apps.selfphoto.terms import Terms
from gradphoto.engine.portrait.assessment import Assessment
from gradphoto.engine.portrait.decode import Rgb, decode_lightness, foreign_kind
from gradphoto.engine.portrait.errors import PhotoError
from gradphoto.engine.portrait.rephotographed import HINT_FROM, regular_pattern
from gradphoto.engine.portrait.verdict import Outcome, RuleFinding
from gradphoto.engine.standards.profiles import PhotoProfile
from gradphoto.engine.wording import Wording

COPY_LONG_SIDE_PX = 1280
_QUALITY = 84
SCREEN_OR_PRINT = "selfphoto.screen_or_print"
REPLACED = (
    "portrait.backdrop_colour",
    "portrait.backdrop_shadow",
    "portrait.backdrop_gradient",
    "portrait.backdrop_even",
)
"""What a new backdrop mends, where the rule set replaces it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the copy on which it is drawn; ``findings`` are plain values in the order that helps."""

    assessment: Assessment
    outcome: Outcome
    findings: list[dict[str, Any]]
    rules_version: str
    copy: bytes
    copy_size: tuple[int, int]

    @property
    def severity(self) -> int:
        return severity(self.findings)


def judge(data: bytes, campaign: Campaign, terms: Terms) -> Judgement:
    """Measure and judge an original file by a campaign's rules. Raises ``PhotoError`` (``selfphoto.heic``,
    ``selfphoto.not_jpeg``) and ``BoundedError``: the file is decoded once by the bounded reader before anything else touches it.
    """
    profile = standard_of(campaign)
    return judge_by(data, profile, rules_of(campaign, profile.code), replaces_backdrop=bool(terms.new_background))


def judge_by(
    data: bytes, profile: PhotoProfile, rules_version: str = "", *, replaces_backdrop: bool = False
) -> Judgement:
    """The same by a profile alone."""
    refuse_heic(data)
    _refuse_other_than_jpeg(data)
    prove_picture(data)
    measured, seen = assess_seen(data, profile)
    findings = _findings(measured, replaces_backdrop)
    hint = _origin(data, measured)
    if hint is not None:
        findings.append(hint)
    copy, size = _copy(seen)
    worst = Outcome.PASS
    if findings:
        worst = Outcome.FAIL if any(one["outcome"] == Outcome.FAIL for one in findings) else Outcome.REVIEW
    return Judgement(measured, worst, findings, rules_version, copy, size)


def _findings(measured: Assessment, replaces_backdrop: bool) -> list[dict[str, Any]]:
    """All that was found, refusals first, each in the order of mending.

    Where the rule set puts another backdrop behind the person, the present one is no reason to photograph again.
    """
    found = [one.to_json() for one in measured.verdict.findings]
    if replaces_backdrop:
        for one in found:
            if one["code"] in REPLACED:
                one["outcome"] = Outcome.REVIEW.value
                one["is_replaced"] = True
                one["advice"] = {
                    "zh": "规则允许更换背景，交付时背景会更换；能站到纯色墙前拍更好。",
                    "en": "The rules replace the backdrop when it is delivered; a plain wall is better still.",
                }
    return sorted(found, key=lambda one: one["outcome"] != Outcome.FAIL.value)


def _origin(data: bytes, measured: Assessment) -> dict[str, Any] | None:
    """A hint that this is a photograph of a screen or a print; always for a person to look at."""
    face = measured.measurements.face
    if face is None:
        return None
    half = face.face_width_px / 2
    eyes_to_chin = face.chin_y_px - face.eye_line_y_px
    box = (face.centre_x_px - half, face.eye_line_y_px - eyes_to_chin * 0.6, face.centre_x_px + half, face.chin_y_px)
    value = regular_pattern(decode_lightness(data, measured.photo.exif.orientation), box)
    if value < HINT_FROM:
        return None
    said = RuleFinding(
        SCREEN_OR_PRINT,
        Outcome.REVIEW,
        value,
        HINT_FROM,
        "×",
        Wording("画面有规则的细纹，可能翻拍自屏幕或印刷品。", "A fine regular pattern: perhaps a photograph of a screen or a print."),
        Wording("请拍摄本人，不要翻拍；确是本人现拍的，可以提交，由人审核。",
                "Photograph the person, not a picture. If you did, hand it in: a person looks."),
    )  # fmt: skip
    return said.to_json()


def _copy(seen: Rgb) -> tuple[bytes, tuple[int, int]]:
    """A copy of at most 1280 px of the upright sRGB picture that was measured, as the browser shows it: (JPEG, (width, height))."""
    small: Any = seen
    # By whole halves first: a reduction by two is ten times as fast as one by a broken number.
    while max(small.shape[:2]) >= 2 * COPY_LONG_SIDE_PX:
        half = max(1, small.shape[1] // 2), max(1, small.shape[0] // 2)
        small = cv2.resize(small, half, interpolation=cv2.INTER_AREA)
    height, width = seen.shape[:2]
    zoom = min(1.0, COPY_LONG_SIDE_PX / max(height, width))
    size = max(1, round(width * zoom)), max(1, round(height * zoom))
    if small.shape[1::-1] != size:
        small = cv2.resize(small, size, interpolation=cv2.INTER_AREA)
    return simplejpeg.encode_jpeg(np.ascontiguousarray(small), quality=_QUALITY, colorspace="RGB"), size


_OF_PHONES = ("HEIC", "HEIF", "AVIF")


def refuse_heic(data: bytes) -> None:
    """Raises ``selfphoto.heic``: what an iPhone keeps by itself, and how to hand in a JPEG instead."""
    kind = foreign_kind(data)
    if kind in _OF_PHONES:
        raise heic(kind)


def _refuse_other_than_jpeg(data: bytes) -> None:
    """Raises ``selfphoto.not_jpeg``: the room takes JPEG only, and who is told "hand it in" must be able to (R97)."""
    if not data.startswith(b"\xff\xd8\xff"):
        kind = foreign_kind(data)
        kind_zh, kind_en = (f"是 {kind}，", f" is {kind},") if kind else ("", "")
        raise PhotoError(
            "selfphoto.not_jpeg",
            Wording(f"这个文件{kind_zh}不是 JPEG 照片。", f"This file{kind_en or ' is'} no JPEG photograph."),
            Wording(
                "请直接用本页的相机拍摄；截图、PNG、WebP 和从聊天软件转存的图片不能用。",
                "Photograph with this page's camera; screenshots, PNG, WebP and pictures saved from a chat cannot be used.",
            ),
        )


def heic(kind: str = "HEIC") -> PhotoError:
    """The refusal of HEIC and AVIF, by its own name, with its remedy."""
    return PhotoError(
        "selfphoto.heic",
        Wording(f"这是 {kind} 格式的照片，系统不能读取。", f"This photograph is {kind}, which cannot be read here."),
        Wording(
            "请直接用本页的相机拍摄；或在 iPhone“设置—相机—格式”中选“兼容性最佳”后重拍，相册照片可先拷贝成 JPEG。",
            "Photograph with this page's camera; or choose Settings, Camera, Formats, Most Compatible on the iPhone and "
            "photograph again.",
        ),
    )
