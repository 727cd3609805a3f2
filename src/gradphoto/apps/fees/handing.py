"""Handing money on: the list that goes with it, the count on the other side, and the entry once both agree (R133, R135)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, invalid, refuse, stated_reason, within
from gradphoto.apps.fees import providers
from gradphoto.apps.fees.ledger import Move, post, require_season_open
from gradphoto.apps.fees.lifecycle import HAND_IN, move_charges
from gradphoto.apps.fees.models import (
    PAID,
    Account,
    AccountKind,
    Charge,
    EntryKind,
    HandIn,
    HandInItem,
    Item,
    Means,
)
from gradphoto.apps.fees.money import yuan
from gradphoto.apps.fees.policy import gives, keeps_till, receives
from gradphoto.apps.fees.tills import agencies_of, unit_till
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.orgs.policy import has_role, is_same_person


def lying_in(till: Account, season: str = "") -> QuerySet[Charge]:
    """The paid charges whose money lies in a till and stands on no list that waits to be received."""
    charges = Charge.objects.filter(till=till, status__in=PAID)
    if season:
        charges = charges.filter(candidate__season=season)
    waiting = HandInItem.objects.filter(giver=till, live=True).values("charge")
    return charges.exclude(pk__in=waiting).select_related("candidate__department")


def ways_up(till: Account) -> list[Organisation]:
    """To whom a till may hand in: the keeper's own unit, the school, the centre; upwards only.

    A learning centre that shoots by itself remits to the picture agency (R136, R151).
    """
    campaign, home = till.campaign, till.organisation
    assert home is not None, "a till belongs to an organisation"
    agencies = agencies_of(campaign)
    if home.path.startswith(campaign.centre.path) or home in agencies:
        own = home if home in agencies else campaign.centre
        return [own] if till.kind == AccountKind.PERSON else []
    if home.kind == OrganisationKind.LEARNING_CENTRE:
        return [*([home] if till.kind == AccountKind.PERSON else []), *agencies[:1], campaign.school, campaign.centre]
    chain = [campaign.centre] if home.pk == campaign.school_id else [campaign.school, campaign.centre]
    unit = home.kind in (OrganisationKind.DEPARTMENT, OrganisationKind.LEARNING_CENTRE, OrganisationKind.SCHOOL)
    return [home, *chain] if till.kind != AccountKind.UNIT and unit else chain


@action("fees.list_hand_in", permission=has_role("fees.collect") & keeps_till)
def list_hand_in(
    actor: Actor,
    till: Account,
    *,
    to: Organisation,
    season: Season,
    charges: Iterable[Charge] | None = None,
    means: Means = Means.CASH,
    reference: str = "",
    remitted_on: date | None = None,
) -> HandIn:
    """Draw up a hand-in list of what lies in a till (all of the season, or the ticked charges); spring and autumn apart.

    The money moves in the books when the other side has counted it. A remittance (R136) names its number and day.
    """
    if to.pk not in {way.pk for way in ways_up(till)}:
        raise PermissionRefusal("fees.list_hand_in")
    if to.kind == OrganisationKind.AGENCY and to.pk != getattr(till.organisation, "pk", None) and means == Means.CASH:
        raise invalid(
            "fees.agency_by_remittance",
            "交图片社的款项须邮政汇款或银行转账，不收现金。",
            "Money to the agency is remitted by post or bank, never in cash (R136).",
            "请选择汇款方式，并填写凭证号和汇出日期。",
            "Choose the remittance, with its number and day.",
            field="means",
        )
    if means != Means.CASH and (not reference.strip() or remitted_on is None):
        raise invalid(
            "fees.remittance_incomplete",
            "汇款须填写凭证号和汇出日期。",
            "A remittance needs its number and its day.",
            "请照汇款回执填写。",
            "Copy them from the slip.",
        )
    require_season_open(till.campaign, season)
    free = lying_in(till, season)
    if charges is not None:
        free = free.filter(pk__in=[charge.pk for charge in charges])
    _require_right_receiver(till, to, free)
    listed = list(free.select_for_update(of=("self",)).order_by("pk"))
    if not listed or (charges is not None and len(listed) != len({charge.pk for charge in charges})):
        raise refuse(
            "fees.nothing_to_hand_in",
            "所选款项已不在这个钱箱中，或已列入其他上缴单。",
            "What was chosen does not lie in this till any more, or stands on another list.",
            "请刷新页面后重新勾选。",
            "Reload the page and tick again.",
        )
    hand_in = HandIn.objects.create(
        campaign=till.campaign, season=season, giver=till, receiver=unit_till(till.campaign, to), means=means,
        reference=within(reference, 80, field="reference"), remitted_on=remitted_on, amount_fen=sum(one.amount_fen for one in listed),
        people_count=len({one.candidate_id for one in listed}), listed_by=actor.user,
    )  # fmt: skip
    HandInItem.objects.bulk_create(
        [HandInItem(hand_in=hand_in, charge=charge, giver=till) for charge in listed], batch_size=500
    )
    audit.note(hand_in=hand_in.pk, amount_fen=hand_in.amount_fen, people=hand_in.people_count, means=str(means))
    return hand_in


def _require_right_receiver(till: Account, to: Organisation, charges: QuerySet[Charge]) -> None:
    """The fee for image cards made for a self-organised centre is the agency's own: it goes nowhere else (R136)."""
    outward = till.organisation is not None and to.pk != till.organisation.pk
    if outward and to.kind != OrganisationKind.AGENCY and charges.filter(item=Item.IMAGE_CARD).exists():
        raise refuse(
            "fees.card_fee_to_agency",
            "图像信息卡制作费由中心汇给图片社，不能交给其他单位。",
            "The fee for making image cards is remitted to the agency and to nobody else.",
            "请分开开单：制作费交图片社，其余照常上缴。",
            "Draw up two lists: this fee to the agency, the rest as usual.",
        )


