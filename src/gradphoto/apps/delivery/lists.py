"""The lists of delivery: the photographs of a package, and what was reported of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.delivery.models import DeliveryReport, Package, PackageItem, ReportAction, ReportStatus
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import Ticked, choice, hidden, hidden_day, tab
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.person_filter import PersonFilter
from gradphoto.apps.roster.status_marks import is_marked, marks_of
from gradphoto.engine.wording import Wording


def _changes(actor: Actor, rows: Sequence[PackageItem]) -> dict[int, str]:
    return marks_of(one.portrait.candidate_id for one in rows)


class PhotographFilter(PersonFilter):
    """Which photographs of which package; those that need special attention (R23)."""

    changed = Ticked("is_changed", "有学籍异动", "Change of status")

    person = "portrait__candidate__"
    campaign = None
    season = None
    package = hidden("package")

    def is_changed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(is_marked("portrait__check_in__candidate"))


PHOTOGRAPHS = Listing(
    name="delivery.photographs",
    title=Wording("交付照片", "Photographs delivered"),
    permission="delivery.read",
    rows=lambda actor: PackageItem.objects.filter(package__in=scoped(actor, Package)).select_related(
        "portrait__candidate__department"
    ),
    filters=PhotographFilter,
    order=("portrait__candidate__class_name", "shooting_number"),
    order_title=Wording("按班级", "By class"),
    columns=(
        Column("number", Wording("拍摄序号", "Shooting number"), lambda one, lookups: f"{one.shooting_number:05d}",
               order=("shooting_number",)),
        Column("student_no", Wording("学号", "Student no."), "portrait.candidate.student_no",
               order=("portrait__candidate__student_no",)),
        Column("name", Wording("姓名", "Name"), "portrait.candidate.name"),
        Column("department", Wording("院系", "Department"), "portrait.candidate.department.name", width=24),
        Column("class_name", Wording("班级", "Class"), "portrait.candidate.class_name"),
        Column("change", Wording("学籍异动", "Changes of status"),
               lambda one, lookups: lookups.get(one.portrait.candidate_id, ""), width=24),
    ),
    lookups=_changes,
    page_size=120,
    file_name="photographs",
)  # fmt: skip
"""The contact sheet of a package; as a file its list."""


class ReportFilter(PersonFilter):
    """What was reported; its state stands as tabs, what is open first."""

    campaign = None
    season = None
    state = tab(ReportStatus, "状态", "State", "status")
    action = choice(ReportAction, "处理方式", "Remedy")
    package = hidden("package")
    day = hidden_day("reported_at__date")


REPORTS = Listing(
    name="delivery.reports",
    title=Wording("问题登记", "Reports"),
    permission="delivery.follow_check",
    rows=lambda actor: scoped(actor, DeliveryReport).select_related(
        "candidate__department", "reported_by", "errata_link", "package"
    ),
    filters=ReportFilter,
    defaults={"state": ReportStatus.OPEN.value},
    order=("-reported_at", "-pk"),
    columns=(
        Column("student_no", Wording("学号", "Student no."), "candidate.student_no"),
        Column("name", Wording("姓名", "Name"), "candidate.name"),
        Column("department", Wording("院系", "Department"), "candidate.department.name", width=24),
        Column("class_name", Wording("班级", "Class"), "candidate.class_name"),
        Column("kind", Wording("问题", "Problem"), "get_kind_display"),
        Column("action", Wording("处理方式", "Remedy"), "get_action_display", width=20),
        Column("note", Wording("说明", "Note"), "note", width=30),
        Column("state", Wording("状态", "State"), "get_status_display"),
        Column("settled", Wording("处理结果", "What was done"), "settled_note", width=30),
        Column("reported", Wording("登记时间", "Entered"), "reported_at", width=18, order=("reported_at",)),
        Column("by", Wording("问题登记人", "Reported by"), "reported_by.__str__"),
    ),
    file_name="delivery-reports",
)
"""What the school reported of a package (R154-R158)."""
