"""What came of a notice after it was sent: delivered, refused, read (R203).

Carriers answer in three ways: a mail server by a delivery status notification (RFC 3464), a text-message service by a
report, the school's own service by a call back. All end in :func:`take_receipt`, which knows the notice by the key that
every message carries. "Read" is what the person says: they open the signed link in their message and confirm.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import invalid, shortened
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.verification.notices.models import Notice, NoticeState
from gradphoto.engine.wording import Wording

READ_LINE = Wording("已阅请点开确认：", "Please open and confirm that you read it: ")
_SALT = "verification.notice"
_KEY = re.compile(r"notice-(\d{1,18})(?=[@>\s]|$)")
_MOST_REPORTS = 1000
_SYSTEM = Actor.system("receipts")


class Came(StrEnum):
    """What a carrier may report."""

    DELIVERED = "delivered"
    FAILED = "failed"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Report:
    """One answer of a carrier: the notice by its primary key, what came of it, when, and the carrier's own words."""

    notice: int
    came: Came
    at: datetime | None = None
    words: str = ""


def read_link(notice: Notice) -> str:
    """The signed address by which the person says that they read their notice; it names no person."""
    token = signing.Signer(salt=_SALT).sign(str(notice.pk))
    return site_address(reverse("verification:read_notice", args=[token]))


def notice_of_link(token: str) -> Notice | None:
    """The notice of a link; None for a wrong one."""
    try:
        pk = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
    found = Notice.objects.select_related("candidate__campaign__school", "contact__campaign__school", "round__campaign")
    return found.filter(pk=int(pk)).first()


@action("verification.take_receipt", permission=by_system)
def take_receipt(actor: Actor, notice: Notice, *, report: Report) -> bool:
    """Keep what came of a notice. Read stays read; a failure after delivery is not believed. True where it changed anything.

    A refused message is proof of nothing any more: the person is listed as not reached (R203).
    """
    at = report.at or timezone.now()
    changed: dict[str, Any] = {}
    if report.came is Came.READ:
        changed = {"read_at": notice.read_at or at, "state": NoticeState.READ, "at": notice.at or at, "error": None}
    elif report.came is Came.DELIVERED and notice.state in (NoticeState.SENT, NoticeState.FAILED):
        changed = {"delivered_at": at, "state": NoticeState.DELIVERED, "at": notice.at or at, "error": None}
    elif report.came is Came.FAILED and notice.state == NoticeState.SENT:
        words = shortened(report.words, 160) or "—"
        changed = {
            "state": NoticeState.FAILED,
            "error": {"zh": f"对方系统退回：{words}", "en": f"Returned by the receiving side: {words}"},
        }
    if not changed:
        return False
    for name, value in changed.items():
        setattr(notice, name, value)
    notice.save(update_fields=list(changed))
    audit.note(came=str(report.came), words=shortened(report.words, 160))
    return True


def take_reports(reports: Sequence[Report]) -> int:
    """Keep every report of a known notice; returns how many changed anything."""
    found = Notice.objects.in_bulk([one.notice for one in reports])
    return sum(take_receipt(_SYSTEM, found[one.notice], report=one) for one in reports if one.notice in found)


def is_signed(body: bytes, signature: str) -> bool:
    """Whether the call back bears the HMAC-SHA256 of its body under the installation's secret."""
    secret = settings.WEBHOOK_SECRET.encode()
    return bool(secret) and hmac.compare_digest(hmac.new(secret, body, hashlib.sha256).hexdigest(), signature.lower())


def read_reports(body: bytes) -> list[Report]:
    """The reports of a text-message service or the school's own: ``[{"key": "notice-7", "state": "delivered"}, ...]``.

    ``at`` (ISO 8601) and ``words`` may be left out. Raises ``verification.reports`` naming the first that is odd.
    """
    try:
        said = json.loads(body)
        rows = said if isinstance(said, list) else [said]
        if len(rows) > _MOST_REPORTS:
            raise ValueError(f"more than {_MOST_REPORTS}")
        return [_report(row) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise invalid(
            "verification.reports",
            f"回执无法读取：{error}",
            f"The reports cannot be read: {error}",
            "每条须有 key 和 state（delivered、failed、read）。",
            "Each has a key and a state (delivered, failed, read).",
        ) from error


def _report(row: Any) -> Report:
    found = _KEY.search(str(row["key"]))
    if found is None:
        raise ValueError(f"key {row['key']!r}")
    at = parse_datetime(str(row["at"])) if row.get("at") else None
    if at is not None and timezone.is_naive(at):
        at = timezone.make_aware(at)
    return Report(int(found[1]), Came(row["state"]), at, str(row.get("words", "")))


def read_dsn(data: bytes) -> list[Report]:
    """The reports of a mail server's answer (RFC 3464, multipart/report); empty for any other mail.

    The notice is found by the Message-ID of the mail that comes back, or by the original envelope id. "delayed" and
    "expanded" say nothing final and are left out.
    """
    mail = email.message_from_bytes(data, policy=email.policy.default)
    if mail.get_content_type() != "multipart/report":
        return []
    key = next(_keys(mail), None)
    if key is None:
        return []
    reports = []
    for status in _status_groups(mail):
        came = {"failed": Came.FAILED, "delivered": Came.DELIVERED, "relayed": Came.DELIVERED}.get(
            str(status.get("Action", "")).strip().lower()
        )
        if came is not None:
            words = " ".join(str(status.get(name, "")) for name in ("Status", "Diagnostic-Code")).strip()
            reports.append(Report(key, came, None, words))
    return reports


def _keys(mail: EmailMessage) -> Iterator[int]:
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = part.get_payload(0)
            texts = [str(inner.get("Message-ID", ""))]  # type: ignore[union-attr]
        elif kind == "text/rfc822-headers":
            texts = re.findall(r"(?im)^message-id:\s*(\S+)", part.get_content())
        elif kind == "message/delivery-status":
            texts = [str(group.get("Original-Envelope-Id", "")) for group in part.get_payload()]  # type: ignore[union-attr]
        else:
            continue
        yield from (int(found[1]) for text in texts if (found := _KEY.search(text)))


def _status_groups(mail: EmailMessage) -> Iterator[Any]:
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            yield from part.get_payload()