@action("fees.receive_hand_in", permission=receives, lifecycle=HAND_IN)
def receive_hand_in(actor: Actor, hand_in: HandIn, *, counted_fen: int, counted_people: int) -> None:
    """The other side has counted and agrees: the money changes tills. Any difference is refused, with its size."""
    if is_same_person(actor, hand_in.listed_by_id):
        raise refuse(
            "fees.four_eyes",
            "上缴单不能由开单人自己接收。",
            "Who drew up the list cannot receive it.",
            "请由接收单位的另一位人员清点。",
            "Let another person of the receiving unit count it.",
        )
    if (counted_fen, counted_people) != (hand_in.amount_fen, hand_in.people_count):
        difference = yuan(counted_fen - hand_in.amount_fen)
        raise refuse(
            "fees.count_differs",
            f"清点与上缴单不符：差额 {difference} 元，人数差 {counted_people - hand_in.people_count}。",
            f"The count differs from the list by {difference} yuan and {counted_people - hand_in.people_count} persons.",
            "请双方重新清点；确有差错的，退回并注明原因。",
            "Count again together; if the list is wrong, send it back with the reason.",
        )
    post(
        actor,
        hand_in.campaign,
        [
            Move(
                EntryKind.HAND_IN, hand_in.receiver, hand_in.giver, hand_in.amount_fen, hand_in.season, hand_in=hand_in
            )
        ],
    )  # fmt: skip
    charges = Charge.objects.select_for_update(of=("self",)).filter(hand_in_items__hand_in=hand_in)
    move_charges(charges.order_by("pk"), "fees.receive_hand_in", hand_in.receiver)
    hand_in.counted_fen, hand_in.counted_people = counted_fen, counted_people
    hand_in.received_by, hand_in.received_at = actor.user, timezone.now()
    hand_in.photographed_people = photographed_on(hand_in)
    told = ["counted_fen", "counted_people", "received_by", "received_at", "photographed_people"]
    hand_in.save(update_fields=told)
    audit.note(amount_fen=counted_fen, people=counted_people)


@action("fees.refuse_hand_in", permission=receives, lifecycle=HAND_IN)
def refuse_hand_in(actor: Actor, hand_in: HandIn, *, reason: str) -> None:
    """Send the list back with the reason; the money stays where it was."""
    _take_back(hand_in, reason)


@action("fees.withdraw_hand_in", permission=gives, lifecycle=HAND_IN)
def withdraw_hand_in(actor: Actor, hand_in: HandIn, *, reason: str) -> None:
    """Take back a list that nobody has received yet."""
    _take_back(hand_in, reason)


def _take_back(hand_in: HandIn, reason: str) -> None:
    hand_in.reason = stated_reason(reason, "fees.reason_missing")
    hand_in.save(update_fields=["reason"])
    hand_in.items.update(live=False)
    audit.note(reason=hand_in.reason)


def photographed_on(hand_in: HandIn) -> int | None:
    """How many of the people on a list are photographed (R133); None where nobody tells (no capture in this house)."""
    people = providers.photographed(hand_in.campaign)
    if people is None:
        return None
    listed = hand_in.items.filter(charge__candidate__in=people)
    return listed.values("charge__candidate").distinct().count()


def waiting_for(campaigns: Iterable[Campaign]) -> QuerySet[HandIn]:
    """Lists of these campaigns that wait to be received."""
    return HandIn.objects.filter(campaign__in=campaigns, status="listed")
