"""The three-step review and the ledger: apply, approve, approve, registered (R163 steps 10-12, R170, R171)."""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone
from django.utils.http import urlencode

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Season
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import REASON_LENGTH, invalid, refuse, within
from gradphoto.apps.orgs.policy import by_system, is_same_person
from gradphoto.apps.pages.exporting import request_document
from gradphoto.apps.pages.models import Export, FileFormat
from gradphoto.apps.registration.entering import correct_candidate, enter
from gradphoto.apps.registration.lifecycle import REVIEW
from gradphoto.apps.registration.models import EntryKind, ExportFormat, LedgerEntry, Review
from gradphoto.apps.registration.queries import LACKING
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.verification.evidence import require_as_confirmed
from gradphoto.apps.verification.items import text_of
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.apps.verification.queries import before_closing_day, unfinished_seasons
from gradphoto.engine.wording import Wording


@action("registration.apply_review", permission="registration.apply")
def apply_review(actor: Actor, case: VerificationCase) -> Review:
    """The graduate's own department or learning centre applies for approval of their result (R163.10)."""
    if case.status != CaseStatus.CONFIRMED:
        raise refuse(
            "registration.not_confirmed",
            "该毕业生尚未确认校对结论。",
            "This graduate has not confirmed the verification yet.",
            "请提醒本人登录校对系统完成确认。",
            "Remind the graduate to finish the verification.",
        )
    if Review.objects.filter(case=case).exists():
        raise refuse(
            "registration.already_applied",
            "该毕业生已申请审核。",
            "The review of this graduate was applied for already.",
            "请在审核列表中查看进度。",
            "See its progress in the review list.",
        )
    require_as_confirmed(case)
    return Review.objects.create(case=case, applied_by=actor.user)


@action("registration.approve_at_head_office", permission="registration.approve", lifecycle=REVIEW)
def approve_at_head_office(actor: Actor, review: Review) -> None:
    """The head office checks the corrections, which take effect with this step, and reports on (R163.11, R170)."""
    _another_person(actor, review.applied_by_id)
    require_as_confirmed(review.case)
    pending = review.case.corrections.filter(applied_at__isnull=True, withdrawn_at__isnull=True)
    fields = [correction.field for correction in pending]
    if fields:
        person = review.case.candidate
        entered = {one.field: text_of(one.entered) for one in pending}
        # The registry may have written the same value meanwhile: then there is nothing left to change.
        changing = {name: text for name, text in entered.items() if text_of(getattr(person, name)) != text}
        if changing:
            correct_candidate(actor, person, entered=changing)
        pending.update(applied_at=timezone.now())
    review.head_by, review.head_at = actor.user, timezone.now()
    review.save(update_fields=["head_by", "head_at"])
    audit.note(corrected=fields)


@action("registration.approve_nationally", permission="registration.approve_nationally", lifecycle=REVIEW)
def approve_nationally(actor: Actor, review: Review) -> LedgerEntry:
    """The national centre approves: the graduate stands in the ledger with the portrait they confirmed (R163.12, R1)."""
    _another_person(actor, review.applied_by_id, review.head_by_id)
    require_as_confirmed(review.case)
    review.national_by, review.national_at = actor.user, timezone.now()
    review.save(update_fields=["national_by", "national_at"])
    entry = enter(review.case.candidate, EntryKind.WITH_PHOTO, review)
    audit.note(entry=entry.number)
    return entry


@action("registration.return_review", permission="registration.return", lifecycle=REVIEW)
def return_review(actor: Actor, review: Review, *, reason: str) -> None:
    """Back to the department or learning centre, with the reason."""
    text = " ".join(reason.split())
    if not text:
        raise invalid(
            "registration.reason_missing",
            "退回必须说明原因。",
            "A return needs its reason.",
            "请写明需要更正或补充什么。",
            "Say what has to be corrected or added.",
        )
    review.returned_reason = within(text, REASON_LENGTH, field="reason")
    review.save(update_fields=["returned_reason"])
    audit.note(reason=review.returned_reason)


