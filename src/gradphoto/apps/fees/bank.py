"""A bank's statement against what is owed: each row matched, unmatched, a duplicate or of another amount, and told so."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.fees.actions import collect
from gradphoto.apps.fees.lifecycle import BANK_IMPORT
from gradphoto.apps.fees.models import (
    AccountKind,
    BankImport,
    BankRow,
    Channel,
    Charge,
    ChargeStatus,
    OnlineOrder,
    RowOutcome,
)
from gradphoto.apps.fees.money import yuan
from gradphoto.apps.fees.parts import paid_of
from gradphoto.apps.fees.policy import serves
from gradphoto.apps.fees.prices import open_channels
from gradphoto.apps.fees.statements import StatementRow, masked, read_statement
from gradphoto.apps.fees.tills import unit_till
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.standards.names import same
from gradphoto.engine.wording import Wording

_NAMESPACE = uuid.UUID("0b6f4f0e-5a0e-4c8e-9f37-5b7f0f6c2a11")


@action("fees.import_statement", permission="fees.import_statements", within=("organisation",))
def import_statement(
    actor: Actor, campaign: Campaign, *, organisation: Organisation, file_name: str, data: bytes, media_type: str
) -> BankImport:
    """Keep a statement and match it in the background. What is no statement at all is refused here, at once."""
    if not serves(actor, organisation, "fees.receive", exactly=True):
        raise PermissionRefusal("fees.import_statement")
    open_channels(campaign)
    rows = read_statement(data)
    made = BankImport.objects.create(
        campaign=campaign, organisation=organisation, source=blobs.put(data, media_type), file_name=file_name[:200]
    )
    made.job = jobs.enqueue(
        "fees.match_statement",
        actor,
        Wording(f"银行对账 {file_name}", f"Bank statement {file_name}"),
        {"import": made.pk},
        organisation_id=organisation.pk,
    )
    made.save(update_fields=["job"])
    audit.note(bank_import=made.pk, rows=len(rows))
    return made


@dataclass(frozen=True, slots=True)
class Match:
    """What a row means: who pays what, or why not."""

    outcome: RowOutcome
    reason: Wording
    candidate: Candidate | None = None
    charges: tuple[Charge, ...] = ()


@action("fees.match_row", permission=by_system)
def match_row(actor: Actor, bank_import: BankImport, *, row: StatementRow) -> BankRow:
    """Match one row and book it if it fits; a row that was matched by an earlier run is returned as it is."""
    done = bank_import.rows.filter(row_number=row.row_number).first()
    if done is not None:
        return done
    match = find_match(bank_import, row)
    collection = None
    if match.outcome is RowOutcome.MATCHED:
        try:
            with transaction.atomic():
                collection = collect(
                    actor,
                    unit_till(bank_import.campaign, bank_import.organisation, AccountKind.BANK),
                    channel=Channel.REMITTANCE,
                    tendered_fen=row.amount_fen or 0,
                    nonce=uuid.uuid5(_NAMESPACE, f"{bank_import.pk}/{row.row_number}"),
                    charges=match.charges,
                    reference=row.serial,
                )
        except GradPhotoError as error:
            match = Match(RowOutcome.UNMATCHED, error.message, match.candidate)
    audit.note(row=row.row_number, outcome=str(match.outcome))
    return BankRow.objects.create(
        bank_import=bank_import, campaign=bank_import.campaign, organisation=bank_import.organisation,
        row_number=row.row_number, serial=row.serial, paid_on=row.paid_on, amount_fen=row.amount_fen,
        payer=masked(row.payer), memo=masked(row.memo), outcome=match.outcome,
        reason={"zh": match.reason.zh, "en": match.reason.en}, candidate=match.candidate, collection=collection,
    )  # fmt: skip


def find_match(bank_import: BankImport, row: StatementRow) -> Match:
    """Whom a row pays for: by order number, student number or ID number in the memo, then by the payer's own name."""
    if row.fault is not None:
        return Match(RowOutcome.UNREADABLE, row.fault.message)
    if _seen(bank_import, row):
        return Match(
            RowOutcome.DUPLICATE, Wording("同一流水号或同一笔款项已经入账。", "This payment is booked already.")
        )
    people = _people(bank_import.campaign, row)
    if not people:
        return Match(
            RowOutcome.UNMATCHED,
            Wording(
                "附言和付款人中都没有找到本批次的学生。", "Neither memo nor payer names a student of this campaign."
            ),
        )
    if len(people) > 1:
        return Match(
            RowOutcome.UNMATCHED,
            Wording("附言或付款人对应不止一名学生。", "Memo or payer fit more than one student."),
        )
    return _owed_by(people[0], row)


def _owed_by(person: Candidate, row: StatementRow) -> Match:
    due = tuple(person.charges.filter(status=ChargeStatus.DUE).order_by("pk"))
    paid = paid_of(due)
    in_parts = [charge for charge in due if charge.pk in paid]
    due = tuple(charge for charge in due if charge.pk not in paid)  # the rest of a part is paid where that part lies
    if in_parts and not due:
        rest = yuan(_sum(tuple(in_parts)) - sum(paid.values()))
        told = Wording(
            "已在收款台缴部分款，尚欠 {rest} 元，须在原处补足。",
            "A part was paid at a counter; the rest of {rest} yuan is due there.",
        )
        return Match(RowOutcome.UNMATCHED, told.format(rest=rest), person)
    if not due:
        return Match(
            RowOutcome.DUPLICATE,
            Wording("该生没有待缴款项，可能重复缴费。", "This student owes nothing; perhaps it was paid twice."),
            person,
        )
    chosen = next((some for some in (due, *((one,) for one in due)) if _sum(some) == row.amount_fen), None)
    if chosen is None:
        text = Wording("应缴 {due} 元，实到 {came} 元。", "Due {due} yuan, came {came} yuan.")
        told = text.format(due=yuan(_sum(due)), came=yuan(row.amount_fen or 0))
        return Match(RowOutcome.AMOUNT_DIFFERS, told, person)
    return Match(RowOutcome.MATCHED, Wording("已入账。", "Booked."), person, chosen)


def _sum(charges: tuple[Charge, ...]) -> int:
    return sum(charge.amount_fen for charge in charges)


def _seen(bank_import: BankImport, row: StatementRow) -> bool:
    booked = BankRow.objects.filter(organisation=bank_import.organisation, outcome=RowOutcome.MATCHED)
    if row.serial:
        return booked.filter(serial=row.serial).exists()
    same = booked.filter(paid_on=row.paid_on, amount_fen=row.amount_fen, memo=masked(row.memo), payer=masked(row.payer))
    return same.exclude(bank_import=bank_import).exists()


def _people(campaign: Campaign, row: StatementRow) -> list[Candidate]:
    people = campaign.candidates.all()
    orders = OnlineOrder.objects.filter(campaign=campaign, reference__in=row.words).values("candidate")
    for found in (
        people.filter(pk__in=orders),
        people.filter(student_no__in=row.words),
        people.filter(id_number_index__in=[blind_index(word) for word in row.words if len(word) in (15, 18)]),
    ):
        if named := list(found[:2]):
            return named
    if not row.payer.strip():
        return []
    alike = [pk for pk, name in people.values_list("pk", "name") if same(name, row.payer)]
    return list(people.filter(pk__in=alike[:2]))


@action("fees.finish_import", permission=by_system, lifecycle=BANK_IMPORT)
def finish_import(actor: Actor, bank_import: BankImport) -> None:
    """Every row of a statement is told."""
