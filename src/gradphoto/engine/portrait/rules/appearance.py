"""Ears, brows, hair, glasses, jewellery, collar: each may only ask for a review.

With a face-parsing model (``parsing``) its numbers are read; without one the heuristics of ``appearance.py`` speak where they
are right 19 times in 20 on real people (docs/portrait-quality.md) and are not assessed elsewhere.
"""

from __future__ import annotations

import math

from gradphoto.engine.portrait.rules.model import REVIEW, Rule, Seen, Trained
from gradphoto.engine.wording import Wording

# Shares and lengths at which a heuristic is sure of the good case, and at which it is sure of hair over an ear.
_CLEARLY_FREE, _HALF_BARE, _EAR_SEEN, _ALL_HAIR = 0.9, 0.5, 0.06, 0.6
# How far lips stand apart in colour (a*) where they surely are lips.
_LIPS_SEEN, _LIPS_IN_PART = 5.0, 0.2
_WORN = 0.03
# Share of hair or cloth beside the cheek that hides an ear, and how much smaller an ear may be that lies flat beside nothing.
_HANGS_OVER, _LIES_FLAT = 0.3, 4.0


def _parsed(seen: Seen, name: str) -> float | None:
    """A number of the face-parsing model; ``None`` without one."""
    value: float | None = None if seen.face.parsed is None else getattr(seen.face.parsed, name)
    return value


def _ear(skin_run: float, hair: float) -> float | None:
    """Skin beside the cheek shows an ear, dark hair and no skin hide one; anything else is anybody's guess."""
    if skin_run >= _EAR_SEEN or hair >= _ALL_HAIR:
        return skin_run
    return None


def _parsed_ear(seen: Seen, side: str) -> float | None:
    """Area of an ear. One that lies flat, or that a slight turn shows from its edge, is small and not hidden: where nothing hangs
    over its place only a quarter of the area is asked.
    """
    area, covered = _parsed(seen, f"ear_{side}"), _parsed(seen, f"ear_covered_{side}")
    if area is None or covered is None or covered > _HANGS_OVER:
        return area
    return area * _LIES_FLAT


def _no_glasses(seen: Seen) -> bool:
    """A model saw the face and no glasses on it: then there is no rim, no tint and no glare."""
    worn = _parsed(seen, "glasses")
    return worn is not None and worn <= _WORN


# White beside an eye is glare on a lens where a rim crosses the nose (L* a pixel: nine wearers in ten, one bare nose in ten), and skin that
# shines in hard light elsewhere: of 60 people told without this, two wore glasses. So much of it (%) that something has to be said.
_RIM, _WHITE_PERCENT = 4.0, 2.0


def _glare(seen: Seen) -> float | None:
    """Glare needs glasses: a model that saw none is believed; without one and without a rim nothing can be said of much white."""
    if _no_glasses(seen):
        return 0.0
    look = seen.face.appearance
    white = look.glare * 100.0
    known = _parsed(seen, "glasses") is not None or look.glasses_edge >= _RIM
    return white if known or white <= _WHITE_PERCENT else None


def _mouth(seen: Seen) -> float | None:
    """A beard has lips in it, a mask has none. Without lips and without a cover (a hand, lips as dark as the skin) nothing can be
    said.
    """
    look = seen.face.appearance
    if look.lips_apart >= _LIPS_SEEN:
        return 0.0
    return look.mouth_covered * 100.0 if look.mouth_covered > _HALF_BARE else None


def _lips_hidden(seen: Seen) -> float | None:
    """A model may take lips under a moustache for hair; where they stand apart in colour they are there."""
    lips = _parsed(seen, "lips_seen")
    if lips is None:
        return None
    there = lips >= _LIPS_IN_PART and seen.face.appearance.lips_apart >= _LIPS_SEEN
    return 0.0 if there else (1.0 - lips) * 100.0


def _jewellery(seen: Seen) -> float | None:
    """Earrings; of a necklace only what the crop of the head still shows, and ten times as much of it."""
    earring, necklace = _parsed(seen, "earring"), _parsed(seen, "necklace")
    known = [value for value in (earring, None if necklace is None else necklace / 10.0) if value is not None]
    return max(known, default=None)


# Share of the face burnt out from which "not the colour of skin" says nothing: forehead and lids in hard sun are white.
_BURNT_OUT = 0.04


def _eyes_covered(seen: Seen) -> float | None:
    return None if seen.face.clipped_share > _BURNT_OUT else seen.face.appearance.eyes_covered * 100.0


