"""A reason as it goes on record."""

from __future__ import annotations

from gradphoto.apps.core.errors import invalid, within
from gradphoto.apps.roster.id_numbers import holds_id_number

LONGEST = 200


def stated(reason: str) -> str:
    """The reason, never empty, never with an ID number in it.

    Raises ``InvalidInput`` with ``roster.reason_missing`` or ``roster.reason_holds_id_number``.
    """
    if not reason.strip():
        raise invalid(
            "roster.reason_missing", "请填写原因。", "A reason is needed.", "用一句话说明。", "One sentence is enough."
        )
    if holds_id_number(reason):
        raise invalid(
            "roster.reason_holds_id_number",
            "原因中不能写证件号码。",
            "A reason must not hold an ID number.",
            "请改为文字说明，例如“对照身份证”。",
            "Say it in words, e.g. compared with the card.",
        )
    return within(reason, LONGEST, field="reason")
