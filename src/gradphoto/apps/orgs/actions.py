"""Changes to organisations, people and roles."""

from __future__ import annotations

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.orgs.models import Membership, Organisation, OrganisationKind, Role, User
from gradphoto.apps.orgs.policy import by, by_system


@action("orgs.add_organisation", permission=by(Role.ADMINISTRATOR))
def add_organisation(
    actor: Actor,
    parent: Organisation | None,
    *,
    kind: OrganisationKind,
    name: str,
    code: str = "",
    name_en: str = "",
) -> Organisation:
    """Add an organisation below ``parent`` (None: the root of the tree)."""
    audit.note(kind=str(kind), name=name)
    return Organisation.objects.create(parent=parent, kind=kind, name=name, code=code, name_en=name_en)


@action("orgs.add_user", permission=by(Role.ADMINISTRATOR))
def add_user(
    actor: Actor,
    organisation: Organisation,
    *,
    username: str,
    display_name: str,
    role: Role,
    password: str | None,
) -> User:
    """Create a sign-in with one role in ``organisation``; without a password the person sets one by invitation."""
    audit.note(username=username, role=str(role))
    user = User(username=username, display_name=display_name)
    user.set_password(password)
    user.save()
    Membership.objects.create(user=user, organisation=organisation, role=role)
    return user


@action("orgs.grant_role", permission=by(Role.ADMINISTRATOR))
def grant_role(actor: Actor, organisation: Organisation, *, user: User, role: Role) -> Membership:
    """Give a person another role; granting it twice changes nothing."""
    audit.note(username=user.username, role=str(role))
    membership, _ = Membership.objects.get_or_create(user=user, organisation=organisation, role=role)
    return membership


@action("orgs.set_up", permission=by_system)
def set_up(
    actor: Actor,
    target: None,
    *,
    kind: OrganisationKind,
    name: str,
    code: str,
    username: str,
    display_name: str,
    password: str,
) -> Organisation:
    """Begin an installation: the root of the tree and its administrator. Raises ``orgs.set_up_already``."""
    if Membership.objects.filter(role=Role.ADMINISTRATOR).exists():
        raise refuse(
            "orgs.set_up_already",
            "本系统已有管理员。",
            "This installation has its administrator.",
            "请由管理员登录后添加单位和人员；忘记密码请用 gradphoto setup --new-password 用户名。",
            "The administrator adds organisations and people on the pages; for a lost password: gradphoto setup --new-password USERNAME.",
        )
    root = add_organisation(actor, None, kind=kind, name=name, code=code)
    add_user(actor, root, username=username, display_name=display_name, role=Role.ADMINISTRATOR, password=password)
    return root


@action("orgs.rescue", permission=by_system)
def rescue(actor: Actor, target: None, *, username: str, password: str) -> None:
    """Give an administrator a new password from the machine itself. Raises ``orgs.no_such_administrator``."""
    found = User.objects.filter(username=username, memberships__role=Role.ADMINISTRATOR).first()
    if found is None:
        raise refuse(
            "orgs.no_such_administrator",
            "没有这个管理员。",
            "There is no such administrator.",
            "请核对用户名；其他人的密码由管理员在页面上重设。",
            "Check the name; everybody else's password is set by an administrator on the pages.",
        )
    found.set_password(password)
    found.is_active = True
    found.save(update_fields=["password", "is_active"])
    audit.note(username=username)
