"""Where a person's own photograph stands, step by step, as the status page tells it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.capture.reasons import title_of
from gradphoto.apps.core.wording import say
from gradphoto.apps.review.models import FrameReview, ReviewState
from gradphoto.apps.selfphoto.lifecycle import OPEN
from gradphoto.apps.selfphoto.models import PortraitStatus, PortraitTry, SelfPortrait
from gradphoto.apps.selfphoto.telling import best_of, picture_of, state_of, to_mend
from gradphoto.apps.selfphoto.terms import Terms, is_photographed, terms_of
from gradphoto.engine.standards.profiles import PhotoProfile
from gradphoto.engine.wording import Wording

_SIDE_FROM_WIDTH = 0.5


def page_of(portrait: SelfPortrait) -> dict[str, Any]:
    """What the status page shows."""
    tries = list(portrait.tries.all())
    best = best_of(portrait)
    return {
        "steps": steps_of(portrait),
        "tries": [_line(one, best) for one in tries],
        "tries_counted": tries_of(portrait, terms_of(portrait.candidate.campaign)),
        "reasons": reasons_of(portrait),
        "may_withdraw": portrait.status == PortraitStatus.SUBMITTED,
        "may_submit": may_submit(portrait),
        "number_label": portrait.check_in.number_label if portrait.check_in else "",
        "consents": portrait.consents.filter(withdrawn_at=None),
        "notices": portrait.notices.all(),
    }


def may_submit(portrait: SelfPortrait) -> bool:
    """Whether a try can be handed in now, whatever the number of tries left."""
    if portrait.status not in OPEN or portrait.blocked_reason:
        return False
    return not terms_of(portrait.candidate.campaign).is_over and not is_photographed(portrait)


def tries_of(portrait: SelfPortrait, terms: Terms) -> dict[str, int]:
    """How many photographs were judged, how many may be."""
    used, most = portrait.tries.count(), terms.tries + portrait.more_tries
    return {"used": used, "most": most, "left": max(0, most - used)}


def reasons_of(portrait: SelfPortrait) -> list[Wording]:
    """Why the review returned the photograph: each reason, and the reviewer's own words."""
    said = portrait.rejection or {}
    found = [title_of(code) for code in said.get("codes", ())]
    words = said.get("words", "")
    return [*found, Wording(words, words)] if words else found


def steps_of(portrait: SelfPortrait) -> list[dict[str, Any]]:
    """The way from the consent to the registration, each step done, now or next, with its day and a note."""
    status, person = portrait.status, portrait.candidate
    agreed = portrait.consents.filter(purpose="photograph", withdrawn_at=None).order_by("given_at").first()
    first = portrait.tries.order_by("number").first()
    package = _packed_at(portrait)
    case = getattr(person, "verification_case", None)
    confirmed = case is not None and case.status == "confirmed"
    reached = (
        (agreed is not None, Wording("同意拍摄说明", "Terms agreed to"), agreed.given_at if agreed else None, ""),
        (first is not None, Wording("试拍并当场判定", "Photographed and judged"), first.made_at if first else None, ""),
        (portrait.submitted_at is not None, Wording("提交", "Handed in"), portrait.submitted_at, ""),
        (status == PortraitStatus.APPROVED, Wording("审核", "Reviewed"), portrait.decided_at, _review_note(portrait)),
        (package is not None, Wording("制作并交付学校", "Made and delivered to the school"), package, ""),
        (confirmed, Wording("本人校对", "Verification by the graduate"), getattr(case, "confirmed_at", None) if confirmed else None, ""),
    )  # fmt: skip
    told, now_given = [], False
    for done, title, at, note in reached:
        state = "done" if done else "next" if now_given else "now"
        now_given = now_given or not done
        told.append({"state": state, "title": say(title), "at": at if done else None, "note": note})
    return told


def _review_note(portrait: SelfPortrait) -> str:
    if portrait.status == PortraitStatus.REJECTED:
        return say(Wording("已退回，请看原因后再拍", "Returned: see the reasons and try again"))
    if portrait.status != PortraitStatus.SUBMITTED:
        return ""
    handed_in = portrait.tries.filter(check_in=portrait.check_in_id).first()
    review = FrameReview.objects.filter(frame=handed_in.frame_id).first() if handed_in else None
    if review is not None and review.state == ReviewState.SECOND:
        return say(Wording("第一人已通过，等待第二人", "Accepted by one person, waits for the second"))
    return say(Wording("排队等待审核", "Waits in the queue"))


def _packed_at(portrait: SelfPortrait) -> Any:
    frames: QuerySet[Any] = portrait.tries.filter(check_in=portrait.check_in_id, frame__packed_at__isnull=False)
    found = frames.values_list("frame__packed_at", flat=True).first() if portrait.check_in_id else None
    return timezone.localtime(found) if found else None


def _line(one: PortraitTry, best: PortraitTry | None) -> dict[str, Any]:
    return {
        "try": str(one.pk),
        "number": one.number,
        "outcome": one.outcome,
        "state": state_of(one),
        "made_at": one.made_at,
        "url": reverse("myphoto:try", args=[one.pk]),
        "picture_url": picture_of(one)["url"],
        "is_best": best is not None and best.pk == one.pk,
        "submitted": one.submitted_at is not None,
        "findings": len(to_mend(one.findings)),
    }


def frame_of(profile: PhotoProfile) -> dict[str, float]:
    """Where head, eyes and shoulders belong, in parts of the portrait's height and width: what the camera draws.

    The middle of each window of the profile; where it has none, the usual place.
    """
    height, width = profile.height_px, profile.width_px
    top = _middle(profile.hair_top_min_px, profile.hair_top_max_px, height, 0.09)
    if profile.head_room_fraction is not None:
        top = profile.head_room_fraction
    eyes = _middle(profile.eye_line_min_px, profile.eye_line_max_px, height, 0.40)
    chin = 1.0 - profile.shoulder_fraction if profile.shoulder_fraction is not None else eyes + (eyes - top) * 0.95
    face = _middle(profile.face_width_min_px, profile.face_width_max_px, width, 0.48)
    return {
        "head_top": round(top, 4),
        "eye_line": round(eyes, 4),
        "chin": round(min(chin, 0.86), 4),
        "face_width": round(face, 4),
        "face_left": round(_SIDE_FROM_WIDTH - face / 2, 4),
        "face_right": round(_SIDE_FROM_WIDTH + face / 2, 4),
        "shoulders": round(min(0.97, chin + (chin - eyes) * 0.45), 4),
    }


def _middle(low: float | None, high: float | None, whole: int, usual: float) -> float:
    known = [one for one in (low, high) if one is not None]
    return sum(known) / len(known) / whole if known else usual
