"""Whether a school works with the paper check table (R38, R42): a rule of the campaign, not a sentence of its leaflet."""

from __future__ import annotations

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import CHECK_TABLE
from gradphoto.apps.core.errors import refuse


def require_check_table(campaign: Campaign) -> None:
    """Raises ``roster.no_check_table`` where the rules say that the school works without."""
    rule = in_force(campaign.rule_set, CHECK_TABLE)
    if rule is not None and not CHECK_TABLE.read(rule.value):
        raise refuse(
            "roster.no_check_table",
            f"本批次的规则不使用《核对表》（{rule.source}）。",
            f"By its rules this campaign works without a check table ({rule.source}).",
            "请让学生用手机核对签名；确需纸质核对表的，请教务处修改规则。",
            "Have the students sign on their phones; where paper is needed, the registry changes the rule.",
        )
