"""The list of the appearance check: who was looked at, what was found, and the form that puts it down."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.capture.appearance import note_appearance, open_lines
from gradphoto.apps.capture.models import Appearance, AppearanceLine
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.fields import DayField, RecordsField, SomeOf, TextField
from gradphoto.apps.pages.filters import tab
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, ticks
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.person_filter import PersonFilter
from gradphoto.engine.wording import Wording

_LINES = AppearanceLine.objects.filter(candidate=OuterRef("pk"))
_STATES = (
    ("open", bi("有问题待改", "To be put right")),
    ("unseen", bi("未检查", "Not looked at")),
    ("fine", bi("已合格", "As they should be")),
)


class LookFilter(PersonFilter):
    """Whose appearance; where the check stands is shown as tabs."""

    person = ""
    state = tab(_STATES, "检查", "Check", method="in_state")

    def in_state(self, people: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        standing = Exists(_LINES.filter(settled_on=None))
        if state == "open":
            return people.filter(standing)
        seen = Exists(_LINES)
        return people.exclude(seen) if state == "unseen" else people.filter(seen).exclude(standing)


def _words(person: Candidate, lookups: Any) -> str:
    return "；".join(str(line) for line in lookups.get(person.pk, ()))


LOOKS = Listing(
    name="capture.appearance",
    title=Wording("仪容检查", "Appearance check"),
    permission="capture.check_appearance",
    rows=lambda actor: scoped(actor, Candidate)
    .filter(status__in=APPROVED, same_person=None)
    .exclude(campaign__status=CampaignStatus.CLOSED)
    .select_related("department")
    .annotate(looked_on=Max("appearance_lines__day")),
    filters=LookFilter,
    lookups=lambda actor, rows: open_lines(one.pk for one in rows),
    order=("department__path", "class_name", "student_no"),
    order_title=Wording("按班级", "By class"),
    columns=(
        Column("tick", Wording("勾选", "Tick"), template="capture/cells/appearance_tick.html", in_file=False,
               hidden_title=True, fixed=True),
        person_column("student_no", css="figures", order=("student_no",)),
        person_column("name", css="text-nowrap", order=("name",)),
        person_column("class_name", css="text-nowrap", order=("class_name",)),
        person_column("department"),
        Column("looked", Wording("检查日期", "Looked at on"), "looked_on", css="figures text-nowrap", order=("looked_on",)),
        Column("findings", Wording("待改的问题", "To be put right"), _words, template="capture/cells/appearance.html",
               css="words", width=40),
    ),
    page_size=100,
    file_name="appearance",
)  # fmt: skip
"""Everybody who is to be photographed, with what the college found; one row a person."""


class NoteAppearance(ActionForm):
    """What was found of those ticked."""

    action = "capture.note_appearance"
    button = Wording("登记检查结果", "Put it down")
    person = RecordsField(
        lambda actor, campaign: changeable(actor, Candidate, "capture.check_appearance").filter(campaign=campaign),
        label=bi("人员", "Persons"),
    )
    day = DayField(label=bi("检查日期", "Looked at on"), past=True, today=True)
    findings = forms.MultipleChoiceField(
        label=bi("检查结果", "What was found"), choices=Appearance.choices, widget=SomeOf
    )
    note = TextField(label=bi("补充说明", "In your own words"), max_length=200, required=False)

    @classmethod
    def is_offered(cls, actor: Actor, target: Campaign) -> bool:
        return holds(actor.user, "capture.check_appearance")

    def perform(self) -> int:
        asked = self.cleaned_data
        return note_appearance(
            self.actor, self.target, candidates=list(asked["person"]), day=asked["day"], findings=asked["findings"],
            note=asked["note"],
        )  # fmt: skip

    def done_message(self, result: int) -> Wording:
        return Wording("已登记，新增 {n} 条。", "Put down: {n:new line|new lines}.").format(n=result)


def _campaign(request: SignedInRequest) -> Campaign | None:
    """The campaign that the address names, none where it names none; else the newest that is under way."""
    mine = (
        scoped(request.actor, Campaign).exclude(status=CampaignStatus.CLOSED).order_by("-cohort_year", "-pk").distinct()
    )
    wanted = request.GET.get("campaign", "")
    if not wanted:
        return mine.first()
    return mine.filter(pk=int(wanted)).first() if wanted.isascii() and wanted.isdigit() and len(wanted) < 18 else None


@page("capture.check_appearance")
def appearance(request: SignedInRequest) -> HttpResponse:
    """The list with the form; posted, what was found of those ticked."""
    campaign = _campaign(request)
    if request.method == "POST" and campaign is not None:
        return form_action(
            request,
            posted_form(request, (NoteAppearance,), campaign),
            again=lambda form: _appearance(request, campaign, form),
            done=lambda made: redirect(request.get_full_path()),
        )
    return _appearance(request, campaign)


def _appearance(request: SignedInRequest, campaign: Campaign | None, posted: ActionForm | None = None) -> HttpResponse:
    more: dict[str, Any] = {"campaign": campaign.pk} if campaign else {}
    listing = LOOKS.page(request, **more)
    context: dict[str, Any] = {
        "campaign": campaign,
        "listing": listing,
        "tabs": listing.tabs("state"),
        "page_forms": PageForms(request.actor, campaign, (NoteAppearance,), posted) if campaign else {},
        "ticked": ticks(posted, "person"),
        "today": timezone.localdate(),
        "watches": holds(request.user, "capture.watch"),
    }
    return render(request, "capture/appearance.html", context)


@page("capture.check_appearance")
def appearance_export(request: SignedInRequest) -> HttpResponseBase:
    """The same as a file: for the class, to put right."""
    return answer_export(request, LOOKS)
