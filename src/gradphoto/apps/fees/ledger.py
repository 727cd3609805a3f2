"""Writing into the ledger. Whatever moves money or a claim ends in ``post``, inside the transaction of its action."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.fees.models import (
    TILLS,
    Account,
    AccountKind,
    Charge,
    Collection,
    DayClosing,
    Entry,
    EntryKind,
    HandIn,
    SeasonClosing,
)
from gradphoto.apps.fees.triggers import GUARD
from gradphoto.apps.roster.models import Candidate


@dataclass(frozen=True, slots=True)
class Move:
    """One movement to be written: from ``credit`` to ``debit``."""

    kind: EntryKind
    debit: Account
    credit: Account
    amount_fen: int
    season: str
    charge: Charge | None = None
    collection: Collection | None = None
    hand_in: HandIn | None = None
    reverses: Entry | None = None
    reason: str = ""


def post(actor: Actor, campaign: Campaign, moves: Iterable[Move]) -> list[Entry]:
    """Write the movements in order, dated today; refuses ``fees.season_is_closed`` and ``fees.day_is_closed``.

    The triggers move the balances and refuse what this function overlooks.
    """
    listed = list(moves)
    for season in {move.season for move in listed}:
        require_season_open(campaign, season)
    require_day_open({a for move in listed for a in (move.debit, move.credit) if a.kind in TILLS})
    now = timezone.now()
    today = timezone.localdate(now)
    return Entry.objects.bulk_create(
        Entry(
            campaign=campaign, season=move.season, kind=move.kind, debit=move.debit, credit=move.credit,
            amount_fen=move.amount_fen, charge=move.charge, collection=move.collection, hand_in=move.hand_in,
            reverses=move.reverses, reason=move.reason, business_day=today, at=now, actor=actor.key,
            actor_label=actor.label,
        )
        for move in listed
    )  # fmt: skip


_SEASON_LOCK = 0x66656573  # of PostgreSQL's advisory locks in pairs; "fees"


def hold_season(campaign: Campaign, season: str, *, closing: bool = False) -> None:
    """Until the transaction ends: who writes into a season shares it with others who write, who closes it has it alone.

    So nothing is written between the totals of the closing and its commit. SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        take = "SELECT pg_advisory_xact_lock(%s, %s)" if closing else "SELECT pg_advisory_xact_lock_shared(%s, %s)"
        with connection.cursor() as cursor:
            cursor.execute(take, [_SEASON_LOCK, 2 * campaign.pk + (season == Season.AUTUMN)])


def is_season_closed(campaign: Campaign, season: str) -> bool:
    """Whether the season's books are closed; where they are not, they are held open for this transaction."""
    hold_season(campaign, season)
    return SeasonClosing.objects.filter(campaign=campaign, season=season).exists()


def require_season_open(campaign: Campaign, season: str) -> None:
    """Refuse to write into a season whose books are closed, or to begin what would have to be: a list, a refund, an order."""
    if is_season_closed(campaign, season):
        raise refuse(
            "fees.season_is_closed",
            "本季收费已结账，账目不能再变动。",
            "The money of this season is closed; nothing in it changes.",
            "如有遗留款项，请另行与采集中心书面处理。",
            "Settle what is left with the centre in writing.",
        )


def require_day_open(tills: Iterable[Account]) -> None:
    """Refuse to write into a till whose day is closed. The tills are held, in one order, so that none is closed meanwhile."""
    wanted = [till.pk for till in tills]
    list(Account.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk").values_list("pk"))
    if wanted and DayClosing.objects.filter(till__in=wanted, day__gte=timezone.localdate()).exists():
        raise refuse(
            "fees.day_is_closed",
            "今日已日结，账目不能再变动。",
            "The day is closed; nothing in it changes.",
            "请明日再办理。",
            "Continue tomorrow.",
        )


def student_accounts(candidates: Sequence[Candidate]) -> dict[int, Account]:
    """What each candidate owes, by candidate: accounts are opened where there is none."""
    Account.objects.bulk_create(
        [Account(campaign_id=person.campaign_id, kind=AccountKind.STUDENT, candidate=person) for person in candidates],
        ignore_conflicts=True,
    )
    found = Account.objects.filter(candidate__in=candidates)
    return {account.candidate_id: account for account in found if account.candidate_id is not None}


def whole(campaign: Campaign, kind: AccountKind) -> Account:
    """The campaign's revenue or waiver account."""
    return Account.objects.get_or_create(campaign=campaign, kind=kind)[0]


def latest(charge: Charge, kind: EntryKind) -> Entry:
    """The newest entry of a kind on a charge that nothing has taken back."""
    return (
        charge.entries.filter(kind=kind, reversed_by=None).select_related("debit", "credit", "collection").latest("pk")
    )


def turned_round(entry: Entry, kind: EntryKind, reason: str, *, giver: Account | None = None) -> Move:
    """The counter-entry; ``giver`` where the money lies elsewhere by now (a refund after a hand-in)."""
    return Move(
        kind, entry.credit, giver or entry.debit, entry.amount_fen, entry.season, entry.charge,
        entry.collection if kind in (EntryKind.CANCEL_PAYMENT, EntryKind.REFUND) else None,
        reverses=entry, reason=reason,
    )  # fmt: skip


@dataclass(slots=True)
class Proof:
    """What ``prove`` found; empty lists mean that the books are right."""

    wrong_balances: list[int] = field(default_factory=list)
    wrong_tills: list[int] = field(default_factory=list)
    sum_fen: int = 0
    missing_guards: set[str] = field(default_factory=set)

    @property
    def right(self) -> bool:
        return not (self.wrong_balances or self.wrong_tills or self.sum_fen or self.missing_guards)


def prove(campaigns: QuerySet[Campaign] | None = None) -> Proof:
    """Add everything up again: balances from entries, tills from the charges and parts of charges that lie in them, and
    all to nothing.
    """
    accounts = Account.objects.all() if campaigns is None else Account.objects.filter(campaign__in=campaigns)
    received = dict(accounts.annotate(n=Sum("received__amount_fen")).values_list("pk", "n"))
    given = dict(accounts.annotate(n=Sum("given__amount_fen")).values_list("pk", "n"))
    lying = dict(accounts.filter(kind__in=TILLS).annotate(n=Sum("charges__amount_fen")).values_list("pk", "n"))
    of_due = Q(received__kind=EntryKind.COLLECT, received__reversed_by=None, received__charge__status="due")
    in_parts = dict(
        accounts.filter(kind__in=TILLS).annotate(n=Sum("received__amount_fen", filter=of_due)).values_list("pk", "n")
    )
    balances = dict(accounts.values_list("pk", "balance_fen"))
    return Proof(
        [pk for pk, fen in balances.items() if fen != (received[pk] or 0) - (given[pk] or 0)],
        [pk for pk, fen in lying.items() if (fen or 0) + (in_parts[pk] or 0) != balances[pk]],
        sum(balances.values()),
        GUARD.missing(connection),
    )


def balance_on(till: Account, day: object) -> int:
    """Fen that lay in a till at the end of a day."""
    until = Q(business_day__lte=day)
    received = till.received.filter(until).aggregate(n=Sum("amount_fen"))["n"] or 0
    return received - (till.given.filter(until).aggregate(n=Sum("amount_fen"))["n"] or 0)
