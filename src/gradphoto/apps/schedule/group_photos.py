"""Group photographs (集体合影, R131): booked after the class's slot, charged at their own price, cancelled or taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse, within
from gradphoto.apps.fees.actions import book_extra, cancel_charge
from gradphoto.apps.fees.models import PAID, Charge, ChargeStatus, Item
from gradphoto.apps.fees.prices import price_of
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.lifecycle import GROUP_PHOTO
from gradphoto.apps.schedule.models import GroupPhoto, GroupPhotoStatus, Slot
from gradphoto.apps.schedule.problem import listed, local, slots_of
from gradphoto.engine.wording import Wording

_LIVE = (ChargeStatus.DUE, *PAID, ChargeStatus.WAIVED)
_STEP = timedelta(minutes=5)
_MOST_MINUTES = 120


@dataclass(frozen=True, slots=True)
class GroupMark:
    """A group photograph as the board and the list show it: how many pay for it, and what is wrong with its time."""

    photo: GroupPhoto
    heads: int
    paid: int
    fault: Wording | None


def live(campaign: Campaign) -> QuerySet[GroupPhoto]:
    """The group photographs that are to be taken or were."""
    found = campaign.group_photos.exclude(status=GroupPhotoStatus.CANCELLED)
    return found.select_related("department", "campaign")


def of_class(slot: Slot) -> GroupPhoto | None:
    """The group photograph of the slot's class."""
    return (
        live(slot.session.campaign)
        .filter(department=slot.department_id, season=slot.season, class_name=slot.class_name)
        .first()
    )


def class_of(photo: GroupPhoto) -> QuerySet[Candidate]:
    """Everybody of the class on the approved list, by student number."""
    people = listed(photo.campaign).filter(
        department=photo.department_id, season=photo.season, class_name=photo.class_name
    )
    return people.order_by("student_no")


def charges_of(photo: GroupPhoto) -> QuerySet[Charge]:
    """What the class was charged for its group photograph and still stands."""
    people = Candidate.objects.filter(
        campaign=photo.campaign_id, department=photo.department_id, season=photo.season, class_name=photo.class_name
    )
    return Charge.objects.filter(candidate__in=people, item=Item.GROUP_PHOTO, status__in=_LIVE)


def marks_of(photos: Iterable[GroupPhoto], slots: Iterable[Slot], day: date | None = None) -> tuple[GroupMark, ...]:
    """The photographs (of one day, if asked) with their heads, and whether their time still follows the class's slot."""
    ends = {slot.group_key: slot.ends_at for slot in slots}
    made = []
    for photo in photos:
        if day is not None and local(photo.starts_at).date() != day:
            continue
        states = list(charges_of(photo).values_list("status", flat=True))
        fault = _fault(photo, ends.get(photo.group_key))
        made.append(GroupMark(photo, len(states), sum(state in PAID for state in states), fault))
    return tuple(made)


def _fault(photo: GroupPhoto, slot_ends: datetime | None) -> Wording | None:
    if photo.status != GroupPhotoStatus.BOOKED:
        return None
    if slot_ends is None:
        return Wording("本班还没有采集时段。", "The class has no slot.")
    if photo.starts_at < slot_ends:
        at = local(slot_ends)
        return Wording(f"本班 {at:%m-%d %H:%M} 才拍完。", f"The class is not done before {at:%m-%d %H:%M}.")
    return None


def free_from(campaign: Campaign, place: str, after: datetime, minutes: int) -> datetime:
    """The first moment from ``after`` at which so many minutes are free at the place, in steps of five."""
    at = after + (-(after - datetime.min.replace(tzinfo=after.tzinfo))) % _STEP
    for taken in live(campaign).filter(place=place, ends_at__gt=after).order_by("starts_at"):
        if taken.starts_at < at + timedelta(minutes=minutes) and at < taken.ends_at:
            at = taken.ends_at
    return at


@action("schedule.book_group_photo", permission="schedule.book_group_photo")
def book_group_photo(
    actor: Actor, slot: Slot, *, place: str, starts_at: datetime, minutes: int, people: Iterable[Candidate]
) -> GroupPhoto:
    """Announce and book the group photograph of the slot's class and charge ``people``, who take part.

    Refuses a second one for the class (``schedule.group_photo_booked``), a time before the class is done or beside
    another one (see ``_require_time``), and ``fees.price_missing`` where the price list has no price for it.
    """
    campaign = slot.session.campaign
    if of_class(slot) is not None:
        raise refuse(
            "schedule.group_photo_booked",
            "本班的集体合影已经预约。",
            "The class's group photograph is booked already.",
            "请打开原预约修改时间、地点或人员。",
            "Open that one to change time, place or people.",
        )
    photo = GroupPhoto(
        campaign=campaign, department_id=slot.department_id, season=slot.season, class_name=slot.class_name,
        place=within(place, 120, field="place"), starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes),
        booked_by=actor.label,
    )  # fmt: skip
    _require_time(photo, minutes)
    photo.save()
    count = _settle_party(actor, photo, people)
    audit.note(place=photo.place, starts_at=starts_at.isoformat(), people=count)
    return photo


