"""What is wrong and how it is set right: noted, proven, decided (R31-R36)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import ADMISSION_FORM_COPIES, STATUS_FORM_COPIES
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import REASON_LENGTH, Refusal, invalid, refuse, within
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.orgs.policy import has_role, is_same_person
from gradphoto.apps.roster.actions import correct_candidate
from gradphoto.apps.roster.corrections import CORRECTABLE, KEY_FIELDS, checked_values, texts_of
from gradphoto.apps.roster.lifecycle import CORRECTION
from gradphoto.apps.roster.models import (
    Candidate,
    CandidateStatus,
    CaseSource,
    CorrectionCase,
    Proof,
    ProofKind,
    Route,
)
from gradphoto.apps.roster.permissions import by_the_student
from gradphoto.apps.roster.typed import stated, without_id_numbers
from gradphoto.engine.wording import Wording

PROOF_KINDS = (Kind.PDF, Kind.JPEG, Kind.PNG)
PROOF_LIMIT_MB = 10
MOST_PROOFS = 12

DEMANDED: Mapping[Route, tuple[ProofKind, ...]] = {
    Route.CARD: (ProofKind.ID_CARD,),
    Route.ADMISSION: (ProofKind.FORM, ProofKind.OTHER),
    Route.STATUS: (ProofKind.FORM, ProofKind.OTHER),
    Route.IDENTITY: (ProofKind.CERTIFICATE, ProofKind.ID_CARD),
}
"""What each way must bring: R35; R32 and R33 "with proofs"; R34 the certificate and a copy of the card."""
_ORIGINALS = (Route.CARD, Route.IDENTITY)
"""Ways for which somebody must have seen the original (R34, R35)."""


def copies_demanded(case: CorrectionCase, route: Route) -> int:
    """How many copies of the approval form are handed in: three (R32), two (R33), none elsewhere."""
    keys = {Route.ADMISSION: ADMISSION_FORM_COPIES, Route.STATUS: STATUS_FORM_COPIES}
    return value_of(case.candidate.campaign, keys[route]) if route in keys else 0


@action("roster.note_error", permission="roster.keep")
def note_error(actor: Actor, candidate: Candidate, *, field: str, value: str = "", note: str = "") -> CorrectionCase:
    """Note a wrong value as it stands on the check table (R35); ``value`` is the right one where it is known."""
    return _note(actor, candidate, CaseSource.COLLEGE, field, value, note)


@action("roster.report_error", permission=by_the_student)
def report_error(actor: Actor, candidate: Candidate, *, field: str, value: str, note: str = "") -> CorrectionCase:
    """The student says on their own page what is wrong and what is right; the college takes it from here."""
    return _note(actor, candidate, CaseSource.STUDENT, field, value, note)


@action("roster.fail_first_audit", permission="roster.audit")
def fail_first_audit(
    actor: Actor, candidate: Candidate, *, field: str, reason: str, route: Route | None = None
) -> CorrectionCase:
    """The row differs from the admissions data (R31): the reason goes to the college with the row.

    ``route`` is the way that the comparison proposes, so that the right form can be printed; the proof decides.
    """
    case = _note(actor, candidate, CaseSource.FIRST_AUDIT, field, "", stated(reason))
    if route is not None:
        case.route = route
        case.save(update_fields=["route"])
        audit.note(route=str(route))
    return case


def _note(actor: Actor, candidate: Candidate, source: CaseSource, field: str, value: str, note: str) -> CorrectionCase:
    if field not in CORRECTABLE:
        raise invalid(
            "roster.field", "没有这一项。", "There is no such item.", "请选择其他项目。", "Choose another item."
        )
    if candidate.status in (CandidateStatus.REMOVED, CandidateStatus.DEFERRED):
        raise refuse(
            "roster.not_on_list",
            "该生已不在本批次名册中。",
            "This person is no longer on the list of this campaign.",
            "请先恢复到名册。",
            "Take the person back first.",
        )
    if value.strip():
        checked_values(candidate, field, value)
    try:
        with transaction.atomic():
            case = CorrectionCase.objects.create(
                candidate=candidate,
                field=field,
                claimed=value.strip(),
                as_found=texts_of(candidate)[field],
                note=without_id_numbers(within(note, REASON_LENGTH, field="note")),
                source=source,
                noted_by=actor.key,
            )
    except IntegrityError:
        raise refuse(
            "roster.error_noted_already",
            "这一项错误已经登记，正在处理。",
            "This item is noted already and being dealt with.",
            "请等待学院处理，或查看已登记的记录。",
            "Wait for the college, or look at the record.",
        ) from None
    audit.note(case=case.pk, field=field, source=str(source))
    return case


@action("roster.attach_proof", permission="roster.keep")
def attach_proof(actor: Actor, case: CorrectionCase, *, kind: ProofKind, data: bytes, media_type: str) -> Proof:
    """Keep a scanned proof. ``media_type`` is what its content shows (``core.uploads.read_upload``)."""
    _require_open(case)
    if case.proofs.count() >= MOST_PROOFS:
        raise refuse(
            "roster.too_many_proofs",
            f"证明材料已达 {MOST_PROOFS} 份。",
            f"There are {MOST_PROOFS} proofs already.",
            "请合并为一个 PDF 后上传。",
            "Put them into one PDF.",
        )
    proof, _ = Proof.objects.get_or_create(
        case=case, blob=blobs.put(data, media_type), defaults={"kind": kind, "attached_by": actor.key}
    )
    audit.note(kind=str(kind), content=proof.blob.evidence)
    return proof


@action("roster.show_proof", permission="roster.keep", lifecycle=CORRECTION)
def show_proof(
    actor: Actor, case: CorrectionCase, *, route: Route, value: str = "", copies: int = 0, original_seen: bool = False
) -> None:
    """What the way demands is there: copies of the form, proofs, the original seen; ``value`` is the right value.

    Raises ``roster.proof_missing``, ``roster.copies_missing``, ``roster.original_not_seen`` or
    ``roster.right_value_missing``.
    """
    missing = set(DEMANDED[route]) - set(case.proofs.values_list("kind", flat=True))
    if missing:
        names = "、".join(str(ProofKind(kind).label) for kind in sorted(missing))
        raise refuse(
            "roster.proof_missing", f"还缺：{names}。", f"Still missing: {names}.", "请先上传。", "Attach it first."
        )
    demanded = copies_demanded(case, route)
    if copies < demanded:
        raise refuse(
            "roster.copies_missing",
            f"审批表须一式 {demanded} 份。",
            f"The approval form is handed in with {demanded} copies.",
            "请补齐份数。",
            "Hand in the missing ones.",
        )
    if route in _ORIGINALS and not original_seen:
        raise refuse(
            "roster.original_not_seen",
            "须核验原件。",
            "The original must be seen.",
            "请学生出示原件后再办理。",
            "Have the student bring the original.",
        )
    right = value.strip() or case.right_value
    if not right:
        raise invalid(
            "roster.right_value_missing",
            "没有填写正确内容。",
            "The right value is missing.",
            "请按证明材料填写。",
            "Fill it in as the proof says.",
        )
    checked_values(case.candidate, case.field, right)
    case.claimed, case.route, case.copies = right, route, copies
    case.proven_by, case.proven_at = actor.key, timezone.now()
    case.save(update_fields=["claimed", "route", "copies", "proven_by", "proven_at"])
    audit.note(route=str(route), copies=copies, original_seen=original_seen)


@action("roster.grant_case", permission="roster.audit", lifecycle=CORRECTION)
def grant_case(actor: Actor, case: CorrectionCase, *, note: str = "") -> None:
    """The registry grants the correction and it takes effect. An approval needs a second person (R32-R34).

    Who noted the error does not grant it either; the first audit is noted by comparing, not by a person.
    """
    noted = case.source != CaseSource.FIRST_AUDIT and is_same_person(actor, case.noted_by)
    if noted or (case.route != Route.CARD and is_same_person(actor, case.proven_by)):
        raise _FOUR_EYES
    _apply(actor, case, Wording(str(Route(case.route).label), ""))
    _decide(actor, case, note)


@action("roster.adopt_case", permission="roster.keep", lifecycle=CORRECTION)
def adopt_case(actor: Actor, case: CorrectionCase) -> None:
    """The college takes over what the student reported. Key fields need proof (R31, R35)."""
    if not needs_no_proof(case):
        raise refuse(
            "roster.proof_needed",
            "这一项须出示证明后由教务处更正。",
            "This item changes by proof, through the registry.",
            "请上传证明并提交。",
            "Attach the proof and hand it in.",
        )
    if not case.right_value:
        raise invalid(
            "roster.right_value_missing",
            "没有填写正确内容。",
            "The right value is missing.",
            "请撤销后直接更正。",
            "Withdraw it and correct the value directly.",
        )
    _apply(actor, case, Wording("学生本人申报", ""))
    _decide(actor, case, "")


def needs_no_proof(case: CorrectionCase) -> bool:
    """Whether the college may set this right by itself: no key field, and nothing that the registry's audit found."""
    return case.field not in KEY_FIELDS and case.source != CaseSource.FIRST_AUDIT


