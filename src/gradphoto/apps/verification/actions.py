"""Every change to a verification case: opened by the school, decided by the graduate alone (R161-R173)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.utils import timezone

from gradphoto.apps.campaigns import settings_keys
from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Season
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import REASON_LENGTH, Refusal, invalid, refuse, within
from gradphoto.apps.core.lifecycle import save_with_step
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.orgs.policy import by_the_graduate
from gradphoto.apps.verification.corrections import check_entered
from gradphoto.apps.verification.evidence import keep_confirmation, pending_corrections, require_shown
from gradphoto.apps.verification.items import mask_of, text_of
from gradphoto.apps.verification.lifecycle import CASE
from gradphoto.apps.verification.models import Correction, Opening, VerificationCase
from gradphoto.apps.verification.queries import (
    before_closing_day,
    delivered_anew,
    delivered_portraits,
    first_ripe_day,
    open_now,
    replacement,
    ripe,
    still_open_until,
)
from gradphoto.apps.verification.reminder import reminder_list
from gradphoto.apps.verification.reopening import SECOND_LOOK_DAYS

_BATCH = 1000


@action("verification.open_cases", permission="verification.open")
def open_cases(actor: Actor, campaign: Campaign, *, season: Season | None = None, early_reason: str = "") -> int:
    """Open a case for everyone whose portrait was delivered and who has none yet; returns how many were opened.

    Doing it again opens only what was delivered since. With ``season`` only that season's graduates are asked to
    verify: those of the other season do not meet the graduation conditions yet (R12, R162). Who was photographed
    fewer days ago than the rule set demands (B4: 40 calendar days) has to wait, unless ``early_reason`` tells why not.
    """
    if campaign.status == CampaignStatus.CLOSED:
        raise refuse(
            "verification.campaign_closed",
            "本批次已结束，不能再开放校对。",
            "This campaign is closed; no more verification can be opened.",
            "请通过学校的更正渠道办理。",
            "Use the school's correction path instead.",
        )
    profile = value_of(campaign, settings_keys.PHOTO_PROFILE)
    reason = within(" ".join(early_reason.split()), REASON_LENGTH, field="early_reason")
    delivered = delivered_portraits(campaign, profile, season)
    allowed = delivered if reason else ripe(delivered, campaign)
    chosen: dict[int, int] = {}
    season_of: dict[int, str] = {}
    seasons: set[str] = set()
    for candidate_pk, portrait_pk, its_season in allowed.values_list("candidate", "pk", "candidate__season").iterator():
        chosen.setdefault(candidate_pk, portrait_pk)
        season_of[candidate_pk] = its_season
        seasons.add(its_season)
    if not chosen and delivered.exists():
        raise _too_early(first_ripe_day(delivered, campaign))
    own_days = _days_of_latecomers(campaign)
    VerificationCase.objects.bulk_create(
        [
            VerificationCase(
                candidate_id=candidate, portrait_id=portrait, reopened_until=own_days.get(season_of[candidate])
            )
            for candidate, portrait in chosen.items()
        ],
        batch_size=_BATCH,
    )
    for its_season in seasons:
        Opening.objects.get_or_create(
            campaign=campaign,
            season=its_season,
            defaults={"since": timezone.localdate(), "early_reason": reason},
        )
    audit.note(opened=len(chosen), season=str(season or ""), early_reason=reason)
    return len(chosen)


def _days_of_latecomers(campaign: Campaign) -> dict[str, date]:
    """By season the last day of those whose photograph is delivered when the published day is past or near (R171).

    Else somebody would be closed who never had the time to look: they get the days of a second look.
    """
    least = timezone.localdate() + timedelta(days=SECOND_LOOK_DAYS)
    late = Opening.objects.filter(campaign=campaign, closes_on__lt=least)
    return dict.fromkeys(late.values_list("season", flat=True), least)


def _too_early(day: date | None) -> Refusal:
    return refuse(
        "verification.too_early",
        f"拍摄未满规则集规定的天数，最早可于 {day} 开放校对。",
        f"Fewer days have passed since the photographs than the rule set demands; the earliest day is {day}.",
        "请届时再开放；确需提前的，请写明提前开放的理由。",
        "Open it then; where it must be earlier, give the reason for it.",
    )


@action("verification.set_closing", permission="verification.close")
def set_closing(actor: Actor, opening: Opening, *, closes_on: date) -> None:
    """Publish the last day on which this season's graduates may confirm (R171), or a later one.

    An earlier day than the published one is an ``EarlyEnd``, which needs two persons.
    """
    if opening.closes_on is not None and closes_on < opening.closes_on:
        raise refuse(
            "verification.closing_earlier",
            f"已公布截止日期 {opening.closes_on}，不能由一人提前。",
            f"The closing day {opening.closes_on} is published; one person alone cannot bring it forward.",
            "请提出提前截止并写明理由，由另一人批准。",
            "Propose an early end with its reason; another person approves it.",
        )
    if closes_on < max(opening.since, timezone.localdate()):
        raise invalid(
            "verification.closing_past",
            "截止日期不能早于今天或开放日期。",
            "The closing day cannot lie before today or the opening.",
            "请选择今天或以后的日期。",
            "Choose today or a later day.",
            field="closes_on",
        )
    opening.closes_on = closes_on
    opening.save(update_fields=["closes_on"])
    audit.note(closes_on=str(closes_on), season=opening.season)


@action("verification.view_case", permission=by_the_graduate, lifecycle=CASE)
def view_case(actor: Actor, case: VerificationCase) -> None:
    """The graduate looks at their own record, ID number included. Every visit is one audit entry."""
    require_open(case)
    if case.viewed_at is None:
        case.viewed_at = timezone.now()
        save_with_step(case, "viewed_at")
    newer = delivered_anew(case)
    if newer is not None:  # R1: what is verified is what was delivered last
        audit.note(portrait=str(case.portrait_id), replaced_by=str(newer.pk))
        case.portrait = newer
        save_with_step(case, "portrait")


@action("verification.see_status", permission=by_the_graduate)
def see_status(actor: Actor, case: VerificationCase) -> None:
    """The graduate comes back after their part has ended and sees who has the case now: logged, nothing changes."""


@action("verification.confirm_case", permission=by_the_graduate, lifecycle=CASE)
def confirm_case(actor: Actor, case: VerificationCase, *, shown: str) -> None:
    """信息无误: everything shown is right, corrections included. Final: nobody verifies twice (R163.9, R164).

    ``shown`` is the fingerprint of the page that was confirmed. Raises ``ChangedMeanwhile`` for any other state.
    """
    require_open(case)
    pending = pending_corrections(case)
    photograph = require_shown(case, shown, pending)
    case.confirmed_at = timezone.now()
    save_with_step(case, "confirmed_at")
    kept = keep_confirmation(case, pending)
    audit.note(corrected=sorted(pending), portrait=photograph.blob_id, confirmation=kept.pk)


@action("verification.submit_corrections", permission=by_the_graduate, lifecycle=CASE)
def submit_corrections(actor: Actor, case: VerificationCase, *, entered: Mapping[str, str]) -> None:
    """信息有误: keep the right values as entered, in place of those entered before. No effect yet (R163.8, R170).

    Raises ``CorrectionsRefusal`` with a message for every field whose value cannot be right.
    """
    require_open(case)
    regions = value_of(case.candidate.campaign, settings_keys.TEST_REGIONS)
    good = check_entered(case.candidate, entered, regions)
    case.corrections.filter(applied_at__isnull=True, withdrawn_at__isnull=True).delete()
    Correction.objects.bulk_create(
        Correction(
            case=case,
            field=field,
            shown=mask_of(field, text_of(getattr(case.candidate, field))),
            entered=text_of(value),
        )
        for field, value in good.items()
    )
    audit.note(fields=sorted(good))


@action("verification.dispute_photo", permission=by_the_graduate, lifecycle=CASE)
def dispute_photo(actor: Actor, case: VerificationCase, *, reason: str) -> None:
    """The image is not the person, blurred, eyes closed, of another school (R54, R169): the school has it now."""
    require_open(case)
    case.dispute_reason = _told(reason)
    save_with_step(case, "dispute_reason")


@action("verification.settle_dispute", permission="verification.settle", lifecycle=CASE)
def settle_dispute(actor: Actor, case: VerificationCase, *, answer: str, portrait: Portrait | None = None) -> None:
    """The school's answer to a disputed photograph: the case goes on, and the graduate confirms in person (B8).

    With ``portrait`` the case shows this newer photograph of the same person, which must have been delivered; the
    earlier one stays on record. Without, the school found nothing wrong with the one they saw.
    """
    if portrait is not None and portrait != replacement(case):
        raise refuse(
            "verification.not_a_replacement",
            "所选照片不是该毕业生最新交付的照片。",
            "This is not the graduate's newest delivered photograph.",
            "请刷新页面后重新选择。",
            "Reload the page and choose again.",
        )
    case.answer, case.answered_at = _told(answer), timezone.now()
    audit.note(answer=case.answer, portrait=str(case.portrait_id))
    if portrait is not None:
        case.portrait = portrait
        audit.note(replaced_by=str(portrait.pk))
    save_with_step(case, "answer", "answered_at", "portrait")


@action("verification.expire_case", permission="verification.close", lifecycle=CASE)
def expire_case(actor: Actor, case: VerificationCase) -> None:
    """Verification closes without this person's confirmation: registered without a photograph (R171).

    Never before the published day, nor within the days of a person's second look.
    """
    until = still_open_until(case)
    if until is None or until >= timezone.localdate():
        raise before_closing_day(until)


@action(
    "verification.export_unverified",
    permission="verification.remind",
    within=("cases",),
)
def export_unverified(actor: Actor, campaign: Campaign, *, cases: Sequence[VerificationCase]) -> bytes:
    """The list with which colleges remind their graduates (R171, R172), as xlsx; ``cases`` is already scoped."""
    audit.note(rows=len(cases))
    return reminder_list(campaign, cases)


def require_open(case: VerificationCase) -> None:
    """Refuse while the school has not opened verification, or has closed it."""
    if open_now(case):
        return
    raise refuse(
        "verification.not_open",
        "本校的图像校对目前未开放。",
        "Your school's verification is not open at present.",
        "请留意学校通知的开放时间；如有疑问请联系学院教务办公室。",
        "Watch for your school's notice of the opening; ask your college's teaching office if in doubt.",
    )


def _told(reason: str) -> str:
    text = " ".join(reason.split())
    if text:
        return within(text, REASON_LENGTH, field="reason")
    raise invalid(
        "verification.reason_missing",
        "请说明图像的问题。",
        "Say what is wrong with the photograph.",
        "请选择一项原因，或填写说明。",
        "Choose a reason or describe it.",
    )
