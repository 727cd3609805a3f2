"""The forms of the timetable: a place on the board, teams, wishes, posts, check lists, bookings, group photographs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import shortened
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.pages.fields import ChoiceField, DayField, RecordField, RecordsField, TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.roster.models import Candidate, CandidateStatus, MilestoneKind
from gradphoto.apps.schedule import group_photos
from gradphoto.apps.schedule.catalogue import ITEMS, POSTS
from gradphoto.apps.schedule.models import Booking, CollectionRoom, GroupPhoto, Slot, WishKind
from gradphoto.apps.schedule.problem import groups_of, local
from gradphoto.engine.wording import Wording

_SMALL = "col-6 col-md-3"
_SILENT = Wording("", "")
"""The board is drawn anew and shows itself what was done."""


def _clock(zh: str, en: str, initial: str | None = None) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M")
    return _placed(forms.TimeField(label=bi(zh, en), widget=widget, initial=initial))


def _count(zh: str, en: str, least: int, most: int | None = None, **options: Any) -> forms.IntegerField:
    return _placed(forms.IntegerField(label=bi(zh, en), min_value=least, max_value=most, **options))


def _placed(field: Any, css: str = _SMALL) -> Any:
    field.css = css
    return field


def moment_of(day: date, at: time) -> datetime:
    """A day and a time of day where the school is."""
    return datetime.combine(day, at, timezone.get_current_timezone())


# the board -----------------------------------------------------------------------------------------------------------


def _rooms(actor: Actor, target: Any) -> QuerySet[CollectionRoom]:
    """The rooms of the campaign that the board is of."""
    campaign = target.session.campaign_id if isinstance(target, Slot) else target.pk if target else None
    return changeable(actor, CollectionRoom, "schedule.plan").filter(campaign=campaign)


class _Placed(ActionForm):
    """A room and a time on the board, from the drag or from the form beside it."""

    said = _SILENT
    room = RecordField(_rooms, label=bi("场地", "Room"), empty_label=None)
    day = DayField(label=bi("日期", "Day"))
    at = _clock("开始", "Begin")

    def where(self) -> dict[str, Any]:
        """The room and the begin asked for."""
        given = self.cleaned_data
        return {"room": given["room"], "starts_at": moment_of(given["day"], given["at"])}


class MoveSlot(_Placed):
    action = "schedule.move_slot"
    button = Wording("移动", "Move")

    @classmethod
    def starts_with(cls, actor: Actor, target: Slot) -> Mapping[str, Any]:
        begin = local(target.starts_at)
        return {"room": target.session.room_id, "day": begin.date(), "at": begin.time()}

    def arguments(self) -> dict[str, Any]:
        return self.where()


class PlaceClass(_Placed):
    """A class that waits gets its place."""

    action = "schedule.place_class"
    button = Wording("排入", "Place")
    group = forms.ChoiceField(label=bi("班级", "Class"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        waiting = [(one.key, f"{one.title}（{one.headcount}）") for one in groups_of(self.target)]
        self.fields["group"].choices = waiting  # type: ignore[attr-defined]
        self.order_fields(["group"])

    def arguments(self) -> dict[str, Any]:
        return {"group": self.cleaned_data["group"], **self.where()}


class LockSlot(ActionForm):
    action = "schedule.lock_slot"
    said = _SILENT
    locked = forms.ChoiceField(choices=(("yes", "yes"), ("no", "no")), widget=forms.HiddenInput)

    def arguments(self) -> dict[str, Any]:
        return {"locked": self.cleaned_data["locked"] == "yes"}


class SetAside(ActionForm):
    action = "schedule.set_aside"
    button = Wording("移出排班板", "Set aside")
    said = _SILENT


class SearchPlan(ActionForm):
    """Plan in the background, beside what stands or all anew."""

    action = "schedule.search_plan"
    said = Wording("正在编排。", "Being planned.")
    anew = forms.ChoiceField(choices=(("yes", "yes"),), required=False, widget=forms.HiddenInput)

    def arguments(self) -> dict[str, Any]:
        return {"anew": self.cleaned_data["anew"] == "yes"}


class AcceptProposal(ActionForm):
    action = "schedule.accept_proposal"
    button = Wording("采纳并重新编排", "Accept and plan anew")
    said = Wording("已采纳，正在重新编排。", "Accepted; being planned anew.")


class Undo(ActionForm):
    action = "schedule.undo"

    def done_message(self, result: Wording) -> Wording:
        return Wording(f"已撤销：{result.zh}", f"Taken back: {result.en}")


class ReplanDay(ActionForm):
    """A room runs late: the rest moves as little as possible."""

    action = "schedule.replan_day"
    button = Wording("顺延", "Move the rest")
    said = Wording("其余班级已顺延。", "The rest has moved.")
    target: CollectionRoom
    minutes = _count("晚点（分钟）", "Minutes late", 1, 480, initial=15)

    def perform(self) -> Any:
        return REGISTRY[self.action].function(
            self.actor, self.target.campaign, room=self.target, minutes=self.cleaned_data["minutes"]
        )


# rooms, teams, wishes, posts -----------------------------------------------------------------------------------------


class CheckRoom(ActionForm):
    """The check list of a room: each item passed or failed (R93); what is not looked at yet stays open."""

    action = "schedule.check_room"
    button = Wording("保存检查结果", "Save")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        found = {check.item: check for check in self.target.checks.all()}
        for item in ITEMS:
            check = found.get(item.code)
            self.fields[f"item_{item.code}"] = forms.ChoiceField(
                label=say(item.words), choices=(("pass", "pass"), ("fail", "fail")), required=False,
                initial=("pass" if check.passed else "fail") if check else "",
            )  # fmt: skip
        self.lines = [(item, found.get(item.code), self[f"item_{item.code}"]) for item in ITEMS]

    def arguments(self) -> dict[str, Any]:
        given = {item.code: self.cleaned_data.get(f"item_{item.code}") for item in ITEMS}
        return {"results": {code: answer == "pass" for code, answer in given.items() if answer}}

    def done_message(self, result: int) -> Wording:
        return Wording(f"已记录 {result} 项。", f"{result} items recorded.")


class SetTeam(ActionForm):
    """A shooting team and how many stations it can man."""

    action = "schedule.set_team"
    button = Wording("添加", "Add")
    said = Wording("拍摄组已保存。", "The team is saved.")
    name = TextField(label=bi("组名", "Name"), max_length=60, css="col-7")
    stations = _placed(
        forms.IntegerField(label=bi("最多台数", "Stations"), min_value=1, max_value=20, initial=1), "col-5"
    )


class AddWish(ActionForm):
    """What a class asked for (R78)."""

    action = "schedule.add_wish"
    button = Wording("添加", "Add")
    said = Wording("要求已记录。", "The wish is noted.")
    group = _placed(forms.ChoiceField(label=bi("班级", "Class")), "col-6")
    kind = ChoiceField(WishKind, label=bi("要求", "What"), css="col-6")
    day = DayField(label=bi("日期", "Day"), css="col-6")
    start = _clock("从", "From", "08:30")
    end = _clock("到", "To", "09:30")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        groups = [(one.key, one.title) for one in groups_of(self.target)]
        self.fields["group"].choices = groups  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        span = {name: moment_of(given["day"], given[key]) for name, key in (("starts_at", "start"), ("ends_at", "end"))}
        return {"group": given["group"], "kind": given["kind"], **span}


class AssignDuty(ActionForm):
    """A person at a post of a college, or of the school for the whole point (R91, R92)."""

    action = "schedule.assign_duty"
    button = Wording("添加", "Add")
    said = Wording("岗位人员已登记。", "The person is entered.")
    target: Organisation
    post = _placed(
        forms.ChoiceField(
            label=bi("岗位", "Post"), choices=[(one.code, bi(one.words.zh, one.words.en)) for one in POSTS]
        ),
        "col-md-5",
    )
    name = TextField(label=bi("姓名", "Name"), max_length=60, css="col-6 col-md-4")
    phone = TextField(label=bi("电话", "Telephone"), max_length=30, required=False, css="col-6 col-md-3")

    def __init__(self, actor: Actor, target: Any, data: Any = None, files: Any = None, **options: Any) -> None:
        self.campaign: Campaign | None = options.pop("campaign", None)
        super().__init__(actor, target, data, files, **options)
        if target is not None and self.campaign is not None:
            own = [one for one in POSTS if one.of_college is (target.pk != self.campaign.school_id)]
            self.fields["post"].choices = [(one.code, say(one.words)) for one in own]  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "campaign": self.campaign}


# bookings ------------------------------------------------------------------------------------------------------------


class ReportHeadcount(ActionForm):
    """The headcount report (R72)."""

    action = "schedule.report_headcount"
    button = Wording("上报", "Report")
    said = Wording("已上报。", "Reported.")
    spring_count = _count("春季毕业人数", "Spring graduates", 0, 1_000_000)
    autumn_count = _count("秋季毕业人数", "Autumn graduates", 0, 1_000_000)
    first_day = DayField(label=bi("希望开始日期", "First day asked for"), css=_SMALL)
    last_day = DayField(label=bi("希望结束日期", "Last day asked for"), css=_SMALL)
    place = TextField(label=bi("地点", "Place"), max_length=160, css="col-md-6")
    contact = TextField(
        label=bi("联系人及电话", "Contact and telephone"), max_length=80, required=False, css="col-md-6"
    )

    @classmethod
    def starts_with(cls, actor: Actor, target: Campaign) -> Mapping[str, Any]:
        """What the system knows already: heads on the roster, the day and hall of the campaign, who reports."""
        if target is None:
            return {}
        gone = (CandidateStatus.REMOVED, CandidateStatus.DEFERRED)
        heads = dict(target.candidates.exclude(status__in=gone).order_by().values_list("season").annotate(Count("pk")))
        day = target.milestones.filter(kind=MilestoneKind.SHOOTING).values_list("due", flat=True).first()
        return {
            "spring_count": heads.get(Season.SPRING, 0), "autumn_count": heads.get(Season.AUTUMN, 0),
            "first_day": day, "last_day": day, "place": "、".join(target.rooms.values_list("name", flat=True))[:160],
            "contact": shortened(f"{actor.user.display_name} {actor.user.telephone}", 80) if actor.user else "",
        }  # fmt: skip


class AgreeBooking(ActionForm):
    """The centre agrees, on the days asked for or on others."""

    action = "schedule.agree_booking"
    button = Wording("约定", "Agree")
    said = Wording("已约定。", "Agreed.")
    first_day = DayField(label=bi("约定从", "From"), css=_SMALL)
    last_day = DayField(label=bi("到", "To"), css=_SMALL)
    exception = TextField(
        label=bi("季外的原因", "Reason, outside the season"), max_length=200, required=False, css="col-md-6"
    )

    @classmethod
    def starts_with(cls, actor: Actor, target: Booking) -> Mapping[str, Any]:
        return {"first_day": target.first_day, "last_day": target.last_day}


class RefuseBooking(ActionForm):
    action = "schedule.refuse_booking"
    button = Wording("退回", "Send back")
    said = Wording("已退回。", "Rejected.")
    reason = TextField(label=bi("退回原因", "Reason for the return"), max_length=200)


BOOKING_FORMS = (AgreeBooking, RefuseBooking)


# group photographs ---------------------------------------------------------------------------------------------------


class _GroupTime(ActionForm):
    """Place, day, time and how long."""

    place = TextField(label=bi("合影地点", "Place"), max_length=120, css="col-md-6")
    day = DayField(label=bi("日期", "Day"), css=_SMALL)
    at = _clock("开始", "Begin")
    minutes = _count("时长（分钟）", "Minutes", 5, 120, initial=10)

    def when(self) -> dict[str, Any]:
        """What the actions take."""
        given = self.cleaned_data
        return {
            "place": given["place"], "minutes": given["minutes"], "starts_at": moment_of(given["day"], given["at"]),
        }  # fmt: skip


def _people(actor: Actor, target: Any) -> QuerySet[Candidate]:
    if target is None:
        return Candidate.objects.none()
    if isinstance(target, GroupPhoto):
        return scoped(actor, group_photos.class_of(target))
    return scoped(actor, Candidate).filter(pk__in=target.appointments.values("candidate"))


class BookGroupPhoto(_GroupTime):
    """A group photograph for the class of a slot; the ticked people are charged (R131)."""

    action = "schedule.book_group_photo"
    button = Wording("预约并记费", "Book and charge")
    said = Wording("集体合影已预约，费用已记入缴费。", "Booked; the fee stands under Fees.")
    person = RecordsField(_people, required=False)

    def arguments(self) -> dict[str, Any]:
        return {**self.when(), "people": self.cleaned_data["person"]}


class MoveGroupPhoto(_GroupTime):
    action = "schedule.move_group_photo"
    button = Wording("修改", "Change")
    said = Wording("时间和地点已修改。", "Time and place are changed.")

    @classmethod
    def starts_with(cls, actor: Actor, target: GroupPhoto) -> Mapping[str, Any]:
        start, end = local(target.starts_at), local(target.ends_at)
        minutes = int((end - start).total_seconds() // 60)
        return {"place": target.place, "day": start.date(), "at": start.time(), "minutes": minutes}

    def arguments(self) -> dict[str, Any]:
        return self.when()


class SetParty(ActionForm):
    action = "schedule.set_party"
    button = Wording("保存名单", "Save")
    said = Wording("名单已保存。", "The list is saved.")
    person = RecordsField(_people, required=False)

    def arguments(self) -> dict[str, Any]:
        return {"people": self.cleaned_data["person"]}


class TakeGroupPhoto(ActionForm):
    action = "schedule.take_group_photo"
    button = Wording("标为已拍摄", "Taken")
    said = Wording("已标为已拍摄。", "Entered as taken.")


class ReopenGroupPhoto(ActionForm):
    action = "schedule.reopen_group_photo"
    button = Wording("改回已预约", "Back to booked")
    said = Wording("已改回。", "It is booked again.")


class CancelGroupPhoto(ActionForm):
    action = "schedule.cancel_group_photo"
    button = Wording("取消合影", "Call it off")
    said = Wording("合影已取消。", "Called off.")
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


GROUP_FORMS = (MoveGroupPhoto, SetParty, TakeGroupPhoto, ReopenGroupPhoto, CancelGroupPhoto)
