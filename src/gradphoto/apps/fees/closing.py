"""Closing: a till's day with its cash counted, and a season with its accounts agreed. Neither is ever opened again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, invalid, refuse, within
from gradphoto.apps.fees.ledger import balance_on, hold_season, require_season_open
from gradphoto.apps.fees.models import (
    PAID,
    Account,
    Charge,
    ChargeStatus,
    DayClosing,
    HandIn,
    HandInStatus,
    Item,
    OnlineOrder,
    OrderStatus,
    Refund,
    RefundStatus,
    SeasonClosing,
)
from gradphoto.apps.fees.money import yuan
from gradphoto.apps.fees.parts import parts
from gradphoto.apps.fees.policy import keeps_till
from gradphoto.apps.fees.tills import agencies_of
from gradphoto.apps.orgs.policy import has_role
from gradphoto.engine.wording import Wording

DENOMINATIONS_FEN = (10000, 5000, 2000, 1000, 500, 100, 50, 10)
"""Notes and coins in use: 100, 50, 20, 10, 5, 1 yuan, 5 and 1 jiao (People's Bank, fifth series)."""


def counted(pieces: Mapping[int, int]) -> int:
    """Fen of the counted notes and coins, by denomination."""
    return sum(fen * number for fen, number in pieces.items())


@action("fees.close_day", permission=has_role("fees.collect") & keeps_till, closing=True)
def close_day(
    actor: Actor, till: Account, *, day: date, counted_fen: int, pieces: Mapping[int, int] | None = None, note: str = ""
) -> DayClosing:
    """Close a day of a till. A count that differs from the books needs a word; the books are not bent to the count."""
    today = timezone.localdate()
    if day > today:
        raise invalid(
            "fees.day_to_come", "不能为以后的日期日结。", "That day is yet to come.", "请选今天。", "Choose today."
        )
    if DayClosing.objects.filter(till=till, day__gte=day).exists():
        raise refuse(
            "fees.day_closed_already",
            "这一天（或其后）已经日结。",
            "This day, or a later one, is closed already.",
            "无需再次办理。",
            "There is nothing left to do.",
        )
    if pieces and counted(pieces) != counted_fen:
        raise invalid(
            "fees.pieces_differ",
            "各面额合计与清点金额不符。",
            "The pieces do not add up to the count.",
            "请重新清点。",
            "Count again.",
        )
    expected = balance_on(till, day)
    if counted_fen != expected and not note.strip():
        raise refuse(
            "fees.count_unexplained",
            f"清点 {yuan(counted_fen)} 元，账面 {yuan(expected)} 元，相差 {yuan(counted_fen - expected)} 元。",
            f"Counted {yuan(counted_fen)}, in the books {yuan(expected)}: a difference of {yuan(counted_fen - expected)}.",
            "请重新清点；仍不符的，写明情况后日结。",
            "Count again; if it still differs, say why and close.",
        )
    audit.note(
        day=day.isoformat(), expected_fen=expected, counted_fen=counted_fen, note=within(note, 200, field="note")
    )
    return DayClosing.objects.create(
        till=till, day=day, expected_fen=expected, counted_fen=counted_fen, note=within(note, 200, field="note"), by=actor.user,
        denominations={str(fen): number for fen, number in (pieces or {}).items() if number},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What stands in the way of closing a season; ``final`` ones must be settled, the others noted."""

    sentence: Wording
    final: bool


def hindrances(campaign: Campaign, season: Season) -> list[Hindrance]:
    """What is not settled yet in a season's accounts."""
    charges = Charge.objects.filter(candidate__campaign=campaign, candidate__season=season)
    waiting = HandIn.objects.filter(campaign=campaign, season=season, status=HandInStatus.LISTED).count()
    homes = [campaign.centre, *agencies_of(campaign)]
    at_centre = Q(till__organisation__in=homes, till__kind__in=("unit", "bank"))
    underway = charges.filter(status__in=PAID).exclude(at_centre)
    fen = underway.aggregate(n=Sum("amount_fen"))["n"] or 0
    part_fen = parts().filter(charge__in=charges).aggregate(n=Sum("amount_fen"))["n"] or 0
    refunds = Refund.objects.filter(campaign=campaign, status=RefundStatus.ASKED, items__charge__in=charges)
    asked = refunds.distinct().count()
    due = charges.filter(status=ChargeStatus.DUE).count()
    orders = OnlineOrder.objects.filter(
        campaign=campaign, candidate__season=season, status__in=(OrderStatus.OPEN, OrderStatus.SURPLUS)
    ).count()
    found = []
    if waiting:
        text = Wording("{n} 张上缴单尚未接收。", "{n:hand-in list is|hand-in lists are} not received yet.")
        found.append(Hindrance(text.format(n=waiting), True))
    if fen:
        text = Wording("{n} 元尚未上缴到采集中心。", "{n} yuan have not reached the centre yet.")
        found.append(Hindrance(text.format(n=yuan(fen)), True))
    if part_fen:
        text = Wording("{n} 元是部分款，须补足或退回。", "{n} yuan are part payments: take the rest or pay them back.")
        found.append(Hindrance(text.format(n=yuan(part_fen)), True))
    if asked:
        text = Wording("{n} 件退款申请未办结。", "{n:refund waits|refunds wait} for approval.")
        found.append(Hindrance(text.format(n=asked), True))
    if orders:
        text = Wording("{n} 个网上订单未了结。", "{n} online orders are not settled.")
        found.append(Hindrance(text.format(n=orders), True))
    if due:
        text = Wording("{n} 项应收仍未缴。", "{n:charge is|charges are} still due.")
        found.append(Hindrance(text.format(n=due), False))
    return found


def totals(campaign: Campaign, season: Season) -> dict[str, Any]:
    """The figures of a season in fen and persons, as they are put on record at its closing."""
    charges = Charge.objects.filter(candidate__campaign=campaign, candidate__season=season)

    def of(*statuses: ChargeStatus) -> dict[str, int]:
        some = charges.filter(status__in=statuses)
        return {
            "people": some.values("candidate").distinct().count(),
            "fen": some.aggregate(n=Sum("amount_fen"))["n"] or 0,
        }

    return {
        "paid": of(*PAID),
        "waived": of(ChargeStatus.WAIVED),
        "due": of(ChargeStatus.DUE),
        "refunded": of(ChargeStatus.REFUNDED),
        "items": _by_item(charges),
    }


def _by_item(charges: QuerySet[Charge]) -> dict[str, dict[str, int]]:
    """What was paid for, item by item: the group photograph (R131) is told apart from the photograph."""
    found = charges.filter(status__in=PAID).values("item").order_by("item")
    rows = found.annotate(people=Count("candidate", distinct=True), fen=Sum("amount_fen"))
    return {row["item"]: {"people": row["people"], "fen": row["fen"]} for row in rows}


def items_of(figures: Mapping[str, Any]) -> list[tuple[str, dict[str, int]]]:
    """The item lines of a season's figures with their names; none in a closing from before they were told apart."""
    return [(str(Item(item).label), told) for item, told in figures.get("items", {}).items()]


@action("fees.close_season", permission="fees.oversee", closing=True)
def close_season(actor: Actor, campaign: Campaign, *, season: Season, note: str = "") -> SeasonClosing:
    """Close the money of a season for good: nothing is charged, paid, refunded or handed in afterwards."""
    hold_season(campaign, season, closing=True)
    require_season_open(campaign, season)
    found = hindrances(campaign, season)
    final = [one.sentence for one in found if one.final]
    if final:
        raise _not_settled(final)
    if found and not note.strip():
        raise refuse(
            "fees.season_needs_note",
            "".join(one.sentence.zh for one in found),
            " ".join(one.sentence.en for one in found),
            "请写明如何处理后再结账。",
            "Say how this is dealt with, then close.",
        )
    audit.note(season=str(season), note=within(note, 200, field="note"))
    return SeasonClosing.objects.create(
        campaign=campaign,
        season=season,
        totals=totals(campaign, season),
        note=within(note, 200, field="note"),
        by=actor.user,
    )


def _not_settled(sentences: list[Wording]) -> Refusal:
    return refuse(
        "fees.season_not_settled",
        "".join(sentence.zh for sentence in sentences),
        " ".join(sentence.en for sentence in sentences),
        "请先办结再结账。",
        "Settle it first, then close.",
    )
