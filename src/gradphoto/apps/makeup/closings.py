"""The end of a session: both sides agree the count, the sheet is signed, tables and receipt are noted (R104, R130, R133)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from gradphoto.apps.campaigns.contact_lines import contact_lines
from gradphoto.apps.capture.models import CheckInStatus, Identification
from gradphoto.apps.capture.queries import DONE
from gradphoto.apps.core import audit, checkpoints
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.checkpoints import AUDIT_CODE
from gradphoto.apps.core.errors import PermissionRefusal, invalid, refuse, stated_reason, within
from gradphoto.apps.fees.models import Receipt
from gradphoto.apps.makeup.models import ReturnedTable, SessionClosing
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.roster.models import Candidate, SignedTable
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.documents import Column, Fact, Section, TableForm
from gradphoto.engine.wording import Wording

_SEASONS = {"spring": Wording("春季", "Spring"), "autumn": Wording("秋季", "Autumn")}


def counts_of(session: CaptureSession) -> dict[str, Any]:
    """The session's figures as they stand: by department and season, and by way of identification.

    ``rows`` of department, season, listed, photographed, confirmed, reshoots, missed; spring and autumn apart (R12).
    Everybody photographed here counts in their own department, whether they were listed here or came from elsewhere.
    """
    done, here = Q(check_ins__status__in=DONE), Q(check_ins__session=session)
    again = here & done & Q(check_ins__again_reason__gt="")
    listed = Q(appointment__slot__session=session)
    missed = listed & ~Q(pk__in=session.campaign.check_ins.filter(status__in=DONE).values("candidate"))
    figures = {
        "listed": Count("pk", filter=listed, distinct=True),
        "photographed": Count("check_ins", filter=here & done, distinct=True),
        "confirmed": Count("check_ins", filter=here & Q(check_ins__status=CheckInStatus.CONFIRMED), distinct=True),
        "reshoots": Count("check_ins", filter=again, distinct=True),
        "missed": Count("pk", filter=missed, distinct=True),
    }
    people = Candidate.objects.filter(listed | here).order_by("department__path", "-season")
    found = people.values("department", "department__name", "season").annotate(**figures)
    rows = [dict(row.items()) for row in found]
    ways = session.check_ins.filter(status__in=DONE).order_by("method").values("method").annotate(n=Count("pk"))
    return {
        "rows": rows,
        "ways": {way["method"]: way["n"] for way in ways},
        "cancelled": session.check_ins.filter(status=CheckInStatus.CANCELLED).count(),
        "held": session.holds.filter(decision="").count(),
        "alarms_open": session.alarms.filter(settled_at=None).count(),
        "total": {name: sum(row[name] for row in rows) for name in figures},
    }


def standing(session: CaptureSession) -> SessionClosing | None:
    """The closing that counts."""
    return session.closings.filter(voided_at=None).select_related("proposed_by", "agreed_by", "proposed_for").first()


def side_of(actor: Actor, session: CaptureSession) -> Organisation | None:
    """For whom a person speaks at this session: its collection centre or its school."""
    campaign = session.campaign
    wanted = roles_of("makeup.close")
    for side in (campaign.centre, campaign.school):
        if any(m.role in wanted and m.organisation.path.startswith(side.path) for m in actor.user.held):
            return side
    return None


@action("makeup.propose_closing", permission="makeup.close")
def propose_closing(actor: Actor, session: CaptureSession) -> SessionClosing:
    """One side puts the count down. Raises ``makeup.session_not_closed``, ``makeup.closing_stands``, ``makeup.no_side``."""
    if session.status != SessionStatus.CLOSED:
        raise refuse("makeup.session_not_closed", "本场次尚未结束。", "The session is not closed.",
                     "请先在现场采集页结束场次。", "Close it on the capture page first.")  # fmt: skip
    former = standing(session)
    if former is not None and former.agreed_at is not None:
        raise refuse("makeup.closing_stands", "双方已确认过本场次的数字。", "Both sides agreed on this session already.",
                     "如有变化，请先作废并说明原因。", "If it changed, void that one with the reason.")  # fmt: skip
    if former is not None:
        _void(former, "重新清点")
    counts = counts_of(session)
    audit.note(**counts["total"])
    return SessionClosing.objects.create(
        session=session, counts=counts, proposed_by=actor.user, proposed_for=_side(actor, session)
    )


def _side(actor: Actor, session: CaptureSession) -> Organisation:
    side = side_of(actor, session)
    if side is None:
        raise refuse("makeup.no_side", "您不属于本场次的任何一方。", "You belong to neither side of this session.",
                     "请由学校或采集中心的现场人员办理。", "Have the school's or the centre's staff do it.")  # fmt: skip
    return side


@action("makeup.agree_closing", permission="makeup.close", closing=True)
def agree_closing(actor: Actor, closing: SessionClosing) -> None:
    """The other side agrees. Raises ``makeup.same_side`` and, when the count changed meanwhile, ``makeup.count_changed``."""
    if closing.agreed_at is not None or closing.voided_at is not None:
        raise refuse("makeup.closing_over", "这份结算单已确认或已作废。", "This sheet is agreed or void already.",
                     "请刷新页面。", "Reload the page.")  # fmt: skip
    if closing.proposed_for == _side(actor, closing.session) or is_same_person(actor, closing.proposed_by_id):
        raise refuse("makeup.same_side", "须由另一方确认。", "The other side must agree.",
                     "请学校与采集中心各一人办理。", "One person of the school and one of the centre.")  # fmt: skip
    if counts_of(closing.session) != closing.counts or closing.session.status != SessionStatus.CLOSED:
        raise refuse("makeup.count_changed", "清点之后数字有变化。", "The figures have changed since they were put down.",
                     "请重新清点。", "Count again.")  # fmt: skip
    closing.agreed_by, closing.agreed_at = actor.user, timezone.now()
    closing.save(update_fields=["agreed_by", "agreed_at"])
    audit.note(**closing.counts["total"])


@action("makeup.void_closing", permission="makeup.close")
def void_closing(actor: Actor, closing: SessionClosing, *, reason: str) -> None:
    """The sheet no longer counts, e.g. because the session was opened again; it stays on record."""
    _side(actor, closing.session)
    _void(closing, stated_reason(reason, "makeup.reason_missing"))
    audit.note(reason=closing.void_reason)


def _void(closing: SessionClosing, reason: str) -> None:
    closing.voided_at, closing.void_reason = timezone.now(), reason
    closing.save(update_fields=["voided_at", "void_reason"])


@action("makeup.note_receipt", permission="makeup.close")
def note_receipt(actor: Actor, closing: SessionClosing, *, receipt: Receipt | None, note: str) -> None:
    """Which receipt was given for this session, or why none (R133). Raises ``makeup.other_receipt``."""
    if receipt is not None and receipt.campaign_id != closing.session.campaign_id:
        raise refuse("makeup.other_receipt", "该收据属于另一批次。", "That receipt is of another campaign.",
                     "请核对收据号。", "Check its number.")  # fmt: skip
    if receipt is None and not note.strip():
        raise invalid("makeup.receipt", "请填写收据号或说明。", "Give the receipt's number or a note.",
                      "例如“随院系缴费，另行开具”。", "For example: paid by the college, receipt follows.", field="receipt")  # fmt: skip
    closing.receipt, closing.receipt_note = receipt, within(note, 200, field="note")
    closing.save(update_fields=["receipt", "receipt_note"])
    audit.note(receipt=receipt.pk if receipt else None)


@action("makeup.return_table", permission="makeup.return_tables")
def return_table(
    actor: Actor,
    session: CaptureSession,
    *,
    department: Organisation,
    handed_in_by: str,
    sheets: int,
    table: SignedTable | None = None,
) -> ReturnedTable:
    """A college's signed check table came to the registry's staff at the scene (R130); handing in again corrects it."""
    if not handed_in_by.strip() or not 1 <= sheets <= 500:
        raise invalid("makeup.returned_table", "请填写交表人和页数。", "Give who handed it in and how many sheets.",
                      "按收到的核对表填写。", "As received.")  # fmt: skip
    campaign = session.campaign
    if not department.path.startswith(campaign.school.path) or (table and table.campaign_id != campaign.pk):
        raise PermissionRefusal("makeup.return_table")
    found, _ = ReturnedTable.objects.update_or_create(
        session=session,
        department=department,
        defaults={
            "handed_in_by": within(handed_in_by, 60, field="handed_in_by"),
            "received_by": str(actor.user or actor.label)[:150],
            "received_at": timezone.now(),
            "sheets": sheets,
            "table": table,
        },
    )
    audit.note(department=department.pk, sheets=sheets)
    return found


def departments_of(session: CaptureSession) -> list[Organisation]:
    """The colleges of a session, those with people listed or photographed there."""
    here = Q(appointment__slot__session=session) | Q(check_ins__session=session)
    return list(Organisation.objects.filter(pk__in=Candidate.objects.filter(here).values("department")))


def tables_of(session: CaptureSession) -> list[tuple[Organisation, ReturnedTable | None]]:
    """College by college: the table that came back."""
    back = {one.department_id: one for one in session.returned_tables.select_related("table")}
    return [(unit, back.get(unit.pk)) for unit in departments_of(session)]


def closing_form(closing: SessionClosing, crew: str) -> TableForm:
    """The closing sheet with who was on duty, the signatures of both sides and the seal (R71, R91)."""
    session, counts = closing.session, closing.counts
    campaign, total = session.campaign, counts["total"]
    rows = tuple(
        (
            row["department__name"], _SEASONS[row["season"]].zh,
            *(str(row[name]) for name in ("listed", "photographed", "confirmed", "reshoots", "missed")),
        )
        for row in counts["rows"]
    )  # fmt: skip
    ways = "、".join(f"{Identification(way).label} {n}" for way, n in counts["ways"].items()) or "—"
    told = Wording(
        f"合计：应到 {total['listed']}，已拍 {total['photographed']}，现场已确认 {total['confirmed']}，"
        f"重拍 {total['reshoots']}，漏拍 {total['missed']}",
        f"In all: listed {total['listed']}, photographed {total['photographed']}, confirmed {total['confirmed']}, "
        f"shot again {total['reshoots']}, missed {total['missed']}",
    )
    agreed = f"{timezone.localtime(closing.agreed_at):%Y-%m-%d %H:%M}" if closing.agreed_at else "未确认"
    back = list(session.returned_tables.select_related("department"))
    tables = "；".join(f"{one.department.name} {one.sheets}页（{one.handed_in_by}）" for one in back) or "—"
    receipt = closing.receipt.number_label if closing.receipt else closing.receipt_note or "—"
    return TableForm(
        title=Wording("图像采集场次结算单", "Closing sheet of a collection session"),
        subtitle=Wording(campaign.title, campaign.title),
        columns=(
            Column(Wording("院系", "Department"), 0, "left"),
            Column(Wording("毕业季", "Season"), 20),
            Column(Wording("应到", "Listed"), 18, "right"),
            Column(Wording("已拍", "Photographed"), 18, "right"),
            Column(Wording("已确认", "Confirmed"), 18, "right"),
            Column(Wording("重拍", "Reshoot"), 18, "right"),
            Column(Wording("漏拍", "Missed"), 18, "right"),
        ),
        sections=(Section(rows, total=told),),
        dated=timezone.localtime(closing.agreed_at or closing.proposed_at),
        number=f"CLS-{session.date:%Y%m%d}-{closing.pk}",
        issuer=Wording(campaign.school.name, campaign.school.name_en or campaign.school.name),
        facts=(
            Fact(Wording("日期", "Day"), f"{session.date:%Y-%m-%d}"),
            Fact(Wording("地点", "Place"), session.place),
            Fact(Wording("采集中心", "Collection centre"), campaign.centre.name),
            Fact(Wording("现场人员", "Staff of the day"), crew),
            Fact(Wording("识别方式", "Identified by"), ways),
            Fact(Wording("撤销登记", "Cancelled"), str(counts["cancelled"])),
            Fact(Wording("待处理拦下 / 提示", "Open holds / alarms"), f"{counts['held']} / {counts['alarms_open']}"),
            Fact(Wording("清点", "Counted"), f"{closing.proposed_by}（{closing.proposed_for.name}）"),
            Fact(Wording("双方确认", "Agreed"), f"{closing.agreed_by or ''} {agreed}".strip()),
            Fact(Wording("核对表交回", "Check tables returned"), tables),
            Fact(Wording("收据", "Receipt"), receipt),
            Fact(AUDIT_CODE, checkpoints.covering(closing.agreed_at)),
        ),
        notes=(
            Wording("漏拍人员按通知预约补拍。", "Those missed book a make-up shot as the notice says."),
            *contact_lines(campaign),
        ),
        signatures=(Wording("采集中心代表", "For the centre"), Wording("学校代表", "For the school")),
        seal=Wording("（学校盖章）", "(seal of the school)"),
    )
