"""Handing in, taking back: the chosen try becomes the person's frame under a shooting number and waits for its review (R97).

The number is born as in the room, when the photograph enters the queue: number and frame are one to one. What is taken
back or returned leaves its number used on record. The check-in stays unconfirmed until the review accepts, and only what
is confirmed is delivered (R100).
"""

from __future__ import annotations

import uuid

from django.utils import timezone

from gradphoto.apps.capture import actions as capture
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Frame, Identification
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import StepRefusal, invalid, refuse, within
from gradphoto.apps.makeup.photographs import take_in
from gradphoto.apps.roster import persons
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.selfphoto.comparing import ask_comparison
from gradphoto.apps.selfphoto.consent import require_consent
from gradphoto.apps.selfphoto.lifecycle import PORTRAIT
from gradphoto.apps.selfphoto.models import PortraitStatus, PortraitTry, SelfPortrait
from gradphoto.apps.selfphoto.permissions import by_the_sitter
from gradphoto.apps.selfphoto.telling import needs_explanation, why_not_submit
from gradphoto.apps.selfphoto.terms import Terms, is_photographed, require_terms

_ROOM = Actor.system("selfphoto")
PLACE = "手机自助拍摄"


def hand_in(actor: Actor, portrait: SelfPortrait, tried: PortraitTry, *, explanation: str = "") -> None:
    """Submit a try; the same one again, by a double click or a replay, changes nothing."""
    portrait.refresh_from_db()
    if portrait.status in (PortraitStatus.SUBMITTED, PortraitStatus.APPROVED) and _waits(portrait) == tried.pk:
        return
    try:
        submit(actor, portrait, tried=tried, explanation=explanation)
    except StepRefusal:
        # The other press of the same button was faster: what it wanted is done.
        portrait.refresh_from_db()
        if portrait.status != PortraitStatus.SUBMITTED or _waits(portrait) != tried.pk:
            raise


def _waits(portrait: SelfPortrait) -> object:
    handed_in = portrait.tries.filter(check_in=portrait.check_in_id).first() if portrait.check_in_id else None
    return handed_in.pk if handed_in else None


@action("selfphoto.submit", permission=by_the_sitter, lifecycle=PORTRAIT)
def submit(actor: Actor, portrait: SelfPortrait, *, tried: PortraitTry, explanation: str = "") -> CheckIn:
    """The try becomes the person's frame and waits for a reviewer; what fails a rule goes with the person's own words.

    Raises ``selfphoto.not_yours``, ``selfphoto.cannot_submit``, ``selfphoto.explanation_missing``,
    ``selfphoto.photographed``, ``selfphoto.too_often``, ``makeup.same_picture``, and what ``require_terms`` and ``take_in`` raise.
    """
    require_consent(portrait)
    terms = require_terms(portrait.candidate)
    tried.refresh_from_db()
    if tried.portrait_id != portrait.pk:
        raise refuse(
            "selfphoto.not_yours",
            "这不是您的照片。",
            "This is not your photograph.",
            "请从自己的页面提交。",
            "Hand it in from your own page.",
        )
    if portrait.blocked_reason or is_photographed(portrait):
        raise refuse(
            "selfphoto.photographed",
            "不能提交：您已经采集照片，或线上拍摄已停止。",
            "It cannot be handed in: you are photographed already, or photographing online has stopped for you.",
            "请查看状态页，或联系学院。",
            "See your status page, or ask your college.",
        )
    if (refused := why_not_submit(tried)) is not None:
        raise refuse("selfphoto.cannot_submit", refused.zh, refused.en, "请再拍一张。", "Take another photograph.")
    _require_not_too_often(portrait, terms)
    _require_own_picture(portrait, tried)
    words = within(explanation, 300, field="explanation")
    if needs_explanation(tried) and not words:
        raise invalid(
            "selfphoto.explanation_missing",
            "这张照片有不合格项，提交时须说明原因。",
            "This photograph fails a rule: tell why you hand it in all the same.",
            "例如“左眼先天不能睁开”“宗教头饰”；没有特殊原因的，请改好再拍。",
            "For example: the left eye cannot be opened; otherwise mend it and try again.",
            field="explanation",
        )
    made = _taken_in(portrait, tried, words)
    now = timezone.now()
    frame = made.frames.get(status="accepted")
    PortraitTry.objects.filter(check_in=made).update(check_in=None)
    tried.explanation, tried.submitted_at, tried.check_in, tried.frame = words, now, made, frame
    tried.save(update_fields=["explanation", "submitted_at", "check_in", "frame"])
    portrait.submitted_at, portrait.check_in = now, made
    portrait.decided_at, portrait.rejection = None, None
    portrait.save(update_fields=["submitted_at", "check_in", "decided_at", "rejection"])
    tried.portrait = portrait
    ask_comparison(tried, terms)
    audit.note(tried=str(tried.pk), check_in=made.pk, shooting_number=made.shooting_number, explained=bool(words))
    return made


