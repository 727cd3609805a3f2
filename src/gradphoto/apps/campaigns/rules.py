"""Reading a campaign's rules: the value in force on a day by precedence (R6), with the source to show beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Rule, RuleSet
from gradphoto.apps.campaigns.options import in_words
from gradphoto.apps.campaigns.settings_keys import KEYS, Key, Theme
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.core.wording import listed, say
from gradphoto.engine.standards.deadlines import Deadline
from gradphoto.engine.wording import Wording

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A setting as a page shows it: the rule in force, the ones it goes before, or what an unset key means."""

    key: Key[Any]
    rule: Rule | None
    overruled: tuple[Rule, ...] = ()

    @property
    def words(self) -> list[str]:
        """The value as a page prints it, a line an entry; of a key that says nothing, what that means."""
        return in_words(self.key, self.rule.value) if self.rule else [say(self.key.unset)]

    @property
    def is_set(self) -> bool:
        return self.rule is not None and not self.rule.is_default

    @property
    def overruled_words(self) -> list[tuple[Rule, str]]:
        """Values that would hold if no province's or ministry's document said otherwise (R6)."""
        return [(rule, listed(in_words(self.key, rule.value))) for rule in self.overruled]


def value_of(campaign: Campaign, key: Key[T], on: date | None = None) -> T:
    """The campaign's value for ``key`` on a day (today by default), or its documented default.

    Raises ``campaigns.rule_missing`` where neither says anything.
    """
    return key.read(_demand(campaign, key, on).value)


def value_or_none(campaign: Campaign, key: Key[T], on: date | None = None) -> T | None:
    """The campaign's value for ``key``, its documented default, or None where neither says anything."""
    rule = in_force(campaign.rule_set, key, on)
    return None if rule is None else key.read(rule.value)


def deadline_of(campaign: Campaign, key: Key[int], on: date | None = None) -> Deadline:
    """A setting that is a deadline, with its unit and source. Raises ``campaigns.rule_missing``."""
    if key.unit is None:
        raise TypeError(f"{key.name} is no deadline.")
    rule = _demand(campaign, key, on)
    return Deadline(key.unit, key.read(rule.value), rule.source)


def _demand(campaign: Campaign, key: Key[Any], on: date | None) -> Rule:
    rule = in_force(campaign.rule_set, key, on)
    if rule is None:
        raise RuleMissing(campaign, key)
    return rule


class RuleMissing(Refusal):
    """A value is needed that no document gave yet; the page of the refusal links to the rule."""

    def __init__(self, campaign: Campaign, key: Key[Any]) -> None:
        super().__init__(
            "campaigns.rule_missing",
            Wording(f"规则集未规定“{key.title.zh}”。", f"The rule set does not say: {key.title.en}."),
            Wording(
                "打开该规则即可填写并注明来源；没有权限的，页面上写着由谁填写。",
                "Open the rule to set it with its source; if you may not, its page names who may.",
            ),
        )
        self.link = (
            f"/campaigns/{campaign.pk}/rule/?key={key.name}",
            Wording(f"打开规则“{key.title.zh}”", f"Open the rule: {key.title.en}"),
        )


def in_force(rule_set: RuleSet, key: Key[Any], on: date | None = None) -> Rule | None:
    """The rule that counts on the day: ministry before province before school, then the newest (R6).

    Where nobody set the key it is the documented default as a rule that is not stored; None where there is none.
    """
    day = on or timezone.localdate()
    return first_of(_EFFECTIVE.all(rule_set=rule_set.pk, key=key.name, day=day), key)


_EFFECTIVE: Prepared[Rule] = Prepared(
    lambda rule_set, key, day: Rule.objects.filter(
        rule_set=rule_set, key=key, effective_from__lte=day, withdrawn_reason=""
    )
)


def first_of(rules: Iterable[Rule], key: Key[Any]) -> Rule | None:
    """Of rules that are effective the one that counts, else the default."""
    return min(rules, key=lambda rule: rule.precedence, default=None) or default_of(key)


def default_of(key: Key[Any]) -> Rule | None:
    """The documented default as a rule that is not stored."""
    if key.default is None:
        return None
    document = key.default.source
    source = f"{say(_DEFAULT)}：{say(document) if isinstance(document, Wording) else document}"
    return Rule(key=key.name, value=key.default.value, source=source, effective_from=date.min)


_DEFAULT = Wording("未设定，按默认值", "not set, by default")


def rule_lines(rule_set: RuleSet, on: date | None = None) -> Iterator[tuple[Theme, list[RuleLine]]]:
    """Every known setting by theme, set or not, with what is in force and what gives way to it."""
    day = on or timezone.localdate()
    effective: dict[str, list[Rule]] = {}
    for rule in rule_set.rules.filter(effective_from__lte=day, withdrawn_reason=""):
        effective.setdefault(rule.key, []).append(rule)
    for theme in Theme:
        keys = [key for key in KEYS.values() if key.theme is theme]
        yield theme, [_line(key, effective.get(key.name, [])) for key in keys]


def line_of(rule_set: RuleSet, key: Key[Any], on: date | None = None) -> RuleLine:
    """One setting with what is in force and what gives way to it."""
    day = on or timezone.localdate()
    return _line(key, list(rule_set.rules.filter(key=key.name, effective_from__lte=day, withdrawn_reason="")))


def _line(key: Key[Any], rules: list[Rule]) -> RuleLine:
    """Of each issuer only the newest could count: of these, the ones below the winner are shown as overruled."""
    newest: dict[str, Rule] = {}
    for rule in sorted(rules, key=lambda one: one.precedence):
        newest.setdefault(rule.issuer, rule)
    first, *others = newest.values() or [default_of(key)]
    return RuleLine(key, first, tuple(one for one in others if one is not None))
