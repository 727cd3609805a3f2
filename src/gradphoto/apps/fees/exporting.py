"""The lists of the money as files: a short one while the person waits, a long one in the background with progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, enqueue, handles
from gradphoto.apps.core.wording import say
from gradphoto.apps.fees import papers, queries, reconcile
from gradphoto.apps.fees.models import Entry, FeeExport, Receipt
from gradphoto.apps.orgs.models import User
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.wording import Wording

AT_ONCE = 2000
"""So many lines are written while the person waits (about a second)."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHUNK = 500

Line = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Table:
    """A list that leaves the house: its sheet, its file's name, its headings, its rows for an actor, a row's cells."""

    title: Wording
    file_name: str
    headings: tuple[str, ...]
    rows: Callable[[Actor, Campaign, QueryDict], QuerySet[Any]]
    line: Callable[[Any], Line]

    def workbook(self, lines: Iterator[Line]) -> bytes:
        """The list as xlsx."""
        return papers.workbook(self.title.zh, self.headings, lines)


def _receipts(actor: Actor, campaign: Campaign, asked: QueryDict) -> QuerySet[Receipt]:
    return queries.receipts(actor, asked).filter(campaign=campaign)


def _receipt_line(one: Receipt) -> Line:
    return (
        one.number_label, one.issuer.name, one.payer, one.matter, str(one.people_count),
        0 if one.is_cancelled else one.amount_fen, "作废 cancelled" if one.is_cancelled else "有效 valid",
        f"{timezone.localtime(one.issued_at):%Y-%m-%d %H:%M}", str(one.issued_by),
        one.cancellation.reason if one.is_cancelled else "",
    )  # fmt: skip


def _entries(actor: Actor, campaign: Campaign, asked: QueryDict) -> QuerySet[Entry]:
    entries = Entry.objects.filter(campaign=campaign).select_related(
        "debit__candidate", "debit__organisation", "debit__keeper", "credit__candidate", "credit__organisation",
        "credit__keeper", "charge",
    )  # fmt: skip
    if season := queries.season_in(asked):
        entries = entries.filter(season=season)
    if (day := asked.get("day", "")) and _is_day(day):
        entries = entries.filter(business_day=day)
    return entries.order_by("pk")


def _entry_line(one: Entry) -> Line:
    return (
        str(one.pk), one.business_day.isoformat(), f"{timezone.localtime(one.at):%H:%M:%S}",
        str(Season(one.season).label), str(one.get_kind_display()), str(one.debit), str(one.credit),
        str(one.charge.get_item_display()) if one.charge else "", one.amount_fen, str(one.reverses_id or ""),
        one.reason, one.actor_label,
    )  # fmt: skip


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _differences(actor: Actor, campaign: Campaign, asked: QueryDict) -> QuerySet[Candidate]:
    department = queries.number(asked.get("department"))
    return reconcile.names(actor, campaign, asked.get("show", ""), queries.season_in(asked), department)


def _difference_line(person: Candidate) -> Line:
    flags = [getattr(person, name) for name in ("is_listed", "is_paid", "is_waived", "is_shot")]
    return (
        str(Season(person.season).label), person.department.name, person.class_name, person.student_no, person.name,
        *("✓" if flag else "" for flag in flags), "、".join(_why(person)),
    )  # fmt: skip


def _why(person: Candidate) -> list[str]:
    listed, paid, waived, shot = (getattr(person, f"is_{side}") for side in ("listed", "paid", "waived", "shot"))
    holds = {
        "listed_unpaid": listed and not paid and not waived,
        "shot_unpaid": shot and not paid and not waived,
        "paid_not_shot": paid and not shot,
        "paid_not_listed": paid and not listed,
        "shot_not_listed": shot and not listed,
    }
    return [say(title) for name, (title, _) in reconcile.shown_differences().items() if holds[name]]


TABLES: dict[str, Table] = {
    "receipts": Table(
        Wording("收据", "Receipts"), "receipts",
        ("收据号 Number", "开具单位 Issuer", "付款方 Payer", "事由 For", "人数 Persons", "金额 Yuan", "状态 State",
         "开具时间 Issued", "开票人 By", "作废原因 Why cancelled"),
        _receipts, _receipt_line,
    ),
    "journal": Table(
        Wording("流水账", "Journal"), "fee-journal",
        ("序号 No.", "日期 Day", "时间 Time", "毕业季 Season", "类别 Kind", "收方 To", "付方 From", "项目 Item",
         "金额 Yuan", "冲销 Reverses", "原因 Reason", "经办 By"),
        _entries, _entry_line,
    ),
    "reconciliation": Table(
        Wording("三方对账", "Reconciliation"), "reconciliation",
        ("毕业季 Season", "院系 Department", "班级 Class", "学号 Student no.", "姓名 Name", "在册 Listed",
         "已缴 Paid", "减免 Waived", "已拍 Photographed", "差异 Difference"),
        _differences, _difference_line,
    ),
}  # fmt: skip


@action("fees.export_later", permission="fees.collect", within=())
def export_later(actor: Actor, campaign: Campaign, *, table: str, asked: str) -> FeeExport:
    """Have a long list written in the background, as the asker may see it then."""
    export = FeeExport.objects.create(campaign=campaign, requested_by=actor.user, table=table, asked=asked)
    export.job = enqueue(
        "fees.export",
        actor,
        Wording(f"导出{TABLES[table].title.zh}", f"Export: {TABLES[table].title.en}"),
        {"export": export.pk},
        organisation_id=campaign.school_id,
        result_url=reverse("fees:exported", args=[export.pk]),
    )
    export.save(update_fields=["job"])
    audit.note(export=export.pk, table=table)
    return export


@handles("fees.export")
def write_export(run: JobRun) -> None:
    """Write the workbook; run again after a crash, it begins anew unless the file is there."""
    export = FeeExport.objects.select_related("campaign").get(pk=run.params["export"])
    if export.blob_id is not None:
        return
    actor, table = Actor.of(User.objects.get(pk=export.requested_by_id)), TABLES[export.table]
    rows = table.rows(actor, export.campaign, QueryDict(export.asked))
    export.row_count = rows.count()
    run.start(export.row_count)
    export.blob = blobs.put(table.workbook(_lines(run, table, rows)), XLSX)
    export.save(update_fields=["blob", "row_count"])
    audit.record(run.actor, "fees.export_written", export, {"rows": export.row_count})


def _lines(run: JobRun, table: Table, rows: QuerySet[Any]) -> Iterator[Line]:
    """The lines chunk by chunk; each chunk reports, and so can be cancelled."""
    for done, row in enumerate(rows.iterator(chunk_size=_CHUNK), start=1):
        yield table.line(row)
        if done % _CHUNK == 0:
            run.advance(done)
    run.advance(run.job.total)
