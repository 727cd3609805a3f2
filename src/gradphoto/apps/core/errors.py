"""Refusals of the apps: typed, with a code for programs and a sentence and a remedy for persons."""

from __future__ import annotations

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

REASON_LENGTH = 200
"""So long is a reason at most, in signs: a sentence, not a story."""


class Refusal(GradPhotoError):  # noqa: N818 - a refusal is an answer, not a fault
    """Something the product will not do, with the reason and the next step. ``status`` is the HTTP answer.

    ``link``: the page on which the next step is taken, where there is one. ``field`` names the argument of the action
    that is at fault, so that a form can say it beside that field.
    """

    status = 409
    field = ""
    link: tuple[str, Wording] | None = None


class PermissionRefusal(Refusal):
    """The actor may not do this here."""

    status = 403

    def __init__(self, action: str) -> None:
        super().__init__(
            "core.not_permitted",
            Wording("您没有执行这一步的权限。", "You are not permitted to do this."),
            Wording(
                "请由负责该单位的人员操作，或联系本校管理员。",
                "Ask the person in charge of this unit, or your administrator.",
            ),
        )
        self.action = action


class StepRefusal(Refusal):
    """The lifecycle does not allow this step from the present state."""

    def __init__(self, action: str, state: str) -> None:
        super().__init__(
            "core.step_not_allowed",
            Wording(
                "当前状态下不能执行这一步，可能已有人先办理。",
                "This step is not possible now; somebody may have done it already.",
            ),
            Wording("请刷新页面查看最新状态。", "Reload the page to see the present state."),
        )
        self.action = action
        self.state = state


class InvalidInput(Refusal):
    """What was handed in cannot be used as it is."""

    status = 400


def refuse(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str, *, field: str = "") -> Refusal:
    """A refusal in one line, for places that raise it once; ``field`` names the argument at fault."""
    error = Refusal(code, Wording(zh, en), Wording(remedy_zh, remedy_en))
    error.field = field
    return error


def invalid(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str, *, field: str = "") -> InvalidInput:
    """An input error in one line; ``field`` names the argument at fault, which a form shows beside its field."""
    error = InvalidInput(code, Wording(zh, en), Wording(remedy_zh, remedy_en))
    error.field = field
    return error


def within(text: str, most: int, *, field: str = "") -> str:
    """The text without the space around it. Raises ``core.too_long``: what somebody typed is never cut in silence."""
    plain = text.strip()
    if len(plain) > most:
        raise invalid(
            "core.too_long",
            f"最多 {most} 个字，现有 {len(plain)} 个。",
            f"At most {most} characters; these are {len(plain)}.",
            "请删减后重新提交，已填写的内容不会被截断。",
            "Shorten it and send it again; nothing was cut.",
            field=field,
        )
    return plain


def stated_reason(reason: str, code: str, *, field: str = "reason") -> str:
    """A reason as it goes on record, at most 200 characters. Raises ``code`` (``<room>.reason_missing``) where there is none."""
    if not reason.strip():
        raise invalid(
            code, "请填写原因。", "A reason is needed.", "用一句话说明。", "One sentence is enough.", field=field
        )
    return within(reason, REASON_LENGTH, field=field)


def shortened(text: str, most: int) -> str:
    """A label of somebody else, e.g. a file's heading or a gateway's answer, with the dots that say it was longer."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
