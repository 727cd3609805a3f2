"""The forms of the counter: money taken from one or from many, extras, and the steps of a charge."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.fees import actions, parts, queries, tills
from gradphoto.apps.fees.forms.amounts import YuanField
from gradphoto.apps.fees.models import Channel, Charge, ChargeStatus, Collection, Item, WaiveGround
from gradphoto.apps.fees.money import yuan
from gradphoto.apps.fees.prices import open_channels
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.fields import ChoiceField, RecordsField, TextField
from gradphoto.apps.pages.forms import ActionForm, Form
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

COUNTER_CHANNELS = (Channel.ON_THE_DAY, Channel.CLASS, Channel.COLLEGE, Channel.SCHOOL, Channel.REMITTANCE)
FREE_RESHOOT = "free_reshoot"


class FindStudent(Form):
    """Whom a typed or scanned text means; by POST, as it may be an ID number."""

    q = forms.CharField(max_length=400, required=False)


def counter_channels(campaign: Campaign) -> list[tuple[str, str]]:
    """The ways of paying that a person at a counter may choose."""
    return [(way.value, str(way.label)) for way in open_channels(campaign) if way in COUNTER_CHANNELS]


class _Collecting(ActionForm):
    """Money taken: what was shown, what was given, how. The page lays it out (``fees/pay_form.html``).

    The target is a campaign, or a person in one.
    """

    button = Wording("收款", "Collect")
    nonce = forms.UUIDField(widget=forms.HiddenInput)
    shown_fen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput({"data-shown": ""}))
    tendered = YuanField(label=bi("实收（元）", "Given (yuan)"), required=False, attrs={"data-tendered": ""})
    channel = forms.ChoiceField(label=bi("收费方式", "Ways of paying"))

    def __init__(self, actor: Actor, target: Any = None, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(actor, target, data, files, **options)
        self.campaign: Campaign = target if isinstance(target, Campaign) else target.campaign
        channel: Any = self.fields["channel"]
        try:
            channel.choices = counter_channels(self.campaign)
        except GradPhotoError:
            channel.choices = []

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "fees.collect")

    @classmethod
    def starts_with(cls, actor: Actor, target: Any) -> Mapping[str, Any]:
        return {"nonce": uuid.uuid4()}

    def take(self, charges: list[Charge], people: list[Candidate], payer: str = "") -> Collection:
        asked = self.cleaned_data
        given, shown = asked["tendered"], asked["shown_fen"]
        return actions.collect(
            self.actor,
            tills.till_of(self.actor, self.campaign),
            channel=Channel(asked["channel"]),
            tendered_fen=given if given is not None else shown or 0,
            nonce=asked["nonce"],
            charges=charges,
            people=people,
            shown_fen=shown,
            payer=payer,
        )

    def done_message(self, result: Collection) -> Wording:
        return Wording(
            "已收 {p} {t} 元（{n} 人），找零 {c} 元。", "Took {t} yuan from {p} ({n:person|persons}), change {c} yuan."
        ).format(p=result.payer, t=yuan(result.total_fen), n=result.people_count, c=yuan(result.change_fen))


def _charges(actor: Actor, person: Candidate) -> QuerySet[Charge]:
    """All of them: a form sent twice names paid ones, and its nonce says that it is done already."""
    return person.charges.all()


class CollectOne(_Collecting):
    """From one student: what is due, and the photograph where it is not charged yet."""

    action = "fees.collect"
    charge = RecordsField(_charges, label=bi("应收", "Due"), required=False)
    photo = forms.BooleanField(label=bi("采集费", "Photograph"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["tendered"].widget.attrs["autofocus"] = True

    @classmethod
    def which(cls) -> str:
        return "collect_one"

    def perform(self) -> Collection:
        return self.take(list(self.cleaned_data["charge"]), [self.target] if self.cleaned_data["photo"] else [])


class CollectMany(_Collecting):
    """From a class or department: everybody who is ticked, in one collection."""

    action = "fees.collect"
    person = RecordsField(
        lambda actor, campaign: scoped(actor, Candidate).filter(campaign=campaign), label=bi("人员", "Persons")
    )
    payer = TextField(
        label=bi("付款人（可留空）", "Payer (may be empty)"), max_length=80, required=False,
        example=Wording("例如：计科2201班 张班长", "e.g. class monitor"),
    )  # fmt: skip

    @classmethod
    def which(cls) -> str:
        return "collect_many"

    @classmethod
    def starts_with(cls, actor: Actor, target: Any) -> Mapping[str, Any]:
        return {**super().starts_with(actor, target), "channel": Channel.CLASS.value}

    def perform(self) -> Collection:
        people = list(self.cleaned_data["person"])
        due = list(Charge.objects.filter(candidate__in=people, status=ChargeStatus.DUE))
        held = Charge.objects.filter(candidate__in=people, item=Item.PHOTO).exclude(
            status__in=(ChargeStatus.CANCELLED, ChargeStatus.REFUNDED)
        )
        charged = set(held.values_list("candidate", flat=True))
        new = [person for person in people if person.pk not in charged and person.status in APPROVED]
        return self.take(due, new, self.cleaned_data["payer"])


class BookExtra(ActionForm):
    """An extra, or a free reshoot where the actor may grant one."""

    action = "fees.book_extra"
    button = Wording("登记", "Book")
    said = Wording("已登记。", "Entered.")
    item = forms.ChoiceField(label=bi("项目", "Item"))
    quantity = forms.IntegerField(label=bi("数量", "Number"), min_value=1, max_value=99, initial=1, required=False)
    reason = TextField(
        label=bi("说明（免费重拍必填）", "Remark (needed for a free reshoot)"), max_length=200, required=False
    )

    def __init__(self, actor: Actor, target: Any = None, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(actor, target, data, files, **options)
        item, quantity = self.fields["item"], self.fields["quantity"]
        choices = [(one.value, one.label) for one in Item if one != Item.PHOTO]
        if may(actor, "fees.book_free_reshoot", target):
            choices.append(
                (FREE_RESHOOT, bi("免费重拍（闭眼等拍摄原因）", "Free reshoot (closed eyes, shooting fault)"))
            )
        item.choices = choices  # type: ignore[attr-defined]
        item.css, quantity.css = "col-8", "col-4"  # type: ignore[attr-defined]

    def perform(self) -> Charge:
        asked = self.cleaned_data
        if asked["item"] == FREE_RESHOOT:
            return actions.book_free_reshoot(self.actor, self.target, reason=asked["reason"])
        return actions.book_extra(
            self.actor, self.target, item=Item(asked["item"]), quantity=asked["quantity"] or 1, reason=asked["reason"]
        )


class _ChargeStep(ActionForm):
    said = Wording("已办理。", "Done.")


class CancelPayment(_ChargeStep):
    action = "fees.cancel_payment"
    button = Wording("撤销收款", "Cancel the collection")
    reason = TextField(label=bi("原因", "Reason"), max_length=200)

    @classmethod
    def is_offered(cls, actor: Actor, target: Charge) -> bool:
        paid = parts.payments_of([target])
        online = paid.filter(collection__channel=Channel.ONLINE)
        return super().is_offered(actor, target) and paid.exists() and not online.exists()


class _OfTheUnpaid(_ChargeStep):
    """Not of what is paid in part."""

    @classmethod
    def is_offered(cls, actor: Actor, target: Charge) -> bool:
        return super().is_offered(actor, target) and not parts.payments_of([target]).exists()


class CancelCharge(_OfTheUnpaid):
    action = "fees.cancel_charge"
    button = Wording("撤销应收", "Cancel the charge")
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


class WaiveCharge(_OfTheUnpaid):
    action = "fees.waive_charge"
    button = Wording("减免", "Waive")
    ground = ChoiceField(WaiveGround, label=bi("减免理由", "Ground"))
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


class CancelWaiver(_ChargeStep):
    action = "fees.cancel_waiver"
    button = Wording("撤销减免", "Cancel the waiver")
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


CHARGE_FORMS = (CancelPayment, CancelCharge, WaiveCharge, CancelWaiver)


class ChargePeople(ActionForm):
    """The photograph charged to everybody on the approved list whom the actor sees, of one season or both."""

    action = "fees.charge_people"
    button = Wording("登记应收", "Charge everybody")
    season = ChoiceField(
        Season, label=bi("毕业季", "Season"), required=False, empty=Wording("春、秋两季", "Both seasons")
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "fees.collect")

    def perform(self) -> list[Charge]:
        people = queries.payers(self.actor, self.target).filter(status="accepted")
        if self.cleaned_data["season"]:
            people = people.filter(season=self.cleaned_data["season"])
        return actions.charge_people(self.actor, self.target, candidates=people)

    def done_message(self, result: list[Charge]) -> Wording:
        return Wording("新登记应收 {n} 人。", "{n:person|persons} newly charged.").format(n=len(result))
