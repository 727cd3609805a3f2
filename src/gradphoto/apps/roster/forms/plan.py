"""The form of the roster's plan."""

from __future__ import annotations

from gradphoto.apps.core.errors import REASON_LENGTH
from gradphoto.apps.core.wording import bi
from gradphoto.apps.pages.fields import ChoiceField, DayField, TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.roster.models import MilestoneKind
from gradphoto.engine.wording import Wording


class SetMilestone(ActionForm):
    """A date of the campaign's plan, with the notice that sets it (R6)."""

    action = "roster.set_milestone"
    said = Wording("日期已排定。", "The date is set.")
    kind = ChoiceField(MilestoneKind, label=bi("节点", "Milestone"), css="col-md-4")
    due = DayField(label=bi("日期", "Day"), css="col-md-3")
    source = TextField(label=bi("来源（通知或文号）", "Source (notice)"), max_length=REASON_LENGTH, css="col-md-5")
