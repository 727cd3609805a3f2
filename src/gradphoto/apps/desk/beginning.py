"""A new campaign before it is made: its rules, dates, places, contacts and people, from a notice or from last year's.

The draft is only ever built on the server: what a person changes on the preview (title, centre, dates, what is carried
along) is laid over it, and ``begin`` makes all of it in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.actions import begin_campaign
from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign, Contact, Issuer, Rule
from gradphoto.apps.campaigns.notices import Notice, SetRule, moved, moved_value
from gradphoto.apps.campaigns.options import in_words
from gradphoto.apps.campaigns.rules import default_of
from gradphoto.apps.campaigns.settings_keys import KEYS, Key
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.cohorts import add_cohort_rule
from gradphoto.apps.roster.deferred import carry_deferred
from gradphoto.apps.roster.models import MilestoneKind
from gradphoto.apps.roster.plan import set_milestone
from gradphoto.apps.schedule.place_actions import add_places
from gradphoto.engine.standards.deadlines import Deadline, WorkCalendar, due, due_before
from gradphoto.engine.wording import Wording

_CONTACT_FIELDS = (
    "side", "name", "telephone", "other_telephone", "fax", "email", "address", "postcode", "source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DraftCohort:
    """Who graduates: an intake, of one major and length of study or of all (R7)."""

    intake_year: int
    source: str
    major: str = ""
    length_of_study: str = ""


@dataclass(frozen=True, slots=True)
class DraftDate:
    """A milestone of the new campaign; ``printed`` is the day that the notice or last year's campaign had."""

    kind: MilestoneKind
    day: date | None
    source: str
    printed: date | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything a new campaign would have."""

    school: Organisation
    cohort_year: int
    title: str
    note: str
    rules: tuple[SetRule, ...]
    dates: tuple[DraftDate, ...]
    cohorts: tuple[DraftCohort, ...] = ()
    places: tuple[tuple[str, int], ...] = ()
    contacts: tuple[Mapping[str, Any], ...] = ()
    left_out: Wording | None = None
    centre: Organisation | None = None
    carry: frozenset[str] = field(default_factory=lambda: frozenset({"places", "contacts", "deferred", "cohorts"}))


def from_notice(school: Organisation, notice: Notice, year: int) -> Draft:
    """A draft by a notice, its dates moved to the class of ``year``."""
    years = year - notice.cohort_year if notice.cohort_year else 0
    printed = {one.kind: one for one in notice.dates}
    return Draft(
        school=school,
        cohort_year=year,
        title=notice.campaign_title.format(year=year),
        note=notice.title.zh,
        rules=tuple(replace(one, value=moved_value(one.key, one.value, years)) for one in notice.rules),
        dates=tuple(
            DraftDate(kind, moved(one.day, years), f"{notice.notice} {one.source}"[:200], one.day)
            if (one := printed.get(kind.value))
            else DraftDate(kind, None, "")
            for kind in MilestoneKind
        ),
        cohorts=tuple(
            DraftCohort(year - one.years_before, f"{notice.notice} {one.source}"[:200], one.major)
            for one in notice.cohorts
        ),
        places=tuple((one.name, one.stations) for one in notice.places),
        contacts=tuple({name: getattr(one, name, "") for name in _CONTACT_FIELDS} for one in notice.contacts),
        left_out=notice.left_out,
    )


def from_campaign(before: Campaign, year: int) -> Draft:
    """A draft by an earlier campaign of the school, its dates and intakes moved to the class of ``year``."""
    years = year - before.cohort_year
    stones = {one.kind: one for one in before.milestones.all()}
    return Draft(
        school=before.school,
        cohort_year=year,
        title=before.title.replace(str(before.cohort_year), str(year)),
        note=f"沿用 {before.title}",
        rules=tuple(_newest(before, years)),
        dates=tuple(
            DraftDate(kind, moved(one.due, years), one.source, one.due)
            if (one := stones.get(kind.value))
            else DraftDate(kind, None, "")
            for kind in MilestoneKind
        ),
        cohorts=tuple(
            DraftCohort(one.intake_year + years, one.source, one.major, one.length_of_study)
            for one in before.cohort_rules.all()
        ),
        places=tuple(before.rooms.values_list("name", "stations")),
        contacts=tuple(
            {name: getattr(one, name) for name in _CONTACT_FIELDS} for one in Contact.objects.filter(campaign=before)
        ),
        centre=before.centre,
    )


def _newest(before: Campaign, years: int) -> Iterator[SetRule]:
    """Of each key and issuer the value that counts or will count; what was replaced or withdrawn stays behind."""
    found: dict[tuple[str, str], Rule] = {}
    for rule in before.rule_set.rules.filter(withdrawn_reason="").order_by("effective_from"):
        found[rule.key, rule.issuer] = rule
    for rule in found.values():
        if (key := KEYS.get(rule.key)) is not None:
            value = moved_value(key, rule.value, years)
            yield SetRule(key, value, rule.source, Issuer(rule.issuer), rule.effective_from)


@dataclass(frozen=True, slots=True)
class Warned:
    """A date of the preview with what a person should know of it."""

    title: str
    day: date
    source: str
    notes: tuple[Wording, ...]


def dated(draft: Draft) -> list[Warned]:
    """Every date the campaign would have, in order: its milestones, and what its rules count from the shooting."""
    of, today = calendar_of(draft.school), timezone.localdate()
    found = [
        Warned(str(one.kind.label), one.day, one.source, tuple(_notes(one.day, of, today)))
        for one in draft.dates
        if one.day is not None
    ]
    shooting = next((one.day for one in draft.dates if one.kind is MilestoneKind.SHOOTING), None)
    found += [] if shooting is None else list(_counted(draft, shooting, of, today))
    return sorted(found, key=lambda one: one.day)


def _notes(day: date, of: WorkCalendar, today: date) -> Iterator[Wording]:
    if day < today:
        yield Wording("已经过去", "already past")
    if not of.workday(day).works:
        yield Wording("周末或节假日", "a weekend or holiday")


def _counted(draft: Draft, shooting: date, of: WorkCalendar, today: date) -> Iterator[Warned]:
    for key, count in (
        (keys.DATABASE_WORKDAYS, due_before),
        (keys.DELIVERY_DAYS, due),
        (keys.VERIFY_AFTER_DAYS, due),
        (keys.VERIFY_AFTER_WORKDAYS, due),
    ):
        if key.unit is not None and (rule := rule_of(draft, key)) is not None:
            reached = count(shooting, Deadline(key.unit, key.read(rule.value), rule.source), of)
            notes = [Wording("已经过去", "already past")] if reached.date < today else []
            if reached.provisional:
                notes.append(Wording("暂定：放假安排尚未公布", "provisional: the holidays are not announced yet"))
            yield Warned(f"{key.title.zh}：{in_words(key, rule.value)[0]}", reached.date, rule.source, tuple(notes))


def rule_of(draft: Draft, key: Key[Any]) -> Rule | None:
    """The value that would count for a key: by precedence, else its default."""
    rules = [
        Rule(key=key.name, value=one.value, source=one.source, issuer=one.issuer, effective_from=one.effective_from)
        for one in draft.rules
        if one.key is key
    ]
    return min(rules, key=lambda one: one.precedence, default=None) or default_of(key)


def begin(actor: Actor, draft: Draft, centre: Organisation) -> Campaign:
    """Make the campaign with everything of its draft, or nothing. Raises what its actions raise."""
    with transaction.atomic():
        contacts: Sequence[Mapping[str, Any]] = draft.contacts if "contacts" in draft.carry else ()
        campaign = begin_campaign(
            actor, draft.school, cohort_year=draft.cohort_year, title=draft.title, centre=centre, rules=draft.rules,
            note=draft.note, contacts=contacts,
        )  # fmt: skip
        for one in draft.dates:
            if one.day is not None:
                source = one.source or "建立批次时填写"
                set_milestone(actor, campaign, kind=one.kind, due=one.day, source=source)
        for cohort in draft.cohorts if "cohorts" in draft.carry else ():
            add_cohort_rule(
                actor, campaign, intake_year=cohort.intake_year, major=cohort.major,
                length_of_study=cohort.length_of_study, source=cohort.source,
            )  # fmt: skip
        if draft.places and "places" in draft.carry:
            add_places(actor, campaign, places=draft.places)
        if "deferred" in draft.carry:
            carry_deferred(actor, campaign)
    return campaign
