"""Changes to campaigns and their rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.dispatch import Signal
from django.utils import timezone

from gradphoto.apps.campaigns.lifecycle import CAMPAIGN
from gradphoto.apps.campaigns.matters import matters, require_unblocked
from gradphoto.apps.campaigns.models import Campaign, Contact, ContactSide, Issuer, Rule, RuleSet
from gradphoto.apps.campaigns.notices import SetRule
from gradphoto.apps.campaigns.settings_keys import KEYS, Key
from gradphoto.apps.campaigns.steps import require_reopenable
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse, shortened, stated_reason, within
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.orgs.scope import changeable

rule_changed = Signal()
"""Sent with ``rule_set`` and ``key`` inside the transaction of a change, so that dates kept in records are counted anew."""


@action("campaigns.set_rule", permission="campaigns.manage")
def set_rule(
    actor: Actor,
    rule_set: RuleSet,
    *,
    key: Key[Any],
    value: Any,
    source: str,
    effective_from: date,
    issuer: Issuer = Issuer.SCHOOL,
) -> Rule:
    """Put one value into a rule set, with the document it comes from and whose that is (R6).

    Raises ``campaigns.rule_without_source`` or ``campaigns.rule_set_shared``.
    """
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
    audit.note(key=key.name, value=value, source=source, issuer=str(issuer), effective_from=effective_from.isoformat())
    rule, _ = Rule.objects.update_or_create(
        rule_set=rule_set,
        key=key.name,
        issuer=issuer,
        effective_from=effective_from,
        withdrawn_reason="",
        defaults={"value": value, "source": source},
    )
    rule_changed.send(Rule, rule_set=rule_set, key=key)
    return rule


@action("campaigns.withdraw_rule", permission="campaigns.manage")
def withdraw_rule(actor: Actor, rule_set: RuleSet, *, rule: Rule, reason: str) -> None:
    """Take a value back that was entered by mistake; it stays in the history with the reason.

    Raises ``campaigns.reason_missing`` or ``campaigns.rule_set_shared``.
    """
    reason = stated_reason(reason, "campaigns.reason_missing")
    _demand_own(actor, rule_set)
    withdrawn = rule_set.rules.filter(pk=rule.pk, withdrawn_reason="").update(withdrawn_reason=reason)
    audit.note(key=rule.key, value=rule.value, source=rule.source, reason=reason, withdrawn=withdrawn)
    if (key := KEYS.get(rule.key)) is not None:
        rule_changed.send(Rule, rule_set=rule_set, key=key)


@action("campaigns.separate_rules", permission="campaigns.manage")
def separate_rules(actor: Actor, campaign: Campaign) -> RuleSet:
    """Give a campaign a rule set of its own, a copy of the one it shares with others."""
    shared = campaign.rule_set
    campaign.rule_set = copy_rules(shared, f"{campaign.school.name} {campaign.title} {campaign.pk}")
    campaign.save(update_fields=["rule_set"])
    audit.note(copied_from=shared.name)
    return campaign.rule_set


def copy_rules(source: RuleSet, name: str) -> RuleSet:
    """A new rule set with every value that was not withdrawn; a name that is taken gets a number."""
    made = RuleSet.objects.create(name=free_name(name), note=source.note)
    kept = source.rules.filter(withdrawn_reason="")
    Rule.objects.bulk_create(
        Rule(
            rule_set=made, key=one.key, value=one.value, source=one.source, issuer=one.issuer,
            effective_from=one.effective_from,
        )
        for one in kept
    )  # fmt: skip
    return made


def free_name(name: str) -> str:
    """A name of a rule set that nobody uses, at most 120 characters long."""
    longest, short, number = 120, shortened(name, 112), 1
    wanted = short
    while RuleSet.objects.filter(name=wanted).exists():
        number += 1
        wanted = f"{short} {number}"
    return wanted[:longest]


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
            "请先点“本校另立规则集”：复制现有规则，之后只改本校的。",
            "Press “A rule set of our own” first: it copies the rules, and you change your copy.",
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


@action("campaigns.begin_campaign", permission="campaigns.manage")
def begin_campaign(
    actor: Actor,
    school: Organisation,
    *,
    cohort_year: int,
    title: str,
    centre: Organisation,
    rules: Sequence[SetRule],
    note: str = "",
    contacts: Sequence[Mapping[str, Any]] = (),
) -> Campaign:
    """Create a campaign with a rule set of its own and its contacts, from a template or from last year's.

    Raises ``campaigns.campaign_known`` where the school has one of this year and title.
    """
    title = within(" ".join(title.split()), 160, field="title")
    if not title or Campaign.objects.filter(school=school, cohort_year=cohort_year, title=title).exists():
        raise invalid(
            "campaigns.campaign_known", "本校这一届已有同名批次，或名称为空。",
            "The school has a campaign of this year and title, or the title is empty.",
            "请改一个名称，或打开已有的批次。", "Choose another title, or open the campaign there is.",
            )  # fmt: skip
    rule_set = RuleSet.objects.create(name=free_name(f"{school.name} {title}"), note=note)
    Rule.objects.bulk_create(
        Rule(
            rule_set=rule_set, key=one.key.name, value=one.value, source=one.source, issuer=one.issuer,
            effective_from=one.effective_from,
        )
        for one in rules
    )  # fmt: skip
    campaign = Campaign.objects.create(
        school=school, cohort_year=cohort_year, title=title, centre=centre, rule_set=rule_set
    )
    Contact.objects.bulk_create(Contact(campaign=campaign, **one) for one in contacts)
    audit.note(cohort_year=cohort_year, title=title, rules=len(rules), note=note)
    return campaign


@action("campaigns.set_contact", permission="campaigns.manage")
def set_contact(
    actor: Actor,
    campaign: Campaign,
    *,
    side: ContactSide,
    name: str,
    telephone: str,
    other_telephone: str = "",
    fax: str = "",
    email: str = "",
    address: str = "",
    postcode: str = "",
    duty_from: date | None = None,
    duty_to: date | None = None,
) -> Contact:
    """Keep a liaison of the campaign (R202); of a known name the new entries replace the old ones.

    ``duty_from`` to ``duty_to``: the telephone is on all day (R84). Raises ``campaigns.duty_days``.
    """
    if (duty_from is None) != (duty_to is None) or (duty_from and duty_to and duty_to < duty_from):
        raise invalid(
            "campaigns.duty_days", "开机日期要有首日和末日，末日不早于首日。",
            "The days on duty need a first and a last one, in this order.",
            "请补充或改正日期，或两个都空着。", "Correct the days, or leave both empty.", field="duty_to",
        )  # fmt: skip
    made, _ = Contact.objects.update_or_create(
        campaign=campaign, side=side, name=name,
        defaults={
            "telephone": telephone, "other_telephone": other_telephone, "fax": fax, "email": email,
            "address": address, "postcode": postcode, "duty_from": duty_from, "duty_to": duty_to,
        },
    )  # fmt: skip
    audit.note(side=str(side), name=name)
    return made


@action("campaigns.drop_contact", permission="campaigns.manage")
def drop_contact(actor: Actor, contact: Contact) -> None:
    """Take a liaison off the campaign."""
    audit.note(side=contact.side, name=contact.name)
    Contact.objects.filter(pk=contact.pk).delete()


@action("campaigns.start_collecting", permission="campaigns.advance", lifecycle=CAMPAIGN)
def start_collecting(actor: Actor, campaign: Campaign) -> None:
    """The roster is ready: sessions may take place. Raises ``campaigns.step_blocked``."""
    require_unblocked(actor, "campaigns.start_collecting", campaign)
    _mark(campaign)


@action("campaigns.back_to_preparing", permission="campaigns.manage", lifecycle=CAMPAIGN)
def back_to_preparing(actor: Actor, campaign: Campaign, *, reason: str) -> None:
    """The collection began too early. Raises ``campaigns.step_blocked`` once somebody was photographed."""
    require_unblocked(actor, "campaigns.back_to_preparing", campaign)
    audit.note(reason=stated_reason(reason, "campaigns.reason_missing"))
    _mark(campaign)


@action("campaigns.open_verification", permission="campaigns.advance", lifecycle=CAMPAIGN)
def open_verification(actor: Actor, campaign: Campaign) -> None:
    """The photos are delivered: graduates may enter the portal from now on (R161). Raises ``campaigns.step_blocked``."""
    require_unblocked(actor, "campaigns.open_verification", campaign)
    _mark(campaign)


@action("campaigns.back_to_collecting", permission="campaigns.manage", lifecycle=CAMPAIGN)
def back_to_collecting(actor: Actor, campaign: Campaign, *, reason: str) -> None:
    """Verification began too early. Raises ``campaigns.step_blocked`` once a graduate has answered."""
    require_unblocked(actor, "campaigns.back_to_collecting", campaign)
    audit.note(reason=stated_reason(reason, "campaigns.reason_missing"))
    _mark(campaign)


@action("campaigns.close_campaign", permission="campaigns.manage", lifecycle=CAMPAIGN, closing=True)
def close_campaign(actor: Actor, campaign: Campaign, *, reason: str) -> None:
    """Nothing more is verified; whoever did not confirm is registered without a photograph (R171).

    Raises ``campaigns.step_blocked`` and ``campaigns.reason_missing``.
    """
    require_unblocked(actor, "campaigns.close_campaign", campaign)
    still = matters(actor, "campaigns.close_campaign", campaign)
    audit.note(reason=stated_reason(reason, "campaigns.reason_missing"), still_open=[one.said.en for one in still])
    _mark(campaign)


@action("campaigns.reopen_campaign", permission="campaigns.manage", lifecycle=CAMPAIGN)
def reopen_campaign(actor: Actor, campaign: Campaign, *, reason: str) -> None:
    """Take the end back, within ``REOPEN_DAYS``. Raises ``campaigns.reopen_too_late``."""
    require_reopenable(campaign)
    audit.note(reason=stated_reason(reason, "campaigns.reason_missing"))
    _mark(campaign)


def _mark(campaign: Campaign) -> None:
    campaign.status_since = timezone.now()
    campaign.save(update_fields=["status_since"])
