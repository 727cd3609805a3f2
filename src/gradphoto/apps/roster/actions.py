"""Changes to a row's data, and what leaves the house on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action, may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.core.reauthentication import require_recent_proof
from gradphoto.apps.roster import persons, signatures
from gradphoto.apps.roster.corrections import ALREADY_LISTED, CORRECTABLE, KEY_FIELDS, STORED, checked_values
from gradphoto.apps.roster.lifecycle import CANDIDATE
from gradphoto.apps.roster.models import Candidate, CandidateStatus, SignatureStep
from gradphoto.apps.roster.typed import stated


@action("roster.correct_candidate", permission="roster.keep", lifecycle=CANDIDATE)
def correct_candidate(
    actor: Actor, candidate: Candidate, *, field: str, value: str, reason: str, case: int | None = None
) -> tuple[str, ...]:
    """Correct one value, checked like an imported one; returns the fields changed (see ``checked_values``).

    What a student has signed for is not changed behind their back: their signature and those after it are void and the
    row goes back to be signed; the key fields then change by a proven ``case`` only (R32-R35). On the approved list
    only the registry corrects. The old and the new value stay out of the audit trail.
    """
    if field not in CORRECTABLE:
        raise invalid(
            "roster.field",
            "这一项不能在此更正。",
            "This cannot be corrected here.",
            "请选择其他项目。",
            "Choose another item.",
        )
    why = stated(reason)
    changed = write_values(actor, candidate, checked_values(candidate, field, value), case)
    audit.note(reason=why, case=case)
    return changed


def write_values(actor: Actor, candidate: Candidate, new: Mapping[str, Any], case: int | None) -> tuple[str, ...]:
    """Write checked values inside an action, under the rules for what is signed for; returns the fields changed."""
    for name, corrected in new.items():
        setattr(candidate, name, corrected)
    try:
        with transaction.atomic():
            candidate.save(update_fields=list(new))
    except IntegrityError:
        raise ALREADY_LISTED from None
    if {"id_number", "student_no"} & set(new) and persons.is_somebody_else(candidate):
        raise ALREADY_LISTED
    changed = tuple(name for name in new if name in STORED)
    _require_registry_or_proof(actor, candidate, changed, case)
    signatures.settle_findings(candidate, changed)
    audit.note(fields=changed)
    if candidate.status != CandidateStatus.ACCEPTED:
        audit.note(voided=signatures.void(candidate, keep=(SignatureStep.CHECK,)))
    return changed


def _require_registry_or_proof(actor: Actor, candidate: Candidate, changed: tuple[str, ...], case: int | None) -> None:
    if candidate.status == CandidateStatus.ACCEPTED and not may(actor, "roster.accept_candidate", candidate):
        raise refuse(
            "roster.accepted_by_registry",
            "该生已核准，只能由教务处更正。",
            "This row is accepted; only the registry corrects it.",
            "请登记信息错误并提交证明。",
            "Note the error and hand in the proof.",
        )
    unsigned = (CandidateStatus.ISSUED, CandidateStatus.CHECKED)
    if case is None and candidate.status not in unsigned and set(changed) & set(KEY_FIELDS):
        raise refuse(
            "roster.proof_needed",
            "已签字的姓名、性别、出生日期、证件号码须凭证明更正。",
            "Name, sex, birth date and ID number change by proof once they are signed for.",
            "请在“信息更正”中登记错误，附上证明后办理。",
            "Note the error under corrections and attach the proof.",
        )


@action("roster.reveal_id_number", permission="roster.reveal")
def reveal_id_number(actor: Actor, candidate: Candidate, *, reason: str) -> str:
    """Show the whole number once; who, when and why stays on record."""
    audit.note(reason=stated(reason))
    return str(candidate.id_number.decrypt())


@action("roster.record_export", permission="roster.read", within=())
def record_export(actor: Actor, campaign: Campaign, *, count: int, with_id_numbers: int) -> None:
    """An export leaves the house: how many rows of this campaign, and how many with the whole ID number."""
    if with_id_numbers:
        require_recent_proof()
    audit.note(count=count, with_id_numbers=with_id_numbers)
