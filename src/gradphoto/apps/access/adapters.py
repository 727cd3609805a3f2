"""How allauth signs staff in: accounts come by invitation, attempts are slowed down, second factors lie encrypted."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from gradphoto.apps.access import staff_sessions
from gradphoto.apps.access.devices import staff_client, subject_of
from gradphoto.apps.access.models import EntryPoint
from gradphoto.apps.access.school import sign_out_address
from gradphoto.apps.access.throttling import (
    FOR_STAFF,
    TooManyAttempts,
    mark_succeeded,
    record_attempt,
    record_failure,
)
from gradphoto.apps.core import audit
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.client_address import client_address
from gradphoto.apps.core.encryption import decrypt, encrypt
from gradphoto.apps.core.wording import bi, say
from gradphoto.engine.wording import Wording

_BOUND_TO = "second factor"
"""allauth names no row when it asks for a secret to be sealed; no other kind of value opens in its place."""


class AccountAdapter(DefaultAccountAdapter):
    """No sign-up: a person's account comes with a role in an organisation."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": bi("用户名或密码不正确。", "The user name or the password is wrong."),
        "incorrect_password": bi("密码不正确。", "The password is wrong."),
        "enter_current_password": bi("请输入当前密码。", "Type your present password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        """allauth's, with our own way of asking for the second factor (``access.school``)."""
        own = "gradphoto.apps.access.school.SecondFactorStage"
        return [own if one == "allauth.mfa.stages.AuthenticateStage" else one for one in super().get_login_stages()]

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return sign_out_address(request) or str(super().get_logout_redirect_url(request))

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Counted before the password is looked at; raises ``TooManyAttempts``."""
        name = str(credentials.get("username", ""))
        try:
            attempt = record_attempt(
                EntryPoint.STAFF, subject=subject_of(name), client=staff_client(request), limits=FOR_STAFF
            )
        except TooManyAttempts as error:
            if error.is_first:
                _record("access.slowed_down", name, wait_s=error.wait_s)
            raise
        user = super().authenticate(request, **credentials)
        if user is None:
            record_failure(attempt, FOR_STAFF)
            _record("access.sign_in_failed", name)
        else:
            mark_succeeded(attempt)
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """allauth's own counter stays out of it: one throttle counts for all entry points."""

    def _rollback_login_failed_rl_usage(self) -> None:
        """There is nothing to give back."""

    def is_reauthentication_required(self, *, app: str) -> bool:
        """The second factor's own pages ask the same question as every sensitive step."""
        from allauth.core import context

        return not staff_sessions.is_recently_proven(context.request.session)

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """The pages say themselves what happened; allauth's "Successfully signed in" is noise."""
        if not str(kwargs.get("message_template") or (args[0] if args else "")).endswith(
            ("logged_in.txt", "logged_out.txt")
        ):
            super().add_message(request, level, *args, **kwargs)


def _record(action: str, username: str, **detail: Any) -> None:
    """A refusal in the chain of the account that was asked for; what was typed for no account is not kept."""
    account = get_user_model()._default_manager.filter(username=username).first()
    audit.record(Actor.system("sign-in"), action, account, detail | {"known": account is not None})


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets encrypted at rest; the product's names; a factor that a rule demands stays."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": bi(
            "您的角色必须使用第二因素，不能删除最后一个。",
            "Your role demands a second factor: the last one stays.",
        ),
        "incorrect_code": bi("验证码不正确。", "The code is wrong."),
    }

    def get_totp_issuer(self) -> str:
        return "GradPhoto"

    def get_totp_label(self, user: Any) -> str:
        return str(user.get_username())

    def _get_user_identifier(self, user: Any) -> str:
        return str(user.get_username())

    def _get_site_name(self) -> str:
        return say(Wording("毕业生图像采集与校对", "GradPhoto"))

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        name = str(user.get_username())
        return {"id": user_pk_to_url_str(user).encode(), "display_name": str(user), "name": name}

    def encrypt(self, text: str) -> str:
        return base64.b64encode(encrypt(text.encode(), _BOUND_TO)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(base64.b64decode(encrypted_text), _BOUND_TO).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user = authenticator.user
        if not getattr(user, "second_factor_is_compulsory", False):
            return True
        others = Authenticator.objects.filter(user=user).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - allauth's name
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return say(Wording(f"通行密钥 {number}", f"Passkey {number}"))
