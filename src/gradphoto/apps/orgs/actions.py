"""Changes to organisations, people and roles."""

from __future__ import annotations

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.models import Membership, Organisation, OrganisationKind, Role, User
from gradphoto.apps.orgs.policy import by


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
