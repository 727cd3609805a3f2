"""The agenda: every app tells its dated duties here; the plan of a campaign and what is due on the home pages read them.

An app registers with ``@tells`` what it knows: milestones, sessions, deadlines of the notices. It counts each day by the
deadline engine from a setting with unit and source, so that the page can say why this day and who has it.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone

from gradphoto.apps.campaigns.models import CalendarDay, Campaign, CampaignStatus, Rule, Season
from gradphoto.apps.campaigns.rules import first_of
from gradphoto.apps.campaigns.settings_keys import Key
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import listed
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.engine.standards.deadlines import Deadline, DueDate, WorkCalendar
from gradphoto.engine.wording import Wording

AHEAD = timedelta(days=30)
"""How far the home pages look: a day further off is on the plan only."""
SOON_DAYS = 7

PERSONS = Wording("{n} 人", "{n:person|persons}")
CASES = Wording("{n} 件", "{n:case|cases}")


@dataclass(frozen=True, slots=True)
class Planned:
    """One dated duty of a campaign: until when, what, who has it, how much is left, and by which rule.

    ``count`` is exactly the length of the list at ``url``; None for a date behind which no list stands. ``first`` makes
    it a stretch of days. ``deadline`` and ``source`` tell the rule; ``setting`` is the rule's key where one sets the
    day. ``provisional``: the holidays on the way are not all announced (R201). ``watchers`` see it on their home page,
    too, but somebody else (``roles``) does it. An empty ``season`` means both (R12).
    """

    key: str
    campaign: Campaign
    day: date
    title: Wording
    roles: tuple[Role, ...]
    url: str
    done: bool
    count: int | None = None
    unit: Wording = PERSONS
    detail: str = ""
    first: date | None = None
    season: str = ""
    source: str = ""
    deadline: Deadline | None = None
    setting: str = ""
    edit_url: str = ""
    provisional: bool = False
    watchers: tuple[Role, ...] = ()

    @property
    def days_left(self) -> int:
        """Days until it is due; 0 today, negative when the day has passed."""
        return (self.day - timezone.localdate()).days

    @property
    def days_over(self) -> int:
        return -self.days_left

    @property
    def is_late(self) -> bool:
        return not self.done and self.days_left < 0

    @property
    def is_soon(self) -> bool:
        return not self.done and 0 <= self.days_left <= SOON_DAYS

    @property
    def counted(self) -> Wording | None:
        """What is left, in words; None where nothing is counted or nothing is left."""
        return self.unit.format(n=self.count) if self.count else None

    @property
    def season_label(self) -> str:
        return str(Season(self.season).label) if self.season else ""

    @property
    def who(self) -> str:
        """The roles that have it, as a person reads them."""
        return listed(str(role.label) for role in self.roles)


@dataclass(frozen=True, slots=True)
class Change:
    """A change not saved yet: days of the holiday table at ``path`` (None takes a day out), or a rule."""

    path: str = ""
    days: Mapping[date, bool | None] = field(default_factory=dict)
    rule: Rule | None = None


class Asked:
    """Who asks, for which campaigns; rules and calendars are read once for all of them.

    On trial (``instead``) the days are counted under a change that is not saved yet.
    """

    def __init__(self, actor: Actor, campaigns: Iterable[Campaign], instead: Change | None = None) -> None:
        self.actor = actor
        self.campaigns: Mapping[int, Campaign] = {campaign.pk: campaign for campaign in campaigns}
        self.today = timezone.localdate()
        self._instead = instead or Change()

    @property
    def is_trial(self) -> bool:
        return bool(self._instead.days or self._instead.rule)

    def rule(self, campaign: Campaign, key: Key[Any], on: date | None = None) -> Rule | None:
        """The rule in force for a campaign on a day (today by default), or its default; None where there is neither."""
        day = on or self.today
        rules = self._rules.get((campaign.rule_set_id, key.name), ())
        return first_of((rule for rule in rules if rule.effective_from <= day), key)

    def deadline(self, campaign: Campaign, key: Key[int], on: date | None = None) -> Deadline | None:
        """A setting that is a deadline, with unit and source; None where neither rule set nor default says."""
        rule = self.rule(campaign, key, on)
        return None if rule is None or key.unit is None else Deadline(key.unit, key.read(rule.value), rule.source)

    def calendar(self, campaign: Campaign) -> WorkCalendar:
        """The calendar by which the campaign's school counts; the nearest table stands on top."""
        lines = [self._days[path] for path in campaign.school.ancestor_paths() if path in self._days]
        return WorkCalendar(dict(ChainMap(*reversed(lines))) if lines else {})

    @cached_property
    def _rules(self) -> Mapping[tuple[int, str], Sequence[Rule]]:
        """The rules of each key; one on trial stands in place of that of its issuer and day, as when saved."""
        sets = {campaign.rule_set_id for campaign in self.campaigns.values()}
        stored = Rule.objects.filter(rule_set__in=sets, withdrawn_reason="")
        rules = {(one.rule_set_id, one.key, one.issuer, one.effective_from): one for one in stored}
        if (new := self._instead.rule) is not None:
            rules[new.rule_set_id, new.key, new.issuer, new.effective_from] = new
        found: dict[tuple[int, str], list[Rule]] = {}
        for rule in rules.values():
            found.setdefault((rule.rule_set_id, rule.key), []).append(rule)
        return found

    @cached_property
    def _days(self) -> Mapping[str, dict[date, bool]]:
        paths = {path for campaign in self.campaigns.values() for path in campaign.school.ancestor_paths()}
        rows = CalendarDay.objects.filter(organisation__path__in=paths)
        found: dict[str, dict[date, bool]] = {}
        for path, day, works in rows.values_list("organisation__path", "date", "works"):
            found.setdefault(path, {})[day] = works
        if self._instead.days:
            table = found.setdefault(self._instead.path, {})
            table.update({day: works for day, works in self._instead.days.items() if works is not None})
            for day in [day for day, works in self._instead.days.items() if works is None]:
                table.pop(day, None)
        return found


