"""The self-photograph follows its review and its check-in, whoever moves them: approved, returned, taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from gradphoto.apps.capture.actions import confirm_check_in
from gradphoto.apps.capture.lifecycle import CHECK_IN
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Identification, RetakeRequest
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.review.models import DecisionReason, FrameReview, ReviewDecision, ReviewState
from gradphoto.apps.review.signals import reviews_changed
from gradphoto.apps.selfphoto.lifecycle import PORTRAIT
from gradphoto.apps.selfphoto.models import PersonalLink, PhotoSession, PortraitStatus, PortraitTry, SelfPortrait
from gradphoto.apps.selfphoto.signals import decided

_REVIEW = Actor.system("selfphoto")
NOT_THE_PERSON = "person.not_the_person"


@receiver(reviews_changed, dispatch_uid="selfphoto.follow_reviews")
def follow_reviews(reviews: Sequence[FrameReview], **_: Any) -> None:
    """An acceptance by as many persons as the rules ask for confirms the check-in; one that is undone takes it back."""
    by_frame = {review.frame_id: review for review in reviews}
    tries = PortraitTry.objects.filter(frame__in=by_frame, check_in__isnull=False)
    # Locked in the order of a withdrawal, which may come this very moment: the portrait, then its check-in.
    list(SelfPortrait.objects.select_for_update().filter(tries__in=tries).order_by().values_list("pk"))
    for tried in tries.select_related("portrait", "check_in"):
        assert tried.check_in is not None
        assert tried.frame_id is not None
        review, portrait = by_frame[tried.frame_id], tried.portrait
        if portrait.check_in_id != tried.check_in_id:
            continue
        if review.state == ReviewState.ACCEPTED and portrait.status == PortraitStatus.SUBMITTED:
            if tried.check_in.status == CheckInStatus.SHOT:
                confirm_check_in(_REVIEW, tried.check_in)
            approve(_REVIEW, portrait)
        elif review.state != ReviewState.ACCEPTED and portrait.status == PortraitStatus.APPROVED:
            reopen(_REVIEW, portrait)


@CHECK_IN.follow
def follow_check_ins(check_ins: Sequence[CheckIn]) -> None:
    """A retake asked for returns the photograph with its reasons; a withdrawn request takes it up again."""
    own = [one for one in check_ins if one.method == Identification.SELF_PHOTO]
    if not own:
        return
    portraits = SelfPortrait.objects.filter(check_in__in=[one.pk for one in own])
    for portrait in portraits.select_related("check_in"):
        check_in = next(one for one in own if one.pk == portrait.check_in_id)
        waits = portrait.status in (PortraitStatus.SUBMITTED, PortraitStatus.APPROVED)
        if check_in.status in (CheckInStatus.RETAKE, CheckInStatus.CANCELLED) and waits:
            reject(_REVIEW, portrait)
        elif check_in.status in (CheckInStatus.SHOT, CheckInStatus.CONFIRMED):
            _take_up_again(portrait)


def _take_up_again(portrait: SelfPortrait) -> None:
    if portrait.status == PortraitStatus.REJECTED:
        reopen(_REVIEW, portrait)
    elif portrait.status == PortraitStatus.ENDED:
        raise refuse(
            "selfphoto.consent_withdrawn",
            "本人已撤回同意，照片不能恢复使用。",
            "The person has taken the consent back; the photograph cannot be used again.",
            "请通知本人到现场拍摄。",
            "Have the person come to the room.",
        )


@action("selfphoto.approve", permission=by_system, lifecycle=PORTRAIT)
def approve(actor: Actor, portrait: SelfPortrait) -> None:
    """The review accepts the photograph: it is numbered, delivered and verified as all others."""
    portrait.decided_at = timezone.now()
    portrait.save(update_fields=["decided_at"])
    decided.send(sender=SelfPortrait, portrait=portrait, about="approved")


@action("selfphoto.reject", permission=by_system, lifecycle=PORTRAIT)
def reject(actor: Actor, portrait: SelfPortrait) -> None:
    """The review returns the photograph with its reasons; another person on it stops everything until the college looks."""
    codes, words = _reasons(portrait)
    now = timezone.now()
    portrait.decided_at = now
    portrait.rejection = {"codes": codes, "words": words}
    if NOT_THE_PERSON in codes:
        portrait.blocked_reason = "审核认为可能不是本人"
        PersonalLink.objects.filter(portrait=portrait, ended_at=None).update(
            ended_at=now, end_reason="审核认为可能不是本人"
        )
        PhotoSession.objects.filter(portrait=portrait, link__isnull=False).delete()
    portrait.save(update_fields=["decided_at", "rejection", "blocked_reason"])
    portrait.tries.filter(check_in=portrait.check_in_id).update(rejected_at=now)
    audit.note(reasons=codes, blocked=bool(portrait.blocked_reason))
    decided.send(sender=SelfPortrait, portrait=portrait, about="rejected")


@action("selfphoto.reopen", permission=by_system, lifecycle=PORTRAIT)
def reopen(actor: Actor, portrait: SelfPortrait) -> None:
    """The reviewer takes the decision back: the photograph waits again."""
    portrait.decided_at, portrait.rejection, portrait.blocked_reason = None, None, ""
    portrait.save(update_fields=["decided_at", "rejection", "blocked_reason"])
    portrait.tries.filter(check_in=portrait.check_in_id).update(rejected_at=None)


def _reasons(portrait: SelfPortrait) -> tuple[list[str], str]:
    """Codes and words of the rejection: the reviewer's decision, else what was written on the request or the check-in."""
    frames = portrait.tries.filter(check_in=portrait.check_in_id).values("frame")
    decision = ReviewDecision.objects.filter(review__frame__in=frames, undone_at=None, choice="reject").first()
    if decision is not None:
        codes = list(DecisionReason.objects.filter(decision=decision).values_list("code", flat=True))
        return codes, decision.words
    request = RetakeRequest.objects.filter(check_in=portrait.check_in_id, withdrawn_at=None).first()
    check_in = portrait.check_in
    return [], request.reason if request else (check_in.cancel_reason if check_in else "")
