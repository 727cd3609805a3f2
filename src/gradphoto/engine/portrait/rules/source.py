"""Sharpness and resolution, and what was done to the pixels before they came here."""

from __future__ import annotations

from gradphoto.engine.portrait.rules.model import FAIL, REVIEW, Rule, Seen
from gradphoto.engine.wording import Wording

# Grain (grey levels) that only the camera's own pixels have: enlarging smooths it away. With it, a coarse thing before the face (the
# rim of glasses) may lower the share of fine detail by so much.
_OWN_GRAIN, _BESIDE_RIMS = 0.65, 0.06


def _detail(seen: Seen) -> float:
    texture = seen.face.texture
    return texture.detail + (_BESIDE_RIMS if texture.noise >= _OWN_GRAIN else 0.0)


SOURCE_RULES: tuple[Rule, ...] = (
    Rule(
        "portrait.resolution",
        lambda seen: seen.face.inter_eye_px,
        (("inter_eye_px_fail", FAIL), ("inter_eye_px_review", REVIEW)),
        False,
        "px",
        0,
        Wording(
            "面部太小：两眼间距只有 {value} 像素，应不少于 {limit}。",
            "The face is too small: the eyes are {value} px apart, at least {limit} are needed.",
        ),
        Wording(
            "请使用相机原图，或靠近后重拍；不得放大图像。",
            "Use the camera's original or come closer; pictures are never enlarged.",
        ),
    ),
    Rule(
        "portrait.sharpness",
        lambda seen: seen.face.sharpness,
        (("sharpness_fail", FAIL), ("sharpness_review", REVIEW)),
        False,
        "",
        1,
        Wording(
            "面部不够清晰（清晰度 {value}，应不低于 {limit}）。",
            "The face is not sharp (sharpness {value}, at least {limit}).",
        ),
        Wording("请对焦在眼睛上、避免抖动后重拍。", "Focus on the eyes, hold still, and take it again."),
        uncertainty="sharpness_uncertainty",
        look=Wording("面部是否清晰", "is the face sharp"),
    ),
    Rule(
        "portrait.motion_blur",
        lambda seen: seen.face.texture.blur_direction,
        (("blur_direction_review", REVIEW),),
        True,
        "",
        2,
        Wording(
            "细节只在一个方向模糊（{value}，上限 {limit}），可能是抖动。",
            "Detail is lost in one direction only ({value}, at most {limit}): probably shake.",
        ),
        Wording("请使用三脚架或更快的快门后重拍。", "Use a tripod or a faster shutter and take it again."),
    ),
    Rule(
        "portrait.noise",
        lambda seen: seen.face.texture.noise,
        (("noise_review", REVIEW),),
        True,
        "",
        1,
        Wording(
            "噪点较多（{value} 级，上限 {limit}）。", "The picture is grainy ({value} grey levels, at most {limit})."
        ),
        Wording("请增加灯光、降低感光度后重拍。", "Use more light and a lower sensitivity and take it again."),
        uncertainty="noise_uncertainty",
        look=Wording("噪点是否明显", "is the grain disturbing"),
    ),
    Rule(
        "portrait.upscaled",
        _detail,
        (("detail_review", REVIEW),),
        False,
        "",
        2,
        Wording(
            "没有最细一级的细节（{value}，应不低于 {limit}），可能是放大的小图。",
            "The finest detail is missing ({value}, at least {limit}): probably a small picture that was enlarged.",
        ),
        Wording("请使用相机原图。", "Use the camera's original picture."),
        heuristic=True,
        source="不得放大",
        uncertainty="detail_uncertainty",
        look=Wording("是否由小图放大", "was a small picture enlarged"),
    ),
    Rule(
        "portrait.source_quality",
        lambda seen: float(seen.picture.source_jpeg_quality or 0),
        (("source_quality_fail", FAIL), ("source_quality_review", REVIEW)),
        False,
        "",
        0,
        Wording(
            "原图的压缩质量约为 {value}，应不低于 {limit}。",
            "The source was compressed at a quality of about {value}; at least {limit} is asked.",
        ),
        Wording(
            "请使用相机原图，不要用聊天软件转发的图片。",
            "Use the camera's original, not one sent through a chat program.",
        ),
        applies=lambda seen: seen.picture.source_jpeg_quality is not None,
    ),
    Rule(
        "portrait.recompressed",
        lambda seen: seen.face.texture.blockiness,
        (("blockiness_review", REVIEW),),
        True,
        "",
        2,
        Wording(
            "图像有压缩方块（{value}，上限 {limit}），可能多次保存过。",
            "The blocks of compression show ({value}, at most {limit}): the picture was probably saved again and again.",
        ),
        Wording("请使用相机原图。", "Use the camera's original picture."),
        heuristic=True,
        applies=lambda seen: seen.face.texture.blockiness is not None,
    ),
)
