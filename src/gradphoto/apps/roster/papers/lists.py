"""The lists of the papers: what was printed so far, what came back signed, and what the admissions comparison found."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import QueryDict

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import ListFilter, choice, record, search
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.columns import COLUMNS
from gradphoto.apps.roster.models import AdmissionsCheck, AdmissionsDifference, AdmissionsRoute, Document, SignedTable
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.person_filter import campaigns_of
from gradphoto.apps.roster.typed import named
from gradphoto.engine.wording import Wording


class DocumentFilter(ListFilter):
    """Nothing of its own: the page's selection of campaign, season, college and class narrows it."""


def _documents(actor: Actor, params: QueryDict) -> QuerySet[Document]:
    """The papers of the page's selection; a link without one means all that the viewer sees."""
    found = scoped(actor, Document).select_related("organisation").prefetch_related("signed_pages", "signed_tables")
    for name, field in (("campaign", "campaign"), ("department", "organisation")):
        if (value := params.get(name, "")).isdecimal():
            found = found.filter(**{field: int(value)})
    return found.filter(season=params["season"]) if params.get("season") else found


def _is_signed(document: Document, facts: None) -> str:
    attached = bool(document.signed_pages.all()) or bool(document.signed_tables.all())
    return say(Wording("已上传", "attached")) if attached else ""


DOCUMENTS = Listing(
    name="roster.documents",
    title=Wording("已打印的文件", "Papers printed so far"),
    permission="roster.print",
    rows=lambda actor: scoped(actor, Document),
    about=_documents,
    filters=DocumentFilter,
    columns=(
        Column("number", Wording("编号", "Number"), "number", template="roster/cells/document.html",
               css="figures text-nowrap", order=("number",), fixed=True),
        Column("paper", Wording("文件", "File"), "get_kind_display", css="wide-cell", order=("kind",)),
        Column("unit", Wording("单位", "Organisation"), lambda one, facts: f"{one.organisation.name} {one.class_name}".strip(),
               css="wide-cell", order=("organisation__path", "class_name")),
        Column("people", Wording("人数", "Persons"), "people", css="figures"),
        Column("made_by", Wording("打印人", "Printed by"), "made_by", css="small"),
        Column("made_at", Wording("打印时间", "Printed"), "made_at", css="figures text-nowrap small", order=("made_at",)),
        Column("signed", Wording("签章", "Signed"), _is_signed),
    ),
    order=("-made_at", "-pk"),
    page_size=20,
    file_name="papers",
)  # fmt: skip


class DifferenceFilter(ListFilter):
    """What the comparison may be asked for."""

    q = search("查找", "Search", "find", example=("姓名或学号", "Name or student number"))
    route = choice(AdmissionsRoute, "办理方式", "Way")

    def find(self, rows: QuerySet[AdmissionsDifference], name: str, words: str) -> QuerySet[AdmissionsDifference]:
        return rows.filter(named(words, "candidate__"))


def _differences(actor: Actor, params: QueryDict) -> QuerySet[AdmissionsDifference]:
    wanted = params.get("check", "")
    checks = scoped(actor, AdmissionsCheck).filter(pk=int(wanted) if wanted.isdecimal() else 0)
    found = AdmissionsDifference.objects.filter(check_run__in=checks)
    return found.select_related("candidate__department", "case")


def _told(one: AdmissionsDifference, facts: None) -> str:
    return " ".join(say(Wording(pair.get("zh", ""), pair.get("en", ""))) for pair in (one.reason, one.remedy))


DIFFERENCES = Listing(
    name="roster.admissions_differences",
    title=Wording("招生数据比对结果", "Result of the comparison"),
    permission="roster.audit",
    rows=lambda actor: AdmissionsDifference.objects.none(),
    about=_differences,
    filters=DifferenceFilter,
    columns=(
        Column("tick", Wording("勾选", "Tick"), template="roster/cells/tick_difference.html", in_file=False,
               hidden_title=True, fixed=True),
        person_column("student_no", "candidate", css="figures",
               template="roster/cells/person.html", order=("candidate__student_no",), fixed=True),
        person_column("name", "candidate", css="text-nowrap", order=("candidate__name",)),
        person_column("department", "candidate",
               order=("candidate__department__path", "candidate__student_no")),
        person_column("class_name", "candidate"),
        Column("season", Wording("毕业季", "Season"), "candidate.get_season_display"),
        Column("item", Wording("项目", "Item"),
               lambda one, facts: say(COLUMNS[one.field].title) if one.field in COLUMNS else one.field,
               css="text-nowrap", order=("field",)),
        Column("ours", Wording("名册", "Roster"), "ours"),
        Column("theirs", Wording("招生数据", "Admissions"), "theirs"),
        Column("reason", Wording("原因与办法", "Reason and remedy"), _told, css="wide-cell",
               template="roster/cells/reason.html", width=40),
        Column("noted", Wording("登记", "Noted"), lambda one, facts: one.case.get_status_display() if one.case else "",
               template="roster/cells/noted.html"),
    ),
    order=("pk",),
    order_title=Wording("按名册", "As on the roster"),
    page_size=100,
    file_name="admissions",
)  # fmt: skip
"""What differs from the admissions data; values are masked where personal."""


class SignedTableFilter(ListFilter):
    """Which signed tables."""

    q = search("查找", "Search", "find", example=("院系、班级、签字人", "Department, class, signer"))
    campaign = record(campaigns_of, "批次", "Campaign")
    season = choice(Season, "毕业季", "Season")

    def narrow(self) -> None:
        """A choice of one is none."""
        if len(self.form.fields["campaign"].queryset) < 2 and not self.data.get("campaign"):
            del self.form.fields["campaign"]

    def find(self, tables: QuerySet[SignedTable], name: str, words: str) -> QuerySet[SignedTable]:
        signed = Q(counsellor_name__icontains=words) | Q(leader_name__icontains=words)
        return tables.filter(signed | Q(class_name__icontains=words) | Q(department__name__icontains=words))


SIGNED_TABLES = Listing(
    name="roster.signed_tables",
    title=Wording("签字核对表", "Signed check tables"),
    permission="roster.keep",
    rows=lambda actor: scoped(actor, SignedTable).select_related("department", "campaign"),
    filters=SignedTableFilter,
    columns=(
        Column("class", Wording("班级", "Class"), lambda one, facts: f"{one.department.name} {one.class_name}".strip(),
               template="roster/cells/signed_class.html", order=("department__path", "class_name"), fixed=True, width=28),
        Column("season", Wording("毕业季", "Season"), "get_season_display", on_page=False),
        Column("counsellor", Wording("辅导员", "Counsellor"), "counsellor_name", css="text-nowrap"),
        Column("leader", Wording("院领导", "Leader"), "leader_name", css="text-nowrap"),
        Column("signed", Wording("签字日期", "Signed on"), "signed_on", css="figures text-nowrap", order=("signed_on",)),
        Column("seal", Wording("印章", "Seal"), "seal", width=24),
        Column("by", Wording("上传人", "Attached by"), "attached_by"),
        Column("at", Wording("上传时间", "Attached"), "attached_at", css="figures text-nowrap", order=("attached_at",)),
        Column("scan", Wording("扫描件", "Scan"), template="roster/cells/signed_scan.html", in_file=False,
               hidden_title=True, fixed=True),
    ),
    order=("-attached_at", "-pk"),
    file_name="signed-tables",
)  # fmt: skip
"""The scans of signed check tables, the newest first."""
