"""A mail to the person when something about the own way of signing in changes, if the person wants it."""

from __future__ import annotations

import logging
from typing import Any

from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from gradphoto.apps.core.addresses import site_address
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)


def notify(user: Any, what: Wording) -> None:
    """Mail it once the change is written; a mail server that does not answer undoes nothing and is told to the log."""
    if user.notices_by_mail and user.email:
        transaction.on_commit(lambda: _send(user, what))


def _send(user: Any, what: Wording) -> None:
    at = f"{timezone.localtime():%Y-%m-%d %H:%M}"
    body = (
        f"{user}：\n\n您的账号 {user.get_username()} 于 {at} {what.zh}。\n"
        f"如非本人，请立即修改密码并告知管理员：{site_address('/accounts/mine/')}\n\n"
        f"At {at}, on your account {user.get_username()}, {what.en}. If it was not you, change your password at once.\n"
    )
    try:
        send_mail("账号安全通知 / About your account", body, None, [user.email])
    except OSError:
        log.warning("access.notice_not_sent", extra={"user": user.pk})
