"""The case follows the camera: photographed, or not any more, however it came about."""

from __future__ import annotations

from collections.abc import Sequence

from gradphoto.apps.capture.lifecycle import CHECK_IN
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Identification
from gradphoto.apps.capture.queries import DONE
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.makeup.cases import attend_at_camera, record_captured, reopen_captured
from gradphoto.apps.makeup.lifecycle import UNDER_WAY
from gradphoto.apps.makeup.models import CaseStatus, MakeUpCase

_ROOM = Actor.system("makeup")


@CHECK_IN.follow
def follow_check_ins(check_ins: Sequence[CheckIn]) -> None:
    """Inside the transaction that moved the check-ins, so that list and camera never disagree."""
    people = {one.candidate_id for one in check_ins}
    concerned = set(MakeUpCase.objects.filter(candidate__in=people).values_list("candidate", flat=True))
    for one in check_ins:
        if one.candidate_id in concerned:
            _follow(one)


def _follow(instance: CheckIn) -> None:
    cases = MakeUpCase.objects.filter(candidate=instance.candidate_id)
    if instance.status in DONE:
        for case in cases.filter(status__in=UNDER_WAY):
            record_captured(_ROOM, case, check_in=instance)
    elif instance.status in (CheckInStatus.CANCELLED, CheckInStatus.RETAKE, CheckInStatus.OPEN):
        for case in cases.filter(status=CaseStatus.CAPTURED, check_in=instance):
            reopen_captured(_ROOM, case, reason=str(instance.status))
    if instance.status == CheckInStatus.OPEN and instance.method == Identification.MAKEUP_QR:
        for case in cases.filter(status=CaseStatus.BOOKED):
            attend_at_camera(_ROOM, case, check_in=instance)