@action("schedule.move_group_photo", permission="schedule.book_group_photo", lifecycle=GROUP_PHOTO)
def move_group_photo(actor: Actor, photo: GroupPhoto, *, place: str, starts_at: datetime, minutes: int) -> None:
    """Another time or place; who takes part and what they paid stays."""
    photo.place, photo.starts_at = within(place, 120, field="place"), starts_at
    photo.ends_at = starts_at + timedelta(minutes=minutes)
    _require_time(photo, minutes)
    photo.save(update_fields=["place", "starts_at", "ends_at"])
    audit.note(place=photo.place, starts_at=starts_at.isoformat())


@action("schedule.set_party", permission="schedule.book_group_photo", lifecycle=GROUP_PHOTO)
def set_party(actor: Actor, photo: GroupPhoto, *, people: Iterable[Candidate]) -> int:
    """Who takes part: newcomers are charged, charges of those who do not come are cancelled. Returns how many come."""
    count = _settle_party(actor, photo, people)
    audit.note(people=count)
    return count


@action("schedule.take_group_photo", permission="schedule.take_group_photo", lifecycle=GROUP_PHOTO)
def take_group_photo(actor: Actor, photo: GroupPhoto) -> None:
    """It is taken: neither time nor party changes any more."""


@action("schedule.reopen_group_photo", permission="schedule.take_group_photo", lifecycle=GROUP_PHOTO)
def reopen_group_photo(actor: Actor, photo: GroupPhoto) -> None:
    """Ticked by mistake, or to be taken once more."""


@action("schedule.cancel_group_photo", permission="schedule.book_group_photo", lifecycle=GROUP_PHOTO)
def cancel_group_photo(actor: Actor, photo: GroupPhoto, *, reason: str) -> None:
    """Call it off: what is due is cancelled; money that was paid must be given back first."""
    if not reason.strip():
        raise invalid("schedule.group_photo_reason", "请填写取消原因。", "Give the reason.",
                      "学生需要知道为什么取消。", "The students must know why.")  # fmt: skip
    _settle_party(actor, photo, ())
    photo.reason = within(reason, 200, field="reason")
    photo.save(update_fields=["reason"])
    audit.note(reason=photo.reason)


def _require_time(photo: GroupPhoto, minutes: int) -> None:
    if not photo.place or not 5 <= minutes <= _MOST_MINUTES:
        raise invalid("schedule.group_photo", "请填写地点和5至120分钟的时长。", "Give a place and 5 to 120 minutes.",
                      "请检查填写内容。", "Check what you entered.")  # fmt: skip
    slot = next((one for one in slots_of(photo.campaign) if one.group_key == photo.group_key), None)
    fault = _fault(photo, slot.ends_at if slot else None)
    if fault is not None:
        raise refuse("schedule.group_photo_too_early", fault.zh, fault.en,
                     "合影请安排在本班时段之后。", "Book it after the class's slot.")  # fmt: skip
    beside = live(photo.campaign).filter(place=photo.place, starts_at__lt=photo.ends_at, ends_at__gt=photo.starts_at)
    other = beside.exclude(pk=photo.pk).first()
    if other is not None:
        at, who = f"{local(other.starts_at):%H:%M}–{local(other.ends_at):%H:%M}", other.class_name
        raise refuse(
            "schedule.group_photo_overlap",
            f"{photo.place} {at} 已有{who}合影。",
            f"{who} has its photograph at {photo.place}, {at}.",
            "请改到其后，或换一处地点。",
            "Choose a later time or another place.",
        )


def _settle_party(actor: Actor, photo: GroupPhoto, people: Iterable[Candidate]) -> int:
    members = {person.pk: person for person in class_of(photo)}
    wanted = {person.pk for person in people} & set(members)
    if wanted:
        price_of(photo.campaign, Item.GROUP_PHOTO, members[min(wanted)].school_kind)
    standing = {charge.candidate_id: charge for charge in charges_of(photo).select_related("candidate")}
    leaving = [charge for pk, charge in standing.items() if pk not in wanted]
    paid = [charge for charge in leaving if charge.status != ChargeStatus.DUE]
    if paid:
        who = "、".join(charge.candidate.name for charge in paid[:3])
        raise refuse(
            "schedule.group_photo_paid",
            f"{who}等{len(paid)}人已缴合影费。",
            f"{len(paid)} persons have paid already: {who}.",
            "请先在“缴费”中退款或撤销收款。",
            "Refund them under Fees first.",
        )
    for charge in leaving:
        cancel_charge(actor, charge, reason=f"不参加集体合影 {photo.class_name}")
    for pk in sorted(wanted - set(standing)):
        book_extra(actor, members[pk], item=Item.GROUP_PHOTO, reason=f"集体合影 {photo.class_name}"[:200])
    return len(wanted)
