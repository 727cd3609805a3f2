"""The rule that makes a second factor compulsory for a role, in an organisation and everything below it."""

from __future__ import annotations

from collections.abc import Collection

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.models import Organisation, Role, SecondFactorRule


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


def roles_of(organisation: Organisation) -> dict[str, Organisation]:
    """Roles that need one here, each with the organisation whose rule says so; a rule above counts, too."""
    found = SecondFactorRule.objects.filter(organisation__path__in=organisation.ancestor_paths())
    return {
        rule.role: rule.organisation for rule in found.select_related("organisation").order_by("organisation__path")
    }
