"""How a message leaves the house: e-mail by Django, text messages and the school's own service by an adapter.

No carrier is built in: a text-message service is a class named in ``GRADPHOTO_SMS``. Without one a message is written
to a file in the data directory and counts as not sent: somebody hands it on another way (R203).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import smtplib
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.module_loading import import_string

from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.verification.notices.models import Channel
from gradphoto.engine.wording import Wording

_TIMEOUT_S = 10
_PASSING = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person. ``key`` is the same when it is sent again after a broken connection."""

    to: str
    subject: str
    text: str
    key: str


class Carrier(Protocol):
    """Something that takes messages; ``send`` returns the carrier's reference or raises ``NotSent``."""

    def send(self, message: Message) -> str: ...


class NotSent(Refusal):
    """The carrier did not take a message. ``passing``: it may well take it a little later."""

    def __init__(self, why: str, *, passing: bool) -> None:
        self.passing = passing
        super().__init__(
            "verification.notice_not_sent",
            Wording(f"消息未能送出：{why}", f"The message was not taken: {why}"),
            Wording(
                "请核对联系方式或稍后重发；也可当面告知。",
                "Check the address or send it again later, or tell them in person.",
            ),
        )


class EmailCarrier:
    """Django's e-mail back end, one connection for all messages of a job."""

    def __init__(self) -> None:
        self._connection = get_connection(timeout=_TIMEOUT_S)

    def send(self, message: Message) -> str:
        reference = f"<{message.key}@{urlsplit(settings.SITE_URL).hostname or 'gradphoto'}>"
        mail = EmailMessage(
            message.subject,
            message.text,
            to=[message.to],
            headers={"Message-ID": reference, "Auto-Submitted": "auto-generated"},
            connection=self._connection,
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise NotSent("recipient refused", passing=all(400 <= code < 500 for code in codes)) from error
        except smtplib.SMTPResponseException as error:
            raise NotSent(f"SMTP {error.smtp_code}", passing=400 <= error.smtp_code < 500) from error
        except OSError as error:
            self._connection.close()  # a broken connection is not used for the next message
            raise NotSent(type(error).__name__, passing=True) from error
        return reference


class FileCarrier:
    """Writes each message as a line of JSON: for trying things out, and for tests."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: Message) -> str:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(asdict(message), ensure_ascii=False) + "\n"
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(line)
        return f"file:{message.key}"


class WebhookCarrier:
    """POSTs JSON to the school's message service. ``X-GradPhoto-Signature`` is the body's HMAC-SHA256 in hex."""

    def __init__(self, url: str, secret: str) -> None:
        if urlsplit(url).scheme not in ("https", "http"):
            raise ValueError("GRADPHOTO_WEBHOOK is no http address.")
        self._url, self._secret = url, secret.encode()

    def send(self, message: Message) -> str:
        body = json.dumps(asdict(message), ensure_ascii=False).encode()
        request = urllib.request.Request(  # noqa: S310 - http or https only, see above
            self._url,
            data=body,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Idempotency-Key": message.key,
                "X-GradPhoto-Signature": hmac.new(self._secret, body, hashlib.sha256).hexdigest(),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                return f"http:{answer.status}:{message.key}"
        except urllib.error.HTTPError as error:
            error.close()
            raise NotSent(f"HTTP {error.code}", passing=error.code in _PASSING or error.code >= 500) from error
        except urllib.error.URLError as error:
            raise NotSent(str(error.reason), passing=True) from error
        except OSError as error:
            raise NotSent(type(error).__name__, passing=True) from error


_NOWHERE = ("filebased", "console", "dummy")
"""E-mail back ends of Django by which nothing leaves the house."""


def is_configured(channel: str) -> bool:
    """Whether messages of a channel reach anybody; else they stay in the outbox and are no proof (R203)."""
    if channel == Channel.EMAIL:
        return not any(f".{name}." in settings.EMAIL_BACKEND for name in _NOWHERE)
    if channel == Channel.WEBHOOK:
        return bool(settings.WEBHOOK_URL)
    return channel == Channel.SMS and bool(settings.SMS_CARRIER)


class NoCarrier(NotSent):
    """Nothing is configured that would take the message: it stands in the outbox."""

    def __init__(self) -> None:
        super().__init__("没有配置发送渠道，已存入待发件箱", passing=False)


def carrier_of(channel: str) -> Carrier:
    """The carrier that the installation's settings name for a channel."""
    outbox: Path = settings.DATA_DIR / "outbox"
    if channel == Channel.EMAIL:
        return EmailCarrier()
    if channel == Channel.WEBHOOK and settings.WEBHOOK_URL:
        return WebhookCarrier(settings.WEBHOOK_URL, settings.WEBHOOK_SECRET)
    if channel == Channel.SMS and settings.SMS_CARRIER:
        carrier: Carrier = import_string(settings.SMS_CARRIER)()
        return carrier
    return FileCarrier(outbox / f"{channel}.jsonl")
