"""Changes to organisations, people and roles."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.access import staff_sessions
from gradphoto.apps.access.models import EndReason
from gradphoto.apps.access.school_identity import forget
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import PermissionRefusal, invalid, refuse, within
from gradphoto.apps.orgs.models import (
    Membership,
    Organisation,
    OrganisationKind,
    Role,
    User,
    require_apart,
    require_below,
    require_fitting,
)
from gradphoto.apps.orgs.policy import by_system, is_same_person
from gradphoto.apps.orgs.scope import changeable


@action("orgs.add_organisation", permission="orgs.manage")
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
    if parent is not None:
        require_below(kind, parent)
    audit.note(kind=str(kind), name=name)
    return Organisation.objects.create(parent=parent, kind=kind, name=name, code=code, name_en=name_en)


@action("orgs.change_organisation", permission="orgs.manage")
def change_organisation(actor: Actor, organisation: Organisation, *, name: str, code: str, name_en: str) -> None:
    """Another name or code; the one before stays in the audit trail, which the page of the unit shows.

    Raises ``orgs.organisation_incomplete`` or ``orgs.organisation_known``.
    """
    name, code, name_en = (" ".join(text.split()) for text in (name, code, name_en))
    _require_free_name(organisation.parent, organisation.kind, name, organisation)
    before = {"name": organisation.name, "code": organisation.code, "name_en": organisation.name_en}
    organisation.name = within(name, 120, field="name")
    organisation.code = within(code, 20, field="code")
    organisation.name_en = within(name_en, 160, field="name_en")
    organisation.save(update_fields=["name", "code", "name_en"])
    after = {"name": organisation.name, "code": organisation.code, "name_en": organisation.name_en}
    audit.note(before=before, after=after)


@action("orgs.move_organisation", permission="orgs.manage")
def move_organisation(actor: Actor, organisation: Organisation, *, parent: Organisation) -> None:
    """Hang a unit, with everything below it, at another one of the administrator's own.

    Raises ``orgs.organisation_in_itself``, ``orgs.organisation_known``, ``orgs.organisation_misplaced``.
    """
    if not managed_organisations(actor).filter(pk=parent.pk).exists():
        raise PermissionRefusal("orgs.above")
    if parent.path.startswith(organisation.path):
        raise invalid(
            "orgs.organisation_in_itself", "不能移到自己或自己的下级。", "It cannot hang below itself.",
            "请选择别的上级。", "Choose another parent.", field="parent",
        )  # fmt: skip
    require_below(OrganisationKind(organisation.kind), parent)
    _require_free_name(parent, organisation.kind, organisation.name, organisation)
    before, old = organisation.parent, organisation.path
    below = list(Organisation.objects.filter(path__startswith=old).exclude(pk=organisation.pk))
    organisation.parent = parent
    organisation.save()
    for one in below:
        Organisation.objects.filter(pk=one.pk).update(path=organisation.path + one.path.removeprefix(old))
    audit.note(before=before.name if before else "", after=parent.name, below=len(below))


@action("orgs.archive_organisation", permission="orgs.manage")
def archive_organisation(actor: Actor, organisation: Organisation, *, reason: str) -> None:
    """A unit that exists no more: it is offered nowhere, and everything of it stays.

    Raises ``orgs.reason_missing``, ``orgs.still_below`` or ``orgs.still_people``.
    """
    _require_reason(reason)
    if organisation.children.filter(archived_at=None).exists():
        raise refuse(
            "orgs.still_below", "它还有未撤销的下级单位。", "It still has units below it.",
            "请先移走或撤销下级单位。", "Move or archive these first.",
        )  # fmt: skip
    if organisation.memberships.filter(user__is_active=True).exists():
        raise refuse(
            "orgs.still_people", "还有人在这里担任角色。", "People still hold roles in it.",
            "请先在人员页面收回角色或停用账号。", "Withdraw the roles or close the accounts first.",
        )  # fmt: skip
    organisation.archived_at = timezone.now()
    organisation.save(update_fields=["archived_at"])
    audit.note(reason=within(reason, 200, field="reason"))


@action("orgs.restore_organisation", permission="orgs.manage")
def restore_organisation(actor: Actor, organisation: Organisation, *, reason: str) -> None:
    """Take an archived unit back. Raises ``orgs.reason_missing`` or ``orgs.organisation_known``."""
    _require_reason(reason)
    _require_free_name(organisation.parent, organisation.kind, organisation.name, organisation)
    organisation.archived_at = None
    organisation.save(update_fields=["archived_at"])
    audit.note(reason=within(reason, 200, field="reason"))


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise invalid(
            "orgs.reason_missing", "请填写原因。", "A reason is needed.", "例如：撤并。", "For example: merged.",
            field="reason",
        )  # fmt: skip


def _require_free_name(parent: Organisation | None, kind: str, name: str, own: Organisation) -> None:
    if not name:
        raise invalid(
            "orgs.organisation_incomplete", "请填写名称。", "Give a name.", "名称必填。", "It is needed.", field="name",
        )  # fmt: skip
    others = Organisation.objects.filter(parent=parent, kind=kind, name=name, archived_at=None).exclude(pk=own.pk)
    if others.exists():
        raise invalid(
            "orgs.organisation_known", "该单位下已有同名单位。", "It is there already.",
            "请核对名称。", "Check the name.", field="name",
        )  # fmt: skip


@action("orgs.add_user", permission="orgs.manage")
def add_user(
    actor: Actor,
    organisation: Organisation,
    *,
    username: str,
    display_name: str,
    role: Role,
    email: str = "",
    telephone: str = "",
    office: str = "",
) -> User:
    """Create a sign-in with one role in ``organisation``; the person sets the password by invitation (``invitations``)."""
    require_fitting(role, organisation)
    audit.note(username=username, role=str(role))
    user = User(username=username, display_name=display_name, email=email, telephone=telephone, office=office)
    user.set_unusable_password()
    user.save()
    Membership.objects.create(user=user, organisation=organisation, role=role)
    return user


@action("orgs.grant_role", permission="orgs.manage")
def grant_role(actor: Actor, organisation: Organisation, *, user: User, role: Role) -> Membership:
    """Give a person another role; granting it twice changes nothing. Nobody gives a role to themselves.

    Raises ``orgs.role_misplaced`` or ``orgs.roles_apart``.
    """
    if is_same_person(actor, user):
        raise PermissionRefusal("orgs.own_role")
    require_exclusive_scope(actor, user)
    require_fitting(role, organisation)
    require_apart(user, role)
    audit.note(username=user.username, role=str(role))
    membership, _ = Membership.objects.get_or_create(user=user, organisation=organisation, role=role)
    return membership


@action("orgs.withdraw_role", permission="orgs.manage")
def withdraw_role(actor: Actor, membership: Membership) -> None:
    """Take a role back. Raises ``orgs.last_administrator``, or ``orgs.only_role``: who has none left is seen by nobody."""
    require_exclusive_scope(actor, membership.user)
    if membership.role == Role.ADMINISTRATOR:
        _require_another_administrator(membership, _administrators().exclude(pk=membership.pk))
    if membership.user.memberships.count() == 1:
        raise invalid(
            "orgs.only_role", "这是此人唯一的角色。", "This is the person's only role.",
            "请停用账号，或先给予其他角色。", "Close the sign-in, or give another role first.",
        )  # fmt: skip
    audit.note(username=membership.user.username, role=membership.role, organisation=membership.organisation_id)
    Membership.objects.filter(pk=membership.pk).delete()


@action("orgs.set_user_active", permission="orgs.manage")
def set_user_active(actor: Actor, organisation: Organisation, *, user: User, active: bool, reason: str) -> None:
    """Close a sign-in, at once and without deleting anything, or open it again. Raises ``orgs.last_administrator``."""
    require_exclusive_scope(actor, user)
    if not reason.strip():
        raise invalid(
            "orgs.reason_missing", "请填写原因。", "A reason is needed.", "例如：离职。", "For example: has left."
        )
    if not active:
        for held in Membership.objects.filter(user=user, role=Role.ADMINISTRATOR).select_related("organisation"):
            _require_another_administrator(held, _administrators().exclude(user=user))
    User.objects.filter(pk=user.pk).update(is_active=active)
    if not active:
        staff_sessions.end_all(user, EndReason.CLOSED)
        user.end_invitations()
    audit.note(username=user.username, active=active, reason=within(reason, 200, field="reason"))


def managed_organisations(actor: Actor) -> QuerySet[Organisation]:
    """The organisations that an administrator changes: their own and what is below; those above are only seen."""
    return changeable(actor, Organisation, "orgs.manage")


def require_exclusive_scope(actor: Actor, user: User) -> None:
    """Somebody who holds a role outside the administrator's part of the tree is not theirs to change: a new password
    would open that role. Nobody at all is theirs who holds none. Raises ``PermissionRefusal``."""
    if actor.kind is ActorKind.SYSTEM:
        return
    held = Membership.objects.filter(user=user)
    if not held.exists() or held.exclude(organisation__in=managed_organisations(actor)).exists():
        raise PermissionRefusal("orgs.person_of_others")


def _administrators() -> QuerySet[Membership]:
    return Membership.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True)


def _require_another_administrator(membership: Membership, others: QuerySet[Membership]) -> None:
    """One of the same unit or above: a college's cannot bring back what the root's last one gave up."""
    if not others.filter(organisation__path__in=membership.organisation.ancestor_paths()).exists():
        raise refuse(
            "orgs.last_administrator",
            "这是最后一位管理员。",
            "This is the last administrator.",
            "请先另设一位管理员。",
            "Make another one first.",
        )


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
    made = add_user(actor, root, username=username, display_name=display_name, role=Role.ADMINISTRATOR)
    _print_password(made, password)
    return root


@action("orgs.rescue", permission=by_system)
def rescue(actor: Actor, target: None, *, username: str, password: str) -> None:
    """Give an administrator a new password from the machine itself; second factors and the school's sign-in go, as they may be what was lost. Raises ``orgs.no_such_administrator``."""
    found = User.objects.filter(username=username, memberships__role=Role.ADMINISTRATOR).first()
    if found is None:
        raise refuse(
            "orgs.no_such_administrator",
            "没有这个管理员。",
            "There is no such administrator.",
            "请核对用户名；其他人的密码由管理员在页面上重设。",
            "Check the name; everybody else's password is set by an administrator on the pages.",
        )
    found.is_active = True
    found.save(update_fields=["is_active"])
    Authenticator.objects.filter(user=found).delete()
    forget(found)
    _print_password(found, password)
    staff_sessions.end_all(found, EndReason.PASSWORD)
    audit.note(username=username)


def _print_password(user: User, password: str) -> None:
    """A password that the machine prints: whoever saw the terminal knows it, so the first sign-in changes it."""
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    user.end_invitations()
