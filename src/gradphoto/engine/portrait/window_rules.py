"""The geometry's rules: what is said when a window of the crop cannot be met.

Sources: 教毕指〔2017〕99号 (hair top, eyes, face width, centring: windows, so a miss fails), R116 (tenths of the height,
told without a tolerance, so a miss beyond ours asks a person), never stretched (B3).
"""

from __future__ import annotations

from dataclasses import dataclass

from gradphoto.engine.portrait.verdict import Outcome
from gradphoto.engine.wording import Wording

FAIL, REVIEW = Outcome.FAIL, Outcome.REVIEW


@dataclass(frozen=True, slots=True)
class WindowRule:
    """How a window of the crop that cannot be met is judged and told."""

    code: str
    outcome: Outcome
    unit: str
    digits: int
    sentence: Wording
    advice_below: Wording
    advice_above: Wording


_LOOK = Wording("请人工查看。", "Please look at the picture.")
_CLOSER = Wording(
    "人在画面中太小，请靠近一些后重拍。", "The person is too small in the picture: come closer and take it again."
)
_FARTHER = Wording(
    "人在画面中太大，请退后一些后重拍。", "The person is too large in the picture: step back and take it again."
)
_MORE_ABOVE = Wording("请在头顶上方多留空间后重拍。", "Leave more room above the head and take it again.")
_MORE_BELOW = Wording(
    "请把镜头放低，多拍一些胸部后重拍。", "Aim lower so that more of the chest is in the picture, and take it again."
)
_MORE_BESIDE = Wording("请让人坐在画面正中后重拍。", "Seat the person in the middle of the picture and take it again.")

# By the code of the crop's window.
WINDOW_RULES: dict[str, WindowRule] = {
    "scale": WindowRule(
        "portrait.enlarged",
        FAIL,
        "×",
        2,
        Wording(
            "原图太小，需放大 {value} 倍才够，不允许放大。",
            "The source is too small: it would have to be enlarged {value} times, which is not allowed.",
        ),
        _CLOSER,
        Wording("请使用相机原图。", "Use the camera's original picture."),
    ),
    "hair_top": WindowRule(
        "portrait.hair_top",
        FAIL,
        "px",
        0,
        Wording(
            "头发顶端距上边缘 {value} 像素，限值为 {limit}。",
            "The top of the hair lies {value} px below the upper edge; the limit is {limit}.",
        ),
        _MORE_ABOVE,
        _MORE_BELOW,
    ),
    "eye_line": WindowRule(
        "portrait.eye_line",
        FAIL,
        "px",
        0,
        Wording(
            "眼睛距上边缘 {value} 像素，限值为 {limit}。",
            "The eyes lie {value} px below the upper edge; the limit is {limit}.",
        ),
        _MORE_ABOVE,
        _MORE_BELOW,
    ),
    "face_width": WindowRule(
        "portrait.face_width",
        FAIL,
        "px",
        0,
        Wording("脸宽 {value} 像素，限值为 {limit}。", "The face is {value} px wide; the limit is {limit}."),
        _CLOSER,
        _FARTHER,
    ),
    "head_room": WindowRule(
        "portrait.head_room",
        REVIEW,
        "px",
        0,
        Wording(
            "头顶空白 {value} 像素，限值为 {limit}。", "The room above the head is {value} px; the limit is {limit}."
        ),
        _MORE_ABOVE,
        _MORE_BELOW,
    ),
    "chin": WindowRule(
        "portrait.chin",
        REVIEW,
        "px",
        0,
        Wording(
            "下巴距上边缘 {value} 像素，限值为 {limit}。",
            "The chin lies {value} px below the upper edge; the limit is {limit}.",
        ),
        _CLOSER,
        _MORE_BELOW,
    ),
    "side": WindowRule(
        "portrait.side",
        REVIEW,
        "px",
        0,
        Wording(
            "头部一侧空白只有 {value} 像素，应不少于 {limit}。",
            "Only {value} px are left beside the head; at least {limit} are asked.",
        ),
        _MORE_BESIDE,
        _LOOK,
    ),
    "centre": WindowRule(
        "portrait.centre",
        FAIL,
        "px",
        0,
        Wording(
            "头部偏离中线 {value} 像素，限值为 {limit}。",
            "The head is {value} px off the middle; the limit is {limit}.",
        ),
        _MORE_BESIDE,
        _MORE_BESIDE,
    ),
}
