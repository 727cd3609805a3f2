"""A staff member with a real password, the way through the sign-in form, and codes of an authenticator app."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.hashers import make_password
from django.test import Client

from gradphoto.apps.orgs.models import Membership, Organisation, Role, User

PASSWORD = "grün-Kiefer-72-Regen"
STEP_S = 30
"""An app shows another code after so many seconds; the site takes the one before and the one after, too."""
_HASHED: list[str] = []


def officer_of(organisation: Organisation, username: str = "officer", role: Role = Role.REGISTRAR) -> User:
    """A person with a role and the password ``PASSWORD``, hashed once for all tests."""
    if not _HASHED:
        _HASHED.append(make_password(PASSWORD))
    person = User.objects.create(username=username, display_name="王老师", password=_HASHED[0])
    Membership.objects.create(user=person, organisation=organisation, role=role)
    return User.objects.get(pk=person.pk)


def sign_in(client: Client, username: str = "officer", password: str = PASSWORD, **other: str):
    """The answer of the sign-in form."""
    form = {"login": username, "password": password} | ({"next": other.pop("next")} if "next" in other else {})
    return client.post("/accounts/login/", form, **other)


def code_of_app(secret: str, steps: int = 0) -> str:
    """What the app shows now, or some steps later.

    Who asks twice gets two codes when a step begins in between: let the clock stand still (``time_machine``).
    """
    return format_hotp_value(hotp_value(secret, int(time.time()) // STEP_S + steps))
