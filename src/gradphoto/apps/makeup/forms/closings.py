"""The forms of the closing sheet: counted, agreed, voided; its receipt, its tables that came back, who was there."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.fees.queries import receipt_of_number
from gradphoto.apps.makeup.closings import departments_of, side_of
from gradphoto.apps.makeup.crew import LONGEST_LINE, TITLES, crew_lines, field_of
from gradphoto.apps.makeup.models import SessionClosing
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.fields import RecordField, TextField, wrong
from gradphoto.apps.pages.forms import ROW, ActionForm
from gradphoto.apps.roster.models import SignedTable
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.wording import Wording

_NUMBER = re.compile(r"[0-9]{1,18}")


class _OfSession(ActionForm):
    """What a side does at a session that is over."""

    target: CaptureSession

    @classmethod
    def is_offered(cls, actor: Actor, target: CaptureSession) -> bool:
        over = target.status == SessionStatus.CLOSED and side_of(actor, target) is not None
        return over and super().is_offered(actor, target)


class ProposeClosing(_OfSession):
    """One side's count."""

    action = "makeup.propose_closing"
    button = Wording("我方清点完毕，请对方确认", "Our count; the other side to agree")
    said = Wording("已清点，请对方确认。", "Counted; the other side is to agree.")


class NoteCrew(_OfSession):
    """Who stood where: one line a post, several names apart by commas."""

    action = "makeup.note_crew"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for code, title in TITLES.items():
            self.fields[field_of(code)] = TextField(
                label=say(title), max_length=LONGEST_LINE, required=False, css="col-md-4"
            )

    @classmethod
    def starts_with(cls, actor: Actor, target: CaptureSession) -> dict[str, str]:
        return {field_of(line.code): line.names for line in crew_lines(target)}

    def arguments(self) -> dict[str, Any]:
        return {"names": {code: self.cleaned_data[field_of(code)] for code in TITLES}}


class ReturnTable(ActionForm):
    """A college's signed check table (R130); the form stands on the college's row, whose number is its key."""

    action = "makeup.return_table"
    button = Wording("登记", "Record")
    target: CaptureSession
    handed_in_by = TextField(
        label=bi("交表人", "Handed in by"),
        max_length=60,
        example=Wording("交表人", "Handed in by"),
        attrs={"size": "8"},
    )
    sheets = forms.IntegerField(
        label=bi("页数", "Sheets"), min_value=1, max_value=500, initial=1, widget=forms.NumberInput({"size": "3"})
    )
    table = RecordField(
        lambda actor, target: (
            scoped(actor, SignedTable).filter(campaign=target.campaign_id)
            if target is not None
            else SignedTable.objects.none()
        ),
        label=bi("扫描件", "Scan"),
        empty_label=bi("无扫描件", "no scan"),
        required=False,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        table: Any = self.fields["table"]
        table.queryset = table.queryset.filter(department=int(self.key) if _NUMBER.fullmatch(self.key) else 0)
        self.scans = list(table.queryset)
        known = [(one.pk, f"{one.class_name} {one.signed_on:%m-%d}") for one in self.scans]
        table.choices = [("", table.empty_label), *known]

    def department(self) -> Organisation | None:
        """The college on whose row the form stands."""
        return next((one for one in departments_of(self.target) if str(one.pk) == self.key), None)

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "department": self.department()}


class _OfSheet(ActionForm):
    """What is done with the sheet that stands; the number of the one that was seen travels along."""

    target: SessionClosing

    def clean(self) -> dict[str, Any]:
        if self.data.get(ROW) != str(self.target.pk):
            self.add_error(None, wrong(
                "makeup.closing_moved", "结算单已有变化，请看新的结算单。", "The sheet has changed meanwhile: see the new one.",
            ))  # fmt: skip
        return dict(self.cleaned_data)


class AgreeClosing(_OfSheet):
    """The other side's word."""

    action = "makeup.agree_closing"
    button = Wording("我方确认一致", "Our side agrees")
    said = Wording("双方已确认。", "Both sides agree.")

    @classmethod
    def is_offered(cls, actor: Actor, target: SessionClosing) -> bool:
        side = side_of(actor, target.session)
        waits = target.agreed_at is None and side is not None and side.pk != target.proposed_for_id
        return waits and super().is_offered(actor, target)


class VoidClosing(_OfSheet):
    """An agreed sheet counts no more."""

    action = "makeup.void_closing"
    button = Wording("作废", "Cancel it")
    said = Wording("结算单已作废。", "The sheet is void.")
    reason = TextField(label=bi("作废原因", "Reason"), max_length=200)

    @classmethod
    def is_offered(cls, actor: Actor, target: SessionClosing) -> bool:
        agreed = target.agreed_at is not None and side_of(actor, target.session) is not None
        return agreed and super().is_offered(actor, target)


class NoteReceipt(_OfSheet):
    """Which receipt was given, or why none (R133)."""

    action = "makeup.note_receipt"
    receipt = TextField(label=bi("收据号", "Receipt number"), max_length=40, required=False, attrs={"class": "figures"})
    note = TextField(label=bi("说明", "Note"), max_length=200, required=False)

    @classmethod
    def starts_with(cls, actor: Actor, target: SessionClosing) -> dict[str, str]:
        return {"receipt": target.receipt.number_label if target.receipt else "", "note": target.receipt_note}

    def clean_receipt(self) -> Any:
        text = self.cleaned_data["receipt"]
        found = receipt_of_number(self.actor, self.target.session.campaign, text) if text else None
        if text and found is None:
            raise wrong(
                "makeup.receipt_unknown", "没有这个收据号，请在“缴费—收据”中核对。",
                "There is no such receipt: look it up under Fees.",
            )  # fmt: skip
        return found


SESSION_FORMS = (ProposeClosing, NoteCrew)
SHEET_FORMS = (AgreeClosing, VoidClosing, NoteReceipt)