APPEARANCE_RULES: tuple[Rule, ...] = (
    Rule(
        "portrait.ear_right",
        lambda seen: _ear(seen.face.appearance.ear_right, seen.face.appearance.ear_hair_right),
        (("ear_review", REVIEW),),
        False,
        "",
        2,
        Wording(
            "看不到右耳（{value}，通常不低于 {limit}）。",
            "The right ear is not seen ({value}, usually at least {limit}).",
        ),
        Wording(
            "请把头发别到耳后、正对镜头后重拍。", "Tuck the hair behind the ears, face the camera, and take it again."
        ),
        heuristic=True,
        source="R119",
        look=Wording("右耳是否露出", "does the right ear show"),
        trained=Trained(
            lambda seen: _parsed_ear(seen, "right"), (("ear_area_review", REVIEW),), False, 3, "ear_area_uncertainty"
        ),
    ),
    Rule(
        "portrait.ear_left",
        lambda seen: _ear(seen.face.appearance.ear_left, seen.face.appearance.ear_hair_left),
        (("ear_review", REVIEW),),
        False,
        "",
        2,
        Wording(
            "看不到左耳（{value}，通常不低于 {limit}）。",
            "The left ear is not seen ({value}, usually at least {limit}).",
        ),
        Wording(
            "请把头发别到耳后、正对镜头后重拍。", "Tuck the hair behind the ears, face the camera, and take it again."
        ),
        heuristic=True,
        source="R119",
        look=Wording("左耳是否露出", "does the left ear show"),
        trained=Trained(
            lambda seen: _parsed_ear(seen, "left"), (("ear_area_review", REVIEW),), False, 3, "ear_area_uncertainty"
        ),
    ),
    Rule(
        "portrait.brow_right",
        lambda seen: seen.face.appearance.brow_clear_right,
        (("brow_clear_review", REVIEW),),
        False,
        "",
        2,
        Wording(
            "右眉上方可能被头发遮住（露出 {value}，通常不低于 {limit}）。",
            "Hair may cover the right brow (clear {value}, usually at least {limit}).",
        ),
        Wording("请梳开刘海、露出双眉后重拍。", "Comb the fringe aside so that both brows show, and take it again."),
        heuristic=True,
        source="R120",
        look=Wording("右眉是否露出", "is the right brow free of hair"),
        vouches=lambda seen: seen.face.appearance.brow_clear_right >= _CLEARLY_FREE,
        trained=Trained(
            lambda seen: _parsed(seen, "brow_hair_right"),
            (("brow_hair_review", REVIEW),),
            True,
            2,
            "brow_hair_uncertainty",
            Wording(
                "右眉上方有 {value} 被头发遮住，上限 {limit}。",
                "Hair covers {value} of the strip over the right brow, at most {limit}.",
            ),
        ),
    ),
    Rule(
        "portrait.brow_left",
        lambda seen: seen.face.appearance.brow_clear_left,
        (("brow_clear_review", REVIEW),),
        False,
        "",
        2,
        Wording(
            "左眉上方可能被头发遮住（露出 {value}，通常不低于 {limit}）。",
            "Hair may cover the left brow (clear {value}, usually at least {limit}).",
        ),
        Wording("请梳开刘海、露出双眉后重拍。", "Comb the fringe aside so that both brows show, and take it again."),
        heuristic=True,
        source="R120",
        look=Wording("左眉是否露出", "is the left brow free of hair"),
        vouches=lambda seen: seen.face.appearance.brow_clear_left >= _CLEARLY_FREE,
        trained=Trained(
            lambda seen: _parsed(seen, "brow_hair_left"),
            (("brow_hair_review", REVIEW),),
            True,
            2,
            "brow_hair_uncertainty",
            Wording(
                "左眉上方有 {value} 被头发遮住，上限 {limit}。",
                "Hair covers {value} of the strip over the left brow, at most {limit}.",
            ),
        ),
    ),
    Rule(
        "portrait.hair_area",
        lambda seen: seen.face.appearance.hair_to_face,
        (("hair_to_face_review", REVIEW),),
        True,
        "",
        2,
        Wording(
            "头发面积是面部的 {value} 倍，上限 {limit}。",
            "The hair covers {value} times the area of the face, at most {limit}.",
        ),
        Wording("请把头发束起后重拍。", "Tie the hair back and take it again."),
        heuristic=True,
        source="R120",
        look=Wording("头发是否过多", "is there too much hair"),
    ),
    Rule(
        "portrait.hair_colour",
        lambda seen: seen.face.appearance.crown_chroma,
        (("crown_chroma_review", REVIEW),),
        True,
        "C*",
        0,
        Wording(
            "头顶颜色鲜艳（色度 {value}，上限 {limit}），可能染发或戴有头饰。",
            "The top of the head is strongly coloured (chroma {value}, at most {limit}): dyed hair or a head covering.",
        ),
        Wording(
            "请人工查看；确有宗教或医疗原因的头饰不得遮挡面部。",
            "Please look; a covering for religious or medical reasons must not cover the face.",
        ),
        heuristic=True,
        source="R120、教毕指〔2017〕99号",
        look=Wording("发色和头饰", "the colour of the hair, and whether it is covered"),
    ),
    Rule(
        "portrait.head_covering",
        lambda seen: seen.face.appearance.crown_l,
        (("crown_l_review", REVIEW),),
        True,
        "L*",
        0,
        Wording(
            "头顶很亮（亮度 {value}，上限 {limit}），可能戴有浅色帽子。",
            "The top of the head is very light (lightness {value}, at most {limit}): perhaps a pale cap.",
        ),
        Wording(
            "请免冠拍摄；确有宗教或医疗原因的头饰可保留，不得遮挡面部，请人工查看。",
            "Take the picture bare-headed; a covering worn for religious or medical reasons may stay if the face is free: please look.",
        ),
        heuristic=True,
        source="教毕指〔2017〕99号",
        look=Wording("是否戴帽子或头饰", "is the head bare"),
        vouches=lambda seen: False,
        trained=Trained(
            lambda seen: _parsed(seen, "hat"),
            (("hat_area_review", REVIEW),),
            True,
            2,
            "",
            Wording(
                "头上似乎戴有帽子或头饰（面积 {value}，上限 {limit}）。",
                "A hat or another covering seems to be worn (area {value}, at most {limit}).",
            ),
        ),
    ),
    Rule(
        "portrait.glasses",
        lambda seen: None,
        (("glasses_area_review", REVIEW),),
        True,
        "",
        2,
        Wording(
            "戴着眼镜（面积 {value}，阈值 {limit}）。",
            "Glasses are worn (area {value}, threshold {limit}).",
        ),
        Wording(
            "平时戴镜者可以戴镜；请看镜片是否反光、镜框是否遮眼。",
            "Usual wearers may wear them; see that nothing glares and no rim covers an eye.",
        ),
        heuristic=True,
        source="R121",
        look=Wording("是否戴眼镜", "are glasses worn"),
        trained=Trained(lambda seen: _parsed(seen, "glasses"), (("glasses_area_review", REVIEW),), True, 2),
    ),
    Rule(
        "portrait.glasses_glare",
        _glare,
        (("glare_percent_review", REVIEW),),
        True,
        "%",
        1,
        Wording(
            "眼周有 {value}% 的白色反光，超过 {limit}%。",
            "{value}% of the area round an eye is white glare, more than {limit}%.",
        ),
        Wording(
            "请调整灯光角度或略低镜腿，消除反光后重拍。",
            "Move the lamps or tilt the glasses slightly until the glare is gone, and take it again.",
        ),
        heuristic=True,
        source="R121",
        look=Wording("镜片是否反光", "do the glasses glare"),
    ),
    Rule(
        "portrait.glasses_tint",
        lambda seen: seen.face.appearance.eye_shade_l,
        (("eye_shade_l_review", REVIEW),),
        True,
        "L*",
        0,
        Wording(
            "眼周比面颊暗 {value}，超过 {limit}，镜片可能有色或有阴影。",
            "The eyes lie {value} darker than the cheeks, more than {limit}: tinted lenses or a shadow.",
        ),
        Wording("请换无色镜片或补光后重拍。", "Use clear lenses or more light and take it again."),
        heuristic=True,
        source="R121",
        look=Wording("镜片是否有色", "are the lenses tinted"),
    ),
    Rule(
        "portrait.glasses_frame",
        lambda seen: math.inf if _no_glasses(seen) else seen.face.appearance.frame_to_eye,
        (("frame_to_eye_review", REVIEW),),
        False,
        "",
        2,
        Wording(
            "镜框离眼睛太近（{value} 个瞳距，应不低于 {limit}），可能遮住眼睛。",
            "The rim is too close to an eye ({value} of the eyes' distance, at least {limit}) and may cover it.",
        ),
        Wording("请上推眼镜或换细框眼镜后重拍。", "Push the glasses up or wear a thinner frame, and take it again."),
        heuristic=True,
        source="R121",
        look=Wording("镜框是否遮眼", "does a rim cover an eye"),
        applies=lambda seen: seen.face.appearance.frame_to_eye is not None,
        vouches=_no_glasses,
    ),
    Rule(
        "portrait.red_eye",
        lambda seen: seen.face.appearance.red_eye * 100.0,
        (("red_eye_percent_review", REVIEW),),
        True,
        "%",
        0,
        Wording("瞳孔有 {value}% 呈红色，超过 {limit}%。", "{value}% of an iris is red, more than {limit}%."),
        Wording("请勿使用机顶闪光灯，重拍。", "Do not use a flash on the camera; take it again."),
        heuristic=True,
        source="教毕指〔2017〕99号",
    ),
    Rule(
        "portrait.eyes_covered",
        _eyes_covered,
        (("eyes_covered_percent_review", REVIEW),),
        True,
        "%",
        0,
        Wording(
            "眼周有 {value}% 的区域不是肤色，超过 {limit}%，可能被遮挡。",
            "{value}% of the area round the eyes has not the colour of skin, more than {limit}%: something may cover it.",
        ),
        Wording("请去掉遮挡后重拍。", "Remove what covers the eyes and take it again."),
        heuristic=True,
        source="R121",
        look=Wording("眼部有无遮挡", "are the eyes free"),
    ),
    Rule(
        "portrait.mouth_covered",
        _mouth,
        (("mouth_covered_percent_review", REVIEW),),
        True,
        "%",
        0,
        Wording(
            "看不到嘴唇，口鼻周围可能有 {value}% 被口罩或手遮挡（上限 {limit}%）。",
            "No lips are seen: a mask or a hand may cover {value}% of the lower face (at most {limit}%).",
        ),
        Wording("请摘下口罩、移开遮挡后重拍。", "Take off the mask or remove what covers the face, and take it again."),
        heuristic=True,
        source="教毕指〔2017〕99号",
        look=Wording("口鼻有无遮挡", "are mouth and nose free"),
        trained=Trained(
            _lips_hidden,
            (("lips_hidden_percent_review", REVIEW),),
            True,
            0,
            "lips_hidden_uncertainty",
            Wording(
                "嘴唇有 {value}% 看不到，上限 {limit}%，可能被口罩或手遮挡。",
                "{value}% of the lips are not seen, at most {limit}%: a mask or a hand may cover them.",
            ),
        ),
    ),
    Rule(
        "portrait.jewellery",
        lambda seen: None,
        (("jewellery_area_review", REVIEW),),
        True,
        "",
        3,
        Wording(
            "耳部或颈部有首饰（面积 {value}，上限 {limit}）。",
            "Jewellery is seen at ears or neck (area {value}, at most {limit}).",
        ),
        Wording("请摘下首饰后重拍，或人工查看。", "Take jewellery off and take it again, or look at the picture."),
        heuristic=True,
        source="R122",
        look=Wording("是否佩戴首饰", "is jewellery worn"),
        trained=Trained(_jewellery, (("jewellery_area_review", REVIEW),), True, 3),
    ),
    Rule(
        "portrait.high_collar",
        lambda seen: seen.face.appearance.neck_skin,
        (("neck_skin_review", REVIEW),),
        False,
        "",
        2,
        Wording(
            "下巴下方看不到颈部（{value}，通常不低于 {limit}），可能是高领。",
            "No neck is seen below the chin ({value}, usually at least {limit}): perhaps a high collar.",
        ),
        Wording(
            "请换有领但不遮颈的上衣，或人工查看。", "Wear a collar that leaves the neck free, or look at the picture."
        ),
        heuristic=True,
        source="R123",
        look=Wording("衣领是否遮颈", "does the collar leave the neck free"),
        vouches=lambda seen: (seen.face.appearance.neck_skin or 0.0) >= _HALF_BARE,
    ),
    Rule(
        "portrait.bare_shoulders",
        lambda seen: seen.face.appearance.chest_skin,
        (("chest_skin_review", REVIEW),),
        True,
        "",
        2,
        Wording(
            "胸前露出较多皮肤（{value}，上限 {limit}），可能没有衣领。",
            "Much skin is seen across the chest ({value}, at most {limit}): perhaps no collar.",
        ),
        Wording("请穿有领上衣，不穿吊带。", "Wear a collar, no straps."),
        heuristic=True,
        source="R123",
        look=Wording("上衣是否有领", "do the clothes have a collar"),
    ),
)
