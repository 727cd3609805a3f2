"""Light and colour of the face."""

from __future__ import annotations

import math

from gradphoto.engine.portrait.rules.model import FAIL, REVIEW, Rule, Seen
from gradphoto.engine.wording import Wording

_MORE_LIGHT = Wording(
    "请检查灯光与曝光后重新拍摄；两灯应在左右 45° 对称。",
    "Check lamps and exposure and take it again; the two lamps stand 45° left and right.",
)

_LESS_LIGHT = Wording("请减小曝光后重新拍摄。", "Expose less and take it again.")
_BALANCE = Wording(
    "请让两灯在左右 45° 对称、距离相同后重拍。",
    "Place the two lamps alike, 45° left and right, and take it again.",
)
_WHITE = Wording(
    "请设定白平衡后重拍；不得后期修饰肤色。", "Set the white balance and take it again; skin must not be retouched."
)
_CAST = Wording("照片有无偏色", "has the picture a colour cast")
# The lightest parts of a well exposed picture (allowed backdrop, white cloth) lie about so much above the white of the eyes.
_EYES_BELOW_WHITES_L = 27.0
# The eyes lie in the shade of the brows: they speak only where they are darker still.
_EYES_IN_SHADE_L = 5.0


# Openness below which what lies between the lids may be lid, and share of the eyes (in parts) beyond which it may be anything.
_OPEN, _COVERED = 0.5, 0.38


def _of_the_whites(seen: Seen, value: float | None) -> float | None:
    """``value`` was read on the white of the eyes; eyes that are shut or covered show none."""
    face = seen.face
    if max(face.eye_open_right, face.eye_open_left) < _OPEN or face.appearance.eyes_covered > _COVERED:
        return None
    return value


# The white of an eye is lighter than the skin or has another colour; in narrow eyes, small faces and shade what lies between the lids
# is as good as skin: how far apart they have to be, with so much of the difference in L*.
_WHITE_APART, _LIGHTER_COUNTS = 3.0, 0.35


def _white_seen(seen: Seen) -> bool:
    """Whether what was read as the white of the eyes is not merely skin."""
    face = seen.face
    if face.eye_white_l is None or face.eye_white_a is None or face.eye_white_b is None:
        return False
    hue = math.radians(face.skin_hue_deg)
    skin = face.skin_chroma * math.cos(hue), face.skin_chroma * math.sin(hue)
    away = math.dist((face.eye_white_a, face.eye_white_b), skin)
    return away + _LIGHTER_COUNTS * (face.eye_white_l - face.brightness_l) >= _WHITE_APART


# Under one light the white of the eyes and the skin lie together: a camera that colours strongly moves both, a cast moves both one way.
_SHARE = 0.5
_GREY_CHROMA = 4.0


def _white_and_skin(seen: Seen) -> tuple[float, float, float, float] | None:
    """a* and b* of the white of the eyes, then of the skin; ``None`` where either says nothing (shut eyes, no colour at all)."""
    a, b = _of_the_whites(seen, seen.face.eye_white_a), seen.face.eye_white_b
    if a is None or b is None or seen.picture.colour_spread < _GREY_CHROMA:
        return None
    hue = math.radians(seen.face.skin_hue_deg)
    return a, b, seen.face.skin_chroma * math.cos(hue), seen.face.skin_chroma * math.sin(hue)


# A cast colours everything. Something white that has no colour speaks against one (by so much, from so large a share of the picture on); so
# does a coloured backdrop that leans no such way from its prescribed colour (by less than so much), and a white one without colour,
# though a burnt-out wall is white in any light. A backdrop that leans the same way speaks for one (by so much of what it leans, at most
# by so much). Where no white of an eye is seen only a strong cast is told (by so much beyond the limit), unless the backdrop leans as far.
_WITNESS_SHARE, _WITNESS, _WALL, _WHITE_WALL = 0.01, 6.0, 4.0, 3.0
_LEANS_NOT, _LEANS, _LEANS_MOST, _LEANS_FAR, _NOT_SEEN = 1.5, 0.6, 6.0, 4.0, 6.0


def _leaning(seen: Seen, value: float, axis: int, way: float) -> float:
    """``value`` is high where a picture leans on ``axis`` (0: a*, 1: b*) the ``way`` (1 or -1); other things in the picture are heard, too."""
    lean = None if seen.backdrop_lean is None else way * seen.backdrop_lean[axis]
    against = 0.0 if lean is None or lean >= _LEANS_NOT else _WALL
    if seen.face.neutral_share >= _WITNESS_SHARE:
        against = _WITNESS
    elif seen.white_wall:
        against = _WHITE_WALL
    certain = _white_seen(seen) or (lean is not None and lean >= _LEANS_FAR)
    return value - against - (0.0 if certain else _NOT_SEEN) + min(max(_LEANS * (lean or 0.0), 0.0), _LEANS_MOST)


