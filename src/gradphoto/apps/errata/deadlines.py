"""The clock of a case: it starts with the receipt (R156, R174) under the rule in force on that day.

It is set anew when the holiday table or the rule changes; a rule of a later day is for cases received from then on.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.dispatch import receiver

from gradphoto.apps.campaigns.actions import rule_changed
from gradphoto.apps.campaigns.calendars import calendar_changed, calendar_of
from gradphoto.apps.campaigns.models import Campaign, RuleSet
from gradphoto.apps.campaigns.rules import deadline_of, in_force
from gradphoto.apps.campaigns.settings_keys import ERRATA_REISSUE_WORKDAYS, Key
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.errata.models import CaseStatus, ErrataCase
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.policy import by_system
from gradphoto.engine.standards.deadlines import DueDate, due


def due_of(campaign: Campaign, received_on: date) -> DueDate:
    """When what was received on a day must be re-issued (R174; a service level of the province, B11)."""
    # A rule set that began after the receipt has no earlier word: then its present one counts.
    day = received_on if in_force(campaign.rule_set, ERRATA_REISSUE_WORKDAYS, received_on) else None
    return due(received_on, deadline_of(campaign, ERRATA_REISSUE_WORKDAYS, day), calendar_of(campaign.school))


@action("errata.recount_deadlines", permission=by_system)
def recount_deadlines(actor: Actor, organisation: Organisation) -> int:
    """Count the due days of the open cases below an organisation anew; returns how many moved."""
    return _recount(ErrataCase.objects.filter(campaign__school__path__startswith=organisation.path))


@action("errata.recount_by_rule", permission=by_system)
def recount_by_rule(actor: Actor, rule_set: RuleSet) -> int:
    """Count the due days of the open cases under a rule set anew; returns how many moved."""
    return _recount(ErrataCase.objects.filter(campaign__rule_set=rule_set))


def _recount(cases: QuerySet[ErrataCase]) -> int:
    moved = 0
    running = cases.filter(status=CaseStatus.RECEIVED, due_on__isnull=False)
    for case in running.select_related("campaign__school", "campaign__rule_set"):
        assert case.received_on is not None
        counted = due_of(case.campaign, case.received_on)
        if (counted.date, counted.provisional) != (case.due_on, case.due_provisional):
            ErrataCase.objects.filter(pk=case.pk).update(due_on=counted.date, due_provisional=counted.provisional)
            moved += 1
    audit.note(moved=moved)
    return moved


@receiver(calendar_changed, dispatch_uid="errata.recount_deadlines")
def _calendar_changed(sender: Any, organisation: Organisation, **more: Any) -> None:
    recount_deadlines(Actor.system("holiday-table"), organisation)


@receiver(rule_changed, dispatch_uid="errata.recount_by_rule")
def _rule_changed(sender: Any, rule_set: RuleSet, key: Key[Any], **more: Any) -> None:
    if key is ERRATA_REISSUE_WORKDAYS:
        recount_by_rule(Actor.system("rule-set"), rule_set)
