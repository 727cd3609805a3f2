"""Every change to a verification case: opened by the school, decided by the graduate alone (R161-R173)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import timezone

from gradphoto.apps.campaigns import settings_keys
from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Season
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.policy import by, by_system, by_the_graduate
from gradphoto.apps.verification.corrections import check_entered
from gradphoto.apps.verification.items import mask_of, text_of
from gradphoto.apps.verification.lifecycle import CASE
from gradphoto.apps.verification.models import Correction, VerificationCase
from gradphoto.apps.verification.queries import delivered_portraits
from gradphoto.apps.verification.reminder import reminder_list

REASON_MAX = 200
_BATCH = 1000


@action("verification.open_cases", permission=by(Role.REGISTRAR, Role.COLLECTION_CENTRE))
def open_cases(actor: Actor, campaign: Campaign, *, season: Season | None = None) -> int:
    """Open a case for everyone whose portrait was delivered and who has none yet; returns how many were opened.

    Doing it again opens only what was delivered since. With ``season`` only that season's graduates are asked to
    verify: those of the other season do not meet the graduation conditions yet (R12, R162).
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
    chosen: dict[int, int] = {}
    for candidate_pk, portrait_pk in delivered_portraits(campaign, profile, season):
        chosen.setdefault(candidate_pk, portrait_pk)
    VerificationCase.objects.bulk_create(
        [VerificationCase(candidate_id=candidate, portrait_id=portrait) for candidate, portrait in chosen.items()],
        batch_size=_BATCH,
    )
    audit.note(opened=len(chosen), season=str(season or ""))
    return len(chosen)


@action("verification.view_case", permission=by_the_graduate, lifecycle=CASE)
def view_case(actor: Actor, case: VerificationCase) -> None:
    """The graduate looks at his own record, ID number included. Every visit is one audit entry."""
    require_open(case)
    if case.viewed_at is None:
        case.viewed_at = timezone.now()
        case.save(update_fields=["viewed_at"])


@action("verification.see_status", permission=by_the_graduate)
def see_status(actor: Actor, case: VerificationCase) -> None:
    """The graduate comes back after his part has ended and sees who has the case now: logged, nothing changes."""


@action("verification.confirm_case", permission=by_the_graduate, lifecycle=CASE)
def confirm_case(actor: Actor, case: VerificationCase) -> None:
    """信息无误: everything shown is right, corrections included. Final: nobody verifies twice (R163.9, R164)."""
    require_open(case)
    case.confirmed_at = timezone.now()
    case.save(update_fields=["confirmed_at"])
    audit.note(corrected=list(case.corrections.values_list("field", flat=True)), portrait=case.portrait.blob_id)


@action("verification.submit_corrections", permission=by_the_graduate, lifecycle=CASE)
def submit_corrections(actor: Actor, case: VerificationCase, *, entered: Mapping[str, str]) -> None:
    """信息有误: keep the right values as entered, in place of those entered before. No effect yet (R163.8, R170).

    Raises ``CorrectionsRefusal`` with a message for every field whose value cannot be right.
    """
    require_open(case)
    regions = value_of(case.candidate.campaign, settings_keys.TEST_REGIONS)
    good = check_entered(case.candidate, entered, regions)
    case.corrections.all().delete()
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
    case.save(update_fields=["dispute_reason"])


@action("verification.settle_dispute", permission=by_system, lifecycle=CASE)
def settle_dispute(actor: Actor, case: VerificationCase, *, portrait: Portrait) -> None:
    """The school has mended what was disputed: the same case goes on with the present photograph (R168, B8).

    Its one final confirmation was not given yet; a confirmed or ended case is refused by the lifecycle (R164).
    """
    if portrait.candidate_id != case.candidate_id:
        raise ValueError("Another person's portrait.")
    case.portrait = portrait
    case.save(update_fields=["portrait"])
    audit.note(portrait=portrait.blob_id)


@action("verification.expire_case", permission=by(Role.REGISTRAR), lifecycle=CASE)
def expire_case(actor: Actor, case: VerificationCase) -> None:
    """Verification closes without this person's confirmation: registered without a photograph (R171)."""


@action(
    "verification.export_unverified",
    permission=by(
        Role.REGISTRAR,
        Role.COLLEGE_OFFICER,
        Role.COUNSELLOR,
        Role.LEARNING_CENTRE,
        Role.HEAD_OFFICE,
        Role.COLLECTION_CENTRE,
    ),
)
def export_unverified(actor: Actor, campaign: Campaign, *, cases: Sequence[VerificationCase]) -> bytes:
    """The list with which colleges remind their graduates (R171, R172), as xlsx; ``cases`` is already scoped."""
    audit.note(rows=len(cases))
    return reminder_list(campaign, cases)


def require_open(case: VerificationCase) -> None:
    """Refuse while the school has not opened verification, or has closed it."""
    if case.candidate.campaign.status == CampaignStatus.VERIFYING:
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
        return text[:REASON_MAX]
    raise invalid(
        "verification.reason_missing",
        "请说明图像的问题。",
        "Say what is wrong with the photograph.",
        "请选择一项原因，或填写说明。",
        "Choose a reason or describe it.",
    )