Teller = Callable[[Asked], Iterator[Planned]]


@dataclass(frozen=True, slots=True)
class _Source:
    roles: frozenset[Role]
    tell: Teller


_SOURCES: list[_Source] = []


def tells(*permissions: str) -> Callable[[Teller], Teller]:
    """Register what an app tells of its dates. ``permissions`` hold all roles that
    any of its duties names, doing or watching."""

    def register(tell: Teller) -> Teller:
        _SOURCES.append(_Source(frozenset(roles_of(*permissions)), tell))
        return tell

    return register


_ELSEWHERE: list[Callable[[Actor, Collection[int]], set[int]]] = []


def tells_elsewhere(find: Callable[[Actor, Collection[int]], set[int]]) -> Callable[[Actor, Collection[int]], set[int]]:
    """Register who knows which of these campaigns are about other people only than the viewer's."""
    _ELSEWHERE.append(find)
    return find


def _own_campaigns(actor: Actor) -> list[Campaign]:
    """The open campaigns whose dates are the viewer's: their own, and of those seen from below the ones with people of
    theirs (or with nobody yet). A college is not told of the learning centres' campaign.
    """
    seen = scoped(actor, Campaign).exclude(status=CampaignStatus.CLOSED).select_related("school", "rule_set").distinct()
    found = list(seen)
    mine = set(changeable(actor, Campaign).exclude(status=CampaignStatus.CLOSED).values_list("pk", flat=True))
    if from_above := {campaign.pk for campaign in found} - mine:
        others = set().union(*(find(actor, from_above) for find in _ELSEWHERE))
        found = [campaign for campaign in found if campaign.pk not in others]
    return found


def plan(actor: Actor, campaign: Campaign) -> list[Planned]:
    """Every date of a campaign, done or not, in order; counted within the viewer's scope."""
    asked = Asked(actor, [campaign])
    return in_order(item for source in _SOURCES for item in source.tell(asked))


def due(actor: Actor) -> list[Planned]:
    """What is overdue or due within ``AHEAD`` for this person's roles, overdue first, then the nearest.

    The number of queries grows with neither people nor campaigns.
    """
    mine = actor.user.roles
    sources = [source for source in _SOURCES if source.roles & mine]
    if not sources:
        return []
    asked = Asked(actor, _own_campaigns(actor))
    until = asked.today + AHEAD
    return in_order(
        item
        for source in sources
        for item in source.tell(asked)
        if not item.done and item.day <= until and mine & {*item.roles, *item.watchers}
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """A duty that a change moves: as it stands, and the day it would have."""

    before: Planned
    after: Planned


def moved(actor: Actor, campaigns: Sequence[Campaign], change: Change) -> list[Moved]:
    """Which open duties of these campaigns a change would move, before it is saved."""

    def told(instead: Change | None) -> dict[tuple[str, int, str, str], Planned]:
        asked = Asked(actor, campaigns, instead)
        items = [item for source in _SOURCES for item in source.tell(asked)]
        return {(item.key, item.campaign.pk, item.season, item.url): item for item in items}

    stands, would = told(None), told(change)
    pairs = [Moved(item, would[key]) for key, item in stands.items() if not item.done and key in would]
    return sorted((pair for pair in pairs if pair.before.day != pair.after.day), key=lambda pair: pair.before.day)


def in_order(items: Iterable[Planned]) -> list[Planned]:
    """By day; on one day as the journey goes, spring before autumn."""
    return sorted(items, key=lambda item: (item.day, item.campaign.pk, item.key, item.season != "spring", item.url))


def dated(base: date, deadline: Deadline, calendar: WorkCalendar, count: Callable[..., DueDate]) -> dict[str, Any]:
    """The fields of a day that a rule gives: the day, whether it may still move, the rule and its source."""
    reached = count(base, deadline, calendar)
    return {
        "day": reached.date,
        "provisional": reached.provisional,
        "deadline": deadline,
        "source": deadline.source,
    }
