"""What a notice says: a text with a few fields that are filled in for each person; never a number or a card's code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import models

from gradphoto.apps.campaigns import notice_keys
from gradphoto.apps.campaigns.models import Campaign, Contact
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import bi
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.wording import Wording

SUBJECT = "毕业图像校对通知 Verify your graduation photograph"
TEXT_MAX = notice_keys.TEXT_MAX
FIELDS = notice_keys.FIELDS
DEFAULTS: Mapping[str, Wording] = {kind: text for kind, (_, text) in notice_keys.TEXTS.items()}


class Language(models.TextChoices):
    """In which language the proposed text is written."""

    CHINESE = "zh", bi("中文", "Chinese")
    ENGLISH = "en", bi("英文", "English")
    BOTH = "both", bi("中英文", "Both")


def proposed(kind: str, language: str, campaign: Campaign | None = None) -> str:
    """The text a sender finds in the form, before they change it: the campaign's rule, else the documented one."""
    wording = DEFAULTS[kind]
    chinese = value_of(campaign, notice_keys.NOTICE_KEYS[kind]) if campaign is not None else wording.zh
    texts = {Language.CHINESE.value: chinese, Language.ENGLISH.value: wording.en}
    return texts.get(language, f"{chinese}\n{wording.en}")


def check_text(text: str) -> str:
    """The text as it is kept; raises ``InvalidInput`` where it is empty, too long or names an unknown field."""
    cleaned = text.strip()
    unknown = notice_keys.unknown_placeholder(cleaned)
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
            f"通知中有不认识的栏目：{{{unknown}}}。",
            f"The notice names an unknown field: {{{unknown}}}.",
            "可用的栏目：" + "、".join(f"{{{name}}}" for name in FIELDS),
            "Known fields: " + ", ".join(f"{{{name}}}" for name in FIELDS),
            field="text",
        )
    return cleaned


Values = Mapping[str, tuple[str, str]]
"""English name of a placeholder -> its value in Chinese and in English."""


def filled(
    text: str, person: Candidate | Contact, closes_on: date | None, today: date, more: Values | None = None
) -> str:
    """The text for one person; ``more`` are the placeholders of its kind (``facts.py``). What is not known is “—”."""
    school = person.campaign.school
    days = str(max(0, (closes_on - today).days)) if closes_on else ""
    day, link = closes_on.isoformat() if closes_on else "", site_address("/verify/")
    known: dict[str, tuple[str, str]] = {
        "name": (person.name, person.name),
        "school": (school.name, school.name_en or school.name),
        "link": (link, link),
        "closing": (day or "学校另行通知", day or "to be announced"),
        "days": (days or "若干", days or "some"),
        **(more or {}),
    }
    values: dict[str, str] = {}
    for zh, en in notice_keys.NAMES:
        values[zh], values[en] = known.get(en, ("—", "—"))
    return notice_keys.PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
