"""The lists of one imported file: what is wrong in it, what can be repaired, what it would change."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import ListFilter, choice, search
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.models import (
    DifferenceKind,
    DifferenceState,
    ImportDifference,
    ImportFix,
    ImportStatus,
    RosterFinding,
    RosterImport,
)
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.typed import named
from gradphoto.engine.roster.layout import FIELD_WORDINGS
from gradphoto.engine.wording import Wording

_ROW = Wording("行", "Row")
_AS_IN_THE_FILE = Wording("按文件的次序", "As in the file")


def _import(actor: Actor, params: QueryDict) -> RosterImport | None:
    wanted = params.get("import", "")
    return scoped(actor, RosterImport).filter(pk=int(wanted) if wanted.isdecimal() else 0).first()


def _place(one: Any, facts: None) -> str:
    return str(one.roster_import.place_of(one.row))


def _said(pair: dict[str, str] | None) -> str:
    return say(Wording(pair.get("zh", ""), pair.get("en", ""))) if pair else ""


class ImportFilter(ListFilter):
    """Which handed-in files."""

    q = search("查找", "Search", "find", example=("文件名、单位", "File, organisation"))
    status = choice(ImportStatus, "状态", "State")

    def find(self, imports: QuerySet[RosterImport], name: str, words: str) -> QuerySet[RosterImport]:
        return imports.filter(Q(file_name__icontains=words) | Q(organisation__name__icontains=words))


IMPORTS = Listing(
    name="roster.imports",
    title=Wording("导入的文件", "Imported files"),
    permission="roster.list",
    rows=lambda actor: scoped(actor, RosterImport).select_related("organisation", "job"),
    filters=ImportFilter,
    columns=(
        Column("file", Wording("文件", "File"), "file_name", template="roster/cells/import_file.html",
               order=("file_name",), fixed=True),
        Column("organisation", Wording("单位", "Organisation"), "organisation.name"),
        Column("at", Wording("时间", "Time"), "created_at", css="figures text-nowrap", order=("created_at",)),
        Column("rows", Wording("行数", "Rows"), "row_count", css="figures", order=("row_count",)),
        Column("good", Wording("正确", "Right"), "good_count", css="figures"),
        Column("bad", Wording("有误", "Wrong"), "bad_count", css="figures", order=("bad_count",)),
        Column("state", Wording("状态", "State"), "get_status_display", template="roster/cells/import_state.html"),
    ),
    order=("-created_at", "-pk"),
    page_size=20,
)  # fmt: skip


class FindingFilter(ListFilter):
    severity = choice([("error", bi("错误", "Errors")), ("warning", bi("提醒", "Warnings"))], "级别", "Level")


def _findings(actor: Actor, params: QueryDict) -> QuerySet[RosterFinding]:
    return RosterFinding.objects.filter(roster_import=_import(actor, params)).select_related("roster_import")


FINDINGS = Listing(
    name="roster.findings",
    title=Wording("问题", "Findings"),
    permission="roster.list",
    rows=lambda actor: RosterFinding.objects.none(),
    about=_findings,
    filters=FindingFilter,
    columns=(
        Column("row", _ROW, _place, css="figures", order=("row",), fixed=True),
        Column("column", Wording("列", "Column"), "column_title", css="text-nowrap", order=("column_title", "row")),
        Column("value", Wording("原值", "Before"), "value", css="figures"),
        Column("severity", Wording("级别", "Level"),
               lambda one, facts: say(Wording("错误", "Error") if one.severity == "error" else Wording("提醒", "Warning")),
               template="roster/cells/severity.html", order=("severity", "row")),
        Column("reason", Wording("原因", "Reason"), lambda one, facts: _said(one.reason), width=40),
        Column("remedy", Wording("处理办法", "What to do"), lambda one, facts: _said(one.remedy), width=40),
    ),
    order=("severity", "row", "pk"),
    order_title=Wording("错误在前", "Errors first"),
    page_size=100,
    file_name="findings",
)  # fmt: skip


class FixFilter(ListFilter):
    """Nothing to ask."""


def _fixes(actor: Actor, params: QueryDict) -> QuerySet[ImportFix]:
    return ImportFix.objects.filter(roster_import=_import(actor, params)).select_related("roster_import")


FIXES = Listing(
    name="roster.fixes",
    title=Wording("一键修正", "Safe repairs"),
    permission="roster.list",
    rows=lambda actor: ImportFix.objects.none(),
    about=_fixes,
    filters=FixFilter,
    columns=(
        Column("tick", Wording("勾选", "Tick"), template="roster/cells/tick_fix.html", in_file=False, hidden_title=True,
               fixed=True),
        Column("row", _ROW, _place, css="figures", order=("row",), fixed=True),
        Column("column", Wording("列", "Column"), "column_title", css="text-nowrap", order=("column_title", "row")),
        Column("before", Wording("原值", "Before"), "before", css="diff-old"),
        Column("after", Wording("修正为", "After"), "after", css="diff-new"),
        Column("applied", Wording("状态", "State"),
               lambda one, facts: say(Wording("已应用", "Applied") if one.applied else Wording("可应用", "Offered")),
               template="roster/cells/fix_state.html", order=("applied", "row")),
    ),
    order=("applied", "row", "pk"),
    order_title=_AS_IN_THE_FILE,
    page_size=100,
    file_name="repairs",
)  # fmt: skip


class DifferenceFilter(ListFilter):
    """What the differences may be asked for; their kind is the page's tab."""

    q = search("查找", "Search", "find", example=("姓名或学号", "Name or student number"))
    state = choice(DifferenceState, "状态", "State")

    def find(self, rows: QuerySet[ImportDifference], name: str, words: str) -> QuerySet[ImportDifference]:
        return rows.filter(named(words))


