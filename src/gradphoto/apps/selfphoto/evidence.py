"""What the reviewer sees beside an own photograph: how it came, what the person said, what the comparison says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from gradphoto.apps.capture.models import Frame, Identification
from gradphoto.apps.core.slots import fills
from gradphoto.apps.review.standing import eyes_for
from gradphoto.apps.selfphoto.consent import is_given
from gradphoto.apps.selfphoto.judging import SCREEN_OR_PRINT
from gradphoto.apps.selfphoto.models import PortraitTry, Purpose, Reference
from gradphoto.apps.selfphoto.terms import terms_of


@fills("review.evidence")
def show_evidence(request: HttpRequest, frames: Sequence[Frame], **_: object) -> Mapping[Any, SafeString]:
    """By frame; nothing for what a camera of the room took."""
    own = [one.pk for one in frames if one.check_in and one.check_in.method == Identification.SELF_PHOTO]
    if not own:
        return {}
    tries = PortraitTry.objects.filter(frame__in=own).select_related("portrait__candidate__campaign__rule_set")
    return {one.frame_id: mark_safe(_panel(request, one)) for one in tries.order_by("submitted_at")}  # noqa: S308


def _panel(request: HttpRequest, tried: PortraitTry) -> str:
    portrait = tried.portrait
    terms = terms_of(portrait.candidate.campaign)
    reference = Reference.objects.filter(candidate=portrait.candidate_id, blob__isnull=False).first()
    context = {
        "tried": tried,
        "portrait": portrait,
        "count": portrait.tries.count(),
        "terms": terms,
        "reference": reference,
        "agreed": is_given(portrait, Purpose.COMPARE),
        "comparison": getattr(tried, "comparison", None),
        "screen": any(one["code"] == SCREEN_OR_PRINT for one in tried.findings),
        "takes_two": tried.frame is not None and bool(eyes_for(tried.frame, frozenset())),
        "returned": portrait.tries.filter(rejected_at__isnull=False).exclude(pk=tried.pk).count(),
    }
    return render_to_string("selfphoto/evidence.html", context, request=request)
