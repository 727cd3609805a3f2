"""The forms of the roster's list: one ID number looked up, the columns, and one step for many rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from gradphoto.apps.core.actions import REGISTRY, may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.fields import RecordsField, SomeOf, TextField, wrong
from gradphoto.apps.pages.forms import ActionForm, Form
from gradphoto.apps.pages.listing import Asked
from gradphoto.apps.roster import bulk
from gradphoto.apps.roster.columns import COLUMNS
from gradphoto.apps.roster.forms.persons import why
from gradphoto.apps.roster.models import BulkStep, Candidate
from gradphoto.engine.wording import Wording

_STEP_CHOICES = [
    (name, bi(*(f"{text} *" if name in bulk.NEEDS_REASON else text for text in (title.zh, title.en))))
    for name, title in bulk.TITLES.items()
]


class FindByNumber(Form):
    """A whole ID number, sent by POST so that it stays out of addresses and logs."""

    id_number = TextField(label=bi("证件号码", "ID number"), max_length=40, attrs={"autocomplete": "off"})


class ChooseColumns(ActionForm):
    """Which columns the person sees from now on; none ticked brings the default ones back."""

    action = "roster.choose_columns"
    button = Wording("应用", "Apply")
    said = Wording("列已更新。", "The columns are changed.")
    names = forms.MultipleChoiceField(
        label=bi("显示的列", "Columns shown"),
        choices=[(name, bi(one.title.zh, one.title.en)) for name, one in COLUMNS.items()],
        widget=SomeOf,
        required=False,
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True

    def perform(self) -> None:
        REGISTRY[self.action].function(self.actor, None, names=self.cleaned_data["names"])


def nothing_chosen() -> forms.ValidationError:
    """Nobody was ticked."""
    return wrong(
        "roster.nothing_chosen",
        "没有选中任何人。请勾选要办理的人，或选择“全部符合条件的人”。",
        "Nobody was chosen: tick those concerned, or choose all that match.",
    )


class BulkAdvance(ActionForm):
    """One step for all ticked rows, or for all that fit the filter of the page; the target is the list as asked for."""

    action = "roster.start_bulk"
    button = Wording("办理", "Steps")
    said = Wording("已办理，结果如下。", "Done; the result is below.")
    step = forms.ChoiceField(label=bi("办理", "Steps"), choices=_STEP_CHOICES)
    reason = why("原因（* 必填）", "Reason (needed for *)", required=False)
    to_year = forms.IntegerField(
        label=bi("延至届别", "To the class of"), required=False, min_value=2000, max_value=2100
    )
    all = forms.BooleanField(required=False)
    candidate = RecordsField(lambda actor, target: scoped(actor, Candidate), required=False)

    target: Asked

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return any(may(actor, name) for name in bulk.TITLES)

    def clean(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        if given.get("step") in bulk.NEEDS_REASON and not given.get("reason") and "reason" not in self.errors:
            self.add_error("reason", wrong("roster.reason_missing", "请填写原因。", "A reason is needed."))
        if not given.get("all") and not given.get("candidate") and "candidate" not in self.errors:
            raise nothing_chosen()
        return given

    def perform(self) -> BulkStep:
        given = self.cleaned_data
        chosen: QuerySet[Candidate] = self.target.rows if given["all"] else given["candidate"]
        detail: dict[str, Any] = {"reason": given["reason"]} if given["step"] in bulk.NEEDS_REASON else {}
        if given["step"] == "roster.defer_candidate" and given["to_year"]:
            detail["to_year"] = given["to_year"]
        return take_for_all(self.actor, given["step"], chosen, detail)


def take_for_all(actor: Actor, step: str, chosen: QuerySet[Candidate], detail: dict[str, Any]) -> BulkStep:
    """Note the bulk step of one campaign, and do it at once where it is small."""
    campaigns = list(chosen.order_by().values_list("campaign", flat=True).distinct()[:2])
    if len(campaigns) > 1:
        raise refuse(
            "roster.several_campaigns",
            "所选的人分属多个批次。",
            "Those chosen belong to several campaigns.",
            "请先按批次筛选，再批量办理。",
            "Filter by campaign first.",
        )
    if not campaigns:
        raise bulk.nobody_chosen()
    campaign = scoped(actor, Candidate).filter(campaign=campaigns[0]).select_related("campaign")[0].campaign
    made: BulkStep = REGISTRY["roster.start_bulk"].function(
        actor, campaign, action_name=step, candidates=chosen.order_by(), **detail
    )
    bulk.run_at_once(actor, made)
    return made
