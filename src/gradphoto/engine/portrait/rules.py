"""The rules, one row each: what is looked at, which threshold it may not break, and what to tell the person.

Sources: 教毕指〔2017〕99号 (pose, eyes, mouth, light, backdrop, clothes, geometry), R115, R116, R119, R121, R123.
Heuristics without a trained model behind them (cast, clothes, backdrop) may only ask for a review.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gradphoto.engine.portrait.measure import FaceMeasures, Measurements
from gradphoto.engine.portrait.verdict import Outcome
from gradphoto.engine.wording import Wording

FAIL, REVIEW = Outcome.FAIL, Outcome.REVIEW


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule may look at; ``backdrop_distance`` is in units of the allowed colour's tolerance."""

    picture: Measurements
    face: FaceMeasures
    backdrop_distance: float | None


@dataclass(frozen=True, slots=True)
class Rule:
    """``limits``: (threshold name, outcome when it is broken), the severest first; ``at_most``: which way it breaks."""

    code: str
    measure: Callable[[Seen], float | None]
    limits: tuple[tuple[str, Outcome], ...]
    at_most: bool
    unit: str
    digits: int
    sentence: Wording
    advice: Wording


_EYES = Wording("请确认双眼睁开且无遮挡，否则重拍。", "Make sure both eyes are open and uncovered, or take it again.")
_MORE_LIGHT = Wording(
    "请检查灯光与曝光后重新拍摄；两灯应在左右 45° 对称。",
    "Check lamps and exposure and take it again; the two lamps stand 45° left and right.",
)

FACE_COUNT = Rule(
    "portrait.face_count",
    lambda seen: float(seen.picture.face_count),
    (),
    False,
    "",
    0,
    Wording("画面中应当只有一张人脸，实际检测到 {value} 张。", "There must be exactly one face; {value} were found."),
    Wording(
        "请确认只有考生一人入镜、面部无遮挡后重新拍摄。",
        "Make sure that one uncovered face is in the picture and take it again.",
    ),
)

RULES: tuple[Rule, ...] = (
    Rule(
        "portrait.head_roll",
        lambda seen: abs(seen.face.roll_deg),
        (("roll_deg_fail", FAIL), ("roll_deg_review", REVIEW)),
        True,
        "°",
        1,
        Wording("头部左右倾斜 {value}°，超过 {limit}°。", "The head leans by {value}°, more than {limit}°."),
        Wording(
            "请摆正头部、双肩放平后重拍；不得用软件旋转。",
            "Hold the head upright, shoulders level, and take it again; turning it by software is not allowed.",
        ),
    ),
    Rule(
        "portrait.head_yaw",
        lambda seen: abs(seen.face.yaw_deg),
        (("yaw_deg_fail", FAIL), ("yaw_deg_review", REVIEW)),
        True,
        "°",
        1,
        Wording("面部左右转动 {value}°，超过 {limit}°。", "The face is turned aside by {value}°, more than {limit}°."),
        Wording("请正对镜头、两耳对称后重拍。", "Face the camera squarely, both ears alike, and take it again."),
    ),
    Rule(
        "portrait.head_pitch",
        lambda seen: abs(seen.face.pitch_deg),
        (("pitch_deg_fail", FAIL), ("pitch_deg_review", REVIEW)),
        True,
        "°",
        1,
        Wording(
            "抬头或低头 {value}°，超过 {limit}°。", "The head is raised or lowered by {value}°, more than {limit}°."
        ),
        Wording("请平视镜头后重拍。", "Look straight ahead into the camera and take it again."),
    ),
    Rule(
        "portrait.eye_right_open",
        lambda seen: seen.face.eye_open_right,
        (("eye_open_fail", FAIL), ("eye_open_review", REVIEW)),
        False,
        "",
        2,
        Wording(
            "右眼似乎闭合（睁开程度 {value}，应不低于 {limit}）。",
            "The right eye seems closed (openness {value}, at least {limit} is asked).",
        ),
        Wording("请睁开双眼后重拍。", "Open both eyes and take it again."),
    ),
    Rule(
        "portrait.eye_left_open",
        lambda seen: seen.face.eye_open_left,
        (("eye_open_fail", FAIL), ("eye_open_review", REVIEW)),
        False,
        "",
        2,
        Wording(
            "左眼似乎闭合（睁开程度 {value}，应不低于 {limit}）。",
            "The left eye seems closed (openness {value}, at least {limit} is asked).",
        ),
        Wording("请睁开双眼后重拍。", "Open both eyes and take it again."),
    ),
    Rule(
        "portrait.eye_right_visible",
        lambda seen: seen.face.eye_visible_right,
        (("eye_visible_review", REVIEW),),
        False,
        "",
        2,
        Wording(
            "看不清右眼（可见高度 {value}，通常不低于 {limit}）：可能闭眼、被遮挡或反光。",
            "The right eye can hardly be seen (visible height {value}, usually at least {limit}): closed, covered or glare.",
        ),
        _EYES,
    ),
    Rule(
        "portrait.eye_left_visible",
        lambda seen: seen.face.eye_visible_left,
        (("eye_visible_review", REVIEW),),
        False,
        "",
        2,
        Wording(
            "看不清左眼（可见高度 {value}，通常不低于 {limit}）：可能闭眼、被遮挡或反光。",
            "The left eye can hardly be seen (visible height {value}, usually at least {limit}): closed, covered or glare.",
        ),
        _EYES,
    ),
    Rule(
        "portrait.mouth_closed",
        lambda seen: seen.face.mouth_open,
        (("mouth_open_fail", FAIL), ("mouth_open_review", REVIEW)),
        True,
        "",
        2,
        Wording("嘴唇张开（开合比 {value}，上限 {limit}）。", "The lips are open (opening {value}, at most {limit})."),
        Wording("请自然闭合嘴唇后重拍。", "Close the lips naturally and take it again."),
    ),
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
    ),
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
    Rule(
        "portrait.backdrop_colour",
        lambda seen: seen.backdrop_distance,
        (("backdrop_distance_review", REVIEW),),
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
    ),
    Rule(
        "portrait.backdrop_even",
        lambda seen: seen.face.backdrop_spread_delta_e,
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
    ),
    Rule(
        "portrait.clothes_like_backdrop",
        lambda seen: seen.face.clothes_backdrop_delta_e,
        (("clothes_backdrop_review", REVIEW),),
        False,
        "ΔE",
        1,
        Wording(
            "衣服颜色与背景接近（色差 {value}，应不低于 {limit}）。",
            "The clothes are close to the backdrop in colour (difference {value}, at least {limit}).",
        ),
        Wording("请换一件与背景颜色明显不同的上衣。", "Wear clothes that clearly differ from the backdrop."),
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
)
