"""What is found, in the words of who photographs themselves with a phone: no lamps, no limits, no measures.

The engine's own sentences are the crew's: they tell value, limit and what to do with the studio's lamps (R119 to R123).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from gradphoto.engine.wording import Wording


class Plain(NamedTuple):
    """A short name, what is to be seen, and what to do about it."""

    title: Wording
    sentence: Wording
    advice: Wording


def _plain(title_zh: str, title_en: str, zh: str, en: str, do_zh: str, do_en: str) -> Plain:
    return Plain(Wording(title_zh, title_en), Wording(zh, en), Wording(do_zh, do_en))


_EVEN_LIGHT = ("请面向窗户、背对白墙再拍。", "Face a window, with a plain wall behind you, and try again.")
_WHITE_LIGHT = (
    "请关掉彩色灯光，在白天的自然光下再拍；不要用滤镜。",
    "Switch coloured lamps off, use daylight and no filter, and try again.",
)
_STILL = (
    "请擦干净镜头，把手机靠稳，在亮处再拍。",
    "Wipe the lens, rest the phone on something, and try again in good light.",
)
_NEARER = ("请走近一些，用本页的相机再拍。", "Come nearer and try again with this page's camera.")
_FRAME = ("请对准屏幕上的轮廓再拍。", "Fill the outline on the screen and try again.")
_ORIGINAL = (
    "请用本页的相机直接拍摄，不要用聊天软件转存的图片。",
    "Photograph with this page's camera; pictures saved from a chat lose too much.",
)
_HAIR_BACK = ("请把头发别到耳后、露出眉毛再拍。", "Tuck the hair behind the ears, off the brows, and try again.")
_PLAIN_WALL = (
    "请站到一面干净的纯色墙前，离墙一步远再拍。",
    "Stand a step in front of a plain, clean wall and try again.",
)
_GLASSES = (
    "请擦净镜片、稍稍低一点镜腿，或摘下眼镜再拍。",
    "Tilt the glasses a little, or take them off, and try again.",
)
_OPEN_EYES = ("请睁开双眼、看着镜头再拍。", "Open both eyes, look into the camera and try again.")
_LEVEL = ("请坐正，双肩放平，头不歪再拍。", "Sit straight, shoulders level, head upright, and try again.")

_WORDS: dict[str, Plain] = {
    "face_count": _plain("没有看到您一个人的脸", "Not one face", "画面里应当只有您一个人，脸不被挡住。",
                         "You should be alone in the picture, with nothing before your face.",
                         "请让别人离开画面，取下口罩，再拍。", "Ask others to step aside, take a mask off, and try again."),
    "resolution": _plain("脸太小", "Face too small", "照片里的脸太小，放大会模糊。", "Your face is too small in the picture.", *_NEARER),
    "enlarged": _plain("脸太小", "Face too small", "照片里的脸太小，裁出来不够清楚。", "Your face is too small to be cut out.", *_NEARER),
    "head_cut_off": _plain("头没有拍全", "Head cut off", "头顶、头发或脸的一侧在画面外。", "Part of your head is outside the picture.",
                           "请把手机拿远一点，头顶留出空白再拍。", "Hold the phone farther away, leave room above your head, and try again."),
    "hair_top": _plain("头部位置不对", "Head in the wrong place", "头顶离画面上边太近或太远。", "The top of your head is too near to the edge or too far from it.", *_FRAME),
    "eye_line": _plain("头部位置不对", "Head in the wrong place", "眼睛太高或太低。", "Your eyes are too high or too low.", *_FRAME),
    "face_width": _plain("脸的大小不对", "Face of the wrong size", "脸太大或太小。", "Your face is too large or too small.", *_FRAME),
    "head_room": _plain("头顶空白不对", "Room above the head", "头顶的空白太多或太少。", "There is too much or too little room above your head.", *_FRAME),
    "chin": _plain("头部位置不对", "Head in the wrong place", "下巴太高或太低。", "Your chin is too high or too low.", *_FRAME),
    "side": _plain("两侧空白不够", "Too little room beside the head", "头离画面边太近。", "Your head is too near to the side.", *_FRAME),
    "centre": _plain("头不在中间", "Not in the middle", "头偏到了一边。", "Your head is not in the middle.", *_FRAME),
    "mouth_covered": _plain("嘴被挡住", "Mouth covered", "嘴或鼻子好像被口罩、手或头发挡住了。", "A mask, a hand or hair seems to cover mouth or nose.",
                            "请拿开遮挡再拍。", "Take it away and try again."),
    "eyes_covered": _plain("眼睛被挡住", "Eyes covered", "眼睛好像被头发、手或镜框挡住了。", "Hair, a hand or a rim seems to cover the eyes.",
                           "请拿开遮挡、睁开双眼再拍。", "Uncover the eyes and try again."),
    "eye_right_open": _plain("右眼没睁开", "Right eye shut", "您的右眼好像闭着。", "Your right eye seems shut.", *_OPEN_EYES),
    "eye_left_open": _plain("左眼没睁开", "Left eye shut", "您的左眼好像闭着。", "Your left eye seems shut.", *_OPEN_EYES),
    "eye_right_visible": _plain("右眼看不清", "Right eye not clear", "右眼看不清楚。", "Your right eye can hardly be seen.", *_OPEN_EYES),
    "eye_left_visible": _plain("左眼看不清", "Left eye not clear", "左眼看不清楚。", "Your left eye can hardly be seen.", *_OPEN_EYES),
    "head_yaw": _plain("脸转向一边", "Face turned aside", "脸没有正对镜头。", "You do not face the camera squarely.",
                       "请正对手机、两耳露出一样多再拍。", "Face the phone, both ears alike, and try again."),
    "head_pitch": _plain("抬头或低头", "Chin up or down", "头抬得太高或太低。", "Your chin is too high or too low.",
                         "请把手机举到与眼睛一样高再拍。", "Hold the phone as high as your eyes and try again."),
    "head_roll": _plain("头歪了", "Head leans", "头歪向一边。", "Your head leans to one side.", *_LEVEL),
    "shoulders_level": _plain("肩膀一高一低", "Shoulders not level", "两边肩膀不一样高。", "One shoulder is higher.", *_LEVEL),
    "gaze_side": _plain("没有看镜头", "Looking aside", "眼睛看向了一边。", "Your eyes look aside.", *_OPEN_EYES),
    "gaze_down": _plain("没有看镜头", "Looking up or down", "眼睛看向了上面或下面。", "Your eyes look up or down.",
                        "请看手机的摄像头，不要看屏幕。", "Look at the lens of the phone, not at its screen."),
    "mouth_closed": _plain("嘴张开了", "Mouth open", "嘴没有合上。", "Your lips are open.", "请自然合上嘴再拍。", "Close your lips naturally and try again."),
    "sharpness": _plain("照片模糊", "Not sharp", "脸不够清楚。", "Your face is not sharp.", *_STILL),
    "motion_blur": _plain("手抖了", "Shaken", "拍的时候手机或人动了。", "The phone or you moved.", *_STILL),
    "too_dark": _plain("太暗", "Too dark", "照片太暗，看不清脸。", "The picture is too dark.", *_EVEN_LIGHT),
    "too_bright": _plain("太亮", "Too bright", "脸上太亮，看不出细节。", "Your face is too bright.",
                         "请避开直射的阳光和闪光灯再拍。", "Avoid direct sun and flash and try again."),
    "highlights": _plain("脸上反光发白", "White spots on the face", "脸上有一块太亮、发白。", "Part of your face is burnt out to white.",
                         "请避开直射的阳光和灯，擦掉油光再拍。", "Avoid direct sun and lamps, and try again."),
    "flat_light": _plain("光线发灰", "Light too flat", "脸看上去灰蒙蒙的。", "Your face looks grey and flat.", *_EVEN_LIGHT),
    "light_balance": _plain("脸一边亮一边暗", "Light from one side", "光从一侧照来，脸一边亮一边暗。", "One side of your face is brighter than the other.", *_EVEN_LIGHT),
    "greyscale": _plain("照片是黑白的", "Black and white", "要交彩色照片。", "The picture has to be in colour.", "请关闭黑白滤镜再拍。", "Switch the filter off and try again."),
    "cast_cold": _plain("颜色偏蓝", "Too blue", "照片颜色偏蓝。", "The picture is too blue.", *_WHITE_LIGHT),
    "cast_warm": _plain("颜色偏黄", "Too yellow", "照片颜色偏黄。", "The picture is too yellow.", *_WHITE_LIGHT),
    "cast_green": _plain("颜色偏绿", "Too green", "照片颜色偏绿。", "The picture is too green.", *_WHITE_LIGHT),
    "cast_red": _plain("颜色偏红", "Too red", "照片颜色偏红。", "The picture is too red.", *_WHITE_LIGHT),
    "glasses_glare": _plain("眼镜反光", "Glasses reflect", "镜片反光，挡住了眼睛。", "A reflection on your glasses covers the eyes.", *_GLASSES),
    "glasses_tint": _plain("镜片颜色深或眼周太暗", "Tinted glasses or shade", "眼睛周围太暗。", "It is too dark round your eyes.",
                           "请摘下有色眼镜，面向窗户再拍。", "Take tinted glasses off, face a window, and try again."),
    "glasses_frame": _plain("镜框挡住眼睛", "Rim over an eye", "眼镜框挡住了眼睛。", "The rim of your glasses covers an eye.",
                            "请把眼镜往上推，或摘下眼镜再拍。", "Push the glasses up, or take them off, and try again."),
    "glasses": _plain("戴了眼镜", "Glasses", "这里要求不戴眼镜。", "No glasses may be worn here.", "请摘下眼镜再拍。", "Take the glasses off and try again."),
    "red_eye": _plain("红眼", "Red eye", "眼睛被闪光灯照红了。", "The flash made your eyes red.", "请关闭闪光灯再拍。", "Switch the flash off and try again."),
    "head_covering": _plain("好像戴了帽子", "Perhaps a cap", "头上好像有帽子或头饰。", "There seems to be a cap on your head.",
                            "请摘下帽子和头饰再拍。", "Take it off and try again."),
    "ear_right": _plain("右耳没露出来", "Right ear not seen", "右耳被头发挡住了。", "Hair covers your right ear.", *_HAIR_BACK),
    "ear_left": _plain("左耳没露出来", "Left ear not seen", "左耳被头发挡住了。", "Hair covers your left ear.", *_HAIR_BACK),
    "brow_right": _plain("右眉被挡住", "Right brow covered", "头发挡住了右边的眉毛。", "Hair covers your right brow.", *_HAIR_BACK),
    "brow_left": _plain("左眉被挡住", "Left brow covered", "头发挡住了左边的眉毛。", "Hair covers your left brow.", *_HAIR_BACK),
    "hair_area": _plain("头发太蓬松", "Very much hair", "头发占的地方太大。", "Your hair takes very much room.", "请把头发扎好再拍。", "Tie your hair back and try again."),
    "hair_colour": _plain("发色鲜艳或有头饰", "Bright hair or ornament", "头发颜色鲜艳，或头上有饰物。", "Your hair is of a bright colour, or something is on it.",
                          "请取下头饰再拍；染发的，由人审核。", "Take ornaments off; a person looks at dyed hair."),
    "jewellery": _plain("好像戴了首饰", "Perhaps jewellery", "好像戴了耳环或项链。", "You seem to wear earrings or a necklace.",
                        "请取下首饰再拍。", "Take it off and try again."),
    "backdrop_colour": _plain("背景颜色不对", "Backdrop of another colour", "背后的颜色不符合要求。", "The colour behind you is not as asked.", *_PLAIN_WALL),
    "backdrop_shadow": _plain("背后有影子", "Shadow behind you", "墙上有您的影子。", "Your shadow falls on the wall.", *_PLAIN_WALL),
    "backdrop_gradient": _plain("背景一边亮一边暗", "Backdrop uneven", "背后的墙明暗不一样。", "The wall behind you is brighter on one side.", *_PLAIN_WALL),
    "backdrop_even": _plain("背景不干净", "Backdrop not plain", "背后有东西，或墙面不干净。", "There is something behind you.", *_PLAIN_WALL),
    "clothes_like_backdrop": _plain("衣服和背景太像", "Clothes like the backdrop", "衣服的颜色和背景分不开。", "Your clothes look like the backdrop.",
                                    "请换一件与背景颜色不同的衣服再拍。", "Wear another colour than the backdrop's and try again."),
    "clothes_pattern": _plain("衣服太花", "Patterned clothes", "衣服上的花纹太显眼。", "The pattern of your clothes is too strong.",
                              "请换一件素色衣服再拍。", "Wear plain clothes and try again."),
    "high_collar": _plain("领子太高", "High collar", "领子遮住了脖子。", "The collar covers your neck.", "请换有领而露出脖子的衣服再拍。", "Wear a collar that shows your neck and try again."),
    "bare_shoulders": _plain("衣服领口太低", "No collar", "看不到领子，或露出了肩膀。", "No collar can be seen, or the shoulders are bare.",
                             "请换一件有领有袖的衣服再拍。", "Wear something with collar and sleeves and try again."),
    "noise": _plain("照片有很多噪点", "Grainy", "光线不够，照片上有很多杂点。", "There was too little light: the picture is grainy.", *_EVEN_LIGHT),
    "upscaled": _plain("像是放大的小图", "Perhaps enlarged", "照片像是由小图放大的。", "The picture seems to be a small one enlarged.", *_ORIGINAL),
    "source_quality": _plain("照片压缩得太厉害", "Too much compressed", "照片丢失了太多细节。", "The picture has lost too much detail.", *_ORIGINAL),
    "recompressed": _plain("照片被转存过多次", "Saved again and again", "照片丢失了太多细节。", "The picture has lost too much detail.", *_ORIGINAL),
}  # fmt: skip

_BOTH: dict[str, tuple[str, Plain]] = {
    "eye_right_open": ("eye_left_open", _plain("眼睛没睁开", "Eyes shut", "您的眼睛好像闭着。", "Your eyes seem shut.", *_OPEN_EYES)),
    "eye_right_visible": ("eye_left_visible", _plain("眼睛看不清", "Eyes not clear", "双眼看不清楚。", "Your eyes can hardly be seen.", *_OPEN_EYES)),
    "ear_right": ("ear_left", _plain("双耳没露出来", "Ears not seen", "耳朵被头发挡住了。", "Hair covers your ears.", *_HAIR_BACK)),
    "brow_right": ("brow_left", _plain("眉毛被挡住", "Brows covered", "头发挡住了眉毛。", "Hair covers your brows.", *_HAIR_BACK)),
}  # fmt: skip
"""One name for right and left where both are told at once."""
_PREFIX = "portrait."


def in_plain_words(code: str, explained: Collection[str] = ()) -> Plain | None:
    """The words for a finding that explains others; None for a code that is not the engine's."""
    name = code.removeprefix(_PREFIX)
    if name in _BOTH and _PREFIX + _BOTH[name][0] in explained:
        return _BOTH[name][1]
    return _WORDS.get(name)
