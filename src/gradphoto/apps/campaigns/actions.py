"""Changes to campaigns and their rules."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.dispatch import Signal

from gradphoto.apps.campaigns.lifecycle import CAMPAIGN
from gradphoto.apps.campaigns.models import Campaign, Rule, RuleSet
from gradphoto.apps.campaigns.settings_keys import Key
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.orgs.scope import changeable

rule_changed = Signal()
"""Sent with ``rule_set`` and ``key`` inside the transaction of a change, so that dates kept in records are counted anew."""


@action("campaigns.set_rule", permission="campaigns.manage")
def set_rule(actor: Actor, rule_set: RuleSet, *, key: Key[Any], value: Any, source: str, effective_from: date) -> Rule:
    """Put one value into a rule set. A value without a source is refused (R6)."""
    if not source.strip():
        raise invalid(
            "campaigns.rule_without_source",
            "规则必须注明来源。",
            "A rule needs its source.",
            "请填写文件名称或文号。",
            "Name the document it comes from.",
        )
    key.read(value)
    _demand_own(actor, rule_set)
    audit.note(key=key.name, value=value, source=source, effective_from=effective_from.isoformat())
    rule, _ = Rule.objects.update_or_create(
        rule_set=rule_set,
        key=key.name,
        effective_from=effective_from,
        defaults={"value": value, "source": source},
    )
    rule_changed.send(Rule, rule_set=rule_set, key=key)
    return rule


def used_elsewhere(actor: Actor, rule_set: RuleSet) -> bool:
    """Whether campaigns that are not the actor's as a registrar stand on a rule set, too."""
    mine = changeable(actor, Campaign, "campaigns.manage").values("pk")
    return Campaign.objects.filter(rule_set=rule_set).exclude(pk__in=mine).exists()


def _demand_own(actor: Actor, rule_set: RuleSet) -> None:
    """A rule set that other schools use, too, is not one registrar's to change."""
    if used_elsewhere(actor, rule_set):
        raise refuse(
            "campaigns.rule_set_shared",
            "这套规则还用于其他学校的批次。",
            "Campaigns of other schools use this rule set, too.",
            "请系统管理员为本校另立规则集，或由其修改。",
            "Ask the administrator for a rule set of your own, or to make the change.",
        )


@action("campaigns.create_rule_set", permission=by_system)
def create_rule_set(actor: Actor, nothing: None, *, name: str, note: str = "") -> RuleSet:
    """Create an empty rule set."""
    return RuleSet.objects.create(name=name, note=note)


@action("campaigns.create_campaign", permission="campaigns.manage")
def create_campaign(
    actor: Actor,
    school: Organisation,
    *,
    cohort_year: int,
    title: str,
    centre: Organisation,
    rule_set: RuleSet,
) -> Campaign:
    """Create a school's campaign for a year class."""
    audit.note(cohort_year=cohort_year, title=title)
    return Campaign.objects.create(
        school=school, cohort_year=cohort_year, title=title, centre=centre, rule_set=rule_set
    )


@action("campaigns.start_collecting", permission="campaigns.advance", lifecycle=CAMPAIGN)
def start_collecting(actor: Actor, campaign: Campaign) -> None:
    """The roster is ready: sessions may take place."""


@action("campaigns.open_verification", permission="campaigns.advance", lifecycle=CAMPAIGN)
def open_verification(actor: Actor, campaign: Campaign) -> None:
    """The photos are delivered: graduates may enter the portal from now on (R161)."""


@action("campaigns.close_campaign", permission="campaigns.manage", lifecycle=CAMPAIGN)
def close_campaign(actor: Actor, campaign: Campaign) -> None:
    """Nothing more is verified; whoever did not confirm is registered without a photograph (R171)."""
