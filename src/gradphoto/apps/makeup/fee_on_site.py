"""The fee of a session, taken by the photographer from the liaison when both sides have agreed the count (R133).

The amount is by persons photographed: everybody photographed in this session whose fee nobody has taken yet, at their own
price. Who paid before (a class, online) or is let off is told and not taken twice. The receipt is written in the same step.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import QuerySet

from gradphoto.apps.campaigns.models import ContactSide
from gradphoto.apps.capture.queries import DONE
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, invalid, refuse, within
from gradphoto.apps.fees.actions import collect
from gradphoto.apps.fees.models import PAID, Channel, Charge, ChargeStatus, Item, Receipt
from gradphoto.apps.fees.parts import paid_of
from gradphoto.apps.fees.prices import price_of
from gradphoto.apps.fees.receipts import receipt_for_collection
from gradphoto.apps.fees.sent_twice import sent_before, taken_already
from gradphoto.apps.fees.tills import till_of
from gradphoto.apps.makeup.closings import counts_of
from gradphoto.apps.makeup.models import SessionClosing
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession


@dataclass(frozen=True, slots=True)
class Bill:
    """What a session costs: who is photographed, who of them is settled, and who is to be paid for, in persons and fen."""

    photographed: int
    paid: int
    waived: int
    apart: tuple[Candidate, ...]
    """Photographed and not to be charged here: a part lies in another till, or the row is not approved."""
    people: tuple[Candidate, ...]
    amount_fen: int


def photographed_in(session: CaptureSession) -> QuerySet[Candidate]:
    """Everybody who was photographed in the session, once each."""
    return Candidate.objects.filter(
        pk__in=session.check_ins.filter(status__in=DONE).order_by().values("candidate")
    ).select_related("campaign__rule_set", "campaign__school", "campaign__centre", "department")


def bill_of(session: CaptureSession) -> Bill:
    """The bill as it stands now."""
    everybody = list(photographed_in(session).order_by("department__path", "student_no"))
    charges = {
        charge.candidate_id: charge
        for charge in Charge.objects.filter(candidate__in=everybody, item=Item.PHOTO).exclude(
            status__in=(ChargeStatus.CANCELLED, ChargeStatus.REFUNDED)
        )
    }
    in_parts = paid_of([charge for charge in charges.values() if charge.status == ChargeStatus.DUE])
    paid = waived = amount = 0
    apart, people = [], []
    prices: dict[str, int] = {}
    for person in everybody:
        charge = charges.get(person.pk)
        if charge is not None and charge.status in PAID:
            paid += 1
        elif charge is not None and charge.status == ChargeStatus.WAIVED:
            waived += 1
        elif person.status not in APPROVED or (charge is not None and charge.pk in in_parts):
            apart.append(person)
        else:
            if charge is None and person.school_kind not in prices:
                prices[person.school_kind] = price_of(person.campaign, Item.PHOTO, person.school_kind).amount_fen
            amount += charge.amount_fen if charge is not None else prices[person.school_kind]
            people.append(person)
    return Bill(len(everybody), paid, waived, tuple(apart), tuple(people), amount)


def liaison_of(session: CaptureSession) -> str:
    """The school's liaison as the campaign's contacts name one; empty where they do not."""
    found = session.campaign.contacts.filter(side=ContactSide.SCHOOL).first()
    return f"{session.campaign.school.name} {found.name}" if found else session.campaign.school.name


@action("makeup.take_fee", permission="makeup.take_fee")
def take_fee(
    actor: Actor, closing: SessionClosing, *, payer: str, channel: Channel, shown_fen: int, tendered_fen: int,
    nonce: uuid.UUID,
) -> Receipt:  # fmt: skip
    """Take the fee for everybody photographed in the session from the liaison, and write the receipt on the spot (R133).

    Raises ``makeup.count_not_agreed`` before both sides agree, ``makeup.count_changed`` when it no longer fits,
    ``makeup.nothing_to_take``, ``makeup.payer``, and what ``fees.collect`` raises. ``nonce`` makes a second click harmless.
    """
    till = till_of(actor, closing.session.campaign)
    if (done := taken_already(till, nonce)) is not None:
        if closing.receipt is None or closing.receipt.collection_id != done.pk:
            raise sent_before()  # the form of another session, come back by the browser's Back
        return done.receipts.latest("pk")
    _require_agreed(closing)
    name = within(payer, 80, field="payer")
    if not name:
        raise invalid("makeup.payer", "请填写交款的校方联系人。", "Name the liaison who pays.",
                      "写学校和联系人姓名，印在收据上。", "School and liaison, as the receipt prints them.", field="payer")  # fmt: skip
    bill = bill_of(closing.session)
    if not bill.people:
        raise refuse("makeup.nothing_to_take", "本场次已拍的人都已缴费或免缴。",
                     "Everybody photographed here has paid or is let off.",
                     "无需再收。", "There is nothing to take.")  # fmt: skip
    taken = collect(
        actor, till, channel=channel, tendered_fen=tendered_fen, nonce=nonce, people=bill.people, shown_fen=shown_fen,
        payer=name,
    )  # fmt: skip
    receipt = receipt_for_collection(actor, taken)
    closing.receipt, closing.receipt_note = receipt, ""
    closing.save(update_fields=["receipt", "receipt_note"])
    audit.note(receipt=receipt.number_label, amount_fen=taken.total_fen, people=taken.people_count)
    return receipt


def _require_agreed(closing: SessionClosing) -> None:
    if closing.agreed_at is None or closing.voided_at is not None:
        raise _not_agreed()
    if counts_of(closing.session) != closing.counts:
        raise refuse("makeup.count_changed", "清点之后数字有变化。", "The figures have changed since they were put down.",
                     "请作废结算单，双方重新清点后再收款。", "Void the sheet, count again together, and take it then.")  # fmt: skip


def _not_agreed() -> Refusal:
    return refuse(
        "makeup.count_not_agreed",
        "双方尚未确认本场次的人数，不能收款开收据。",
        "Both sides have not agreed on the count of this session; no fee and no receipt yet.",
        "请先由学校和采集中心各一人确认人数。",
        "One person of the school and one of the centre agree the count first.",
    )
