"""Who asks by token: the person it was made for, with the one role it stands on; counted, limited, on record.

A wrong token is counted at its address and slowed down, never locked (``access.throttling``); a right one is never made to
wait for the wrong ones of others. Only then is the body looked at.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, F, Value, When
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from gradphoto.apps.access.client import client_of
from gradphoto.apps.access.models import EntryPoint
from gradphoto.apps.access.throttling import FOR_PROGRAMS, record_attempt, record_failure
from gradphoto.apps.api.errors import NotLetIn, RightMissing, TooLarge, TooManyRequests
from gradphoto.apps.api.models import ApiToken, TokenState
from gradphoto.apps.api.rights import RIGHTS
from gradphoto.apps.api.service import query_names
from gradphoto.apps.api.tokens import token_of
from gradphoto.apps.core import audit
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, invalid
from gradphoto.apps.core.refused_steps import refusals_on_record
from gradphoto.apps.orgs.models import Membership
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.engine.wording import Wording

_WINDOW = timedelta(minutes=1)
MOST_BODY_BYTES = 66 * 1024 * 1024
"""A roster file of 64 MB and what stands around it in the form."""


_WHY: dict[TokenState, Wording] = {
    TokenState.EXPIRED: Wording("令牌已到期。", "The token has expired."),
    TokenState.REVOKED: Wording("令牌已停用。", "The token is revoked."),
    TokenState.ROLE_GONE: Wording("令牌所属人员已无该角色。", "The token's person does not hold its role any more."),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A program: its token, and the actor that it acts as."""

    token: ApiToken
    actor: Actor

    def require(self, right: str) -> None:
        """Raises ``RightMissing``, on record."""
        if right not in self.token.rights or not self.actor.user.roles.intersection(_roles(right)):
            with refusals_on_record(self.actor):
                raise RightMissing(right)

    def has(self, right: str) -> bool:
        return right in self.token.rights and bool(self.actor.user.roles.intersection(_roles(right)))


def _roles(right: str) -> frozenset[str]:
    return frozenset(map(str, roles_of(*RIGHTS[right].permissions)))


def actor_of(token: ApiToken, membership: Membership) -> Actor:
    """The person with this one role in this one unit, whatever else they hold: who asks is the same person everywhere."""
    person = copy.copy(membership.user)
    person.__dict__["held"] = (membership,)
    person.__dict__["roles"] = frozenset({membership.role})
    actor = Actor.of(person)
    return Actor(actor.kind, actor.key, f"{actor.label} · {token.name}"[:150], person)


class ByToken(HttpBearer):
    """``Authorization: Bearer gradphoto_…``; ``right`` is what the token must have been given."""

    def __init__(self, right: str) -> None:
        super().__init__()
        self.right = right

    def __call__(self, request: HttpRequest) -> Any:
        return self.authenticate(request, _presented(request))

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """The caller. Raises ``NotLetIn``, ``TooManyAttempts``, ``TooManyRequests``, ``RightMissing``, ``TooLarge``."""
        found = token_of(token)
        if found is None:
            raise _wrong(request, bool(token))
        membership = found.membership()
        if found.state is not TokenState.LIVE or membership is None:
            raise NotLetIn(
                "api.token_over",
                _WHY.get(found.state, _WHY[TokenState.REVOKED]),
                Wording(
                    "请管理员新建令牌，由本人领取密钥。", "Ask the administrator for another token and draw its secret."
                ),
            )
        _count(found)
        caller = Caller(found, actor_of(found, membership))
        caller.require(self.right)
        _require_known(request)
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BODY_BYTES:
            raise TooLarge
        return caller


def _presented(request: HttpRequest) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _wrong(request: HttpRequest, was_shown: bool) -> Refusal:
    if was_shown:
        attempt = record_attempt(
            EntryPoint.PROGRAM, subject="program", client=client_of(request), limits=FOR_PROGRAMS
        )  # raises TooManyAttempts
        record_failure(attempt, FOR_PROGRAMS)
    return NotLetIn(
        "api.token_wrong" if was_shown else "api.token_missing",
        Wording("令牌不正确。", "The token is wrong.")
        if was_shown
        else Wording("请求没有带令牌。", "There is no token."),
        Wording(
            "请在请求头 Authorization 中写 Bearer 和密钥。", "Send the header Authorization: Bearer and the secret."
        ),
    )


def _require_known(request: HttpRequest) -> None:
    """A filter that is misspelt and passed over would give everything. Raises ``api.parameter_unknown``."""
    name = request.resolver_match.url_name if request.resolver_match else ""
    unknown = [one for one in request.GET if one not in query_names().get(name or "", ())]
    if unknown:
        raise invalid(
            "api.parameter_unknown", "没有这个查询参数。", "There is no such parameter.",
            "请对照接口说明改正。", "See the description of the interface.", field=unknown[0][:80],
        )  # fmt: skip


def _count(token: ApiToken) -> None:
    """One more request of this minute, and the token was used now: one statement, right for every process at once."""
    now = timezone.now()
    minute = now.replace(second=0, microsecond=0)
    same = When(window_at=minute, then=F("window_count") + 1)
    rows = ApiToken.objects.filter(pk=token.pk)
    rows.update(window_count=Case(same, default=Value(1)), window_at=minute, last_used_at=now)
    if rows.values_list("window_count", flat=True)[0] > settings.API_REQUESTS_A_MINUTE:
        raise TooManyRequests(_seconds_left(now, minute))


def _seconds_left(now: datetime, minute: datetime) -> int:
    return max(1, int((minute + _WINDOW - now).total_seconds()) + 1)


def caller_of(request: HttpRequest) -> Caller:
    """The caller of an endpoint."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return caller


def on_record(caller: Caller) -> Any:
    """Whatever is put on record meanwhile names the token."""
    return audit.marked(token=caller.token.pk)
