"""What a form says where Django's own sentence has no remedy: in both languages, each under a stable code."""

from __future__ import annotations

from typing import Any

from django import forms

from gradphoto.engine.wording import Wording

MESSAGES: dict[str, tuple[str, Wording]] = {
    "required": (
        "pages.required",
        Wording("请填写此项：{label}。", "This must be filled in: {label}."),
    ),
    "missing": ("pages.required", Wording("请选择文件。", "Choose a file.")),
    "empty": ("pages.empty_file", Wording("文件是空的，请重新选择。", "The file is empty; choose another.")),
    "max_length": (
        "pages.too_long",
        Wording(
            "最多 {limit_value} 个字，现有 {show_value} 个，请删减。",
            "At most {limit_value} characters, {show_value} now: shorten it.",
        ),
    ),
    "min_length": (
        "pages.too_short",
        Wording(
            "至少 {limit_value} 个字，现有 {show_value} 个，请补全。",
            "At least {limit_value} characters, {show_value} now: complete it.",
        ),
    ),
    "max_value": ("pages.too_large", Wording("不能大于 {limit_value}。", "It must not be larger than {limit_value}.")),
    "min_value": ("pages.too_small", Wording("不能小于 {limit_value}。", "It must not be smaller than {limit_value}.")),
    "invalid_choice": (
        "pages.not_offered",
        Wording(
            "所选项不存在，或不归您管理，请从列表中重新选择。",
            "This does not exist or is not yours to change: choose from the list.",
        ),
    ),
    "invalid_pk_value": (
        "pages.not_offered",
        Wording("所选项不存在，请重新选择。", "This does not exist: choose again."),
    ),
    "invalid_list": ("pages.not_offered", Wording("请从列表中重新选择。", "Choose from the list again.")),
    "invalid": ("pages.invalid", Wording("{label}的格式不对，请核对。", "{label} is not of the right form; check it.")),
    "null_characters_not_allowed": (
        "pages.control_characters",
        Wording("含有不能使用的字符，请重新输入。", "It holds characters that cannot be used: type it again."),
    ),
}
"""Django's code of an error -> our stable code and sentence; ``{label}`` and the error's parameters are filled in."""

FORMS_OF: tuple[tuple[type[forms.Field], Wording], ...] = (
    (
        forms.DateTimeField,
        Wording(
            "请写成“年-月-日 时:分”，例如 2026-03-05 09:30。",
            "Write it as year-month-day hours:minutes, such as 2026-03-05 09:30.",
        ),
    ),
    (
        forms.DateField,
        Wording(
            "没有这一天，或写法不对：请写成“年-月-日”，例如 2026-03-05。",
            "There is no such day, or it is written otherwise: year-month-day, such as 2026-03-05.",
        ),
    ),
    (forms.TimeField, Wording("请写成“时:分”，例如 09:30。", "Write it as hours:minutes, such as 09:30.")),
    (forms.IntegerField, Wording("请只填整数，例如 12。", "Write a whole number, such as 12.")),
    (
        forms.EmailField,
        Wording("请填完整的邮箱地址，例如 name@example.edu。", "Write the whole address, such as name@example.edu."),
    ),
    (forms.FileField, Wording("没有收到文件，请重新选择。", "No file came: choose it again.")),
)
"""How a value of each kind of field is written: what is said of one that Django cannot read."""


def standard(
    code: str | None, label: str, params: dict[str, Any], field: forms.Field | None = None
) -> tuple[str, Wording] | None:
    """Our code and sentence for one of Django's own errors; None for an error that a room raised itself."""
    known = MESSAGES.get(code or "")
    if known is None:
        return None
    ours, wording = known
    if code == "invalid":
        wording = next((form for kind, form in FORMS_OF if isinstance(field, kind)), wording)
    filled = {"label": label, "limit_value": "", "show_value": "", **params}
    return ours, wording.format(**filled)
