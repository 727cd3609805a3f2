"""Short names of rules and of a person's own reasons: what a picklist, a table and a retake slip print.

Sources of the persons' reasons: R18, R119-R123 (what the notices ask and no trained model judges), R97 (one number, one
person).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gradphoto.engine.portrait.rules import FACE_COUNT, RULES
from gradphoto.engine.portrait.window_rules import WINDOW_RULES
from gradphoto.engine.wording import Wording

_RULES: dict[str, Wording] = {
    "portrait.face_count": Wording("人脸数量", "Number of faces"),
    "portrait.head_roll": Wording("头部歪斜", "Head leans"),
    "portrait.head_yaw": Wording("头部侧转", "Head turned"),
    "portrait.head_pitch": Wording("抬头或低头", "Chin up or down"),
    "portrait.eye_right_open": Wording("右眼未睁开", "Right eye not open"),
    "portrait.eye_left_open": Wording("左眼未睁开", "Left eye not open"),
    "portrait.eye_right_visible": Wording("右眼不清楚", "Right eye not clear"),
    "portrait.eye_left_visible": Wording("左眼不清楚", "Left eye not clear"),
    "portrait.mouth_closed": Wording("嘴未闭合", "Mouth not closed"),
    "portrait.resolution": Wording("像素不足", "Too few pixels"),
    "portrait.sharpness": Wording("不清晰", "Not sharp"),
    "portrait.too_dark": Wording("太暗", "Too dark"),
    "portrait.too_bright": Wording("太亮", "Too bright"),
    "portrait.highlights": Wording("高光过曝", "Blown highlights"),
    "portrait.flat_light": Wording("光线平淡", "Flat light"),
    "portrait.light_balance": Wording("左右光不匀", "Light uneven left and right"),
    "portrait.greyscale": Wording("不是彩色", "Not in colour"),
    "portrait.cast_cold": Wording("偏色（蓝）", "Colour cast (blue)"),
    "portrait.cast_warm": Wording("偏色（黄）", "Colour cast (yellow)"),
    "portrait.cast_green": Wording("偏色（绿）", "Colour cast (green)"),
    "portrait.cast_red": Wording("偏色（红）", "Colour cast (red)"),
    "portrait.backdrop_colour": Wording("背景颜色", "Backdrop colour"),
    "portrait.backdrop_even": Wording("背景不匀", "Backdrop uneven"),
    "portrait.clothes_like_backdrop": Wording("衣服与背景相近", "Clothes like the backdrop"),
    "portrait.head_cut_off": Wording("头部被切断", "Head cut off"),
    "portrait.enlarged": Wording("原图太小", "Source too small"),
    "portrait.hair_top": Wording("发顶位置", "Hair top"),
    "portrait.eye_line": Wording("眼睛位置", "Eye line"),
    "portrait.face_width": Wording("脸宽", "Face width"),
    "portrait.head_room": Wording("头顶空白", "Room above the head"),
    "portrait.chin": Wording("下巴位置", "Chin"),
    "portrait.side": Wording("两侧空白", "Room beside the head"),
    "portrait.centre": Wording("头部居中", "Centring"),
    "portrait.gaze_side": Wording("目光偏侧", "Looking aside"),
    "portrait.gaze_down": Wording("目光偏上下", "Looking up or down"),
    "portrait.motion_blur": Wording("抖动模糊", "Shake"),
    "portrait.noise": Wording("噪点", "Grain"),
    "portrait.upscaled": Wording("疑似放大的小图", "Perhaps enlarged"),
    "portrait.source_quality": Wording("原图压缩过度", "Source too compressed"),
    "portrait.recompressed": Wording("多次压缩", "Saved again and again"),
    "portrait.backdrop_gradient": Wording("背景渐变", "Backdrop gradient"),
    "portrait.backdrop_shadow": Wording("背景阴影", "Backdrop shadow"),
    "portrait.clothes_pattern": Wording("衣服花纹", "Patterned clothes"),
    "portrait.shoulders_level": Wording("双肩不平", "Shoulders not level"),
    "portrait.ear_right": Wording("右耳未露", "Right ear not seen"),
    "portrait.ear_left": Wording("左耳未露", "Left ear not seen"),
    "portrait.brow_right": Wording("右眉被遮", "Right brow covered"),
    "portrait.brow_left": Wording("左眉被遮", "Left brow covered"),
    "portrait.hair_area": Wording("头发过多", "Too much hair"),
    "portrait.hair_colour": Wording("发色或头饰", "Hair colour or covering"),
    "portrait.head_covering": Wording("疑似戴帽", "Perhaps a cap"),
    "portrait.glasses": Wording("戴眼镜", "Glasses"),
    "portrait.glasses_glare": Wording("镜片反光", "Glare on glasses"),
    "portrait.glasses_tint": Wording("镜片有色或眼周过暗", "Tinted lenses or shade"),
    "portrait.glasses_frame": Wording("镜框遮眼", "Rim over an eye"),
    "portrait.red_eye": Wording("红眼", "Red eye"),
    "portrait.eyes_covered": Wording("眼部遮挡", "Eyes covered"),
    "portrait.mouth_covered": Wording("口鼻遮挡", "Mouth or nose covered"),
    "portrait.jewellery": Wording("疑似首饰", "Perhaps jewellery"),
    "portrait.high_collar": Wording("高领遮颈", "High collar"),
    "portrait.bare_shoulders": Wording("无领或吊带", "No collar"),
}

PERSONS: dict[str, Wording] = {
    "person.eyes": Wording("闭眼或视线偏离", "Eyes shut or looking away"),
    "person.hair": Wording("头发遮眉遮耳", "Hair over brows or ears"),
    "person.glasses": Wording("眼镜反光或有色", "Glasses reflect or are tinted"),
    "person.clothes": Wording("着装不合要求", "Clothes not as asked"),
    "person.jewellery": Wording("佩戴首饰", "Jewellery"),
    "person.expression": Wording("表情不自然", "Expression"),
    "person.posture": Wording("坐姿不正", "Posture"),
    "person.not_the_person": Wording("疑似非本人", "Perhaps not this person"),
    "person.other": Wording("其他", "Other"),
}
KEYS = 9
"""Reasons that a single figure key picks."""
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Pick:
    """A line of the picklist: ``key`` is the figure that picks it, ``picked`` whether the engine found it."""

    code: str
    title: Wording
    key: str
    picked: bool


def title_of(code: str) -> Wording:
    """The short name of a reason; a rule that is newer than this list is named by its code."""
    bare = code.rpartition(".")[2].replace("_", " ")
    return _RULES.get(code) or PERSONS.get(code) or Wording(bare, bare)


def rule_codes() -> tuple[str, ...]:
    """The codes of the engine's rules, in its own order."""
    return (FACE_COUNT.code, *(rule.code for rule in RULES), *(rule.code for rule in WINDOW_RULES.values()))


def picklist(found: Sequence[str]) -> list[Pick]:
    """The reasons of a page: what the engine found (picked), then a person's own, then every other rule."""
    ordered = [*dict.fromkeys(found), *PERSONS]
    rest = [code for code in rule_codes() if code not in set(ordered)]
    keys = [str(n) for n in range(1, KEYS + 1)] + [""] * (len(ordered) + len(rest))
    return [Pick(code, title_of(code), key, code in found) for code, key in zip([*ordered, *rest], keys, strict=False)]


def known(codes: Iterable[str], found: Collection[str]) -> list[str]:
    """The codes that exist: rules, a person's reasons, and what was found on the frame at hand."""
    allowed = {*rule_codes(), *PERSONS, *found}
    return [code for code in dict.fromkeys(codes) if code in allowed]


def say_reasons(codes: Iterable[str], words: str) -> Wording:
    """One sentence of at most 200 characters a language: the reasons' names and the reviewer's own words."""
    titles = [title_of(code) for code in codes]
    own = words.strip()
    zh = "、".join([title.zh for title in titles] + ([own] if own else []))
    en = "; ".join([title.en for title in titles] + ([own] if own else []))
    return Wording(zh[:LONGEST], en[:LONGEST])
