"""Accounts begin by invitation, and a forgotten password is answered by one: nobody but the person ever knows it.

A link works once, for a while, and only until a newer one is made. It goes by mail or on a printed slip (PDF, with a
QR code), for one person or for a whole upload of people at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import rules
from django.core.mail import send_mail
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.access import passwords, staff_sessions
from gradphoto.apps.access.models import EndReason
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.orgs.actions import require_exclusive_scope
from gradphoto.apps.orgs.models import Invitation, InvitationWay, Organisation, User
from gradphoto.engine.documents.typeset import qr_svg, template_text, typeset

VALID_FOR = {InvitationWay.SLIP: timedelta(days=14), InvitationWay.MAIL: timedelta(days=3)}
"""A slip is handed out at the next meeting; a mail lies in a mailbox that others may read."""
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, O, 1, I, L: a slip may have to be typed."""
_KEY_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation just made: its key is here, for the slip or the mail, and nowhere else."""

    invitation: Invitation
    key: str

    @property
    def link(self) -> str:
        """The whole address that the person opens."""
        return site_address(reverse("account_invitation_link", args=[self.key]))

    @property
    def spaced(self) -> str:
        """The key in groups of five, as people type it."""
        return " ".join(self.key[n : n + 5] for n in range(0, _KEY_LENGTH, 5))


@action("orgs.invite", permission="orgs.manage")
def invite(actor: Actor, organisation: Organisation, *, user: User, way: InvitationWay) -> Invited:
    """Let a person set a password: for a new account, or for a forgotten one. What was sent before opens nothing more.

    Raises ``orgs.account_closed``, ``orgs.no_mail_address`` or ``orgs.person_of_others``.
    """
    require_exclusive_scope(actor, user)
    if not user.is_active:
        raise refuse(
            "orgs.account_closed", "账号已停用。", "This account is closed.", "请先恢复账号。", "Open it again first.",
        )  # fmt: skip
    if way == InvitationWay.MAIL and not user.email:
        raise invalid(
            "orgs.no_mail_address", f"{user}没有邮箱。", f"{user} has no mail address.",
            "请填写邮箱，或打印邀请单。", "Fill it in, or print a slip.",
        )  # fmt: skip
    now = timezone.now()
    user.end_invitations()
    key = "".join(secrets.choice(_ALPHABET) for _ in range(_KEY_LENGTH))
    made = Invitation.objects.create(
        user=user, key_index=blind_index(key), way=way, made_by=actor.key, made_at=now, expires_at=now + VALID_FOR[way]
    )
    audit.note(username=user.username, way=str(way), expires_at=made.expires_at.isoformat())
    return Invited(made, key)


def invite_many(actor: Actor, users: Iterable[User], *, way: InvitationWay) -> list[Invited]:
    """An invitation for each, each an action of its own in the organisation where the person holds a role."""
    return [invite(actor, user.held[0].organisation, user=user, way=way) for user in users]


def not_yet_signed_in(users: Any) -> Any:
    """Of a queryset of people, those who never set a password: whom a new installation still has to invite."""
    return users.filter(Q(last_login=None) & Q(password_set_at=None), is_active=True)


@rules.predicate
def by_the_invited(actor: Actor, target: Any = None) -> bool:
    """Only the person whom the invitation is for, known by its key."""
    return actor.kind is ActorKind.USER and target is not None and actor.user.pk == target.user_id


@action("orgs.accept_invitation", permission=by_the_invited)
def accept_invitation(actor: Actor, invitation: Invitation, *, password: str) -> None:
    """The person sets the password; every session under an earlier one ends. Raises ``orgs.invitation_over``."""
    if not invitation.is_live or not invitation.user.is_active:
        raise over()
    invitation.used_at = timezone.now()
    invitation.save(update_fields=["used_at"])
    passwords.store(invitation.user, password)
    staff_sessions.end_all(invitation.user, EndReason.PASSWORD)


def live_invitation(key: str) -> Invitation | None:
    """The invitation of a key, typed or from a link; None when it is used, replaced, expired or was never made."""
    plain = "".join(sign for sign in key.upper() if sign in _ALPHABET)
    found = Invitation.objects.select_related("user").filter(key_index=blind_index(plain)).first()
    return found if found is not None and found.is_live and found.user.is_active else None


def over() -> Exception:
    """The one answer to every key that opens nothing."""
    return refuse(
        "orgs.invitation_over",
        "邀请链接无效、已使用或已过期。",
        "This invitation is wrong, used or expired.",
        "请向本单位管理员索取新的邀请。",
        "Ask your administrator for a new one.",
    )


def slips(invited: Sequence[Invited]) -> bytes:
    """The invitations as PDF, four to a page, each to be cut out and handed to its person."""
    files, rows = {}, []
    for place, one in enumerate(invited):
        user = one.invitation.user
        files[f"{place}.svg"] = qr_svg(one.link)
        held = user.held[0] if user.held else None
        rows.append(
            {
                "name": str(user),
                "username": user.username,
                "organisation": held.organisation.name if held else "",
                "role": str(held.get_role_display()) if held else "",
                "key": one.spaced,
                "until": f"{timezone.localtime(one.invitation.expires_at):%Y-%m-%d}",
            }
        )
    where = site_address(reverse("account_invitation"))
    template = template_text("gradphoto.apps.orgs", "invitations.typ")
    dated = timezone.localtime(invited[0].invitation.made_at) if invited else timezone.localtime()
    return typeset(template, {"slips": rows, "where": where}, title="账号邀请单", dated=dated, files=files)


def send_by_mail(invited: Iterable[Invited]) -> int:
    """One mail each, in both languages; returns how many went out."""
    return sum(_mail(one) for one in invited)


def _mail(one: Invited) -> int:
    user, until = one.invitation.user, f"{timezone.localtime(one.invitation.expires_at):%Y-%m-%d %H:%M}"
    body = (
        f"{user}：\n\n您在毕业生图像采集与校对平台的用户名是 {user.username}。请打开下面的链接设置密码"
        f"（只能使用一次，{until} 前有效）：\n\n{one.link}\n\n如非本人，请忽略并告知管理员。\n\n"
        f"Your user name at GradPhoto is {user.username}. Open the link above to set your password: it works once, "
        f"until {until}. If this is not for you, ignore it and tell your administrator.\n"
    )
    return send_mail("账号邀请 / Your account", body, None, [user.email])
