"""The page of the stations: what each reports, what each was told and how that is known (R11, R67, R204)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.pages.fields import ChoiceField, DayField, RecordField, TextField
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.schedule import stations
from gradphoto.apps.schedule.models import Booking, CollectionRoom, NoticeWay, PointReport, PointTable, StationNotice
from gradphoto.apps.schedule.views import campaign_of, paper_response
from gradphoto.engine.standards.make_up.branches import branches
from gradphoto.engine.wording import Wording


def _points(actor: Actor, campaign: Campaign) -> QuerySet[Organisation]:
    mine = changeable(actor, Organisation, "schedule.report")
    return stations.stations_of(campaign).filter(pk__in=mine.values("pk"))


def _count(zh: str, en: str) -> forms.IntegerField:
    field = forms.IntegerField(label=bi(zh, en), min_value=0, max_value=100_000)
    field.css = "col-md-3 col-6"  # type: ignore[attr-defined]
    return field


def _region() -> forms.ChoiceField:
    inside = bi("本省", "Our own province")
    field = forms.ChoiceField(
        label=bi("所在省", "Province"),
        required=False,
        choices=[("", inside), *((b.region, b.region) for b in branches())],
    )
    field.css = "col-md-3 col-6"  # type: ignore[attr-defined]
    return field


class ReportPoint(ActionForm):
    """A teaching point's line of the report table."""

    action = "schedule.report_point"
    button = Wording("上报", "Report")
    said = Wording("已上报。", "Reported.")
    point = RecordField(_points, label=bi("教学点", "Point"), css="col-md-6")
    region = _region()
    city = TextField(label=bi("城市", "City"), max_length=40, css="col-md-3 col-6")
    address = TextField(label=bi("采集地址", "Address"), max_length=160, css="col-md-6")
    spring_count = _count("春季毕业人数", "Spring graduates")
    autumn_count = _count("秋季毕业人数", "Autumn graduates")
    first_day = DayField(label=bi("希望开始日期", "First day asked for"), css="col-md-3 col-6")
    last_day = DayField(label=bi("希望结束日期", "Last day asked for"), css="col-md-3 col-6")
    contact = TextField(label=bi("联系人", "Contact"), max_length=60, css="col-md-3 col-6")
    telephone = TextField(label=bi("电话", "Telephone"), max_length=40, css="col-md-3 col-6")

    @classmethod
    def is_offered(cls, actor: Actor, target: Campaign) -> bool:
        return _points(actor, target).exists()

    @classmethod
    def starts_with(cls, actor: Actor, target: Campaign) -> Mapping[str, Any]:
        """A point that has one line finds it filled in."""
        mine = list(_points(actor, target)[:2])
        if len(mine) != 1:
            return {}
        known = PointReport.objects.filter(campaign=target, point=mine[0]).values(
            "region", "city", "address", "spring_count", "autumn_count", "first_day", "last_day", "contact", "telephone"
        )
        return {"point": mine[0].pk, **(known.first() or {})}


class SendPointTable(ActionForm):
    """The whole table to the centre."""

    action = "schedule.send_point_table"
    button = Wording("汇总上报", "Hand the table in")
    said = Wording("已汇总上报。", "The table is handed in.")


class TellStations(ActionForm):
    """Every station is told its sessions."""

    action = "schedule.tell_stations"
    button = Wording("通知各教学点", "Tell the stations")

    def done_message(self, result: stations.Told) -> Wording:
        return Wording(
            f"已通知 {result.told} 个教学点；{result.known} 个内容未变，不再重复通知。",
            f"{result.told} stations told; {result.known} know it already.",
        )


class AcknowledgeNotice(ActionForm):
    """The station has read what it was told."""

    action = "schedule.acknowledge_notice"
    button = Wording("已知悉，并会通知到每一位学生", "Read, and every student will be told")
    said = Wording("已记录。", "On record.")
    notice = RecordField(
        lambda actor, target: _unread(actor, target, "schedule.acknowledge"), label=bi("通知", "Told"), css="col-md-6"
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Campaign) -> bool:
        return _unread(actor, target, "schedule.acknowledge").exists()

    def perform(self) -> Any:
        return stations.acknowledge_notice(self.actor, self.cleaned_data["notice"])


