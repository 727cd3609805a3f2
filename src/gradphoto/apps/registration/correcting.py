"""Corrections after registration: proposed by one, decided by another, and always a new line of the ledger (R170, R214)."""

from __future__ import annotations

from django.utils import timezone

from gradphoto.apps.campaigns import settings_keys
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.registration.entering import add_line, correct_candidate, standing_entry, told
from gradphoto.apps.registration.lifecycle import LEDGER_CORRECTION
from gradphoto.apps.registration.models import EntryKind, LedgerCorrection, LedgerEntry
from gradphoto.apps.verification.corrections import check_entered
from gradphoto.apps.verification.items import mask_of, text_of
from gradphoto.engine.wording import Wording

_EXAMPLE = Wording("公安机关姓名变更证明，已核验原件。", "the police's certificate of a changed name, original seen.")


@action("registration.propose_correction", permission="registration.propose")
def propose_correction(actor: Actor, entry: LedgerEntry, *, field: str, entered: str, reason: str) -> LedgerCorrection:
    """The registry asks for one registered value to be corrected, with the proof it holds. Nothing changes yet."""
    why = told(reason, _EXAMPLE)
    if entry != standing_entry(entry):
        raise refuse(
            "registration.not_standing",
            "该条目之后已有更正，请对最新条目提出。",
            "A later line corrects this one already; propose it for the latest.",
            "请打开该毕业生的最新条目。",
            "Open the graduate's latest line.",
        )
    person = entry.candidate
    regions = value_of(person.campaign, settings_keys.TEST_REGIONS)
    value = check_entered(person, {field: entered}, regions)[field]
    if LedgerCorrection.objects.filter(entry__candidate=person, field=field, status="proposed").exists():
        raise refuse(
            "registration.correction_waits",
            "该项已有一条更正待审核。",
            "A correction of this item awaits its decision already.",
            "请等待审核结果。",
            "Wait for the decision.",
        )
    made = LedgerCorrection.objects.create(
        entry=entry,
        field=field,
        shown=mask_of(field, text_of(getattr(person, field))),
        entered=text_of(value),
        reason=why,
        proposed_by=actor.user,
    )
    audit.note(correction=made.pk, field=field)
    return made


@action("registration.approve_correction", permission="registration.approve", lifecycle=LEDGER_CORRECTION)
def approve_correction(actor: Actor, correction: LedgerCorrection) -> LedgerEntry:
    """The head office approves: the record is corrected, and a new line of the ledger says so. The old line stays."""
    _another_person(actor, correction)
    person = correction.entry.candidate
    before = standing_entry(correction.entry)
    correct_candidate(actor, person, entered={correction.field: text_of(correction.entered)})
    made = add_line(
        before,
        EntryKind.CORRECTION,
        portrait=before.portrait,
        shooting_number=before.facts["shooting_number"],
        more={"corrects": {"number": before.number, "field": correction.field, "reason": correction.reason}},
    )
    correction.decided_by, correction.decided_at, correction.result = actor.user, timezone.now(), made
    correction.save(update_fields=["decided_by", "decided_at", "result"])
    audit.note(entry=made.number, corrects=before.number, field=correction.field)
    return made


@action("registration.reject_correction", permission="registration.approve", lifecycle=LEDGER_CORRECTION)
def reject_correction(actor: Actor, correction: LedgerCorrection, *, reason: str) -> None:
    """The head office does not agree, and says why."""
    _another_person(actor, correction)
    correction.decided_by, correction.decided_at = actor.user, timezone.now()
    correction.refusal = told(reason, _EXAMPLE)
    correction.save(update_fields=["decided_by", "decided_at", "refusal"])
    audit.note(reason=correction.refusal)


def _another_person(actor: Actor, correction: LedgerCorrection) -> None:
    if is_same_person(actor, correction.proposed_by_id):
        raise refuse(
            "registration.same_person",
            "申请与审核不能是同一人。",
            "The same person cannot propose and decide.",
            "请由另一位有权限的人员审核。",
            "Ask another authorised person to decide it.",
        )
