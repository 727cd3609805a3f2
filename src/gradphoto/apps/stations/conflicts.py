"""A person decides between two truths, with a reason; the one that does not count stays on record."""

from __future__ import annotations

from enum import StrEnum

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.actions import cancel_check_in
from gradphoto.apps.capture.models import CheckInStatus
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, invalid, refuse, stated_reason
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.stations.models import Conflict, ConflictKind, RecordState, StationRecord
from gradphoto.apps.stations.placing import place_all
from gradphoto.engine.wording import Wording


class Choice(StrEnum):
    """What counts: the centre's record, the station's, or the station's under another shooting number."""

    PRESENT = "present"
    INCOMING = "incoming"
    RENUMBER = "renumber"


_OFFERED: dict[str, dict[Choice, Wording]] = {
    ConflictKind.PERSON_TWICE: {
        Choice.PRESENT: Wording("保留中心已有的登记", "Keep the one here"),
        Choice.INCOMING: Wording("改用采集站的登记", "Use the station's"),
    },
    ConflictKind.PERSON_REMOVED: {
        Choice.PRESENT: Wording("不采用（并入为已撤销）", "Do not use (taken in as cancelled)"),
        Choice.INCOMING: Wording("已重新核准，并入", "Accepted again: take it in"),
    },
    ConflictKind.PERSON_GONE: {Choice.PRESENT: Wording("不采用", "Do not use")},
    ConflictKind.NUMBER: {
        Choice.RENUMBER: Wording("换一个新序号并入", "Take it in under a new number"),
        Choice.PRESENT: Wording("不采用", "Do not use"),
    },
    ConflictKind.CHANGED_HERE: {
        Choice.PRESENT: Wording("以中心为准", "The centre's counts"),
        Choice.INCOMING: Wording("以采集站为准", "The station's counts"),
    },
    ConflictKind.HISTORY: {Choice.PRESENT: Wording("已调查，记录在案", "Looked into and put on record")},
    ConflictKind.OTHER: {Choice.PRESENT: Wording("不采用", "Do not use")},
}


def choices_of(conflict: Conflict) -> dict[Choice, Wording]:
    """What a person may choose, with the words for it."""
    return _OFFERED[conflict.kind]


@action("stations.decide_conflict", permission="stations.manage")
def decide_conflict(actor: Actor, conflict: Conflict, *, choice: str, reason: str) -> None:
    """Decide, and put the record into place accordingly.

    Raises ``capture.conflict_decided``, ``capture.conflict_choice``, ``capture.reason_missing``,
    ``capture.not_on_list`` (R16), ``capture.frame_packed``.
    """
    if conflict.choice:
        raise refuse(
            "capture.conflict_decided",
            "已经有人裁定过。",
            "Somebody decided this already.",
            "请刷新页面。",
            "Reload the page.",
        )
    if choice not in choices_of(conflict):
        raise invalid(
            "capture.conflict_choice", "没有这个选项。", "There is no such choice.", "请刷新页面。", "Reload the page."
        )
    why = stated_reason(reason, "capture.reason_missing")
    record = StationRecord.objects.select_for_update().select_related("kit__campaign").get(pk=conflict.record_id)
    conflict.choice, conflict.reason = choice, why
    conflict.decided_by, conflict.decided_at = actor.user, timezone.now()
    conflict.save()
    _rule(conflict, record, Choice(choice))
    record.save(update_fields=["state", "ruling", "applied"])
    audit.note(kind=conflict.kind, choice=choice, reason=conflict.reason, record=record.key)
    place_all(record.kit)


def _rule(conflict: Conflict, record: StationRecord, choice: Choice) -> None:
    record.state = RecordState.WAITING
    kind = ConflictKind(conflict.kind)
    if choice is Choice.RENUMBER:
        record.ruling = {**record.ruling, "number": _new_number(record)}
    elif choice is Choice.INCOMING:
        _make_room(conflict, kind)
        record.ruling = {**record.ruling, "insist": True}
    elif kind in (ConflictKind.PERSON_TWICE, ConflictKind.PERSON_REMOVED):
        record.ruling = {**record.ruling, "cancelled": conflict.reason}
    else:
        # The centre's own record counts; other than a change made here, the station's is not used at all.
        record.state = RecordState.APPLIED if kind == ConflictKind.CHANGED_HERE else RecordState.SET_ASIDE


def _make_room(conflict: Conflict, kind: ConflictKind) -> None:
    if kind == ConflictKind.PERSON_REMOVED and conflict.candidate and conflict.candidate.status not in APPROVED:
        raise refuse(
            "capture.not_on_list",
            "此人不在核准名单，不能采用。",
            "This person is not on the approved list and cannot be used.",
            "请学校先在名册中恢复并核准。",
            "Have the school reinstate and accept the person first.",
        )
    present = conflict.present
    if present is None:
        return
    if present.frames.filter(packed_at__isnull=False).exists():
        raise _delivered()
    if kind == ConflictKind.PERSON_TWICE and present.status != CheckInStatus.CANCELLED:
        cancel_check_in(Actor.system("packets"), present, reason=conflict.reason)


def _delivered() -> Refusal:
    return refuse(
        "capture.frame_packed",
        "中心的照片已编入交付包，不能再换。",
        "The photograph here is in a delivery package and cannot be replaced.",
        "请保留中心的登记；如图像有误，在本人校对中处理。",
        "Keep the one here; if it is wrong, use the dispute of the verification.",
    )


def _new_number(record: StationRecord) -> int:
    held = Campaign.objects.select_for_update().get(pk=record.kit.campaign_id)
    held.last_shooting_number += 1
    held.save(update_fields=["last_shooting_number"])
    return held.last_shooting_number