def _differences(actor: Actor, params: QueryDict) -> QuerySet[ImportDifference]:
    found = ImportDifference.objects.filter(roster_import=_import(actor, params))
    if params.get("tab") in DifferenceKind.values:
        found = found.filter(kind=params["tab"])
    return found.select_related("department", "candidate", "roster_import")


def _changes(one: ImportDifference, facts: None) -> str:
    told = (
        (say(FIELD_WORDINGS[change["field"]]), change["old"] or "—", change["new"] or "—") for change in one.changes
    )
    return "；".join(f"{title}：{old} → {new}" for title, old, new in told)


def _outcome(one: ImportDifference, facts: None) -> str:
    return f"{one.get_state_display()} {_said(one.message)} {_said(one.remedy)}".strip()


DIFFERENCES = Listing(
    name="roster.import_differences",
    title=Wording("与名册的差异", "Differences from the roster"),
    permission="roster.list",
    rows=lambda actor: ImportDifference.objects.none(),
    about=_differences,
    filters=DifferenceFilter,
    columns=(
        Column("tick", Wording("勾选", "Tick"), template="roster/cells/tick_change.html", in_file=False,
               hidden_title=True, fixed=True),
        Column("row", _ROW, _place, css="figures", order=("row",), fixed=True),
        person_column("student_no", css="figures",
               template="roster/cells/import_person.html", order=("student_no",), fixed=True),
        person_column("name", css="text-nowrap", order=("name",), fixed=True),
        Column("kind", Wording("种类", "Kind"), "get_kind_display", on_page=False),
        Column("changes", Wording("改动", "Changes"), _changes, template="roster/cells/changes.html", css="diff", width=40),
        person_column("department", css="text-nowrap",
               order=("department__path", "student_no")),
        Column("state", Wording("状态", "State"), _outcome, template="roster/cells/difference_state.html",
               order=("state",), width=30),
    ),
    order=("pk",),
    order_title=_AS_IN_THE_FILE,
    page_size=100,
    file_name="differences",
)  # fmt: skip
"""Personal values are masked in what an import would change."""
