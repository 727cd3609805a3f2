"""Pose, eyes and mouth (R119): measured on 478 landmarks and the blendshapes."""

from __future__ import annotations

from gradphoto.engine.portrait.rules.model import FAIL, REVIEW, Rule, Seen
from gradphoto.engine.wording import Wording

_EYES = Wording("请确认双眼睁开且无遮挡，否则重拍。", "Make sure both eyes are open and uncovered, or take it again.")
_LENS = Wording("请双眼平视镜头后重拍。", "Look straight into the lens and take it again.")

# Below this lightness an eye's colours are too near to those of the skin around it to be told apart.
_TELLING_L = 38.0


def _visible(seen: Seen, height: float) -> float | None:
    """A well seen eye is a fact; one that cannot be told from dark skin is nobody's fault."""
    return height if height >= 0.2 or seen.face.brightness_l >= _TELLING_L else None


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

FACE_RULES: tuple[Rule, ...] = (
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
        uncertainty="roll_deg_uncertainty",
        look=Wording("头部是否端正", "is the head upright"),
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
        uncertainty="yaw_deg_uncertainty",
        look=Wording("是否正对镜头", "does the face look squarely into the camera"),
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
        uncertainty="pitch_deg_uncertainty",
        look=Wording("是否抬头或低头", "is the head level"),
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
        uncertainty="eye_open_uncertainty",
        look=Wording("右眼是否睁开", "is the right eye open"),
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
        uncertainty="eye_open_uncertainty",
        look=Wording("左眼是否睁开", "is the left eye open"),
    ),
    Rule(
        "portrait.eye_right_visible",
        lambda seen: _visible(seen, seen.face.eye_visible_right),
        (("eye_visible_review", REVIEW),),
        False,
        "",
        2,
        Wording(
            "看不清右眼（可见高度 {value}，通常不低于 {limit}）：可能闭眼、被遮挡或反光。",
            "The right eye can hardly be seen (visible height {value}, usually at least {limit}): closed, covered or glare.",
        ),
        _EYES,
        look=Wording("右眼是否看得清", "can the right eye be seen"),
    ),
    Rule(
        "portrait.eye_left_visible",
        lambda seen: _visible(seen, seen.face.eye_visible_left),
        (("eye_visible_review", REVIEW),),
        False,
        "",
        2,
        Wording(
            "看不清左眼（可见高度 {value}，通常不低于 {limit}）：可能闭眼、被遮挡或反光。",
            "The left eye can hardly be seen (visible height {value}, usually at least {limit}): closed, covered or glare.",
        ),
        _EYES,
        look=Wording("左眼是否看得清", "can the left eye be seen"),
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
        uncertainty="mouth_open_uncertainty",
        look=Wording("嘴唇是否闭合", "are the lips closed"),
    ),
    Rule(
        "portrait.gaze_side",
        lambda seen: abs(seen.face.gaze_side),
        (("gaze_side_review", REVIEW),),
        True,
        "",
        2,
        Wording("目光偏向一侧（{value}，上限 {limit}）。", "The eyes look aside ({value}, at most {limit})."),
        _LENS,
        uncertainty="gaze_uncertainty",
        look=Wording("目光是否看镜头", "do the eyes look into the lens"),
    ),
    Rule(
        "portrait.gaze_down",
        lambda seen: abs(seen.face.gaze_down),
        (("gaze_down_review", REVIEW),),
        True,
        "",
        2,
        Wording("目光偏上或偏下（{value}，上限 {limit}）。", "The eyes look up or down ({value}, at most {limit})."),
        _LENS,
        uncertainty="gaze_uncertainty",
        look=Wording("目光是否看镜头", "do the eyes look into the lens"),
    ),
)