def _green(seen: Seen) -> float | None:
    """Low where eyes and skin both lean to green."""
    found = _white_and_skin(seen)
    return None if found is None else -_leaning(seen, -found[0] - _SHARE * found[2], 0, -1.0)


def _red(seen: Seen) -> float | None:
    """High where the eyes lean to red and the skin has lost its yellow."""
    found = _white_and_skin(seen)
    return None if found is None else _leaning(seen, found[0] - _SHARE * found[3], 0, 1.0)


def _cold(seen: Seen) -> float | None:
    """Low where eyes and skin both lean to blue."""
    found = _white_and_skin(seen)
    return None if found is None else -_leaning(seen, -found[1] - _SHARE * found[3], 1, -1.0)


def _warm(seen: Seen) -> float | None:
    """High where the eyes lean to yellow more than they are red."""
    found = _white_and_skin(seen)
    return None if found is None else _leaning(seen, found[1] - _SHARE * found[0], 1, 1.0)


def _exposure(seen: Seen) -> float:
    """Lightness of what does not depend on the sitter's skin: the white of the eyes, and the lightest parts around the head
    brought down to its level; the darker of the two. Where no white is seen, those parts alone.
    """
    lightest = seen.face.brightest_l - _EYES_BELOW_WHITES_L
    eyes = _of_the_whites(seen, seen.face.eye_white_l) if _white_seen(seen) else None
    return lightest if eyes is None else min(lightest, eyes + _EYES_IN_SHADE_L)


LIGHT_RULES: tuple[Rule, ...] = (
    Rule(
        "portrait.too_dark",
        _exposure,
        (("exposure_l_fail", FAIL), ("exposure_l_review", REVIEW)),
        False,
        "L*",
        0,
        Wording(
            "照片太暗（按眼白和画面最亮处判断，与肤色无关：{value}，应不低于 {limit}）。",
            "The picture is too dark (by the white of the eyes and the lightest parts, not by the skin: {value}, at least "
            "{limit}).",
        ),
        _MORE_LIGHT,
        uncertainty="exposure_l_uncertainty",
        look=Wording("照片是否太暗", "is the picture too dark"),
    ),
    Rule(
        "portrait.too_bright",
        lambda seen: seen.face.clipped_share * 100.0,
        (("clipped_percent_fail", FAIL), ("clipped_percent_review", REVIEW)),
        True,
        "%",
        0,
        Wording(
            "照片太亮：面部 {value}% 的区域已无层次，上限 {limit}%。",
            "The picture is too bright: {value}% of the face is clipped, at most {limit}%.",
        ),
        _LESS_LIGHT,
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
        _LESS_LIGHT,
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
        1,
        Wording(
            "左右面颊亮度相差 {value}，超过 {limit}（一档约 15.7）。",
            "The two cheeks differ in lightness by {value}, more than {limit} (a stop is about 15.7).",
        ),
        _BALANCE,
        uncertainty="light_balance_l_uncertainty",
        look=Wording("面部左右光线是否均匀", "is the light even on both sides of the face"),
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
        _cold,
        (("cast_cold_review", REVIEW),),
        False,
        "b*",
        0,
        Wording(
            "偏蓝：眼白与肤色一起偏蓝（{value}，通常不低于 {limit}）。",
            "The picture leans to blue: the white of the eyes and the skin together ({value}, usually at least {limit}).",
        ),
        _WHITE,
        uncertainty="cast_uncertainty",
        look=_CAST,
    ),
    Rule(
        "portrait.cast_warm",
        _warm,
        (("cast_warm_review", REVIEW),),
        True,
        "b*",
        0,
        Wording(
            "偏黄：眼白偏黄（{value}，通常不高于 {limit}）。",
            "The picture leans to yellow by the white of the eyes ({value}, usually at most {limit}).",
        ),
        _WHITE,
        uncertainty="cast_uncertainty",
        look=_CAST,
    ),
    Rule(
        "portrait.cast_green",
        _green,
        (("cast_green_review", REVIEW),),
        False,
        "a*",
        0,
        Wording(
            "偏绿：眼白与肤色一起偏绿（{value}，通常不低于 {limit}）。",
            "The picture leans to green: the white of the eyes and the skin together ({value}, usually at least {limit}).",
        ),
        _WHITE,
        uncertainty="cast_uncertainty",
        look=_CAST,
    ),
    Rule(
        "portrait.cast_red",
        _red,
        (("cast_red_review", REVIEW),),
        True,
        "a*",
        0,
        Wording(
            "偏红或偏紫：眼白偏红而肤色少黄（{value}，通常不高于 {limit}）。",
            "The picture leans to red or violet by the white of the eyes and the skin ({value}, usually at most {limit}).",
        ),
        _WHITE,
        uncertainty="cast_uncertainty",
        look=_CAST,
    ),
)
