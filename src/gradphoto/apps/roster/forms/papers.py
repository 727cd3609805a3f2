"""The forms of the papers: what is printed, what comes back signed, the first audit and the cohort rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import REASON_LENGTH
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.fields import DayField, RecordField, RecordsField, TextField, UploadField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.roster.forms.signing import scan_field
from gradphoto.apps.roster.models import (
    AdmissionsCheck,
    AdmissionsDifference,
    CorrectionCase,
    Document,
    PaperBundle,
    PaperKind,
)
from gradphoto.apps.roster.papers import admissions, bundles, issuing, signed
from gradphoto.apps.roster.papers.catalogue import PAPERS, Split
from gradphoto.apps.roster.papers.issuing import Made, Selection
from gradphoto.engine.wording import Wording

FORMATS = (("pdf", "PDF"), ("xlsx", "xlsx"))
LIMIT_MB = 64


def document_address() -> str:
    """What the QR codes lead to, with ``@`` for the document's number."""
    return site_address(reverse("roster:papers")) + "d/@/"


@dataclass(frozen=True, slots=True)
class Printing:
    """What a page prints: the selection of its address, and the reader's language."""

    selection: Selection
    language: str


@dataclass(frozen=True, slots=True)
class Printed:
    """Papers made at once, as one file of a format."""

    made: Sequence[Made]
    name: str
    made_as: str


class MakePaper(ActionForm):
    """One paper of the selection; what is too much to wait for goes to the background."""

    action = "roster.issue_paper"
    said = Wording("", "")
    target: Printing
    kind = forms.ChoiceField(choices=[(str(kind), PaperKind(kind).label) for kind in PAPERS], widget=forms.HiddenInput)
    made_as = forms.ChoiceField(choices=FORMATS, widget=forms.HiddenInput)

    @classmethod
    def which(cls) -> str:
        return "make_paper"

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True

    def perform(self) -> Printed | PaperBundle:
        paper, made_as = PAPERS[self.cleaned_data["kind"]], self.cleaned_data["made_as"]
        selection = self.target.selection
        parts = issuing.sheets(self.actor, paper, selection)
        if not parts:
            raise issuing.nothing_to_print()
        people = {person.pk for part in parts for person in part.people}
        if len(parts) > bundles.AT_ONCE_PARTS or len(people) > bundles.AT_ONCE_PEOPLE:
            return bundle_of(self.actor, self.target, [str(paper.kind)])
        made = [
            issuing.make(self.actor, paper, part, address=_addressed(document_address()), made_as=made_as)
            for part in parts
        ]
        several = f"{paper.code}-{selection.campaign.cohort_year}-{selection.season}"
        return Printed(made, made[0].name if len(made) == 1 else several, made_as)


def _addressed(template: str) -> Callable[[str], str]:
    return lambda number: bundles.address_with(template, number)


def bundle_of(actor: Actor, printing: Printing, kinds: list[str]) -> PaperBundle:
    """The papers of these kinds, made in the background."""
    return bundles.print_all(
        actor, printing.selection.campaign, selection=printing.selection, kinds=kinds, address=document_address(),
        language=printing.language,
    )  # fmt: skip


class PrintAll(ActionForm):
    """All papers of the selection but the machine-readable cards, which are printed by class on their own paper."""

    action = "roster.print_all"
    button = Wording("全部打印（后台生成）", "Print all (in the background)")
    said = Wording("正在生成。", "Being made.")
    target: Printing

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True

    def perform(self) -> PaperBundle:
        return bundle_of(self.actor, self.target, [kind for kind in PAPERS if kind != PaperKind.MACHINE_CARDS])


class MakeCaseForm(ActionForm):
    """The form of one error by the way that is to be taken: R32, R33 or R34."""

    action = "roster.issue_paper"
    said = Wording("", "")
    kind = forms.ChoiceField(
        choices=[(str(kind), PaperKind(kind).label) for kind, paper in PAPERS.items() if paper.split is Split.CASE],
        widget=forms.HiddenInput,
    )

    @classmethod
    def which(cls) -> str:
        return "case_form"

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return bool(target.is_open) and holds(actor.user, "roster.print")

    def perform(self) -> Printed:
        paper, case = PAPERS[self.cleaned_data["kind"]], self.target
        assert isinstance(case, CorrectionCase)
        sheet = issuing.sheet_of_case(self.actor, case)
        made = issuing.make(self.actor, paper, sheet, address=_addressed(document_address()), made_as="pdf")
        return Printed([made], made.name, "pdf")