def _require_not_too_often(portrait: SelfPortrait, terms: Terms) -> None:
    """Each handing in uses up a shooting number: not oftener than photographs may be tried, and twice more."""
    before = CheckIn.objects.filter(
        candidate=persons.seated_as(portrait.candidate), method=Identification.SELF_PHOTO
    ).count()
    if before >= terms.tries + portrait.more_tries + 2:
        raise refuse(
            "selfphoto.too_often",
            f"已提交 {before} 次，不能再提交。",
            f"You handed in {before} times; that is the most.",
            "请学院追加次数，或到现场拍摄。",
            "Ask your college for more tries, or come to the room.",
        )


def _require_own_picture(portrait: SelfPortrait, tried: PortraitTry) -> None:
    """The same file is the photograph of one person only, whatever the day. Raises ``makeup.same_picture``."""
    mine = persons.records_of(portrait.candidate).order_by()
    others = Frame.objects.filter(blob=tried.blob_id, check_in__isnull=False).exclude(check_in__candidate__in=mine)
    if others.exists():
        raise refuse(
            "makeup.same_picture",
            "这张照片已经属于另一人。",
            "This very picture already belongs to somebody else.",
            "请重新拍摄本人。",
            "Photograph yourself anew.",
        )


def _taken_in(portrait: SelfPortrait, tried: PortraitTry, words: str) -> CheckIn:
    candidate = persons.seated_as(portrait.candidate)
    session, _ = CaptureSession.objects.get_or_create(
        campaign=candidate.campaign, date=timezone.localdate(), place=PLACE
    )
    if session.status == SessionStatus.CLOSED:
        capture.reopen_session(_ROOM, session, reason=PLACE)
    elif session.status == SessionStatus.PLANNED:
        capture.open_session(_ROOM, session)
    assert tried.blob is not None, "asked before"
    made = take_in(
        _ROOM, session, candidate, method=Identification.SELF_PHOTO, nonce=uuid.uuid4(), data=blobs.read(tried.blob),
        file_name=f"self-{tried.pk}.jpg", words=words, to_review=False,
    )  # fmt: skip
    capture.close_session(_ROOM, session)
    return made


@action("selfphoto.withdraw", permission=by_the_sitter, lifecycle=PORTRAIT)
def withdraw(actor: Actor, portrait: SelfPortrait, *, reason: str = "") -> None:
    """The person takes a waiting photograph back: its number stays used, and another may be handed in.

    Raises ``selfphoto.decided`` where a package carries it or the review has accepted it meanwhile.
    """
    check_in = CheckIn.objects.select_for_update().get(pk=portrait.check_in_id or 0)
    standing = (CheckInStatus.SHOT, CheckInStatus.CONFIRMED)
    if check_in.status not in standing or check_in.frames.filter(packed_at__isnull=False).exists():
        raise refuse(
            "selfphoto.decided",
            "审核已有结果，不能撤回。",
            "The review has decided; it cannot be taken back.",
            "请刷新页面查看结果。",
            "Reload the page to see the result.",
        )
    said = within(reason, 180, field="reason")
    tries = portrait.tries.filter(check_in=check_in)
    tries.update(check_in=None, submitted_at=None)
    portrait.submitted_at = None
    portrait.check_in = None
    portrait.save(update_fields=["submitted_at", "check_in"])
    capture.cancel_check_in(_ROOM, check_in, reason=f"本人撤回：{said}" if said else "本人撤回")
    audit.note(check_in=check_in.pk, reason=said)


def frame_of(portrait: SelfPortrait) -> Frame | None:
    """The frame that waits or was approved."""
    found = portrait.tries.filter(check_in=portrait.check_in_id).select_related("frame").first()
    return found.frame if found is not None and portrait.check_in_id else None
