"""Backdrop (R115), clothes before it (R123), shoulders, and room around the head."""

from __future__ import annotations

from gradphoto.engine.portrait.rules.model import FAIL, REVIEW, Rule
from gradphoto.engine.wording import Wording

BACKDROP_RULES: tuple[Rule, ...] = (
    Rule(
        "portrait.backdrop_colour",
        lambda seen: seen.backdrop_distance,
        (("backdrop_distance_fail", FAIL), ("backdrop_distance_review", REVIEW)),
        True,
        "×",
        1,
        Wording(
            "背景颜色与规定颜色相差为容差的 {value} 倍。",
            "The backdrop differs from the colours allowed by {value} times the tolerance.",
        ),
        Wording(
            "请使用规定颜色的背景，或人工查看。", "Use a backdrop of the prescribed colour, or look at the picture."
        ),
        look=Wording("背景颜色是否符合规定", "has the backdrop a colour that is allowed"),
    ),
    Rule(
        "portrait.backdrop_even",
        lambda seen: seen.face.backdrop.spread_delta_e,
        (("backdrop_spread_review", REVIEW),),
        True,
        "ΔE",
        1,
        Wording(
            "背景不均匀（色差 {value}，上限 {limit}），可能有阴影、渐变或杂物。",
            "The backdrop is uneven (colour difference {value}, at most {limit}): a shadow, a gradient or an object.",
        ),
        Wording(
            "请整理背景和灯光，让人离背景远一些。",
            "Tidy backdrop and lamps, and let the person sit farther from the backdrop.",
        ),
        look=Wording("背景是否均匀", "is the backdrop even"),
    ),
    Rule(
        "portrait.clothes_like_backdrop",
        lambda seen: seen.face.backdrop.clothes_delta_e,
        (("clothes_backdrop_review", REVIEW),),
        False,
        "ΔE",
        1,
        Wording(
            "衣服颜色与背景接近（色差 {value}，应不低于 {limit}）。",
            "The clothes are close to the backdrop in colour (difference {value}, at least {limit}).",
        ),
        Wording("请换一件与背景颜色明显不同的上衣。", "Wear clothes that clearly differ from the backdrop."),
        look=Wording("衣服与背景是否分明", "do the clothes stand out from the backdrop"),
    ),
    Rule(
        "portrait.head_cut_off",
        lambda seen: seen.face.frame_margin_px,
        (("frame_margin_px_fail", FAIL),),
        False,
        "px",
        0,
        Wording(
            "头部（含头发）被画面边缘切断或紧贴边缘（余量 {value} 像素）。",
            "The head with its hair touches the edge of the picture ({value} px left).",
        ),
        Wording(
            "请退后一些，让头部四周留出空白后重拍。",
            "Step back so that there is room around the head, and take it again.",
        ),
    ),
    Rule(
        "portrait.backdrop_gradient",
        lambda seen: seen.face.backdrop.gradient_delta_e,
        (("backdrop_gradient_review", REVIEW),),
        True,
        "ΔE",
        1,
        Wording(
            "背景两端颜色相差 {value}，上限 {limit}：有渐变。",
            "The ends of the backdrop differ by {value}, at most {limit}: a gradient.",
        ),
        Wording("请让背景受光均匀。", "Light the backdrop evenly."),
        look=Wording("背景有无渐变", "has the backdrop a gradient"),
    ),
    Rule(
        "portrait.backdrop_shadow",
        lambda seen: seen.face.backdrop.shadow_l,
        (("backdrop_shadow_review", REVIEW),),
        True,
        "L*",
        1,
        Wording(
            "人像旁的背景比远处暗 {value}，上限 {limit}：有阴影。",
            "Beside the person the backdrop is darker by {value}, at most {limit}: a shadow.",
        ),
        Wording(
            "请让人离背景远一些，或给背景加灯。", "Let the person sit farther from the backdrop, or light the backdrop."
        ),
        uncertainty="backdrop_shadow_uncertainty",
        look=Wording("背景有无阴影", "is there a shadow on the backdrop"),
    ),
    Rule(
        "portrait.clothes_pattern",
        lambda seen: seen.face.backdrop.clothes_pattern_l,
        (("clothes_pattern_review", REVIEW),),
        True,
        "L*",
        1,
        Wording(
            "衣服上有明显花纹或条纹（{value}，上限 {limit}）。",
            "The clothes have a strong pattern or stripes ({value}, at most {limit}).",
        ),
        Wording("请换纯色上衣。", "Wear plain clothes."),
        heuristic=True,
        look=Wording("衣服有无花纹", "are the clothes plain"),
    ),
    Rule(
        "portrait.shoulders_level",
        lambda seen: (
            None if seen.face.backdrop.shoulder_tilt_deg is None else abs(seen.face.backdrop.shoulder_tilt_deg)
        ),
        (("shoulder_tilt_deg_review", REVIEW),),
        True,
        "°",
        1,
        Wording("双肩倾斜 {value}°，超过 {limit}°。", "The shoulders slope by {value}°, more than {limit}°."),
        Wording("请坐正、双肩放平后重拍。", "Sit upright with level shoulders and take it again."),
        uncertainty="shoulder_tilt_uncertainty",
        look=Wording("双肩是否放平", "are the shoulders level"),
    ),
)
