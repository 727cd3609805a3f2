"""The steps of a row through lifecycle C1: the sign chain of R38, and what leaves or joins the list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import IntegrityError, transaction
from django.dispatch import Signal
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import PermissionRefusal, invalid, refuse
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster import persons, signatures
from gradphoto.apps.roster.corrections import ALREADY_LISTED, checked_record, fields_of
from gradphoto.apps.roster.lifecycle import CANDIDATE
from gradphoto.apps.roster.models import (
    Candidate,
    CandidateStatus,
    Origin,
    SignatureStep,
    SignatureWay,
    SignedTable,
    StatusChange,
    StatusChangeKind,
)
from gradphoto.apps.roster.permissions import by_the_leader, by_the_student
from gradphoto.apps.roster.typed import stated
from gradphoto.engine.standards.names import probably_same

left_list = Signal()
"""Sent with ``candidate`` inside the transaction by which somebody leaves the approved list."""
_BEFORE_REGISTRY = (SignatureStep.CHECK, SignatureStep.COUNSELLOR, SignatureStep.LEADER)


@action("roster.check_candidate", permission="roster.check", lifecycle=CANDIDATE)
def check_candidate(actor: Actor, candidate: Candidate) -> None:
    """The college has compared this row (R19, R21)."""
    signatures.leave(actor, candidate, SignatureStep.CHECK)


@action("roster.sign_candidate", permission="roster.check", lifecycle=CANDIDATE)
def sign_candidate(actor: Actor, candidate: Candidate) -> None:
    """The student has checked their own data and signed the paper check table personally (R24, R38)."""
    signatures.require_no_open_case(candidate)
    signatures.leave(actor, candidate, SignatureStep.STUDENT, way=SignatureWay.PAPER, signer=candidate.name)
    audit.note(way="paper")


@action("roster.sign_in_person", permission=by_the_student, lifecycle=CANDIDATE)
def sign_in_person(actor: Actor, candidate: Candidate, *, typed_name: str) -> None:
    """The student signs on their own phone by typing their name (R24). Raises ``roster.name_differs``."""
    signatures.require_no_open_case(candidate)
    if not probably_same(typed_name, candidate.name):
        raise invalid(
            "roster.name_differs",
            "签名与名册中的姓名不一致。",
            "The name typed is not the name in the roster.",
            "请输入本人姓名全名；若名册中的姓名有误，请点“信息有误”。",
            "Type your own full name. If the roster has it wrong, report the error instead.",
        )
    signatures.leave(actor, candidate, SignatureStep.STUDENT, way=SignatureWay.PHONE, signer=candidate.name)
    candidate.signing_codes.filter(ended_at=None).update(ended_at=timezone.now())
    audit.note(way="phone")


@action("roster.countersign_candidate", permission="roster.countersign", lifecycle=CANDIDATE)
def countersign_candidate(actor: Actor, candidate: Candidate) -> None:
    """The counsellor of the graduating class signs (R38)."""
    signatures.require_no_open_case(candidate)
    signatures.leave(actor, candidate, SignatureStep.COUNSELLOR)


@action("roster.endorse_candidate", permission=by_the_leader, lifecycle=CANDIDATE)
def endorse_candidate(actor: Actor, candidate: Candidate) -> None:
    """The leader in charge of student work signs, who is not the counsellor (R38)."""
    signatures.require_no_open_case(candidate)
    signatures.require_another(actor, candidate, SignatureStep.COUNSELLOR)
    signatures.leave(actor, candidate, SignatureStep.LEADER)


@action("roster.endorse_by_table", permission="roster.check", lifecycle=CANDIDATE)
def endorse_by_table(actor: Actor, candidate: Candidate, *, table: int) -> None:
    """The scanned check table of the class carries all three signatures: the row takes them over (R38, R71)."""
    signatures.require_no_open_case(candidate)
    signed = SignedTable.objects.get(pk=table)
    own = (candidate.campaign_id, candidate.department_id, candidate.season, candidate.class_name)
    if own != (signed.campaign_id, signed.department_id, signed.season, signed.class_name):
        raise refuse(
            "roster.not_on_this_table",
            "该生不在这份核对表所属的班级。",
            "This person is not of the class of this check table.",
            "请附上该生所在班级的核对表。",
            "Attach the check table of the person's own class.",
        )
    present = set(candidate.signatures.filter(voided_at=None).values_list("step", flat=True))
    names = {
        SignatureStep.STUDENT: candidate.name,
        SignatureStep.COUNSELLOR: signed.counsellor_name,
        SignatureStep.LEADER: signed.leader_name,
    }
    for step, name in names.items():
        if step not in present:
            signatures.leave(actor, candidate, step, way=SignatureWay.TABLE, signer=name, table=signed)
    audit.note(table=signed.pk)


@action("roster.accept_candidate", permission="roster.accept", lifecycle=CANDIDATE)
def accept_candidate(actor: Actor, candidate: Candidate) -> None:
    """The registry puts the row on the approved list (R16); nobody accepts what they signed for themselves."""
    signatures.require_no_open_case(candidate)
    signatures.require_another(actor, candidate, *_BEFORE_REGISTRY)
    signatures.leave(actor, candidate, SignatureStep.REGISTRY)


@action("roster.return_candidate", permission="roster.return", lifecycle=CANDIDATE)
def return_candidate(actor: Actor, candidate: Candidate, *, reason: str) -> None:
    """Send the row back to be checked again; every signature under it is void."""
    _keep_reason(candidate, reason)
    audit.note(voided=signatures.void(candidate))


@action("roster.defer_candidate", permission="roster.list", lifecycle=CANDIDATE)
def defer_candidate(actor: Actor, candidate: Candidate, *, reason: str, to_year: int | None = None) -> None:
    """The person is photographed with a later class (另行采集, R8): the next one unless ``to_year`` says otherwise."""
    year = to_year or candidate.campaign.cohort_year + 1
    if year <= candidate.campaign.cohort_year:
        raise invalid(
            "roster.deferred_back",
            "只能延到以后的届别。",
            "A person can only be deferred to a later class.",
            f"请填写 {candidate.campaign.cohort_year + 1} 或以后的年份。",
            f"Give {candidate.campaign.cohort_year + 1} or a later year.",
        )
    if candidate.status == CandidateStatus.ACCEPTED:
        left_list.send(Candidate, candidate=candidate)
    candidate.deferred_to = year
    candidate.save(update_fields=["deferred_to"])
    persons.leave_the_camera(candidate)
    _keep_reason(candidate, reason)
    audit.note(to_year=year)


@action("roster.remove_candidate", permission="roster.list", lifecycle=CANDIDATE)
def remove_candidate(actor: Actor, candidate: Candidate, *, reason: str) -> None:
    """The person cannot graduate (R21); they are named in annex 2 (R56)."""
    _keep_reason(candidate, reason)
    persons.leave_the_camera(candidate)


@action("roster.strike_candidate", permission="roster.accept", lifecycle=CANDIDATE)
def strike_candidate(actor: Actor, candidate: Candidate, *, reason: str) -> None:
    """The registry takes a person off the approved list, who cannot graduate after all (R21): annex 2 names them (R56).

    The place in the timetable is free again, and a photograph that was taken is neither delivered nor verified; it stays
    on record. Raises ``roster.registered`` for who is in the ledger already.
    """
    # The ledger belongs to a later app: it is read by its relation.
    if candidate.ledger_entries.exists():
        raise refuse(
            "roster.registered", "该生已注册，不能再从名单删除。", "This person is registered and stays on the list.",
            "请在注册台账中按更正办理。", "Correct the ledger instead.",
        )  # fmt: skip
    _keep_reason(candidate, reason)
    audit.note(voided=signatures.void(candidate))
    left_list.send(Candidate, candidate=candidate)


@action("roster.reinstate_candidate", permission="roster.list", lifecycle=CANDIDATE)
def reinstate_candidate(actor: Actor, candidate: Candidate, *, reason: str) -> None:
    """Take a deferred or removed person back; the row starts anew."""
    candidate.deferred_to = None
    candidate.save(update_fields=["deferred_to"])
    _keep_reason(candidate, reason)
    audit.note(voided=signatures.void(candidate))


def _keep_reason(candidate: Candidate, reason: str) -> None:
    candidate.status_reason = stated(reason)
    candidate.save(update_fields=["status_reason"])
    audit.note(reason=candidate.status_reason)


@action("roster.record_status_change", permission="roster.keep")
def record_status_change(
    actor: Actor, candidate: Candidate, *, kind: StatusChangeKind, changed_on: date, reason: str
) -> StatusChange:
    """Put a change of status on record (R22). Whether the person stays on the list is a step of its own."""
    if changed_on > timezone.localdate():
        raise invalid(
            "roster.change_ahead",
            "异动日期在未来。",
            "The date of the change lies ahead.",
            "请填写批准文件上的日期。",
            "Give the date of the approval.",
        )
    why = stated(reason)
    change, _ = StatusChange.objects.get_or_create(
        candidate=candidate,
        kind=kind,
        changed_on=changed_on,
        defaults={"reason": why, "noted_by": str(actor.user or actor.label)[:150]},
    )
    audit.note(kind=str(kind), changed_on=changed_on.isoformat(), reason=why)
    return change


@action("roster.add_candidate", permission="roster.list", within=("department",))
def add_candidate(
    actor: Actor,
    campaign: Campaign,
    *,
    department: Organisation,
    values: Mapping[str, str],
    reason: str,
    somebody_else: bool = False,
) -> Candidate:
    """Add an expected graduate whom the roster left out (R21); they are named in annex 1 (R55).

    ``values`` are texts by field, as a roster file writes them. ``somebody_else`` answers the question of
    ``roster.probably_same`` (R31). Raises ``PermissionRefusal`` for a department that is not the actor's,
    ``InvalidInput`` with the check's own code, or ``roster.already_listed``.
    """
    if not department.path.startswith(campaign.school.path):
        raise PermissionRefusal("roster.add_candidate")
    if campaign.status == CampaignStatus.CLOSED:
        raise refuse(
            "roster.campaign_closed",
            "该采集批次已结束，不能再添加。",
            "This campaign is closed; nobody can be added.",
            "请选择进行中的批次。",
            "Choose a campaign that is under way.",
        )
    why = stated(reason)
    record = checked_record(campaign, {**values, "department": department.name})
    index = blind_index(record.id_number)
    first = persons.belongs_to(
        campaign.pk, index=index, name=record.name, major=record.major, level=record.level, student_no=record.student_no
    )
    namesakes = persons.namesakes(campaign, record, index)
    if namesakes and not somebody_else:
        raise _probably_same(namesakes[0])
    try:
        with transaction.atomic():
            candidate = Candidate.objects.create(
                campaign=campaign,
                department=department,
                id_number_index=index,
                same_person=first,
                origin=Origin.ADDED,
                added_reason=why,
                **fields_of(record),
            )
    except IntegrityError:
        raise ALREADY_LISTED from None
    audit.note(candidate=candidate.pk, reason=why)
    if namesakes:
        audit.note(somebody_else_than=[one.pk for one in namesakes])
    return candidate


def _probably_same(known: Candidate) -> Exception:
    where = " ".join(filter(None, (known.department.name, known.class_name)))
    return invalid(
        "roster.probably_same",
        f"疑似同一人：{where} 已有姓名、性别、出生日期都相同的人，证件号码不同。",
        f"Probably the same person: {where} has somebody of this name, sex and birth date, with another ID number.",
        "请对照证件核对号码；确是另一个人时，勾选后再添加。",
        "Compare the number with the document; where it is somebody else, tick so and add again.",
        field="somebody_else",
    )
