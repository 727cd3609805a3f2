"""What must be true before a case is done: looked up by the system, never ticked by a person (lifecycle C5).

The corrector says that it is mended; the case ends only when the record, the pairing, the delivered photographs or the
answer on file show it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import F

from gradphoto.apps.capture.models import CheckInStatus, FrameStatus
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.delivery.models import PackageItem, Portrait
from gradphoto.apps.errata.kinds import ErrataKind
from gradphoto.apps.errata.models import AttachmentKind, ErrataCase, ErrataItem
from gradphoto.apps.pairing.models import Repair, RepairState
from gradphoto.apps.roster.persons import is_of_person
from gradphoto.apps.verification.items import text_of
from gradphoto.apps.verification.queries import WITH_THE_SCHOOL
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be true, and whether it is."""

    title: Wording
    met: bool


def conditions(case: ErrataCase) -> tuple[Condition, ...]:
    """What must be true of this case, in order."""
    return _OF_KIND[ErrataKind(case.kind)](case)


def still_to_come(case: ErrataCase) -> tuple[Wording, ...]:
    """What is not true yet, in words."""
    return tuple(condition.title for condition in conditions(case) if not condition.met)


def require_effects(case: ErrataCase) -> None:
    """Refuse to call a case done before its effect is there. Raises ``errata.not_proven`` with what is still to come."""
    open_ones = still_to_come(case)
    if open_ones:
        zh, en = "；".join(one.zh for one in open_ones), "; ".join(one.en for one in open_ones)
        raise refuse(
            "errata.not_proven",
            f"还没有办结，尚缺：{zh}。",
            f"It is not done yet, still to come: {en}.",
            "条件由系统核对，齐备后即可确认；结果不对请退回再办。",
            "The system checks it; confirm once all is there. Send the result back if it is wrong.",
        )


def sources_now(case: ErrataCase) -> dict[int, int]:
    """The frame behind the newest photograph with the school, by person; only photographs that stand (R98)."""
    people = [item.candidate_id for item in case.items.all()]
    return newest_sources(people)


def newest_sources(people: list[int]) -> dict[int, int]:
    """Person -> the frame of the newest delivered photograph whose frame is still that person's accepted one."""
    standing = Portrait.objects.filter(
        candidate__in=people,
        frame__status=FrameStatus.ACCEPTED,
        frame__check_in=F("check_in"),
        package_items__package__status__in=WITH_THE_SCHOOL,
    ).exclude(check_in__status=CheckInStatus.CANCELLED)
    standing = standing.filter(is_of_person())
    return dict(standing.order_by("created_at", "pk").values_list("candidate_id", "frame_id"))


def is_mended_for(case: ErrataCase, candidate_id: int) -> bool:
    """Whether this person's photograph is another one than before; true for kinds that change no photograph."""
    if case.kind not in _OTHER_SOURCE:
        return not still_to_come(case)
    now = sources_now(case)
    return all(_differs(item, now) for item in case.items.all() if item.candidate_id == candidate_id)


def _differs(item: ErrataItem, now: Mapping[int, int]) -> bool:
    return now.get(item.candidate_id, item.frame_before_id) != item.frame_before_id


def _another_source(case: ErrataCase) -> Condition:
    now = sources_now(case)
    items = list(case.items.all())
    lacking = sum(not _differs(item, now) for item in items)
    title = Wording("交付的照片已换成另一张原片", "the delivered photograph comes from another frame")
    if lacking and len(items) > 1:
        title = Wording(f"{title.zh}（还差 {lacking} 人）", f"{title.en} ({lacking} to go)")
    return Condition(title, not lacking)


def _new_photograph(case: ErrataCase) -> tuple[Condition, ...]:
    return (_another_source(case),)


def _shifted(case: ErrataCase) -> tuple[Condition, ...]:
    repaired = Repair.objects.filter(session=case.session, state=RepairState.APPLIED, at__gte=case.drafted_at)
    title = Wording("该场次照片与人员的对应已修复", "the pairing of the session is repaired")
    return Condition(title, repaired.exists()), _another_source(case)


def _missing(case: ErrataCase) -> tuple[Condition, ...]:
    items, now = list(case.items.all()), sources_now(case)
    there = all(item.candidate_id in now for item in items)
    delivered = Condition(Wording("照片文件已制作并交付学校", "the file is made and delivered to the school"), there)
    if any(item.frame_before_id is not None for item in items):
        # The file was there already: it is the print that is missing, of which only the sender's answer tells.
        return delivered, _answered(case)
    return (delivered,)


def _printed_anew(case: ErrataCase) -> tuple[Condition, ...]:
    """A damaged print: made again and sent (R156) with a later package, or by itself, which the sender's answer tells."""
    people = {item.candidate_id for item in case.items.all()}
    later = PackageItem.objects.filter(
        portrait__candidate__in=people, package__status__in=WITH_THE_SCHOOL, package__delivered_at__gte=case.drafted_at
    )
    arrived = set(later.values_list("portrait__candidate", flat=True)) == people
    answered = _answered(case).met
    title = Wording(
        "新打印的照片已随交付包送达学校，或寄送凭据已存入本件",
        "the new print came with a package, or the sender's answer is on file",
    )
    return (Condition(title, arrived or answered),)


def _answered(case: ErrataCase) -> Condition:
    on_file = case.attachments.filter(kind=AttachmentKind.REPLY).exists()
    return Condition(Wording("对方的答复已存入本件", "the receiving side's answer is on file"), on_file)


def _answer(case: ErrataCase) -> tuple[Condition, ...]:
    return (_answered(case),)


def _record(case: ErrataCase) -> tuple[Condition, ...]:
    items = case.items.select_related("candidate")
    right = all(
        item.right is None or text_of(getattr(item.candidate, item.field)) == item.right.decrypt() for item in items
    )
    return (Condition(Wording("名册已是正确内容", "the record says what is right"), right),)


_OTHER_SOURCE = (ErrataKind.BAD_PHOTO, ErrataKind.BLURRED, ErrataKind.OTHER_PERSON, ErrataKind.DATA_SHIFTED)
_OF_KIND: Mapping[ErrataKind, Callable[[ErrataCase], tuple[Condition, ...]]] = {
    ErrataKind.MISSING: _missing,
    ErrataKind.DAMAGED: _printed_anew,
    ErrataKind.BAD_PHOTO: _new_photograph,
    ErrataKind.BLURRED: _new_photograph,
    ErrataKind.OTHER_PERSON: _new_photograph,
    ErrataKind.DATA_SHIFTED: _shifted,
    ErrataKind.DATA_WRONG: _record,
    ErrataKind.SCHOOL_WRONG: _answer,
    ErrataKind.NO_IMAGE: _answer,
}
