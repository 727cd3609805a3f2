"""Sessions of persons without an account: a row and a cookie of their own, with an idle and an absolute limit.

It is no session of the site: a staff sign-in in the same browser is neither touched nor needed, the log-in writes the
session in the transaction of everything else it writes, and a page reads session and person with one question.
"""

from __future__ import annotations

import functools
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.access.models import PersonalSession
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.prepared import Change, Prepared, add

S = TypeVar("S", bound=PersonalSession)

IDLE = timedelta(minutes=20)
ABSOLUTE = timedelta(hours=2)
KEPT_FOR = timedelta(days=1)
"""A session that ended with its purpose stays for a while, so that the closing page can be shown."""
_RENEW = timedelta(seconds=30)
_KEY_BYTES = 32


@dataclass(frozen=True)
class SessionCookie(Generic[S]):
    """The sessions of one entry point: their table, their cookie, and the page under which alone it is sent."""

    model: type[S]
    name: str
    below: str

    def begin(self, request: HttpRequest, **opened: Any) -> str:
        """A session under a fresh key, which is returned for ``hand_over``. What the browser held before ends."""
        if request.COOKIES.get(self.name):
            self.presented(request).delete()
        key = secrets.token_hex(_KEY_BYTES)
        add(self.model(key_index=blind_index(key), **opened))
        return key

    def hand_over(self, answer: HttpResponse, key: str) -> HttpResponse:
        """Give the browser its key: no script sees it, and only the entry point's own addresses get it."""
        answer.set_cookie(
            self.name,
            key,
            path=reverse(self.below),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return answer

    def presented(self, request: HttpRequest) -> QuerySet[S]:
        """The session whose key this browser shows, over or not; nothing where it shows none."""
        key, sessions = request.COOKIES.get(self.name, ""), self.model._default_manager.all()
        return sessions.filter(key_index=blind_index(key)) if key else sessions.none()

    def going_on(self, sessions: QuerySet[S]) -> Prepared[S]:
        """The question for the present session among ``sessions``, which name what comes along: for ``current``."""
        return Prepared(lambda key: sessions.filter(key_index=key, ended_at__isnull=True))

    def current(self, request: HttpRequest, going_on: Prepared[S], *, renew: bool = True) -> S | None:
        """The going session; None when there is none or it is over. ``going_on`` is put together once.

        Without ``renew`` the idle clock is left alone: for what a page asks for by itself.
        """
        key = request.COOKIES.get(self.name, "")
        found = going_on.first(key=blind_index(key)) if key else None
        if found is None:
            return None
        now = timezone.now()
        if now - found.seen_at > IDLE or now - found.began_at > ABSOLUTE:
            self.end(request)
            return None
        if renew and now - found.seen_at > _RENEW:
            with transaction.atomic():
                self.model._default_manager.filter(pk=found.pk).update(seen_at=now)
        return found

    def end(self, request: HttpRequest, *, finished: bool = False) -> None:
        """Forget the person; ``finished`` lets the closing page be shown."""
        if finished:
            key = request.COOKIES.get(self.name)
            if key:
                self._ended.make(key=blind_index(key), ended_at=timezone.now())
        else:
            self.presented(request).delete()

    @functools.cached_property
    def _ended(self) -> Change:
        return Change(lambda key: self.model._default_manager.filter(key_index=key), "ended_at")

    def way_in(self, request: HttpRequest, page: str) -> HttpResponse:
        """Back to the entry page; whoever had been in is told there that the visit is over (``own_base.html``)."""
        return redirect(f"{reverse(page)}?over" if request.COOKIES.get(self.name) else page)

    def has_finished(self, request: HttpRequest) -> bool:
        """Whether this browser's last session ended because its purpose was reached."""
        return self.presented(request).filter(ended_at__isnull=False).exists()

    def forget_old(self) -> int:
        """Drop sessions that nobody can go on with; returns how many."""
        until: datetime = timezone.now() - KEPT_FOR
        return self.model._default_manager.filter(Q(seen_at__lt=until) | Q(began_at__lt=until)).delete()[0]
