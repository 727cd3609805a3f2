"""A text-message service for tests: it takes every message and keeps it in a file."""

from __future__ import annotations

from django.conf import settings

from gradphoto.apps.verification.notices.channels import FileCarrier


class TakesAll(FileCarrier):
    def __init__(self) -> None:
        super().__init__(settings.DATA_DIR / "outbox" / "sms.jsonl")
