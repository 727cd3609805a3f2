"""Reading a campaign's rules: the value in force on a day, with the source to show beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Rule, RuleSet
from gradphoto.apps.campaigns.options import in_words
from gradphoto.apps.campaigns.settings_keys import KEYS, Key
from gradphoto.apps.core.errors import refuse
from gradphoto.engine.standards.deadlines import Deadline

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A rule as a page shows it."""

    key: Key[Any]
    value: Any
    source: str
    effective_from: date

    @property
    def words(self) -> list[str]:
        """The value as a page prints it, a line an entry."""
        return in_words(self.key, self.value)


def value_of(campaign: Campaign, key: Key[T], on: date | None = None) -> T:
    """The campaign's value for ``key`` on a day (today by default), or the key's own default.

    Refuses where the rule set does not say and the key has no default.
    """
    if key.default is not None and in_force(campaign.rule_set, key, on) is None:
        return key.read(key.default)
    return key.read(_demand(campaign, key, on).value)


def deadline_of(campaign: Campaign, key: Key[int], on: date | None = None) -> Deadline:
    """A setting that is a deadline, with its unit and source; refuses where the rule set does not say."""
    if key.unit is None:
        raise TypeError(f"{key.name} is no deadline.")
    rule = _demand(campaign, key, on)
    return Deadline(key.unit, key.read(rule.value), rule.source)


def _demand(campaign: Campaign, key: Key[Any], on: date | None) -> Rule:
    rule = in_force(campaign.rule_set, key, on)
    if rule is None:
        raise refuse(
            "campaigns.rule_missing",
            f"规则集未规定“{key.title.zh}”。",
            f"The rule set does not say: {key.title.en}.",
            "请管理员在规则集中补充该项并注明来源。",
            "Ask the administrator to add it to the rule set with its source.",
        )
    return rule


def in_force(rule_set: RuleSet, key: Key[Any], on: date | None = None) -> Rule | None:
    """The newest rule for ``key`` that is effective on the day."""
    day = on or timezone.localdate()
    return rule_set.rules.filter(key=key.name, effective_from__lte=day).order_by("-effective_from").first()


def all_in_force(rule_set: RuleSet, on: date | None = None) -> Iterator[RuleInForce]:
    """Every known setting with the value in force, for the campaign's page."""
    rules = rule_set.rules.filter(effective_from__lte=on or timezone.localdate()).order_by("effective_from")
    newest = {rule.key: rule for rule in rules}
    for key in KEYS.values():
        if (rule := newest.get(key.name)) is not None:
            yield RuleInForce(key, key.read(rule.value), rule.source, rule.effective_from)
