"""Every rule as a person reads it: the face's, the windows', the file's, with the limits that a profile sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradphoto.engine.portrait.matte import replace as matte
from gradphoto.engine.portrait.rules import FACE_COUNT, RULES, Rule, Trained
from gradphoto.engine.portrait.thresholds import threshold
from gradphoto.engine.portrait.window_rules import WINDOW_RULES
from gradphoto.engine.standards.profiles import PhotoProfile
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class ListedRule:
    """``limits`` and ``with_model`` in words; the latter empty where no model reads the rule."""

    code: str
    limits: str
    sentence: Wording
    advice: Wording
    source: str
    heuristic: bool = False
    with_model: str = ""


_WINDOW_FIELDS = {
    "hair_top": ("hair_top_min_px", "hair_top_max_px"),
    "eye_line": ("eye_line_min_px", "eye_line_max_px"),
    "face_width": ("face_width_min_px", "face_width_max_px"),
}
_SAYS_HOW_MUCH = {"head_room": "head_room_fraction", "chin": "shoulder_fraction", "side": "side_fraction"}


def listed_rules(profile: PhotoProfile) -> Iterator[ListedRule]:
    """In the order in which they are read: how many faces, the sitter, the windows of the crop, work on the backdrop where it is
    ordered, the finished file.
    """
    yield ListedRule(FACE_COUNT.code, "= 1, otherwise fail", FACE_COUNT.sentence, FACE_COUNT.advice, FACE_COUNT.source)
    for rule in RULES:
        trained = _limits(rule.trained, "", profile) if rule.trained else ""
        yield ListedRule(
            rule.code,
            _limits(rule, rule.unit, profile),
            rule.sentence,
            rule.advice,
            rule.source,
            rule.heuristic,
            trained,
        )
    for name, window in WINDOW_RULES.items():
        yield ListedRule(
            window.code,
            f"{_window(name, profile)} {window.outcome}",
            window.sentence,
            window.advice_below,
            profile.source,
        )
    yield ListedRule(matte.POCKET_CODE, f"≤ {matte.POCKET_PX} px review", matte.POCKET, matte.POCKET_ADVICE, "R115")
    for refusal in matte.REFUSALS:
        yield ListedRule(refusal.code, "otherwise review", refusal.reason, matte.LEFT_AS_IT_WAS, "R115")
    for code, limits, sentence in _of_the_file(profile):
        yield ListedRule(
            code, limits, sentence, Wording("请用原图重新生成。", "Make it again from the source."), profile.source
        )


def _limits(reading: Rule | Trained, unit: str, profile: PhotoProfile) -> str:
    sign = ">" if reading.at_most else "<"
    told = ", ".join(f"{sign} {threshold(profile, name):g}{unit} {outcome}" for name, outcome in reading.limits)
    return f"{told} (±{threshold(profile, reading.uncertainty):g})" if reading.uncertainty else told


def _window(name: str, profile: PhotoProfile) -> str:
    if name in _WINDOW_FIELDS:
        low, high = (getattr(profile, field) for field in _WINDOW_FIELDS[name])
        return "—" if low is None and high is None else f"{low or 0:g}–{high or profile.height_px:g} px"
    if name in _SAYS_HOW_MUCH:
        share = getattr(profile, _SAYS_HOW_MUCH[name])
        if share is None:
            return "—"
        if name == "side":
            return f"≥ {share * profile.width_px:.0f} px"
        wanted = share if name == "head_room" else 1.0 - share
        slack = threshold(profile, "fraction_tolerance") * profile.height_px
        return f"{wanted * profile.height_px - slack:.0f}–{wanted * profile.height_px + slack:.0f} px"
    if name == "centre":
        return f"±{threshold(profile, 'centre_tolerance') * profile.width_px:.1f} px"
    return "≤ 1 ×"


def _of_the_file(profile: PhotoProfile) -> Iterator[tuple[str, str, Wording]]:
    low, high = profile.size_min_bytes, profile.size_max_bytes
    size = f"{(low or 0) / 1024:.0f}–{high / 1024:.0f} KB" if high else "—"
    yield "portrait.file_format", "JPEG", Wording("文件格式。", "The file's format.")
    yield "portrait.file_pixels", f"{profile.width_px}×{profile.height_px} px fail", Wording("尺寸。", "The size.")
    yield "portrait.file_colour", "24 bit fail", Wording("颜色深度。", "The depth of colour.")
    yield "portrait.file_dpi", f"{profile.dpi} dpi review", Wording("分辨率标记。", "The density.")
    yield "portrait.file_size", f"{size} (below review, above fail)", Wording("文件大小。", "The file's size.")
    yield "portrait.file_quality", f"≥ {profile.jpeg_quality_min} fail", Wording("压缩质量。", "The quality.")
    yield "portrait.file_exif", "none, otherwise review", Wording("拍摄信息。", "Data of the exposure (EXIF).")
