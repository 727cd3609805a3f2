"""What was found and why photographs were rejected: by rule, by reason, by department, by hour."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractHour

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import AssessmentFinding, Frame
from gradphoto.apps.capture.reasons import title_of
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.review.models import DecisionReason
from gradphoto.apps.review.queue import Wanted, frames
from gradphoto.engine.wording import Wording
from gradphoto.engine.workbooks import open_workbook


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: ``link`` narrows the review's list to the frames counted here."""

    title: Wording
    link: str
    total: int
    failed: int
    doubtful: int
    rejected: int
    percent: int
    failed_percent: int


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a title, what its lines are, and the lines."""

    key: str
    title: Wording
    heading: Wording
    rows: tuple[Row, ...]


def tables(actor: Actor, campaign: Campaign, wanted: Wanted) -> tuple[Table, ...]:
    """All four tables over the frames of a filter; four queries, however many frames."""
    found = frames(actor, campaign, wanted)
    measured = found.filter(_MEASURED)
    return (
        Table("rule", Wording("按规则", "By rule"), Wording("规则", "Rule"), _by_rule(found)),
        Table("reason", Wording("按退回原因", "By reason of rejection"), Wording("原因", "Reason"), _by_reason(found)),
        Table(
            "department", Wording("按院系", "By department"), Wording("院系", "Department"), _by_department(measured)
        ),
        Table("hour", Wording("按时段", "By hour"), Wording("时段", "Hour"), _by_hour(measured)),
    )


_MEASURED, _REJECTED = Q(now__isnull=False), Q(status="rejected")
_SPREAD = {
    "total": Count("pk"),
    "failed": Count("pk", filter=Q(now__outcome="fail")),
    "doubtful": Count("pk", filter=Q(now__outcome="review")),
    "rejected": Count("pk", filter=_REJECTED),
}


def _by_rule(found: QuerySet[Frame]) -> tuple[Row, ...]:
    broken = AssessmentFinding.objects.filter(assessment__current=True, assessment__frame__in=found.values("pk"))
    lines = (
        broken.values("code")
        .annotate(
            total=Count("pk"),
            failed=Count("pk", filter=Q(outcome="fail")),
            doubtful=Count("pk", filter=Q(outcome="review")),
            rejected=Count("pk", filter=Q(assessment__frame__status="rejected")),
        )
        .order_by("-failed", "-total", "code")
    )
    return _rows([(title_of(line["code"]), f"rule={line['code']}", line) for line in lines])


def _by_reason(found: QuerySet[Frame]) -> tuple[Row, ...]:
    given = DecisionReason.objects.filter(decision__undone_at=None, decision__review__frame__in=found.values("pk"))
    lines = given.values("code").annotate(total=Count("decision__review", distinct=True)).order_by("-total", "code")
    counted = [{**line, "failed": 0, "doubtful": 0, "rejected": line["total"]} for line in lines]
    return _rows([(title_of(line["code"]), f"reason={line['code']}", line) for line in counted])


def _by_department(measured: QuerySet[Frame]) -> tuple[Row, ...]:
    name, key = "check_in__candidate__department__name", "check_in__candidate__department"
    lines = measured.order_by().values(key, name).annotate(**_SPREAD).order_by(name)
    return _rows([(Wording(line[name], line[name]), f"department={line[key]}", line) for line in lines])


def _by_hour(measured: QuerySet[Frame]) -> tuple[Row, ...]:
    lines = measured.order_by().annotate(hour=ExtractHour("arrived_at")).values("hour").annotate(**_SPREAD)
    rows = []
    for line in lines.order_by("hour"):
        label = f"{line['hour']:02d}:00 – {line['hour']:02d}:59"
        rows.append((Wording(label, label), f"hour={line['hour']}", line))
    return _rows(rows)


def _rows(lines: Sequence[tuple[Wording, str, Mapping[str, Any]]]) -> tuple[Row, ...]:
    """The bars are read against the longest line."""
    longest = max((line["total"] for _, _, line in lines), default=0) or 1
    return tuple(
        Row(
            title, link, line["total"], line["failed"], line["doubtful"], line["rejected"],
            round(100 * line["total"] / longest), round(100 * line["failed"] / longest),
        )
        for title, link, line in lines
    )  # fmt: skip


def workbook(title: str, found: Sequence[Table]) -> bytes:
    """All tables as xlsx, one sheet each."""
    out = io.BytesIO()
    book = open_workbook(out)
    head = book.add_format({"bold": True, "border": 1, "bg_color": "#E8F1F9"})
    for table in found:
        sheet = book.add_worksheet(table.title.zh)
        sheet.write_string(0, 0, title)
        titles = (
            f"{table.heading.zh} {table.heading.en}",
            "张数 Frames",
            "不合格 Fail",
            "需看 Review",
            "未采用 Rejected",
        )
        for column, text in enumerate(titles):
            sheet.write_string(1, column, text, head)
        for line, row in enumerate(table.rows, start=2):
            text = row.title.zh if row.title.zh == row.title.en else f"{row.title.zh} {row.title.en}"
            sheet.write_string(line, 0, text)
            for column, number in enumerate((row.total, row.failed, row.doubtful, row.rejected), start=1):
                sheet.write_number(line, column, number)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 4, 14)
    book.close()
    return out.getvalue()
