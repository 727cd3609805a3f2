"""Stations are told their sessions by city, with proof (R11, R204); teaching points report for the main school's table (R67)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.contact_lines import contact_lines
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import PermissionRefusal, invalid, refuse
from gradphoto.apps.orgs.models import Membership, Organisation, OrganisationKind, User, by_code
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.schedule.models import (
    CaptureSession,
    CollectionRoom,
    NoticeWay,
    PointReport,
    PointTable,
    StationNotice,
)
from gradphoto.engine.documents import Column, Section, TableForm
from gradphoto.engine.standards.make_up.branches import Branch, branches
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)
_MOST_PEOPLE = 100_000


def stations_of(campaign: Campaign) -> QuerySet[Organisation]:
    """The learning centres, stations and teaching points below the school, in tree order."""
    below = Organisation.objects.filter(path__startswith=campaign.school.path, archived_at=None)
    return below.filter(kind=OrganisationKind.LEARNING_CENTRE).order_by(*by_code())


def branch_for(region: str) -> Branch | None:
    """The branch of a province: whom a station there contacts (R11)."""
    return next((one for one in branches() if one.region == region), None)


@action("schedule.report_point", permission="schedule.report", within=("point",))
def report_point(
    actor: Actor,
    campaign: Campaign,
    *,
    point: Organisation,
    city: str,
    address: str,
    spring_count: int,
    autumn_count: int,
    first_day: date,
    last_day: date,
    contact: str,
    telephone: str,
    region: str = "",
) -> PointReport:
    """A teaching point reports its line, or corrects it (R67).

    Raises ``schedule.point``, ``schedule.point_region``, or ``PermissionRefusal`` for a point of another school.
    """
    if not point.path.startswith(campaign.school.path) or point.kind != OrganisationKind.LEARNING_CENTRE:
        raise PermissionRefusal("schedule.report_point")
    if last_day < first_day or not 1 <= spring_count + autumn_count <= _MOST_PEOPLE:
        raise invalid("schedule.point", "人数至少 1 人，末日不早于首日。", "At least one person, and the days in their order.",
                      "请检查人数和日期。", "Check the headcount and the days.", field="last_day")  # fmt: skip
    if region and branch_for(region) is None:
        raise invalid("schedule.point_region", "没有这个省的分社。", "There is no branch of this province.",
                      "请从列表选择；在本省的留空。", "Choose from the list; leave it empty inside the province.",
                      field="region")  # fmt: skip
    made, _ = PointReport.objects.update_or_create(
        campaign=campaign, point=point,
        defaults={
            "region": region, "city": city, "address": address, "spring_count": spring_count,
            "autumn_count": autumn_count, "first_day": first_day, "last_day": last_day, "contact": contact,
            "telephone": telephone, "reported_by": str(actor.user or actor.label)[:150], "reported_at": timezone.now(),
        },
    )  # fmt: skip
    audit.note(point=point.pk, people=made.people, city=city, region=region)
    return made


def not_reported(campaign: Campaign) -> list[Organisation]:
    """The points whose line is missing."""
    return list(stations_of(campaign).exclude(point_reports__campaign=campaign))


@action("schedule.send_point_table", permission="schedule.follow_booking")
def send_point_table(actor: Actor, campaign: Campaign) -> PointTable:
    """The main school hands the table in, whole: every point has reported (R67). Raises ``schedule.points_missing``."""
    reports = list(PointReport.objects.filter(campaign=campaign))
    missing = not_reported(campaign)
    if missing or not reports:
        names = "、".join(one.name for one in missing) or "—"
        raise refuse(
            "schedule.points_missing", f"还有教学点没有上报：{names}。", f"Not every point has reported: {names}.",
            "请先请它们上报，或代为填写；不再办学的先在单位中撤销。",
            "Ask them, or fill it in for them; archive a point that exists no more.",
        )  # fmt: skip
    made = PointTable.objects.create(
        campaign=campaign, points=len(reports), people=sum(one.people for one in reports),
        sent_by=str(actor.user or actor.label)[:150],
    )  # fmt: skip
    audit.note(points=made.points, people=made.people)
    return made


@action("schedule.set_room_city", permission="schedule.plan")
def set_room_city(actor: Actor, room: CollectionRoom, *, city: str) -> None:
    """In which city a place is; stations are told the sessions of theirs."""
    CollectionRoom.objects.filter(pk=room.pk).update(city=city)
    audit.note(room=room.name, city=city)


@dataclass(frozen=True, slots=True)
class Told:
    """How many stations were told anew, and how many know already."""

    told: int
    known: int


@action("schedule.tell_stations", permission="schedule.follow_booking")
def tell_stations(actor: Actor, campaign: Campaign) -> Told:
    """Tell every station its sessions; who was told the same already is not told twice (R11, R204).

    Raises ``schedule.nothing_to_tell`` before the timetable stands.
    """
    sessions = list(campaign.sessions.select_related("room").prefetch_related("slots__department"))
    if not sessions:
        raise refuse("schedule.nothing_to_tell", "还没有排定场次。", "No session is planned yet.",
                     "先编排时间表。", "Make the timetable first.")  # fmt: skip
    reports = {one.point_id: one for one in PointReport.objects.filter(campaign=campaign)}
    last = {one.station_id: one.text for one in StationNotice.objects.filter(campaign=campaign).order_by("pk")}
    told = known = 0
    for station in stations_of(campaign):
        text = text_for(campaign, station, reports.get(station.pk), sessions)
        if last.get(station.pk) == text:
            known += 1
            continue
        _send(actor, campaign, station, text)
        told += 1
    audit.note(told=told, known=known)
    return Told(told, known)


def text_for(
    campaign: Campaign, station: Organisation, report: PointReport | None, sessions: Sequence[CaptureSession]
) -> str:
    """What a station is told: its own slots, else the sessions of its city, else all; outside the province the branch."""
    head = f"【图像采集通知】{campaign.school.name} {campaign.title}\n{station.name}："
    if report is not None and report.region and (branch := branch_for(report.region)) is not None:
        return (
            f"{head}贵点在外省，请直接与{branch.name}联系安排采集，并把约定的时间报学校。\n"
            f"电话：{branch.telephone}\n地址：{branch.address}\n请务必通知到每一位学生，不要遗漏。"
        )
    own = [slot for session in sessions for slot in session.slots.all() if slot.department_id == station.pk]
    lines = [
        f"{timezone.localtime(slot.starts_at):%Y-%m-%d %H:%M}—{timezone.localtime(slot.ends_at):%H:%M} "
        f"{slot.class_name} {slot.session.place}".strip()
        for slot in sorted(own, key=lambda slot: slot.starts_at)
    ]
    if not lines:
        city = report.city if report is not None else ""
        here = [one for one in sessions if city and one.room is not None and one.room.city == city]
        lines = [f"{one.date:%Y-%m-%d} {_city_of(one)}{one.place}" for one in here or sessions]
    return f"{head}采集场次如下，请务必通知到每一位学生，不要遗漏。\n" + "\n".join(lines)


def _city_of(session: CaptureSession) -> str:
    return f"{session.room.city} " if session.room is not None and session.room.city else ""


def _send(actor: Actor, campaign: Campaign, station: Organisation, text: str) -> None:
    mails = [
        one
        for one in User.objects.filter(
            pk__in=Membership.objects.filter(organisation=station, role__in=roles_of("schedule.acknowledge")).values(
                "user"
            ),
            is_active=True,
        ).values_list("email", flat=True)
        if one
    ]
    notice = StationNotice.objects.create(
        campaign=campaign, station=station, text=text, sent_by=str(actor.user or actor.label)[:150]
    )
    if mails:
        transaction.on_commit(lambda: _mail(notice, mails))


def _mail(notice: StationNotice, mails: list[str]) -> None:
    """Mail it once it is written; a mail server that does not answer undoes nothing: the notice still stands on the page."""
    body = f"{notice.text}\n\n请登录后点“已知悉”：{site_address('/timetable/stations/')}\n"
    try:
        sent = sum(send_mail("图像采集场次通知", body, None, [one]) for one in mails)
    except OSError:
        log.warning("schedule.notice_not_mailed", extra={"notice": notice.pk})
        return
    StationNotice.objects.filter(pk=notice.pk).update(mailed_to=sent)


@action("schedule.acknowledge_notice", permission="schedule.acknowledge")
def acknowledge_notice(actor: Actor, notice: StationNotice) -> None:
    """The station has read it: the proof that it was told (R204)."""
    _reach(actor, notice, NoticeWay.SYSTEM, str(actor.user or actor.label))


@action("schedule.note_told", permission="schedule.follow_booking")
def note_told(actor: Actor, notice: StationNotice, *, way: NoticeWay, reached: str) -> None:
    """The school reached the station otherwise: by telephone or post, whom, and when (R204)."""
    _reach(actor, notice, way, reached)


def _reach(actor: Actor, notice: StationNotice, way: NoticeWay, reached: str) -> None:
    if notice.reached_at is not None:
        raise refuse("schedule.told_already", "这份通知已有告知记录。", "That this station was told is on record.",
                     "无需重复登记。", "Nothing more to note.")  # fmt: skip
    notice.way, notice.reached, notice.reached_at = way, reached[:150], timezone.now()
    notice.noted_by = str(actor.user or actor.label)[:150]
    notice.save(update_fields=["way", "reached", "reached_at", "noted_by"])
    audit.note(station=notice.station_id, way=str(way))


def point_form(campaign: Campaign, reports: Sequence[PointReport]) -> TableForm:
    """The report table of the teaching points (附件四, R67), summed by the main school."""
    rows = tuple(
        (
            str(n), one.point.name, f"{one.region or '本省'} {one.city}", one.address, str(one.spring_count),
            str(one.autumn_count), f"{one.first_day:%m-%d}—{one.last_day:%m-%d}", one.contact, one.telephone,
        )
        for n, one in enumerate(reports, start=1)
    )  # fmt: skip
    people = sum(one.people for one in reports)
    return TableForm(
        title=Wording("联合办学教学点图像采集上报表", "Report table of the teaching points"),
        issuer=Wording(campaign.school.name, campaign.school.name_en or campaign.school.name),
        subtitle=Wording(f"{campaign.cohort_year}届", f"Class of {campaign.cohort_year}"),
        columns=(
            Column(Wording("序号", "No."), 12), Column(Wording("教学点", "Point"), 0, "left"),
            Column(Wording("所在城市", "City"), 32), Column(Wording("采集地址", "Address"), 50, "left"),
            Column(Wording("春季", "Spring"), 16, "right"), Column(Wording("秋季", "Autumn"), 16, "right"),
            Column(Wording("希望时间", "Days asked for"), 30), Column(Wording("联系人", "Contact"), 22),
            Column(Wording("电话", "Telephone"), 32),
        ),
        sections=(Section(rows, total=Wording(f"共 {len(rows)} 个教学点，{people} 人",
                                              f"{len(rows)} points, {people} persons")),),
        dated=timezone.localtime(),
        notes=(Wording("由总校汇总，提前、准确、完整、及时、统一上报后再安排采集时间。",
                       "Summed by the main school and handed in early, exact, whole, in time and in one piece, before times are arranged."),
               *contact_lines(campaign)),
        signatures=(Wording("填表人", "Filled in by"), Wording("总校负责人", "Main school")),
        seal=Wording("（总校盖章）", "(seal of the main school)"),
        landscape=True,
    )  # fmt: skip
