"""The kinds of errors and what the notices say of each: which paper, whether a seal, what mends it, whether a clock runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db import models

from gradphoto.apps.core.wording import bi
from gradphoto.engine.wording import Wording


class ErrataKind(models.TextChoices):
    """Lifecycle C5's kinds of cases (R212)."""

    MISSING = "missing", bi("缺照片", "Missing")
    DAMAGED = "damaged", bi("漏洗或损坏", "Print missing or damaged")
    BAD_PHOTO = "bad_photo", bi("闭眼等拍摄原因", "Eyes closed or other fault of the shot")
    DATA_WRONG = "data_wrong", bi("数据错误", "Data wrong")
    DATA_SHIFTED = "data_shifted", bi("数据错位", "Data shifted")
    OTHER_PERSON = "other_person", bi("图像非本人", "Image of another person")
    BLURRED = "blurred", bi("图像模糊", "The photograph is blurred")
    SCHOOL_WRONG = "school_wrong", bi("院校名称有误", "School wrong")
    NO_IMAGE = "no_image", bi("网上无图像", "No image online")


class Corrector(models.TextChoices):
    """Who mends an error (R167); a campaign's routing table says who mends which (B10)."""

    REGISTRY = "registry", bi("本校学籍管理", "The school's registry")
    AGENCY = "agency", bi("图片社", "Picture agency")
    CENTRE = "centre", bi("采集中心", "Collection centre")
    CHSI = "chsi", bi("学信网", "CHSI")


class Channel(models.TextChoices):
    """How a case or a form travels (R156, R158)."""

    COURIER = "courier", bi("快递", "Courier")
    FAX = "fax", bi("传真", "Fax")
    EMAIL = "email", bi("电子邮件", "E-mail")
    POST = "post", bi("邮寄", "Post")
    BY_HAND = "by_hand", bi("当面送交", "By hand")
    ONLINE = "online", bi("平台内转交", "Within this platform")


class Paper(models.TextChoices):
    """The papers on which errors are told."""

    ERRATA = "errata", bi("勘误表", "Errata form")
    IMAGE_ERRATA = "image_errata", bi("图像数据检查勘误表", "Errata form for image data")
    MISSING_REPORT = "missing_report", bi("缺照片报告", "Missing-photo report")


class Result(models.TextChoices):
    """What ends the correctors' part."""

    CORRECTED = "corrected", bi("已更正", "Corrected")
    REISSUED = "reissued", bi("已补发", "Re-issued")
    RESHOT = "reshot", bi("已重拍", "Shot again")


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What the notices say of a kind. ``papers``: the first is the usual one; ``clock``: R174's working days run."""

    papers: tuple[Paper, ...]
    sealed: bool
    results: tuple[Result, ...]
    source: str
    advice: Wording
    clock: bool = False
    online: bool = False


FACTS: Mapping[ErrataKind, KindFacts] = MappingProxyType(
    {
        ErrataKind.MISSING: KindFacts(
            (Paper.MISSING_REPORT,), True, (Result.REISSUED,), "辽宁2014届 十三.1(1)",
            Wording(
                "报告须盖学校公章，否则不予办理；图片社收到后在规定的工作日内补发。",
                "The report needs the school's seal; the agency re-issues within the working days of the rule set.",
            ), clock=True,
        ),
        ErrataKind.DAMAGED: KindFacts(
            (Paper.MISSING_REPORT,), False, (Result.REISSUED,), "江西2020届 五.1",
            Wording("发电子邮件说明情况，图片社补做邮寄。", "Tell it by e-mail; the agency makes and mails the print again."),
            clock=True,
        ),
        ErrataKind.BAD_PHOTO: KindFacts(
            (), False, (Result.RESHOT,), "辽宁2014届 十三.1(2)",
            Wording(
                "学生携带该照片到采集点免费重拍；无特殊原因不要重复拍照。",
                "The student takes the photo to the collection point and is shot again free of charge; never without need.",
            ),
        ),
        ErrataKind.DATA_WRONG: KindFacts(
            (Paper.ERRATA,), True, (Result.CORRECTED,), "辽宁2014届 十三.1(3)(4)",
            Wording(
                "照片可照常使用，由更正方在数据库中改正；改正须由另一人审核。",
                "The photo stays usable; the data are corrected in the database, approved by a second person.",
            ), online=True,
        ),
        ErrataKind.DATA_SHIFTED: KindFacts(
            (Paper.ERRATA,), True, (Result.CORRECTED,), "江西2020届 五.2",
            Wording(
                "从错位开始的全部人员列为一件；请到该场次的对应页修复照片与人员的对应。",
                "Everyone from the first slip on is one case; the pairing of that session is repaired on its page.",
            ),
        ),
        ErrataKind.OTHER_PERSON: KindFacts(
            (Paper.IMAGE_ERRATA,), True, (Result.CORRECTED, Result.RESHOT), "毕业生须知 四",
            Wording(
                "填写图像数据检查勘误表，盖章后传真或邮寄图片社。",
                "Fill in the errata form for image data; sealed, by fax or mail to the agency.",
            ), online=True,
        ),
        ErrataKind.BLURRED: KindFacts(
            (Paper.IMAGE_ERRATA,), True, (Result.CORRECTED, Result.RESHOT), "毕业生须知 四",
            Wording(
                "填写图像数据检查勘误表，盖章后传真或邮寄图片社。",
                "Fill in the errata form for image data; sealed, by fax or mail to the agency.",
            ), online=True,
        ),
        ErrataKind.SCHOOL_WRONG: KindFacts(
            (Paper.ERRATA, Paper.IMAGE_ERRATA), True, (Result.CORRECTED,), "辽宁2014届 十三.1(4)",
            Wording("由图片社按勘误表更正院校名称。", "The agency corrects the school by the errata form."), online=True,
        ),
        ErrataKind.NO_IMAGE: KindFacts(
            (Paper.IMAGE_ERRATA,), False, (Result.CORRECTED,), "辽宁2014届 十三.1(4)；毕业生须知 附件2第5条",
            Wording(
                "数据正确而网上无图像：由学信网重新上传；学校汇总后一并反馈，择日再校对。",
                "Data right but no image: CHSI uploads again; the school reports all in one piece, then they verify.",
            ), online=True,
        ),
    }
)  # fmt: skip
"""By kind: missing and damaged R156; the shot R137, R157; data R158, R167; shifted R98, R158; another person and blurred R54, R169;
the school R53, R167, R169; no image R167, R168. The notices' own names stand on the pages."""


def needs_seal(kind: str, corrector: str) -> bool:
    """R71: what leaves the school for the agency on a sealed paper is not accepted without the seal."""
    return FACTS[ErrataKind(kind)].sealed and corrector == Corrector.AGENCY
