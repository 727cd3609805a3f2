"""What a notice says: a text with a few fields that are filled in for each person; never a number or a card's code."""

from __future__ import annotations

import re
from datetime import date

from django.db import models

from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import bi
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.notices.models import NoticeKind
from gradphoto.engine.wording import Wording

SUBJECT = "毕业图像校对通知 Verify your graduation photograph"
TEXT_MAX = 500
_FIELD = re.compile(r"\{([^{}]*)\}")
_NAMES = (("姓名", "name"), ("院校", "school"), ("截止日期", "closing"), ("剩余天数", "days"), ("网址", "link"))
FIELDS = tuple(name for pair in _NAMES for name in pair)

DEFAULTS: dict[str, Wording] = {
    NoticeKind.OPENED: Wording(
        "{姓名}同学：{院校}毕业图像校对已开放。请持本人图像信息卡登录 {网址} 核对图像和信息，每人仅有一次机会，须由本人完成。"
        "截止日期：{截止日期}。",
        "Dear {name}: you can now verify your graduation photograph at {school}. Log in at {link} with your image card. "
        "There is one chance, and only you yourself may use it. Closing day: {closing}.",
    ),
    NoticeKind.REMINDER: Wording(
        "{姓名}同学：您尚未完成毕业图像校对。请于 {截止日期} 前登录 {网址} 本人核对；逾期未确认，学历注册时没有图像。",
        "Dear {name}: you have not verified your graduation photograph yet. Log in at {link} by {closing}; without your "
        "confirmation you are registered without a photograph.",
    ),
    NoticeKind.LAST_CALL: Wording(
        "{姓名}同学：毕业图像校对还剩 {剩余天数} 天（{截止日期} 截止）。逾期未确认，学历证书电子注册将没有图像，"
        "只能由学校按更正程序补办。网址：{网址}",
        "Dear {name}: {days} days are left to verify your graduation photograph (until {closing}). Afterwards you are "
        "registered without it, and only your school's correction path remains: {link}",
    ),
}


class Language(models.TextChoices):
    """In which language the proposed text is written."""

    CHINESE = "zh", bi("中文", "Chinese")
    ENGLISH = "en", bi("英文", "English")
    BOTH = "both", bi("中英文", "Both")


def proposed(kind: str, language: str) -> str:
    """The text a sender finds in the form, before they change it."""
    wording = DEFAULTS[kind]
    texts = {Language.CHINESE.value: wording.zh, Language.ENGLISH.value: wording.en}
    return texts.get(language, f"{wording.zh}\n{wording.en}")


def check_text(text: str) -> str:
    """The text as it is kept; raises ``InvalidInput`` where it is empty, too long or names an unknown field."""
    cleaned = text.strip()
    unknown = [name for name in _FIELD.findall(cleaned) if name not in FIELDS]
    if not cleaned or len(cleaned) > TEXT_MAX:
        raise invalid(
            "verification.notice_text",
            f"通知内容须为 1 至 {TEXT_MAX} 字。",
            f"A notice has 1 to {TEXT_MAX} characters.",
            "请修改后再发送。",
            "Change it and send it again.",
            field="text",
        )
    if unknown:
        raise invalid(
            "verification.notice_field",
            f"通知中有不认识的栏目：{{{unknown[0]}}}。",
            f"The notice names an unknown field: {{{unknown[0]}}}.",
            "可用的栏目：" + "、".join(f"{{{name}}}" for name in FIELDS),
            "Known fields: " + ", ".join(f"{{{name}}}" for name in FIELDS),
            field="text",
        )
    return cleaned


def filled(text: str, person: Candidate, closes_on: date | None, today: date) -> str:
    """The text for one person."""
    school = person.campaign.school
    days = str(max(0, (closes_on - today).days)) if closes_on else ""
    day, link = closes_on.isoformat() if closes_on else "", site_address("/verify/")
    chinese = (person.name, school.name, day or "学校另行通知", days or "若干", link)
    english = (person.name, school.name_en or school.name, day or "to be announced", days or "some", link)
    values = {
        name: value
        for (zh, en), in_zh, in_en in zip(_NAMES, chinese, english, strict=True)
        for name, value in ((zh, in_zh), (en, in_en))
    }
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), text)
