"""The lists of delivery: the packages, the photographs of one, and what was reported of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.delivery.models import (
    DeliveryReport,
    Package,
    PackageItem,
    PackageStatus,
    ReportAction,
    ReportStatus,
)
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import ListFilter, Ticked, choice, hidden, hidden_day, search, tab
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.person_filter import PersonFilter
from gradphoto.apps.roster.status_marks import is_marked, marks_of
from gradphoto.engine.wording import Wording


class PackageFilter(ListFilter):
    """By the receiver or the number on the package; what the school has not checked in time (R155)."""

    q = search("查找", "Search", "find", example=("接收单位或编号", "Receiver or number"))
    season = choice(Season, "毕业季", "Season")
    status = choice(PackageStatus, "状态", "State")
    overdue = Ticked("only_overdue", "只看核对逾期", "Check overdue only")

    def find(self, rows: QuerySet[Package], name: str, words: str) -> QuerySet[Package]:
        found = Q(organisation__name__icontains=words.strip())
        year, _, number = words.strip().rpartition("-")
        if number.isascii() and number.isdigit() and len(number) < 7:
            asked = Q(number=int(number))
            if year.isascii() and year.isdigit() and len(year) == 4:
                asked &= Q(campaign__cohort_year=int(year))
            found |= asked
        return rows.filter(found)

    def only_overdue(self, rows: QuerySet[Package]) -> QuerySet[Package]:
        return rows.filter(status=PackageStatus.DELIVERED, check_due__lt=timezone.localdate())


PACKAGES = Listing(
    name="delivery.packages",
    title=Wording("交付包", "Packages"),
    permission="delivery.keep",
    rows=lambda actor: scoped(actor, Package).select_related("organisation", "campaign"),
    filters=PackageFilter,
    order=("-created_at", "-pk"),
    columns=(
        Column("number", Wording("编号", "Number"), "__str__", template="delivery/cells/number.html", css="figures",
               order=("campaign__cohort_year", "number")),
        Column("receiver", Wording("接收单位", "Receiver"), "organisation.name", order=("organisation__name",), width=28),
        Column("season", Wording("毕业季", "Season"), "get_season_display", template="delivery/cells/season.html"),
        Column("photographs", Wording("照片", "Photographs"), "photo_count", css="figures", order=("photo_count",)),
        Column("status", Wording("状态", "State"), "get_status_display", template="delivery/cells/status.html"),
        Column("delivered", Wording("交付时间", "Delivered"), "delivered_at", on_page=False, width=18),
        Column("check_due", Wording("核对期限", "Check due"), "check_due", template="delivery/cells/check_due.html",
               css="figures text-nowrap", order=(F("check_due").asc(nulls_last=True),)),
        Column("checked_note", Wording("核对结果", "What the check found"), "checked_note", on_page=False, width=30),
    ),
    file_name="packages",
)  # fmt: skip


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
        person_column("student_no", "portrait.candidate",
               order=("portrait__candidate__student_no",)),
        person_column("name", "portrait.candidate"),
        person_column("department", "portrait.candidate", width=24),
        person_column("class_name", "portrait.candidate"),
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
        person_column("student_no", "candidate"),
        person_column("name", "candidate"),
        person_column("department", "candidate", width=24),
        person_column("class_name", "candidate"),
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
