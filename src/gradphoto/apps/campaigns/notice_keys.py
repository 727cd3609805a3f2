"""What notices say, as rules (R203): a text with placeholders a kind, with its source, for every campaign its own.

``{姓名}`` or ``{name}`` and the like are filled in for each person; a text that names another placeholder is refused when
the rule is set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gradphoto.apps.campaigns.settings_keys import HOUSE, KEYS, Default, Key, Theme
from gradphoto.engine.wording import Wording

TEXT_MAX = 500
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
NAMES = (
    ("姓名", "name"), ("院校", "school"), ("网址", "link"), ("截止日期", "closing"), ("剩余天数", "days"),
    ("日期", "date"), ("时间", "time"), ("地点", "place"), ("集合时间", "come"), ("着装", "clothes"),
    ("补拍截止", "makeup_last"), ("事项", "matter"),
)  # fmt: skip
"""Every placeholder in both languages."""
FIELDS = tuple(name for pair in NAMES for name in pair)

TEXTS: Mapping[str, tuple[Wording, Wording]] = {
    "session": (
        Wording("采集时间通知", "Notice of the session"),
        Wording(
            "{姓名}同学：毕业图像采集安排在 {日期} {时间}，地点：{地点}。请于 {集合时间} 前到场，务必携带本人二代身份证，"
            "{着装}，期间不得外出。",
            "Dear {name}: your graduation photograph is taken on {date}, {time}, at {place}. Be there by {come} with your own "
            "ID card; {clothes}. Do not leave town in that time.",
        ),
    ),
    "changed": (
        Wording("采集时间变更", "Change of the session"),
        Wording(
            "{姓名}同学：您的图像采集时间有变更，现为 {日期} {时间}，地点：{地点}，请于 {集合时间} 前到场，携带本人二代身份证。",
            "Dear {name}: the time of your photograph has changed. It is now {date}, {time}, at {place}; be there by {come} "
            "with your own ID card.",
        ),
    ),
    "missed": (
        Wording("漏拍通知", "Missed"),
        Wording(
            "{姓名}同学：您未参加 {日期} 的毕业图像采集。请尽快与学院联系补拍（{补拍截止}）；逾期影响学历注册，责任自负。",
            "Dear {name}: you missed the photograph of {date}. Ask your college for a make-up ({makeup_last}); without a "
            "photograph your certificate cannot be registered.",
        ),
    ),
    "makeup": (
        Wording("补拍通知", "Make-up notice"),
        Wording(
            "{姓名}同学：您的补拍：{事项}。请携带补拍二维码、学生证和身份证。",
            "Dear {name}: your make-up photograph: {matter}. Bring your make-up code, student card and ID card.",
        ),
    ),
    "opened": (
        Wording("开放校对通知", "Verification is open"),
        Wording(
            "{姓名}同学：{院校}毕业图像校对已开放。请持本人图像信息卡登录 {网址} 核对图像和信息，每人仅有一次机会，须由本人完成。"
            "截止日期：{截止日期}。",
            "Dear {name}: you can now verify your graduation photograph at {school}. Log in at {link} with your image card. "
            "There is one chance, and only you yourself may use it. Closing day: {closing}.",
        ),
    ),
    "reminder": (
        Wording("催办提醒", "Reminder"),
        Wording(
            "{姓名}同学：您尚未完成毕业图像校对。请于 {截止日期} 前登录 {网址} 本人核对；逾期未确认，学历注册时没有图像。",
            "Dear {name}: you have not verified your graduation photograph yet. Log in at {link} by {closing}; without your "
            "confirmation you are registered without a photograph.",
        ),
    ),
    "last_call": (
        Wording("截止前提醒", "Last call"),
        Wording(
            "{姓名}同学：毕业图像校对还剩 {剩余天数} 天（{截止日期} 截止）。逾期未确认，学历证书电子注册将没有图像，"
            "只能由学校按更正程序补办。网址：{网址}",
            "Dear {name}: {days} days are left to verify your graduation photograph (until {closing}). Afterwards you are "
            "registered without it, and only your school's correction path remains: {link}",
        ),
    ),
    "errata": (
        Wording("勘误答复", "Errata answered"),
        Wording(
            "{姓名}同学：您反映的问题已有答复：{事项}。可登录 {网址} 查看。",
            "Dear {name}: there is an answer to what you reported: {matter}. See {link}.",
        ),
    ),
    "stations": (
        Wording("校外点、函授站通知", "Stations"),
        Wording(
            "{姓名}：{院校}毕业图像采集安排在 {日期}，地点：{地点}。请通知贵点每一位学生携带二代身份证按时参加，不得遗漏。",
            "{name}: the graduates of {school} are photographed on {date} at {place}. Tell every student of yours to come in "
            "time with the ID card; leave nobody out.",
        ),
    ),
    "liaison": (
        Wording("联系人通知", "Liaison"),
        Wording(
            "{姓名}：{院校}毕业图像采集定于 {日期}，地点：{地点}。采集当天及前后数日请保持手机全天畅通。",
            "{name}: the graduates of {school} are photographed on {date} at {place}. Keep your telephone on all day, on the "
            "day and some days before and after.",
        ),
    ),
}  # fmt: skip
"""The kinds of notices: what each is called, and what it says where no rule says otherwise."""


def unknown_placeholder(text: str) -> str | None:
    """The first placeholder that nobody fills in."""
    return next((name for name in PLACEHOLDER.findall(text) if name not in FIELDS), None)


def notice_text(value: Any) -> str:
    """The reader of such a rule. Raises ``ValueError`` for an empty, too long or unknown text."""
    text = str(value).strip()
    if not 0 < len(text) <= TEXT_MAX:
        raise ValueError(f"a notice has 1 to {TEXT_MAX} characters")
    if unknown := unknown_placeholder(text):
        raise ValueError(f"{{{unknown}}} is no placeholder; known are {', '.join(FIELDS)}")
    return text


def _key(kind: str) -> Key[str]:
    title, text = TEXTS[kind]
    return Key(
        f"notice.{kind}", notice_text, Wording(f"通知文本：{title.zh}", f"Text of the notice: {title.en}"), Theme.TEXT,
        Wording("发给每个人的通知，花括号中的栏目按人填写。", "Sent to each person; what stands in braces is filled in for them."),
        Default(text.zh, HOUSE),
    )  # fmt: skip


NOTICE_KEYS: Mapping[str, Key[str]] = {kind: _key(kind) for kind in TEXTS}
KEYS.update({key.name: key for key in NOTICE_KEYS.values()})
