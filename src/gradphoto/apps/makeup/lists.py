"""The make-up list: page and file."""

from __future__ import annotations

from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from gradphoto.apps.core.wording import bi
from gradphoto.apps.makeup.lifecycle import UNDER_WAY
from gradphoto.apps.makeup.models import CaseStatus, MakeUpBooking, MakeUpCase, SelfCollection, SelfRow, Way
from gradphoto.apps.makeup.models.cases import OVER
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import ListFilter, choice, hidden, hidden_day, tab
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.person_filter import PersonFilter
from gradphoto.engine.wording import Wording


class CaseFilter(PersonFilter):
    """Which cases: of one state, or what is not done, or who is still to be photographed; by way and appointment."""

    status = choice(
        [("open", bi("未办结", "Not done")), ("waiting", bi("待拍摄", "Still to be photographed")), *CaseStatus.choices],
        "状态", "State", method="in_state",
    )  # fmt: skip
    way = choice(Way, "方式", "Way")
    day = hidden_day("at__date")

    def in_state(self, cases: QuerySet[Any], name: str, status: str) -> QuerySet[Any]:
        if status == "open":
            return cases.exclude(status__in=OVER)
        return cases.filter(status__in=UNDER_WAY) if status == "waiting" else cases.filter(status=status)


def with_appointment(cases: QuerySet[MakeUpCase]) -> QuerySet[Any]:
    """The cases with ``at``, ``place`` and ``exception`` (R140) of their standing appointment."""
    standing = MakeUpBooking.objects.filter(case=OuterRef("pk"), released_at=None)
    first = {name: Subquery(standing.values(name)[:1]) for name in ("at", "place", "exception")}
    return cases.annotate(**first)


CASES = Listing(
    name="makeup.cases",
    title=Wording("补拍散拍", "Make-up"),
    permission="makeup.read",
    rows=lambda actor: with_appointment(
        scoped(actor, MakeUpCase).select_related("candidate__department", "candidate__campaign", "recipient")
    ),
    filters=CaseFilter,
    order=("-applied_at", "-pk"),
    columns=(
        Column("tick", Wording("勾选", "Tick"), template="makeup/cells/tick.html", in_file=False, hidden_title=True,
               fixed=True, shown_to="makeup.ask"),
        Column("student_no", Wording("学号", "Student no."), "candidate.student_no", css="figures", fixed=True,
               order=("candidate__student_no",)),
        Column("name", Wording("姓名", "Name"), "candidate.name", template="makeup/cells/case.html",
               order=("candidate__name",)),
        Column("status", Wording("状态", "State"), "get_status_display", template="makeup/cells/state.html",
               order=("status",)),
        Column("at", Wording("预约时间", "Appointment"), "at", css="figures text-nowrap", width=18,
               order=(F("at").asc(nulls_last=True),)),
        Column("place", Wording("地点", "Place"), "place", on_page=False, width=24),
        Column("exception", Wording("时段外例外", "Exception to the season"), "exception", on_page=False, width=24),
        Column("reason_kind", Wording("原因", "Reason"), "get_reason_kind_display"),
        Column("reason", Wording("说明", "Note"), "reason", css="words", width=30),
        Column("way", Wording("方式", "Way"), lambda case, lookups: case.branch or str(case.get_way_display())),
        Column("department", Wording("院系", "Department"), "candidate.department.name",
               order=("candidate__department__path", "candidate__student_no")),
        Column("class_name", Wording("班级", "Class"), "candidate.class_name", on_page=False),
        Column("season", Wording("毕业季", "Season"), "candidate.get_season_display",
               template="makeup/cells/season.html"),
        Column("recipient", Wording("收件人", "Recipient"), "recipient.name", on_page=False),
    ),
    file_name="make-up",
)  # fmt: skip
"""What school and centre talk about on the telephone. No ID number, no telephone number."""


class RowFilter(ListFilter):
    """Which rows of a self-organised collection; whether they have faults stands as tabs."""

    show = tab([("faults", bi("有问题", "faults"))], "显示", "Show", method="with_faults")
    collection = hidden("collection")

    def with_faults(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.exclude(faults=[])


ROWS = Listing(
    name="makeup.collection_rows",
    title=Wording("自行采集汇总表", "Table of a self-organised collection"),
    permission="makeup.read_collections",
    rows=lambda actor: SelfRow.objects.filter(collection__in=scoped(actor, SelfCollection)).select_related(
        "photo", "check_in"
    ),
    filters=RowFilter,
    order=("line",),
    order_title=Wording("按行号", "By row"),
    columns=(Column("line", Wording("行", "Row"), "line"), Column("name", Wording("姓名", "Name"), "name")),
    page_size=100,
)
"""The rows of the table that came with a self-organised collection; its own report is the file."""
