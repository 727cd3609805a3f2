"""The rule that makes a second factor compulsory for a role, in an organisation and everything below it."""

from __future__ import annotations

from collections.abc import Collection

from allauth.mfa.models import Authenticator

from gradphoto.apps.access import staff_sessions
from gradphoto.apps.access.models import EndReason
from gradphoto.apps.access.notices import notify
from gradphoto.apps.access.school_identity import forget
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, within
from gradphoto.apps.orgs.actions import require_exclusive_scope
from gradphoto.apps.orgs.models import Organisation, Role, SecondFactorRule, User
from gradphoto.engine.wording import Wording


@action("orgs.require_second_factor", permission="orgs.manage")
def set_compulsory_roles(actor: Actor, organisation: Organisation, *, roles: Collection[Role]) -> None:
    """Exactly these roles need a second factor here and below, from the next sign-in on."""
    wanted = {str(role) for role in roles}
    present = set(SecondFactorRule.objects.filter(organisation=organisation).values_list("role", flat=True))
    SecondFactorRule.objects.filter(organisation=organisation, role__in=present - wanted).delete()
    SecondFactorRule.objects.bulk_create(
        SecondFactorRule(organisation=organisation, role=role) for role in sorted(wanted - present)
    )
    audit.note(added=sorted(wanted - present), removed=sorted(present - wanted))


@action("orgs.remove_second_factor", permission="orgs.manage")
def remove_second_factor(actor: Actor, organisation: Organisation, *, user: User, reason: str) -> int:
    """For who lost phone, key and recovery codes: seen in person, all factors and the link with the school's sign-in go,
    every session ends, and it is mailed.

    Where a rule demands one, the next sign-in sets up a new one. Raises ``orgs.reason_missing``, ``orgs.person_of_others``.
    """
    require_exclusive_scope(actor, user)
    if not reason.strip():
        raise invalid(
            "orgs.reason_missing", "请填写原因。", "A reason is needed.",
            "例如：手机丢失，已当面核实。", "For example: lost the phone, seen in person.",
        )  # fmt: skip
    removed, _ = Authenticator.objects.filter(user=user).delete()
    unlinked = forget(user)  # it may count as a second factor, and whoever had the phone may have linked it
    staff_sessions.end_all(user, EndReason.PASSWORD)
    notify(user, Wording("的第二因素被管理员取消", "the second factor was taken away by an administrator"))
    audit.note(username=user.username, removed=removed, unlinked=unlinked, reason=within(reason, 200, field="reason"))
    return removed


def roles_of(organisation: Organisation) -> dict[str, Organisation]:
    """Roles that need one here, each with the organisation whose rule says so; a rule above counts, too."""
    found = SecondFactorRule.objects.filter(organisation__path__in=organisation.ancestor_paths())
    return {
        rule.role: rule.organisation for rule in found.select_related("organisation").order_by("organisation__path")
    }
