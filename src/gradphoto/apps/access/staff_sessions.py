"""Staff sessions: an idle and an absolute limit, a list for the person, and the end of all others."""

from __future__ import annotations

import re
import time
from typing import Any

import rules
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from gradphoto.apps.access.models import EndReason, StaffSession
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.client_address import client_address

_ROW, _BEGAN, _SEEN, _PROVEN = "staff_session", "staff_began", "staff_seen", "staff_proven"
_RENEW_S = 60.0
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("MicroMessenger", "WeChat"), ("QQBrowser", "QQ"), ("Firefox/", "Firefox"),
             ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("Windows", "Windows"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"),
            ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


def person_of(request: HttpRequest) -> Any:
    """The signed-in account itself, not the lazy object around it."""
    return get_user_model()._default_manager.get(pk=request.user.pk or 0)


@rules.predicate
def by_self(actor: Actor, target: Any = None) -> bool:
    """Only the signed-in person, about the own account."""
    return actor.kind is ActorKind.USER and target is not None and actor.key == f"user:{target.pk}"


def begin(request: HttpRequest, user: Any, *, proven: bool = True) -> None:
    """A person signed in: the clocks of the session start, and the sign-in is the first proof if it was ``proven`` now."""
    now = time.time()
    if request.session.session_key is None:
        request.session.save()  # another person's session was emptied a moment ago
    request.session[_BEGAN] = request.session[_SEEN] = now
    request.session[_PROVEN] = now if proven else 0.0
    began = timezone.now()
    row, _ = StaffSession.objects.update_or_create(  # who signs in twice in one browser keeps the session's key
        session_key=request.session.session_key or "",
        defaults={
            "user_id": user.pk,
            "began_at": began,
            "seen_at": began,
            "ended_at": None,
            "end_reason": "",
            "address": client_address(request),
            "browser": browser_of(request.META.get("HTTP_USER_AGENT", "")),
        },
    )
    request.session[_ROW] = row.pk
    StaffSession.objects.filter(seen_at__lt=timezone.now() - settings.STAFF_SESSIONS_KEPT_FOR).delete()


def _row_of(session: SessionBase) -> int:
    return int(session.get(_ROW) or 0)


def prove(session: SessionBase) -> None:
    """The person gave a password or a second factor just now."""
    session[_PROVEN] = time.time()


def is_recently_proven(session: SessionBase) -> bool:
    """Whether the last proof is young enough for a sensitive step."""
    return time.time() - session.get(_PROVEN, 0.0) < settings.REAUTHENTICATION_AGE_S


def why_over(session: SessionBase) -> EndReason | None:
    """Which limit the session has passed, if any."""
    now = time.time()
    if now - session.get(_BEGAN, now) > settings.STAFF_SESSION_LIMIT_S:
        return EndReason.LIMIT
    if now - session.get(_SEEN, now) > settings.STAFF_IDLE_LIMIT_S:
        return EndReason.IDLE
    return None


def renew(session: SessionBase) -> None:
    """The person did something: the idle clock starts anew, written once a minute at most."""
    now = time.time()
    if now - session.get(_SEEN, 0.0) < _RENEW_S:
        return
    session.setdefault(_BEGAN, now)
    session[_SEEN] = now
    StaffSession.objects.filter(pk=_row_of(session)).update(seen_at=timezone.now(), session_key=session.session_key)


def end(session: SessionBase, reason: EndReason) -> None:
    """Put the end of a session on its row; the caller signs the browser out."""
    going_on().filter(pk=_row_of(session)).update(ended_at=timezone.now(), end_reason=reason)


def going_on() -> QuerySet[StaffSession]:
    """Rows of sessions that nobody ended; one that only ran out is told by ``listed``."""
    return StaffSession.objects.filter(ended_at__isnull=True)


def listed(user: Any, session: SessionBase) -> list[StaffSession]:
    """The person's live sessions, this one first and marked ``is_this``."""
    own = list(going_on().filter(user_id=user.pk))
    alive = set(
        Session.objects.filter(
            session_key__in=[one.session_key for one in own], expire_date__gt=timezone.now()
        ).values_list("session_key", flat=True)
    )
    now = timezone.now()
    shown = [
        one
        for one in own
        if one.session_key in alive
        and (now - one.seen_at).total_seconds() <= settings.STAFF_IDLE_LIMIT_S + _RENEW_S
        and (now - one.began_at).total_seconds() <= settings.STAFF_SESSION_LIMIT_S
    ]
    for one in shown:
        one.is_this = one.pk == session.get(_ROW)  # type: ignore[attr-defined]
    return sorted(shown, key=lambda one: not one.is_this)  # type: ignore[attr-defined]


@action("access.end_other_sessions", permission=by_self)
def end_other_sessions(actor: Actor, user: Any, *, kept: SessionBase, reason: EndReason = EndReason.ELSEWHERE) -> int:
    """End every session of the person but ``kept``; returns how many."""
    return _end_all(user, reason, kept)


@action("access.end_session", permission=by_self)
def end_session(actor: Actor, user: Any, *, session: StaffSession) -> None:
    """End one session of the own list."""
    Session.objects.filter(session_key=session.session_key).delete()
    going_on().filter(pk=session.pk, user_id=user.pk).update(ended_at=timezone.now(), end_reason=EndReason.ELSEWHERE)
    audit.note(began_at=session.began_at.isoformat())


def end_all(user: Any, reason: EndReason) -> int:
    """End every session of a person whose account was closed or reset, as part of that action."""
    return _end_all(user, reason, None)


def _end_all(user: Any, reason: EndReason, kept: SessionBase | None) -> int:
    others = going_on().filter(user_id=user.pk)
    if kept is not None:
        others = others.exclude(pk=_row_of(kept))
        StaffSession.objects.filter(pk=_row_of(kept)).update(session_key=kept.session_key)
    keys = list(others.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    ended = others.update(ended_at=timezone.now(), end_reason=reason)
    audit.note(ended=ended)
    return ended


def user_of_ended(session_key: str) -> int | None:
    """Whose session a browser's cookie once was, although it is over: to keep what that person had typed."""
    found = StaffSession.objects.filter(session_key=session_key).exclude(end_reason=EndReason.SIGNED_OUT)
    return found.values_list("user_id", flat=True).first()


def browser_of(user_agent: str) -> str:
    """``Chrome · Windows``: what a person recognises; nothing that identifies beyond it."""
    agent = re.sub(r"[^\x20-\x7e]", "", user_agent)[:400]
    found = [next((name for mark, name in table if mark in agent), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name)


def rekey(session: SessionBase) -> None:
    """The session got another key (a changed password does that): its row follows."""
    if session.session_key is None:
        session.save()
    StaffSession.objects.filter(pk=_row_of(session)).update(session_key=session.session_key)