class AttachSignedPage(ActionForm):
    """The scan of the signed and sealed paper: each signer named as on it."""

    action = "roster.attach_signed_page"
    button = Wording("上传", "Upload")
    said = Wording("扫描件已上传。", "The scan is attached.")
    target: Document
    seal = TextField(label=bi("印章", "Seal"), max_length=120, attrs={"autocomplete": "off"}, css="col-md-6")
    signed_on = DayField(label=bi("签字日期", "Signed on"), past=True, css="col-md-6")
    file = scan_field()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.roles = signed.signers_of(self.target)
        for number, role in enumerate(self.roles):
            self.fields[f"signer_{number}"] = TextField(
                label=say(role), max_length=60, attrs={"autocomplete": "off"}, css="col-md-6"
            )
        self.order_fields([f"signer_{number}" for number, _ in enumerate(self.roles)])

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "scan": given["file"].data,
            "media_type": given["file"].media_type,
            "names": {number: given[f"signer_{number}"] for number, _ in enumerate(self.roles)},
            "seal": given["seal"],
            "signed_on": given["signed_on"],
        }


def _open_campaigns(actor: Actor, target: Any) -> QuerySet[Campaign]:
    return changeable(actor, Campaign, "roster.audit").exclude(status="closed").select_related("school")


class CheckAdmissions(ActionForm):
    """The admissions data as a file, held against the roster (R31)."""

    action = "roster.check_admissions"
    button = Wording("比对", "Compare")
    said = Wording("文件已收到，正在比对。", "The file is here and being compared.")
    campaign = RecordField(_open_campaigns, label=bi("批次", "Campaign"), empty_label=None, css="col-md-5")
    file = UploadField(
        Kind.TABLE,
        limit_mb=LIMIT_MB,
        accept=".xlsx,.xls,.csv,.txt,.dbf",
        label=bi("招生数据文件", "Admissions file"),
        css="col-md-7",
        help_text=bi(
            "xlsx、xls、csv 或 dbf；须有考生号、身份证号或学号之一，以及要核对的列。",
            "xlsx, xls, csv or dbf, with candidate, ID or student number and the columns to compare.",
        ),
    )

    def perform(self) -> AdmissionsCheck:
        file = self.cleaned_data["file"]
        made: AdmissionsCheck = REGISTRY[self.action].function(
            self.actor, self.cleaned_data["campaign"], file_name=file.name or "admissions", data=file.data
        )
        return made


class NoteAdmissions(ActionForm):
    """First-audit cases of the ticked differences, or of all of the way that is shown."""

    action = "roster.note_admissions"
    button = Wording("把勾选的登记为初审未通过", "Note the ticked as failed")
    target: AdmissionsCheck
    route = forms.CharField(required=False, widget=forms.HiddenInput)
    all = forms.BooleanField(required=False, widget=forms.HiddenInput)
    difference = RecordsField(
        lambda actor, target: target.differences.all() if target is not None else AdmissionsDifference.objects.none(),
        required=False,
    )

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        chosen = None if given["all"] else [one.pk for one in given["difference"]]
        return {"chosen": chosen, "route": given["route"]}

    def done_message(self, result: admissions.Noted | None) -> Wording:
        if result is None:
            return Wording("正在后台登记。", "Being noted in the background.")
        return Wording(
            f"已登记 {result.made} 项初审未通过，{result.refused} 项未登记。",
            f"{result.made} noted as failed, {result.refused} not noted.",
        )


class AddCohortRule(ActionForm):
    """A line of who belongs to the class (R7)."""

    action = "roster.add_cohort_rule"
    button = Wording("添加", "Add")
    said = Wording("已添加。", "Added.")
    target: Campaign
    intake_year = forms.IntegerField(label=bi("入学年份", "Intake year"), min_value=1990, max_value=2100)
    length_of_study = TextField(
        label=bi("学制（年，可不填）", "Years of study (may be empty)"), max_length=4, required=False, css="col-md-4"
    )
    major = TextField(label=bi("专业（可不填）", "Major (may be empty)"), max_length=80, required=False, css="col-md-8")
    source = TextField(label=bi("依据（通知或文号）", "Source (notice)"), max_length=REASON_LENGTH)
