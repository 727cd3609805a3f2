"""What a mended error means elsewhere: the candidate's record, and the verification that was waiting for it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import IntegrityError, transaction

from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import TEST_REGIONS
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.errata.effects import is_mended_for
from gradphoto.apps.errata.models import RESULTS, ErrataCase, ErrataItem
from gradphoto.apps.orgs.models import User
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.roster import persons
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.actions import settle_dispute
from gradphoto.apps.verification.corrections import check_entered
from gradphoto.apps.verification.items import text_of
from gradphoto.apps.verification.models import CaseStatus as VerificationStatus
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.apps.verification.queries import newest_delivered, replacement
from gradphoto.apps.verification.reopening import reopen_after_correction


@action("errata.correct_record", permission=by_system)
def correct_record(actor: Actor, case: ErrataCase) -> None:
    """Let the right values of a case take effect, each person's together; what is right already is left alone."""
    wanted: dict[Candidate, dict[str, str]] = defaultdict(dict)
    for item in case.items.select_related("candidate__campaign__rule_set"):
        if item.right is not None and text_of(getattr(item.candidate, item.field)) != item.right.decrypt():
            wanted[item.candidate][item.field] = item.right.decrypt()
    for person, entered in wanted.items():
        _require_unregistered(person)
        _write(person, check_entered(person, entered, value_of(person.campaign, TEST_REGIONS)))
    audit.note(fields=sorted({name for entered in wanted.values() for name in entered}), people=len(wanted))


def _require_unregistered(person: Candidate) -> None:
    # The ledger belongs to a later app: it is read by its relation, not imported.
    if person.ledger_entries.exists():
        raise refuse(
            "errata.registered", "该生已注册，名册不能再改。", "This graduate is registered; the record stands.",
            "请在注册台账中以更正记录办理。", "Enter a correction in the ledger instead.",
        )  # fmt: skip


def _write(person: Candidate, good: dict[str, Any]) -> None:
    if "id_number" in good:
        good["id_number_index"] = blind_index(good["id_number"])
    for name, value in good.items():
        setattr(person, name, value)
    # Asked, too: while the key of indexes is being replaced two rows of one number may stand under different keys.
    if {"id_number", "student_no"} & good.keys() and persons.is_somebody_else(person):
        raise _collides()
    try:
        with transaction.atomic():
            person.save(update_fields=list(good))
    except IntegrityError:
        raise _collides() from None


def _collides() -> Refusal:
    return refuse(
        "errata.collides", "更正后的证件号码或学号与本批次另一人相同。",
        "The corrected ID number or student number belongs to another person of this campaign.",
        "请核对证明材料，查清是否同一人。", "Check the proofs: is it the same person?",
    )  # fmt: skip


def reopen_confirmed(case: ErrataCase, approved_by: User | None) -> int:
    """Let those who had confirmed verify again, where this case changed what they confirmed; returns how many (R170).

    Who drafted the case and who mends it are the two persons. Where they are one, nobody is reopened: the review shows
    the change, and a second look is proposed and approved there.
    """
    people = [item.candidate_id for item in case.items.all()]
    confirmed = VerificationCase.objects.filter(candidate__in=people, status=VerificationStatus.CONFIRMED)
    reopened = 0
    for verification in confirmed.select_related("candidate__campaign__rule_set", "portrait"):
        reason = f"勘误 {case} {case.get_kind_display()}"
        made = reopen_after_correction(verification, reason=reason, asked_by=case.drafted_by, approved_by=approved_by)
        reopened += made is not None
    return reopened


_ANSWER = "学校已更正，请核对现在的照片。"


def reopen_verification(case: ErrataCase) -> int:
    """Let those who disputed their photograph verify again; returns how many can now.

    One case a person stays one case (R164, B8): only a disputed one goes on, never one that is confirmed or has
    ended. Whoever has another error open, or whose new photograph is not delivered yet, waits.
    """
    people = [item.candidate_id for item in case.items.all()]
    waiting = VerificationCase.objects.filter(candidate__in=people, status=VerificationStatus.DISPUTED)
    held = set(
        ErrataItem.objects.filter(candidate__in=people, closed_at=None)
        .exclude(case=case)
        .exclude(case__status__in=RESULTS)
        .values_list("candidate_id", flat=True)
    )
    opened = 0
    for verification in waiting.select_related("candidate__campaign__rule_set"):
        portrait = newest_delivered(verification.candidate)
        if verification.candidate_id in held or portrait is None:
            continue
        if not is_mended_for(case, verification.candidate_id):
            continue
        if case.reshoot_id is not None and portrait.check_in_id != case.reshoot_id:
            continue
        newer = portrait if portrait == replacement(verification) else None
        settle_dispute(Actor.system("errata"), verification, answer=_ANSWER, portrait=newer)
        opened += 1
    return opened
