"""Sign-in: accounts are given by an administrator, never taken; too many failures lock for a while."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class ClosedAccountAdapter(DefaultAccountAdapter):
    """No sign-up: a person's account comes with a role in an organisation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """The page after too many wrong passwords; the same for every name, so that none can be guessed."""
    return render(request, "orgs/locked_out.html", status=429)