@action("registration.apply_again", permission="registration.apply", lifecycle=REVIEW)
def apply_again(actor: Actor, review: Review, *, withdraw: Collection[str] = ()) -> None:
    """Apply once more after a return; ``withdraw`` names the corrected fields that are dropped as unfounded.

    What took effect already is not undone here.
    """
    require_as_confirmed(review.case)
    pending = review.case.corrections.filter(applied_at__isnull=True, withdrawn_at__isnull=True)
    dropped = pending.filter(field__in=list(withdraw))
    audit.note(withdrawn=[correction.field for correction in dropped])
    dropped.update(withdrawn_at=timezone.now())
    review.applied_by, review.applied_at = actor.user, timezone.now()
    review.head_by = review.head_at = None
    review.save(update_fields=["applied_by", "applied_at", "head_by", "head_at"])


@action("registration.take_back_review", permission=by_system, lifecycle=REVIEW)
def take_back_review(actor: Actor, review: Review, *, reason: str) -> None:
    """The graduate verifies again: the review starts anew with the college's application (R163.10, R170)."""
    review.returned_reason = within(reason, REASON_LENGTH, field="reason")
    review.save(update_fields=["returned_reason"])
    audit.note(reason=review.returned_reason)


@action("registration.register_without_photo", permission="registration.without_photo")
def register_without_photo(actor: Actor, candidate: Candidate) -> LedgerEntry:
    """Whoever did not verify in time is registered without a photograph (R171), never somebody who confirmed."""
    case = VerificationCase.objects.filter(candidate=candidate).first()
    if case is not None and case.status == CaseStatus.CONFIRMED:
        raise refuse(
            "registration.was_confirmed",
            "本人已确认图像，不能按无图像注册。",
            "This graduate confirmed the photograph and cannot be registered without it.",
            "请完成三级审核。",
            "Finish the three-step review.",
        )
    expired = case is not None and case.status == CaseStatus.EXPIRED
    running = unfinished_seasons(candidate.campaign, Season(candidate.season))
    if not expired and running:
        raise before_closing_day(running[0].closes_on)
    if candidate.status != CandidateStatus.ACCEPTED or not (
        expired or candidate.campaign.status == CampaignStatus.CLOSED
    ):
        raise refuse(
            "registration.still_open",
            "该毕业生仍可校对，或不在本批次核准名单中。",
            "This graduate may still verify, or is not on the campaign's approved list.",
            "请待校对截止后再按无图像注册。",
            "Register without a photograph after verification has closed.",
        )
    entry = enter(candidate, EntryKind.WITHOUT_PHOTO, None)
    audit.note(entry=entry.number)
    return entry


LEDGER = "registration.ledger"
"""The ledger as a document: workbook with pictures, or DBF with the photographs."""


@action("registration.export_ledger", permission="registration.export")
def export_ledger(
    actor: Actor,
    campaign: Campaign,
    *,
    season: str = "",
    kind: str = "",
    file_format: ExportFormat = ExportFormat.XLSX,
) -> Export:
    """Ask for the ledger as a file, ID numbers included; a job writes it, and the audit trail names the asker."""
    season = season if season in Season.values else ""
    kind = kind if kind in (*EntryKind.values, LACKING) else ""
    audit.note(season=season, kind=kind, format=str(file_format), holds="id_numbers")
    zipped = file_format == ExportFormat.DBF
    return request_document(
        actor,
        campaign.school,
        name=LEDGER,
        title=Wording("注册台账：{t}", "Ledger: {t}").format(t=campaign.title),
        query=urlencode({"campaign": str(campaign.pk), "season": str(season), "kind": str(kind)}),
        file_name=f"ledger-{campaign.cohort_year}.{'zip' if zipped else 'xlsx'}",
        file_format=FileFormat.ZIP if zipped else FileFormat.XLSX,
    )


def _another_person(actor: Actor, *earlier: int | None) -> None:
    """Four eyes: nobody approves what they applied for or approved at an earlier step."""
    if is_same_person(actor, *earlier):
        raise refuse(
            "registration.same_person",
            "申请与审核不能是同一人。",
            "The same person cannot propose and decide.",
            "请由另一位有权限的人员审核。",
            "Ask another authorised person to decide it.",
        )
