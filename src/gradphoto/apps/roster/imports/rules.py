"""By what a file is checked: the campaign's rules in the form that the engine reads."""

from __future__ import annotations

from django.utils import timezone

from gradphoto.apps.campaigns.code_tables import code_names_of
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import SEASON_MONTHS, TEST_REGIONS
from gradphoto.apps.roster.cohorts import cohorts_of
from gradphoto.apps.roster.models import RosterImport
from gradphoto.engine.roster import LintRules


def lint_rules(roster_import: RosterImport) -> LintRules:
    """The rules for this file: campaign, school, and the values given for the whole file."""
    campaign = roster_import.campaign
    return LintRules(
        timezone.localdate(),
        value_of(campaign, TEST_REGIONS),
        defaults=roster_import.defaults,
        school_code=campaign.school.code,
        school_name=campaign.school.name,
        cohorts=cohorts_of(campaign),
        season_months=value_of(campaign, SEASON_MONTHS),
        code_names=code_names_of(campaign.school),
    )
