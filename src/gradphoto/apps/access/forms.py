"""allauth's forms with the product's throttle: a code of six digits is guessed quickly by whoever may try for ever."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django import forms
from django.db import transaction

from gradphoto.apps.access.devices import staff_client
from gradphoto.apps.access.models import EntryPoint
from gradphoto.apps.access.throttling import FOR_STAFF, mark_succeeded, record_attempt, record_failure
from gradphoto.apps.core.wording import bi


class _Throttled:
    """Counts every code before it is looked at; raises ``TooManyAttempts``."""

    def clean_code(self) -> str:
        subject = f"second factor|{self.user.pk}"  # type: ignore[attr-defined]
        client = staff_client(context.request)
        attempt = record_attempt(EntryPoint.SECOND_FACTOR, subject=subject, client=client, limits=FOR_STAFF)
        with transaction.atomic():
            # One try of a person at a time: a recovery code sent twice at once would be found unused twice.
            list(Authenticator.objects.select_for_update().filter(user=self.user))  # type: ignore[attr-defined]
            try:
                code: str = super().clean_code()  # type: ignore[misc]
                _spend(self.authenticator, code)  # type: ignore[attr-defined]
                wrong = None
            except forms.ValidationError as error:
                wrong = error  # raised behind the transaction: the entry of the trail stays
        if wrong is not None:
            record_failure(attempt, FOR_STAFF)
            raise wrong
        mark_succeeded(attempt)
        return code


def _spend(authenticator: Authenticator, code: str) -> None:
    """An app's code passes once: the time step of the last one is kept, and none at or before it is taken (RFC 6238, 5.2).

    Kept in the database and under a lock, because the next request may come to another process.
    """
    if authenticator.type != Authenticator.Type.TOTP:
        return
    secret = decrypt(authenticator.data["secret"])
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        last = row.data.get("last_step", -1)
        steps = [step for step in yield_hotp_counters_from_time() if _shown(secret, step) == normalize_user_code(code)]
        fresh = [step for step in steps if step > last]
        if not fresh:
            raise get_adapter().validation_error("incorrect_code")
        row.data["last_step"] = authenticator.data["last_step"] = min(fresh)
        row.save(update_fields=["data"])


def _shown(secret: str, step: int) -> str:
    return format_hotp_value(hotp_value(secret, step))


class SecondFactorForm(_Throttled, AuthenticateForm):
    """The code after the password: from the app, or a recovery code."""


class SecondFactorProofForm(_Throttled, ReauthenticateForm):
    """The same code as a proof before a sensitive step."""


class ChangePasswordForm(forms.Form):
    """The present password once and the new one twice; every field says what is wrong with it."""

    present = forms.CharField(widget=forms.PasswordInput, strip=False)
    new = forms.CharField(widget=forms.PasswordInput, strip=False)
    again = forms.CharField(widget=forms.PasswordInput, strip=False)

    default_error_messages = {"required": bi("请填写。", "Fill this in.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = self.default_error_messages["required"]
