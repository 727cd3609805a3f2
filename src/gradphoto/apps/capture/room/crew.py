"""Who may act in the room, and the reason that many steps ask for."""

from __future__ import annotations

from gradphoto.apps.core.errors import invalid, within


def required(reason: str) -> str:
    """The reason in at most 200 characters. Raises ``capture.reason_missing``."""
    if not reason.strip():
        raise invalid(
            "capture.reason_missing", "请填写原因。", "A reason is needed.", "用一句话说明。", "One sentence is enough."
        )
    return within(reason, 200, field="reason")
