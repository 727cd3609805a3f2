"""The forms of the signatures: slips for the students, scanned check tables, and the student's own page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import changeable, get_scoped
from gradphoto.apps.pages.fields import DayField, RecordsField, TextField, UploadField, wrong
from gradphoto.apps.pages.forms import CODE_SIGNS, ActionForm, EntryForm
from gradphoto.apps.roster import queries, signing_codes
from gradphoto.apps.roster.columns import COLUMNS
from gradphoto.apps.roster.forms.lists import take_for_all
from gradphoto.apps.roster.forms.persons import LONGEST_VALUE, options_of, why
from gradphoto.apps.roster.models import BulkStep, Candidate, Document
from gradphoto.apps.roster.queries import ClassGroup
from gradphoto.apps.roster.signed_tables import SCAN_KINDS, SCAN_LIMIT_MB
from gradphoto.engine.wording import Wording

CODE_MAX = 120


def scan_field() -> UploadField:
    """A scanned paper."""
    return UploadField(
        *SCAN_KINDS,
        limit_mb=SCAN_LIMIT_MB,
        accept=".pdf,.jpg,.jpeg,.png",
        label=bi("扫描件", "Scan"),
        help_text=bi(f"PDF、JPG 或 PNG，不超过 {SCAN_LIMIT_MB} MB", f"PDF, JPG or PNG up to {SCAN_LIMIT_MB} MB"),
    )


def to_sign(actor: Actor) -> QuerySet[Candidate]:
    """Whose slips the actor prints."""
    return changeable(actor, Candidate, "roster.check").filter(status__in=signing_codes.MAY_SIGN)


class PrintSlips(ActionForm):
    """The slips of one class; printing them is on record."""

    action = "roster.issue_signing_codes"
    button = Wording("生成核对单", "Make the slips")
    said = Wording("核对单已生成。", "The slips are made.")
    group = forms.ChoiceField(label=bi("班级", "Class"), widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.groups = queries.class_groups(to_sign(self.actor))
        self.fields["group"].choices = [(one.key, one.class_name) for one in self.groups]  # type: ignore[attr-defined]

    def perform(self) -> tuple[Campaign, list[signing_codes.Slip]]:
        group = next(one for one in self.groups if one.key == self.cleaned_data["group"])
        campaign = get_scoped(self.actor, Campaign, pk=group.campaign)
        people = group.among(to_sign(self.actor))
        return campaign, REGISTRY[self.action].function(self.actor, campaign, candidates=people)


@dataclass(frozen=True, slots=True)
class ClassTable:
    """A check table that is to be attached: of which class, which printed paper, and who stands on it."""

    campaign: Campaign
    department: Organisation
    group: ClassGroup
    people: QuerySet[Candidate]
    document: Document | None


class AttachTable(ActionForm):
    """The scan of one class: who signed, when, which seal; whoever is ticked has signed (R38, R71)."""

    action = "roster.attach_table"
    button = Wording("上传并办理", "Attach and move on")
    said = Wording("核对表已上传。", "The table is attached.")
    target: ClassTable
    file = scan_field()
    counsellor_name = TextField(label=bi("辅导员签名", "Counsellor's signature"), max_length=60)
    leader_name = TextField(label=bi("主管院领导签名", "Leader's signature"), max_length=60)
    signed_on = DayField(label=bi("签字日期", "Signed on"), past=True)
    seal = TextField(label=bi("印章", "Seal"), max_length=120, example=Wording("计算机学院公章", "Seal of the college"))
    candidate = RecordsField(
        lambda actor, target: target.people if target is not None else Candidate.objects.none(),
        label=bi("已签字的人", "Who has signed"),
    )

    @transaction.atomic
    def perform(self) -> BulkStep:
        given, asked = self.cleaned_data, self.target
        table = REGISTRY[self.action].function(
            self.actor, asked.department, campaign=asked.campaign, season=Season(asked.group.season),
            class_name=asked.group.class_name, scan=given["file"].data, media_type=given["file"].media_type,
            document=asked.document,
            **{name: given[name] for name in ("counsellor_name", "leader_name", "seal", "signed_on")},
        )  # fmt: skip
        return take_for_all(self.actor, "roster.endorse_by_table", given["candidate"], {"table": table.pk})


class EnterOwnRow(EntryForm):
    """The code of the slip, and whose it is."""

    code = TextField(
        label=bi("核对码", "Personal code"),
        max_length=CODE_MAX,
        attrs={**CODE_SIGNS, "autocomplete": "one-time-code"},
        help_text=bi("印在核对单上，请勿告诉他人", "Printed on your slip; tell nobody"),
    )
    student_no = TextField(label=bi("学号", "Student no."), max_length=CODE_MAX, attrs=CODE_SIGNS)


class SignInPerson(ActionForm):
    """The student's own signature: the name typed, the own comparison confirmed (R24)."""

    action = "roster.sign_in_person"
    button = Wording("签字确认", "Sign")
    said = Wording("已签字。", "Signed.")
    own = forms.BooleanField(
        label=bi(
            "我是本人，已对照身份证逐项核对，以上信息无误。",
            "I am this person and compared every item with my ID card; all of it is right.",
        ),
        required=False,
    )
    typed_name = TextField(label=bi("输入本人姓名作为签字", "Type your full name to sign"), max_length=80)

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("own"):
            self.add_error("own", wrong(
                "roster.own_check_missing", "请先勾选“本人已对照身份证逐项核对”。",
                "Tick first that you compared every item with your ID card yourself.",
            ))  # fmt: skip
        return dict(self.cleaned_data)

    def arguments(self) -> dict[str, Any]:
        return {"typed_name": self.cleaned_data["typed_name"]}


class ReportError(ActionForm):
    """What is wrong, what is right, and a note: it lands at the college as a reported error."""

    action = "roster.report_error"
    button = Wording("提交", "Hand in")
    said = Wording("已提交学院核对。", "Sent to your college.")
    field = forms.ChoiceField(label=bi("哪一项有误", "What is wrong"))
    value = TextField(label=bi("正确内容（按身份证）", "The right value, as on your ID card"), max_length=LONGEST_VALUE)
    note = why("补充说明（可不填）", "Note (may be left empty)", required=False)

    def __init__(self, *args: Any, fields: tuple[str, ...] = (), chosen: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(name, say(COLUMNS[name].title)) for name in fields]
        self.fields["field"].choices = choices  # type: ignore[attr-defined]
        self.fields["field"].initial = chosen
        if known := options_of(chosen, self.target.department):
            self.fields["value"].widget = forms.Select(choices=[("", ""), *known])
