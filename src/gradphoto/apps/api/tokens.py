"""Tokens: made by an administrator for a person, drawn by that person alone, revoked by either."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import rules
from django.utils import timezone

from gradphoto.apps.api.models import ApiToken, TokenState
from gradphoto.apps.api.rights import RIGHTS, ROLES, rights_of
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import PermissionRefusal, invalid, refuse, within
from gradphoto.apps.orgs.models import Membership
from gradphoto.apps.orgs.policy import has_role, is_same_person

PREFIX = "gradphoto_"
"""So that a secret that lies in a log or a repository is found by who looks for it."""
LONGEST_DAYS = 366
_SECRET_BYTES = 32


@rules.predicate
def keeps_token(actor: Actor, target: Any = None) -> bool:
    """Only the person for whom the token was made."""
    return actor.kind is ActorKind.USER and isinstance(target, ApiToken) and actor.user.pk == target.person_id


@action("api.make_token", permission="api.manage")
def make_token(actor: Actor, membership: Membership, *, name: str, rights: Collection[str], days: int) -> ApiToken:
    """Let a program of this person in, with this role of theirs and some of its rights, for so many days.

    Nobody lets a program of their own in. Raises ``api.role_without_rights``, ``api.right_beyond_role``,
    ``api.days_out_of_range``, ``api.person_closed``.
    """
    if is_same_person(actor, membership.user):
        raise PermissionRefusal("api.own_token")
    if membership.role not in ROLES:
        raise invalid(
            "api.role_without_rights", "这个角色不能用于接口。", "A program cannot be let in with this role.",
            "请选择办理业务的角色。", "Choose a role that does the work.", field="membership",
        )  # fmt: skip
    if not membership.user.is_active or membership.organisation.archived_at is not None:
        raise invalid(
            "api.person_closed", "此人的账号或单位已停用。", "The person's account or unit is closed.",
            "请选择在用的账号。", "Choose somebody whose account is open.", field="membership",
        )  # fmt: skip
    given = [one for one in RIGHTS if one in rights]
    beyond = [one for one in rights if one not in rights_of(membership.role)]
    if beyond or not given:
        words = "、".join(RIGHTS[one].words.zh if one in RIGHTS else one for one in beyond)
        named = ", ".join(RIGHTS[one].words.en if one in RIGHTS else one for one in beyond)
        raise invalid(
            "api.right_beyond_role",
            f"该角色没有这些权限：{words}。" if beyond else "没有选择权限。",
            f"The role does not have: {named}." if beyond else "No right is chosen.",
            "请只选择该角色可给的权限。", "Choose rights that the role can give.", field="rights",
        )  # fmt: skip
    if not 1 <= days <= LONGEST_DAYS:
        raise invalid(
            "api.days_out_of_range", f"有效期为 1 至 {LONGEST_DAYS} 天。", f"A token lasts 1 to {LONGEST_DAYS} days.",
            "请修改天数。", "Change the days.", field="days",
        )  # fmt: skip
    made = ApiToken.objects.create(
        name=within(name, 60, field="name"),
        person=membership.user,
        organisation=membership.organisation,
        role=membership.role,
        rights=given,
        made_by=actor.key,
        expires_at=timezone.now() + timedelta(days=days),
    )
    audit.note(token=made.pk, name=made.name, username=membership.user.username, role=membership.role, rights=given)
    return made


@action("api.draw_secret", permission=keeps_token)
def draw_secret(actor: Actor, token: ApiToken) -> str:
    """A new secret for the person's own token, shown once; an earlier one opens nothing any more.

    Raises ``api.token_over``.
    """
    if token.state not in (TokenState.WAITING, TokenState.LIVE):
        raise refuse(
            "api.token_over", "这个令牌已不能使用。", "This token is over.",
            "请联系管理员新建令牌。", "Ask your administrator for another one.",
        )  # fmt: skip
    secret = f"{PREFIX}{secrets.token_hex(_SECRET_BYTES)}"
    again = token.drawn_at is not None
    token.key_index, token.hint, token.drawn_at = blind_index(secret), secret[-4:], timezone.now()
    token.save(update_fields=["key_index", "hint", "drawn_at"])
    audit.note(again=again)
    return secret


@action("api.revoke_token", permission=has_role("api.manage") | keeps_token)
def revoke_token(actor: Actor, token: ApiToken) -> None:
    """The token opens nothing from now on. Raises ``api.token_over`` where it was revoked before."""
    if token.revoked_at is not None:
        raise refuse(
            "api.token_over", "这个令牌已停用。", "This token is revoked already.",
            "无需再办理。", "There is nothing to do.",
        )  # fmt: skip
    token.revoked_at, token.key_index = timezone.now(), ""
    token.save(update_fields=["revoked_at", "key_index"])


def token_of(secret: str) -> ApiToken | None:
    """The token of a secret, whatever its state; the look-up is by a keyed index, so that time tells nothing."""
    if not secret.startswith(PREFIX) or len(secret) > 120:
        return None
    return ApiToken.objects.select_related("person", "organisation").filter(key_index=blind_index(secret)).first()
