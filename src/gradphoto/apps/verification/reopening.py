"""A second look for somebody whose record changed after the confirmation: asked by one, approved by another (R170).

The graduate never asks for it (R164, R214): it exists only where the record, or the photograph, is not what was confirmed.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from gradphoto.apps.campaigns.models import CampaignStatus
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.orgs.models import User
from gradphoto.apps.orgs.policy import by_system, is_same_person
from gradphoto.apps.verification.evidence import PHOTOGRAPH, changed_since_confirmation, titles_of
from gradphoto.apps.verification.lifecycle import CASE, EARLY_END, REOPENING
from gradphoto.apps.verification.models import (
    CaseStatus,
    EarlyEnd,
    Opening,
    ProposalStatus,
    Reopening,
    VerificationCase,
)
from gradphoto.apps.verification.queries import newest_delivered
from gradphoto.apps.verification.signals import case_reopened

SECOND_LOOK_DAYS = 14
"""How long a second look is open at least; our own choice, the notices know no second look."""


@action("verification.propose_reopening", permission="verification.propose_reopening")
def propose_reopening(actor: Actor, case: VerificationCase, *, reason: str, until: date) -> Reopening:
    """The registry asks that this person verifies again, because the record is not what was confirmed."""
    _require_reopenable(case)
    changed = changed_since_confirmation(case)
    if not changed:
        raise refuse(
            "verification.nothing_changed",
            "名册和图像与本人确认时一致，不能重新校对（每人仅有一次机会）。",
            "Record and photograph are what the graduate confirmed; there is no second verification.",
            "请先办理更正；更正后才能提出重新校对。",
            "Correct the record first; only then a second look can be proposed.",
        )
    if until < timezone.localdate():
        raise invalid(
            "verification.until_past",
            "重新校对的最后日期已过。",
            "The last day of the second look has passed.",
            "请选择今天或以后的日期。",
            "Choose today or a later day.",
            field="until",
        )
    if case.reopenings.filter(status=ProposalStatus.PROPOSED).exists():
        raise refuse(
            "verification.reopening_waits",
            "该生的重新校对已提出，待批准。",
            "A second look was proposed for this person already and awaits its approval.",
            "请等待批准。",
            "Wait for the decision.",
        )
    made = Reopening.objects.create(
        case=case, changed=list(changed), reason=reason, until=until, proposed_by=actor.user
    )
    audit.note(reopening=made.pk, changed=list(changed), reason=reason, until=until.isoformat())
    return made


@action("verification.approve_reopening", permission="verification.decide_reopening", lifecycle=REOPENING)
def approve_reopening(actor: Actor, reopening: Reopening) -> None:
    """Another person approves: the case is open again for this one person, and its review starts anew."""
    _require_second_person(actor, reopening.proposed_by_id)
    reopening.decided_by, reopening.decided_at = actor.user, timezone.now()
    reopening.save(update_fields=["decided_by", "decided_at"])
    reopen_case(Actor.system("verification"), reopening.case, reopening=reopening)


@action("verification.reject_reopening", permission="verification.decide_reopening", lifecycle=REOPENING)
def reject_reopening(actor: Actor, reopening: Reopening, *, reason: str) -> None:
    """Another person does not agree, and says why; the record stays outside the registration."""
    _require_second_person(actor, reopening.proposed_by_id)
    reopening.decided_by, reopening.decided_at = actor.user, timezone.now()
    reopening.refusal = reason
    reopening.save(update_fields=["decided_by", "decided_at", "refusal"])
    audit.note(reason=reason)


@action("verification.reopen_case", permission=by_system, lifecycle=CASE)
def reopen_case(actor: Actor, case: VerificationCase, *, reopening: Reopening) -> None:
    """The case goes on with the record and the newest delivered photograph as they are now."""
    words = titles_of(list(reopening.changed))
    case.answer = f"您确认之后，学校更正了：{words.zh}。请重新核对并确认。"[:200]
    case.answered_at, case.reopened_until = timezone.now(), reopening.until
    newest = newest_delivered(case.candidate)
    if newest is not None and newest.pk != case.portrait_id:
        audit.note(portrait=str(case.portrait_id), replaced_by=str(newest.pk))
        case.portrait = newest
    case.save(update_fields=["answer", "answered_at", "reopened_until", "portrait"])
    case_reopened.send(VerificationCase, case=case, reason=reopening.reason)
    audit.note(reopening=reopening.pk, changed=list(reopening.changed), until=reopening.until.isoformat())


def reopen_after_correction(
    case: VerificationCase, *, reason: str, asked_by: User | None, approved_by: User | None
) -> Reopening | None:
    """A correction that two persons answer for already (R170) reopens the case by itself; returns the record of it.

    None where nothing verified changed, where one person alone answers for it, or where nobody can verify any more:
    the record then stays outside the registration until a second look is proposed and approved.
    """
    changed = changed_since_confirmation(case)
    two = asked_by is not None and approved_by is not None and asked_by.pk != approved_by.pk
    campaign = case.candidate.campaign
    if not changed or not two or campaign.status != CampaignStatus.VERIFYING or is_registered(case):
        return None
    if PHOTOGRAPH in changed and newest_delivered(case.candidate) is None:
        return None
    now = timezone.now()
    made = Reopening.objects.create(
        case=case,
        changed=list(changed),
        reason=reason,
        until=timezone.localdate(now) + timedelta(days=SECOND_LOOK_DAYS),
        status=ProposalStatus.APPROVED,
        proposed_by=asked_by,
        decided_by=approved_by,
        decided_at=now,
    )
    for overtaken in case.reopenings.filter(status=ProposalStatus.PROPOSED):
        overtaken.decided_at, overtaken.refusal = now, reason
        REOPENING.move(overtaken, "verification.overtake_reopening", fields=("decided_at", "refusal"))
    reopen_case(Actor.system("verification"), case, reopening=made)
    return made


def is_registered(case: VerificationCase) -> bool:
    """Whether the person stands in the ledger; it belongs to a later app and is read by its relation."""
    entries = case.candidate.ledger_entries
    return bool(entries.exists())


def _require_reopenable(case: VerificationCase) -> None:
    if case.status != CaseStatus.CONFIRMED:
        raise refuse(
            "verification.not_confirmed",
            "本人还没有确认，可直接继续校对。",
            "The graduate has not confirmed yet and simply goes on.",
            "无需重新校对。",
            "No second look is needed.",
        )
    if is_registered(case):
        raise refuse(
            "verification.registered",
            "该生已注册，不能重新校对。",
            "This graduate is registered; there is no second look.",
            "请在注册台账中以更正记录办理。",
            "Enter a correction in the ledger instead.",
        )


def _require_second_person(actor: Actor, proposed_by: int | None) -> None:
    if is_same_person(actor, proposed_by):
        raise refuse(
            "verification.same_person",
            "提出与批准不能是同一人。",
            "Who proposes does not approve.",
            "请由另一位有权限的人员批准。",
            "Ask another authorised person to decide it.",
        )


@action("verification.propose_early_end", permission="verification.close")
def propose_early_end(actor: Actor, opening: Opening, *, closes_on: date, reason: str) -> EarlyEnd:
    """A whole season shall close before its published day (R171): the new day is published first, by another person."""
    if opening.closes_on is None or not max(opening.since, timezone.localdate()) <= closes_on < opening.closes_on:
        raise invalid(
            "verification.early_end_day",
            "提前截止的日期须在今天与已公布的截止日期之间。",
            "The new day lies between today and the published closing day.",
            "请核对日期；推迟截止可直接公布。",
            "Check the day; a later closing day is simply published.",
            field="closes_on",
        )
    if opening.early_ends.filter(status=ProposalStatus.PROPOSED).exists():
        raise refuse(
            "verification.early_end_waits",
            "本季已提出提前截止，待批准。",
            "An early end of this season was proposed already and awaits its approval.",
            "请等待批准。",
            "Wait for the decision.",
        )
    made = EarlyEnd.objects.create(
        opening=opening, closes_on=closes_on, published=opening.closes_on, reason=reason, proposed_by=actor.user
    )
    audit.note(early_end=made.pk, closes_on=closes_on.isoformat(), published=str(opening.closes_on), reason=reason)
    return made


@action("verification.approve_early_end", permission="verification.decide_early_end", lifecycle=EARLY_END)
def approve_early_end(actor: Actor, early_end: EarlyEnd) -> None:
    """Another person approves; the new day is published and must pass before anybody is closed."""
    _require_second_person(actor, early_end.proposed_by_id)
    opening = Opening.objects.select_for_update().get(pk=early_end.opening_id)
    opening.closes_on = max(early_end.closes_on, timezone.localdate())
    opening.save(update_fields=["closes_on"])
    early_end.decided_by, early_end.decided_at = actor.user, timezone.now()
    early_end.save(update_fields=["decided_by", "decided_at"])
    audit.note(closes_on=opening.closes_on.isoformat(), season=opening.season)


@action("verification.reject_early_end", permission="verification.decide_early_end", lifecycle=EARLY_END)
def reject_early_end(actor: Actor, early_end: EarlyEnd, *, reason: str) -> None:
    """Another person does not agree, and says why; the published day stands."""
    _require_second_person(actor, early_end.proposed_by_id)
    early_end.decided_by, early_end.decided_at, early_end.refusal = actor.user, timezone.now(), reason
    early_end.save(update_fields=["decided_by", "decided_at", "refusal"])
    audit.note(reason=reason)
