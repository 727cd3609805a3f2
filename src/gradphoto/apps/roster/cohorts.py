"""The object of a campaign (R7): who belongs to the class, told by intake year, length of study and major."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse, within
from gradphoto.apps.roster.models import CohortRule
from gradphoto.engine.roster import Cohort

_LONGEST_STUDY_YEARS = 12
_FURTHEST_AHEAD = 1


def cohorts_of(campaign: Campaign) -> tuple[Cohort, ...]:
    """The campaign's rules as the import's check reads them; empty where none is set, and then nobody is outside."""
    return tuple(Cohort(r.intake_year, r.length_of_study, r.major) for r in campaign.cohort_rules.all())


@action("roster.add_cohort_rule", permission="roster.audit")
def add_cohort_rule(
    actor: Actor, campaign: Campaign, *, intake_year: int, length_of_study: str = "", major: str = "", source: str
) -> CohortRule:
    """Add a line, e.g. intake 2010 of all majors, intake 2009 of architecture. From the next reading of a file on.

    Raises ``roster.cohort_year``, ``roster.cohort_without_source`` or ``roster.cohort_known``.
    """
    if not campaign.cohort_year - _LONGEST_STUDY_YEARS <= intake_year <= campaign.cohort_year + _FURTHEST_AHEAD:
        raise invalid(
            "roster.cohort_year",
            "入学年份与本届不符。",
            "The intake year cannot lead to this class.",
            "请填写四位入学年份，如 2022。",
            "Give the year of entry in four digits, e.g. 2022.",
        )
    if not source.strip():
        raise invalid(
            "roster.cohort_without_source",
            "采集对象须注明依据。",
            "A rule about who belongs to the class needs its source.",
            "请填写通知名称或文号。",
            "Name the notice it comes from.",
        )
    try:
        with transaction.atomic():
            rule = CohortRule.objects.create(
                campaign=campaign,
                intake_year=intake_year,
                length_of_study=within(length_of_study, 4, field="length_of_study"),
                major=within(major, 80, field="major"),
                source=within(source, 200, field="source"),
            )
    except IntegrityError:
        raise refuse(
            "roster.cohort_known",
            "这一条已经有了。",
            "This line is there already.",
            "无需重复添加。",
            "Nothing to add.",
        ) from None
    audit.note(intake_year=intake_year, length_of_study=rule.length_of_study, major=rule.major, source=rule.source)
    return rule


@action("roster.drop_cohort_rule", permission="roster.audit")
def drop_cohort_rule(actor: Actor, rule: CohortRule) -> None:
    """Take a line out."""
    audit.note(rule=str(rule), source=rule.source)
    CohortRule.objects.filter(pk=rule.pk).delete()
