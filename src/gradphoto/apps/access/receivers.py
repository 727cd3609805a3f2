"""What signing in and second factors leave behind: the session's clocks, the known browser, the audit trail."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import authentication_step_completed
from allauth.account.signals import user_logged_in as signed_in_by_form
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from gradphoto.apps.access import devices, staff_sessions
from gradphoto.apps.access.middleware import FACTORS, SECOND_FACTOR_MISSING
from gradphoto.apps.access.models import EndReason
from gradphoto.apps.access.notices import notify
from gradphoto.apps.access.school_identity import is_proven, was_second_factor
from gradphoto.apps.core import audit
from gradphoto.apps.core.actors import Actor
from gradphoto.engine.wording import Wording

_NOTICES = {
    "access.second_factor_added": Wording("添加了第二因素", "a second factor was added"),
    "access.second_factor_removed": Wording("删除了第二因素", "a second factor was removed"),
    "access.recovery_codes_renewed": Wording("更换了恢复码", "the recovery codes were renewed"),
    "access.recovery_code_used": Wording("使用了一个恢复码登录", "a recovery code was used"),
}


def _record(name: str, user: Any, **detail: Any) -> None:
    """Put what changed in the audit trail and, where the person wants it, in a mail."""
    audit.record(Actor.of(user), name, user, detail)
    notify(user, _NOTICES[name])


@receiver(user_logged_in)
def _begin_session(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    staff_sessions.begin(request, user, proven=is_proven(request, user))
    if was_second_factor(request):
        return
    if settings.SECOND_FACTOR and user.second_factor_is_compulsory and not is_mfa_enabled(user, FACTORS):
        request.session[SECOND_FACTOR_MISSING] = True


@receiver(signed_in_by_form)
def _record_sign_in(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    devices.remember(request, user.get_username())
    row = user.staff_sessions.first()
    audit.record(Actor.of(user), "access.signed_in", user, {"browser": row.browser if row else ""})


@receiver(user_logged_out)
def _record_sign_out(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if user is None or getattr(request, "ended_user_id", None):
        return
    staff_sessions.end(request.session, EndReason.SIGNED_OUT)
    audit.record(Actor.of(user), "access.signed_out", user)


@receiver(authentication_step_completed)
def _prove(sender: Any, request: HttpRequest, user: Any, method: str, **extra: Any) -> None:
    if request.user.is_authenticated and request.user.pk == user.pk:
        staff_sessions.prove(request.session)
        audit.record(Actor.of(user), "access.proved_again", user, {"by": str(extra.get("type") or method)})


@receiver(authenticator_added)
def _record_added(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    _record("access.second_factor_added", user, type=authenticator.type)


@receiver(authenticator_removed)
def _record_removed(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    _record("access.second_factor_removed", user, type=authenticator.type)


@receiver(authenticator_reset)
def _record_reset(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    _record("access.recovery_codes_renewed", user)


@receiver(authenticator_used)
def _record_used(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        authenticator.refresh_from_db()
        left = len(authenticator.wrap().get_unused_codes())
        _record("access.recovery_code_used", user, left=left)


@receiver(authentication_failed)
def _record_failed(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    audit.record(Actor.of(user), "access.second_factor_failed", user, {"type": authenticator.type})
