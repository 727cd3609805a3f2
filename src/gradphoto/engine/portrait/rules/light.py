"""Light and colour of the face."""

from __future__ import annotations

from gradphoto.engine.portrait.rules.model import FAIL, REVIEW, Rule
from gradphoto.engine.wording import Wording

_MORE_LIGHT = Wording(
    "请检查灯光与曝光后重新拍摄；两灯应在左右 45° 对称。",
    "Check lamps and exposure and take it again; the two lamps stand 45° left and right.",
)

LIGHT_RULES: tuple[Rule, ...] = (
    Rule(
        "portrait.too_dark",
        lambda seen: seen.face.brightness_l,
        (("brightness_l_min_fail", FAIL), ("brightness_l_min_review", REVIEW)),
        False,
        "L*",
        0,
        Wording(
            "面部太暗（亮度 {value}，应不低于 {limit}）。",
            "The face is too dark (lightness {value}, at least {limit}).",
        ),
        _MORE_LIGHT,
    ),
    Rule(
        "portrait.too_bright",
        lambda seen: seen.face.brightness_l,
        (("brightness_l_max_fail", FAIL), ("brightness_l_max_review", REVIEW)),
        True,
        "L*",
        0,
        Wording(
            "面部太亮（亮度 {value}，应不高于 {limit}）。",
            "The face is too bright (lightness {value}, at most {limit}).",
        ),
        _MORE_LIGHT,
    ),
    Rule(
        "portrait.highlights",
        lambda seen: seen.face.highlight_share * 100.0,
        (("highlight_percent_fail", FAIL), ("highlight_percent_review", REVIEW)),
        True,
        "%",
        1,
        Wording(
            "面部有 {value}% 的区域过曝发白，超过 {limit}%。",
            "{value}% of the face is burnt out to white, more than {limit}%.",
        ),
        _MORE_LIGHT,
    ),
    Rule(
        "portrait.flat_light",
        lambda seen: seen.face.contrast_l,
        (("contrast_l_fail", FAIL), ("contrast_l_review", REVIEW)),
        False,
        "L*",
        0,
        Wording(
            "面部反差过低（{value}，应不低于 {limit}）。",
            "The face has too little contrast ({value}, at least {limit}).",
        ),
        _MORE_LIGHT,
    ),
    Rule(
        "portrait.light_balance",
        lambda seen: abs(seen.face.light_balance_l),
        (("light_balance_l_fail", FAIL), ("light_balance_l_review", REVIEW)),
        True,
        "L*",
        0,
        Wording(
            "面部左右亮度相差 {value}，超过 {limit}。",
            "The two halves of the face differ in lightness by {value}, more than {limit}.",
        ),
        _MORE_LIGHT,
    ),
    Rule(
        "portrait.greyscale",
        lambda seen: seen.picture.colour_spread,
        (("colour_spread_fail", FAIL),),
        False,
        "C*",
        1,
        Wording(
            "照片是黑白的（色度 {value}，应不低于 {limit}）。",
            "The picture is black and white (chroma {value}, at least {limit}).",
        ),
        Wording("请提供彩色照片。", "A colour photograph is required."),
    ),
    Rule(
        "portrait.cast_cold",
        lambda seen: seen.face.skin_hue_deg if seen.face.skin_chroma >= 4.0 else None,
        (("skin_hue_deg_min_review", REVIEW),),
        False,
        "°",
        0,
        Wording(
            "肤色偏红或偏紫（色相 {value}°，通常不低于 {limit}°）。",
            "The skin leans to red or violet (hue {value}°, usually at least {limit}°).",
        ),
        Wording("请检查白平衡；不得后期修饰肤色。", "Check the white balance; skin must not be retouched."),
    ),
    Rule(
        "portrait.cast_green",
        lambda seen: seen.face.skin_hue_deg if seen.face.skin_chroma >= 4.0 else None,
        (("skin_hue_deg_max_review", REVIEW),),
        True,
        "°",
        0,
        Wording(
            "肤色偏黄或偏绿（色相 {value}°，通常不高于 {limit}°）。",
            "The skin leans to yellow or green (hue {value}°, usually at most {limit}°).",
        ),
        Wording("请检查白平衡；不得后期修饰肤色。", "Check the white balance; skin must not be retouched."),
    ),
)
