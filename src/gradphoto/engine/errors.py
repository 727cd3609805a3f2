"""The typed refusal: a stable code, what happened, and what the person should do next."""

from __future__ import annotations

from gradphoto.engine.wording import Wording


class GradPhotoError(Exception):
    """Base of every error that a person may see.

    ``code`` is stable and meant for programs and tests (``roster.header_not_found``); ``message`` says what
    is wrong and ``remedy`` what to do next, each in Chinese and English.
    """

    def __init__(self, code: str, message: Wording, remedy: Wording) -> None:
        super().__init__(f"{code}: {message.en} {remedy.en}")
        self.code = code
        self.message = message
        self.remedy = remedy
