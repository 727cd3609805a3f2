"""What a person agrees to, word by word: a version is never changed, a new text is a new version."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from gradphoto.apps.selfphoto.models import Purpose
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class ConsentText:
    """A text with its version and day; ``sha256`` is over all of it, so that the record proves which words were shown."""

    purpose: Purpose
    version: str
    date: date
    title: Wording
    paragraphs: tuple[Wording, ...]

    @property
    def sha256(self) -> str:
        lines = [f"{one.zh}\n{one.en}" for one in (self.title, *self.paragraphs)]
        return hashlib.sha256("\n".join((self.version, *lines)).encode()).hexdigest()


PHOTOGRAPH = ConsentText(
    Purpose.PHOTOGRAPH,
    "2026-11",
    date(2026, 11, 30),
    Wording("拍摄并提交本人毕业证照片", "Taking and handing in my certificate photograph"),
    (
        Wording(
            "照片用于制作毕（结）业证书、学历证书电子注册和图像信息校对，由学校和受学校委托的采集单位处理。",
            "The photograph is for the certificate, its registration online and the verification; the school and the "
            "collector that it names work with it.",
        ),
        Wording(
            "系统自动测量清晰度、姿态、光线、背景、遮挡等并告诉您结果；不美化、不修改人像，原图作为凭证保存；是否采用由人审核。",
            "Sharpness, pose, light, backdrop and what covers the face are measured and told to you. Nothing is beautified; the "
            "original is kept as evidence; people decide whether it is used.",
        ),
        Wording(
            "没有采用的试拍照片在批次结束后按规定删除，您也可以在审核前撤回照片、撤回同意；撤回后请到现场拍摄。",
            "Tries that are not used are deleted as the rule of retention says. Until the review you can take the photograph or "
            "this consent back; you are photographed in the room then.",
        ),
        Wording(
            "我将拍摄本人的真实近照，不请人代拍他人、不翻拍屏幕或旧照。",
            "I photograph myself as I am now: nobody else, and no photograph of a screen or an old print.",
        ),
    ),
)
COMPARE = ConsentText(
    Purpose.COMPARE,
    "2026-11",
    date(2026, 11, 30),
    Wording(
        "（可不同意）与学校已有照片一对一比对",
        "(optional) One-to-one comparison with a photograph that the school holds",
    ),
    (
        Wording(
            "人脸属于生物识别信息。同意后，系统把您提交的照片与学校登记的照片（录取、学籍）比对一次，只给审核人看相似分数，不作决定，比对特征不保存。",
            "Faces are biometric data. If you agree, what you hand in is compared once with the school's photograph of you. The "
            "reviewer sees a score and decides; the features are not kept.",
        ),
        Wording(
            "不同意不影响拍摄和提交，由审核人查看；可随时撤回。",
            "Without it you can photograph and hand in all the same: a person looks. You can take it back at any time.",
        ),
    ),
)
TEXTS = {text.purpose: text for text in (PHOTOGRAPH, COMPARE)}
