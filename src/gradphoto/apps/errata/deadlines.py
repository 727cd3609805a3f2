"""The clock of a case: it starts with the receipt (R156, R174) and is set anew when the holiday table changes."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.dispatch import receiver

from gradphoto.apps.campaigns.calendars import calendar_changed, calendar_of
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import deadline_of
from gradphoto.apps.campaigns.settings_keys import ERRATA_REISSUE_WORKDAYS
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.errata.models import CaseStatus, ErrataCase
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.policy import by_system
from gradphoto.engine.standards.deadlines import DueDate, due


def due_of(campaign: Campaign, received_on: date) -> DueDate:
    """When what was received on a day must be re-issued (R174; a service level of the province, B11)."""
    return due(received_on, deadline_of(campaign, ERRATA_REISSUE_WORKDAYS), calendar_of(campaign.school))


@action("errata.recount_deadlines", permission=by_system)
def recount_deadlines(actor: Actor, organisation: Organisation) -> int:
    """Count the due days of the open cases below an organisation anew; returns how many moved."""
    moved = 0
    open_cases = ErrataCase.objects.filter(
        status=CaseStatus.RECEIVED, due_on__isnull=False, campaign__school__path__startswith=organisation.path
    ).select_related("campaign__school", "campaign__rule_set")
    for case in open_cases:
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
