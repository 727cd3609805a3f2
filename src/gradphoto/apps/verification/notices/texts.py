"""What a notice says: a text with a few fields that are filled in for each person; never a number or a card's code."""

from __future__ import annotations

import re
from datetime import date

from django.conf import settings

from gradphoto.apps.core.errors import invalid
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.notices.models import NoticeKind

SUBJECT = "毕业图像校对通知"
TEXT_MAX = 500
FIELDS = ("姓名", "院校", "截止日期", "剩余天数", "网址")
_FIELD = re.compile(r"\{([^{}]*)\}")

DEFAULTS: dict[str, str] = {
    NoticeKind.OPENED: "{姓名}同学：{院校}毕业图像校对已开放。请持本人图像信息卡登录 {网址} 核对图像和信息，每人仅有一次机会，须由本人完成。截止日期：{截止日期}。",
    NoticeKind.REMINDER: "{姓名}同学：您尚未完成毕业图像校对。请于 {截止日期} 前登录 {网址} 本人核对；逾期未确认，学历注册时没有图像。",
    NoticeKind.LAST_CALL: "{姓名}同学：毕业图像校对还剩 {剩余天数} 天（{截止日期} 截止）。逾期未确认，学历证书电子注册将没有图像，只能由学校按更正程序补办。网址：{网址}",
}


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
        )
    if unknown:
        raise invalid(
            "verification.notice_field",
            f"通知中有不认识的栏目：{{{unknown[0]}}}。",
            f"The notice names an unknown field: {{{unknown[0]}}}.",
            "可用的栏目：" + "、".join(f"{{{name}}}" for name in FIELDS),
            "Known fields: " + ", ".join(f"{{{name}}}" for name in FIELDS),
        )
    return cleaned


def filled(text: str, person: Candidate, closes_on: date | None, today: date) -> str:
    """The text for one person."""
    values = {
        "姓名": person.name,
        "院校": person.campaign.school.name,
        "截止日期": closes_on.isoformat() if closes_on else "学校另行通知",
        "剩余天数": str(max(0, (closes_on - today).days)) if closes_on else "若干",
        "网址": f"{settings.SITE_URL}/verify/",
    }
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), text)