class NoteTold(ActionForm):
    """The school reached a station by telephone or post."""

    action = "schedule.note_told"
    button = Wording("登记告知", "Note it")
    said = Wording("已登记。", "Entered.")
    notice = RecordField(
        lambda actor, target: _unread(actor, target, "schedule.follow_booking"),
        label=bi("教学点", "Point"),
        css="col-md-4",
    )
    way = ChoiceField(NoticeWay, label=bi("方式", "Way"), css="col-md-4")
    reached = TextField(label=bi("告知了谁", "Whom"), max_length=150, css="col-md-4")

    @classmethod
    def is_offered(cls, actor: Actor, target: Campaign) -> bool:
        return _unread(actor, target, "schedule.follow_booking").exists()

    def perform(self) -> Any:
        said = self.cleaned_data
        return stations.note_told(self.actor, said["notice"], way=NoticeWay(said["way"]), reached=said["reached"])


class SetRoomCity(ActionForm):
    """In which city a place is."""

    action = "schedule.set_room_city"
    button = Wording("保存", "Save")
    room = RecordField(
        lambda actor, target: changeable(actor, CollectionRoom, "schedule.plan").filter(campaign=target),
        label=bi("采集地点", "Place"), css="col-md-6",
    )  # fmt: skip
    city = TextField(label=bi("城市", "City"), max_length=40, css="col-md-6")

    @classmethod
    def is_offered(cls, actor: Actor, target: Campaign) -> bool:
        return changeable(actor, CollectionRoom, "schedule.plan").filter(campaign=target).exists()

    def perform(self) -> Any:
        return stations.set_room_city(self.actor, self.cleaned_data["room"], city=self.cleaned_data["city"])


def _unread(actor: Actor, campaign: Campaign, permission: str) -> QuerySet[StationNotice]:
    return changeable(actor, StationNotice, permission).filter(campaign=campaign, reached_at=None)


FORMS = (ReportPoint, SendPointTable, TellStations, AcknowledgeNotice, NoteTold, SetRoomCity)


@page("schedule.see_bookings")
def station_page(request: SignedInRequest) -> HttpResponseBase:
    """Stations with their report and their notice; a station sees and fills in its own."""
    campaign = campaign_of(request)
    if campaign is None:
        return redirect("schedule:list")
    if request.method != "POST":
        return _page(request, campaign)
    form = posted_form(request, FORMS, campaign)
    return form_action(
        request, form, again=lambda form: _page(request, campaign, form),
        done=lambda made: redirect(f"{reverse('schedule:stations')}?campaign={campaign.pk}"),
    )  # fmt: skip


def _page(request: SignedInRequest, campaign: Campaign, posted: ActionForm | None = None) -> HttpResponse:
    reports = {one.point_id: one for one in scoped(request.actor, PointReport).filter(campaign=campaign)}
    notices: dict[int, StationNotice] = {}
    for one in scoped(request.actor, StationNotice).filter(campaign=campaign).order_by("pk"):
        notices[one.station_id] = one
    shown = scoped(request.actor, stations.stations_of(campaign))
    context = {
        "campaign": campaign,
        "lines": [(one, reports.get(one.pk), notices.get(one.pk)) for one in shown],
        "table": scoped(request.actor, PointTable).filter(campaign=campaign).first(),
        "bookings": scoped(request.actor, Booking).filter(campaign=campaign),
        "may_print": holds(request.user, "schedule.plan"),
        "page_forms": PageForms(request.actor, campaign, FORMS, posted),
    }
    return render(request, "schedule/stations.html", context)


@page("schedule.plan")
@require_GET
def point_table(request: SignedInRequest) -> HttpResponse:
    """The report table as xlsx or PDF."""
    campaign = campaign_of(request)
    if campaign is None:
        return redirect("schedule:list")
    reports = list(scoped(request.actor, PointReport).filter(campaign=campaign).select_related("point"))
    form = stations.point_form(campaign, reports)
    return paper_response(form, "teaching-points", request.GET.get("as", "xlsx"), request.LANGUAGE_CODE)
