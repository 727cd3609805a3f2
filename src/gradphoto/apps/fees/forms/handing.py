"""The forms of what is handed in and closed: the list, the count of the other side, the receipt, the day, the season."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.fees import closing, handing
from gradphoto.apps.fees.forms.amounts import YuanField
from gradphoto.apps.fees.models import Account, Charge, DayClosing, HandIn, HandInStatus, Means, Receipt, SeasonClosing
from gradphoto.apps.fees.money import yuan
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.pages.fields import ChoiceField, DayField, RecordField, RecordsField, TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.engine.wording import Wording


def _ways(actor: Actor, till: Account) -> Any:
    return Organisation.objects.filter(pk__in=[one.pk for one in handing.ways_up(till)])


class ListHandIn(ActionForm):
    """What is ticked of a till's money of one season, to the next station; the page lays it out."""

    action = "fees.list_hand_in"
    button = Wording("开单", "Draw up")
    said = Wording("上缴单已开出，等待对方清点。", "The list is drawn up; the other side counts now.")
    season = ChoiceField(Season, widget=forms.HiddenInput)
    charge = RecordsField(lambda actor, till: handing.lying_in(till), label=bi("款项", "Charges"))
    to = RecordField(_ways, label=bi("交给", "To"), empty_label=None)
    means = ChoiceField(Means, label=bi("方式", "Way"))
    reference = TextField(label=bi("回执号", "Slip no."), max_length=80, required=False)
    remitted_on = DayField(label=bi("汇出日期", "Sent on"), required=False)

    def perform(self) -> HandIn:
        asked = dict(self.cleaned_data)
        charges = Charge.objects.filter(pk__in=[one.pk for one in asked.pop("charge")])
        return handing.list_hand_in(self.actor, self.target, charges=charges, **asked)


class ReceiveHandIn(ActionForm):
    action = "fees.receive_hand_in"
    button = Wording("双方清点一致", "Both agree")
    said = Wording("已办理。", "Done.")
    counted_fen = YuanField(label=bi("清点金额（元）", "Counted (yuan)"), css="col-6")
    counted_people = forms.IntegerField(label=bi("清点人数", "Persons counted"), min_value=0)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["counted_people"].css = "col-6"  # type: ignore[attr-defined]

    @classmethod
    def is_offered(cls, actor: Actor, target: HandIn) -> bool:
        return target.listed_by_id != actor.user.pk and super().is_offered(actor, target)


class RefuseHandIn(ActionForm):
    action = "fees.refuse_hand_in"
    button = Wording("退回", "Send back")
    said = Wording("已办理。", "Done.")
    reason = TextField(label=bi("退回原因", "Reason for the return"), max_length=200)


class WithdrawHandIn(ActionForm):
    action = "fees.withdraw_hand_in"
    button = Wording("撤回", "Withdraw")
    said = Wording("已办理。", "Done.")
    reason = TextField(label=bi("撤回原因", "Reason for withdrawing"), max_length=200)


class ReceiptForHandIn(ActionForm):
    action = "fees.receipt_for_hand_in"
    button = Wording("开收据", "Write the receipt")

    @classmethod
    def is_offered(cls, actor: Actor, target: HandIn) -> bool:
        stands = target.receipts.filter(cancellation=None).exists()
        return target.status == HandInStatus.RECEIVED and not stands and super().is_offered(actor, target)

    def done_message(self, result: Receipt) -> Wording:
        return Wording("已开收据 {n}。", "Receipt {n} is written.").format(n=result.number_label)


HAND_IN_FORMS = (ReceiveHandIn, ReceiptForHandIn, RefuseHandIn, WithdrawHandIn)


class CancelReceipt(ActionForm):
    action = "fees.cancel_receipt"
    button = Wording("作废", "Cancel it")
    said = Wording("收据已作废，号码保留。", "The receipt is cancelled; its number stays.")
    reason = TextField(label=bi("作废原因", "Reason"), max_length=200)

    @classmethod
    def is_offered(cls, actor: Actor, target: Receipt) -> bool:
        return not target.is_cancelled and super().is_offered(actor, target)


class CloseDay(ActionForm):
    """The count of notes and coins that closes a till's day; the page lays it out."""

    action = "fees.close_day"
    button = Wording("日结", "Close the day")
    counted = YuanField(label=bi("清点合计（元）", "Counted (yuan)"), required=False, attrs={"data-counted": ""})
    note = TextField(label=bi("说明（有差额时必填）", "Note (needed for a difference)"), max_length=200, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for fen in closing.DENOMINATIONS_FEN:
            self.fields[f"piece_{fen}"] = forms.IntegerField(
                label=yuan(fen), required=False, min_value=0, max_value=99999,
                widget=forms.NumberInput({"data-piece": str(fen), "inputmode": "numeric", "class": "form-control-sm"}),
            )  # fmt: skip

    @property
    def pieces(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("piece_")]

    def perform(self) -> DayClosing:
        asked = self.cleaned_data
        pieces = {fen: asked[f"piece_{fen}"] or 0 for fen in closing.DENOMINATIONS_FEN}
        return closing.close_day(
            self.actor,
            self.target,
            day=timezone.localdate(),
            counted_fen=asked["counted"] if asked["counted"] is not None else closing.counted(pieces),
            pieces=pieces if any(pieces.values()) else None,
            note=asked["note"],
        )

    def done_message(self, result: DayClosing) -> Wording:
        told = Wording("今日已日结：清点 {c} 元，差额 {d} 元。", "The day is closed: counted {c} yuan, difference {d}.")
        return told.format(c=yuan(result.counted_fen), d=yuan(result.difference_fen))


class CloseSeason(ActionForm):
    """The end of a season's money, for good; one form a season."""

    action = "fees.close_season"
    button = Wording("结账", "Close the season")
    said = Wording("本季收费已结账。", "The season's money is closed.")
    season = ChoiceField(Season, widget=forms.HiddenInput)
    note = TextField(label=bi("说明", "Note"), max_length=200, required=False)
    sure = forms.BooleanField(
        label=bi("账目已与采集中心核对，结账后不再变动", "Checked with the centre; nothing changes afterwards")
    )

    @classmethod
    def starts_with(cls, actor: Actor, target: Campaign) -> Mapping[str, Any]:
        return {}

    def perform(self) -> SeasonClosing:
        return closing.close_season(
            self.actor, self.target, season=self.cleaned_data["season"], note=self.cleaned_data["note"]
        )
