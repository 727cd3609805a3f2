"""The forms of the stations' page, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.urls import reverse

from gradphoto.apps.orgs.models import Organisation, OrganisationKind, Role
from gradphoto.apps.schedule import station_views
from gradphoto.apps.schedule.actions import set_up_rooms
from gradphoto.apps.schedule.models import CaptureSession, StationNotice
from gradphoto.apps.schedule.stations import tell_stations
from pages.form_cases import Stage, form_case
from schedule.schedule_world import DAY, blocks
from verification.graduate_world import staff
from world import World

REPORT = {
    "region": "", "city": "岳阳", "address": "学院路", "spring_count": "30", "autumn_count": "0",
    "first_day": "2026-12-01", "last_day": "2026-12-02", "contact": "刘老师", "telephone": "0730-1",
}  # fmt: skip


def _page(world: World) -> str:
    return f"{reverse('schedule:stations')}?campaign={world.campaign.pk}"


def _notice(world: World) -> StationNotice:
    CaptureSession.objects.create(campaign=world.campaign, date=DAY, place="104")
    tell_stations(world.actor(Role.REGISTRAR), world.campaign)
    return StationNotice.objects.latest("pk")


@form_case(station_views.ReportPoint)
def report_point(world: World) -> Stage:
    strange = Organisation.objects.create(
        kind=OrganisationKind.LEARNING_CENTRE, name="他校教学点", parent=world.strange_school
    )
    return Stage(
        _page(world), staff(world, Role.LEARNING_CENTRE), {**REPORT, "point": world.learning_centre.pk},
        wrong={
            "city": ("", "pages.required"),
            "region": ("月球", "pages.not_offered"),
            "spring_count": ("-1", "pages.too_small"),
            "last_day": ("2026-11-01", "schedule.point"),
            "contact": ("名" * 61, "pages.too_long"),
        },
        foreign={"point": strange.pk},
    )  # fmt: skip


@form_case(station_views.AcknowledgeNotice)
def acknowledge(world: World) -> Stage:
    return Stage(
        _page(world), staff(world, Role.LEARNING_CENTRE), {"notice": _notice(world).pk},
        wrong={"notice": ("", "pages.required")},
    )  # fmt: skip


@form_case(station_views.NoteTold)
def note_told(world: World) -> Stage:
    return Stage(
        _page(world), staff(world, Role.REGISTRAR),
        {"notice": _notice(world).pk, "way": "telephone", "reached": "刘老师"},
        wrong={"way": ("pigeon", "pages.not_offered"), "reached": ("", "pages.required")},
    )  # fmt: skip


@form_case(station_views.SetRoomCity)
def room_city(world: World) -> Stage:
    set_up_rooms(world.actor(Role.REGISTRAR), world.campaign, blocks=blocks("104"))
    return Stage(
        _page(world), staff(world, Role.REGISTRAR), {"room": world.campaign.rooms.get().pk, "city": "岳阳"},
        wrong={"city": ("", "pages.required")},
    )  # fmt: skip