@action("roster.refuse_case", permission="roster.audit", lifecycle=CORRECTION)
def refuse_case(actor: Actor, case: CorrectionCase, *, reason: str) -> None:
    """The registry refuses the correction; the value stays as it is."""
    if case.route and case.route != Route.CARD and is_same_person(actor, case.proven_by):
        raise _FOUR_EYES
    _decide(actor, case, stated(reason))


@action("roster.withdraw_case", permission="roster.keep", lifecycle=CORRECTION)
def withdraw_case(actor: Actor, case: CorrectionCase, *, reason: str) -> None:
    """It was no error after all. What the registry's audit found, the registry withdraws."""
    if case.source == CaseSource.FIRST_AUDIT and not has_role("roster.audit")(actor, case):
        raise refuse(
            "roster.audit_is_the_registrys",
            "初审意见只能由教务处撤销。",
            "Only the registry withdraws a finding of its audit.",
            "请提交审批表，或联系教务处。",
            "Hand in the approval form, or ask the registry.",
        )
    _decide(actor, case, stated(reason))


def _apply(actor: Actor, case: CorrectionCase, why: Wording) -> None:
    correct_candidate(actor, case.candidate, field=case.field, value=case.right_value, reason=why.zh, case=case.pk)


def _decide(actor: Actor, case: CorrectionCase, note: str) -> None:
    case.decided_by, case.decided_at = actor.key, timezone.now()
    case.decision = without_id_numbers(within(note, REASON_LENGTH, field="note"))
    case.save(update_fields=["decided_by", "decided_at", "decision"])
    audit.note(field=case.field, note=case.decision)


@action("roster.read_proof", permission="roster.keep")
def read_proof(actor: Actor, case: CorrectionCase, *, proof: int) -> tuple[bytes, str]:
    """A scanned proof and its media type. It is personal, so each look is on record."""
    found = case.proofs.select_related("blob").get(pk=proof)
    audit.note(content=found.blob.evidence)
    return blobs.read(found.blob), found.blob.media_type


def _require_open(case: CorrectionCase) -> None:
    if not case.is_open:
        raise refuse(
            "roster.case_closed",
            "这条更正已有结论。",
            "This correction is decided.",
            "如有新情况请重新登记。",
            "Note it anew if there is something new.",
        )


_FOUR_EYES = Refusal(
    "roster.four_eyes",
    Wording("证明由您核验，审批须由教务处另一人作出。", "You checked the proof; the approval needs another person."),
    Wording("请由另一位教务处老师审批。", "Have another person of the registry decide."),
)
