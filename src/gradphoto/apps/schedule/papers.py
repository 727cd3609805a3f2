"""What leaves the house: S1's annex 1, S4's annex 5, a calendar per department, notices per class, the province's list."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import segno
from django.core import signing
from django.db.models import Count
from django.utils import timezone

from gradphoto.apps.campaigns.contact_lines import contact_lines
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import EARLY_MINUTES
from gradphoto.apps.orgs.models import Membership, Organisation
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.roster.models import CandidateStatus
from gradphoto.apps.schedule.bands import Band
from gradphoto.apps.schedule.models import Booking, GroupPhoto, Slot
from gradphoto.apps.schedule.problem import local, slots_of
from gradphoto.engine.documents import Column, Section, TableForm
from gradphoto.engine.late_import import late
from gradphoto.engine.wording import Wording

if TYPE_CHECKING:
    import icalendar
else:
    icalendar = late("icalendar")

_SALT = "schedule.class"
_WEEKDAYS = "一二三四五六日"
_HALF = (Wording("上午", "a.m."), Wording("下午", "p.m."))


@dataclass(frozen=True, slots=True)
class Line:
    """A college's time in one place: consecutive slots of its classes taken together."""

    start: datetime
    end: datetime
    department: Organisation
    season: str
    place: str
    heads: int
    leader: Responsible | None


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who answers for a college on the day, with a telephone."""

    name: str
    phone: str


def responsible_of(campaign: Campaign) -> dict[int, Responsible]:
    """By college: who was named for the day (R92), else the officer by the accounts (R48)."""
    found: dict[int, Responsible] = {}
    for duty in campaign.duties.filter(post="leader"):
        found.setdefault(duty.department_id, Responsible(duty.name, duty.phone))
    officers = Membership.objects.filter(
        organisation__path__startswith=campaign.school.path, role__in=roles_of("registration.apply"),
        user__is_active=True,
    ).select_related("user").order_by("pk")  # fmt: skip
    for held in officers:
        found.setdefault(held.organisation_id, Responsible(str(held.user), held.user.telephone))
    return found


def roster_heads(campaign: Campaign) -> dict[tuple[int, str, str], int]:
    """How many stand on the roster by college, season and class (在籍人数, R48): with or without a slot."""
    gone = (CandidateStatus.REMOVED, CandidateStatus.DEFERRED)
    rows = campaign.candidates.exclude(status__in=gone).order_by()
    counted = rows.values_list("department", "season", "class_name").annotate(Count("pk"))
    return {(department, season, class_name): count for department, season, class_name, count in counted}


def lines_of(campaign: Campaign) -> list[Line]:
    """The timetable by colleges, as S1 prints it: who comes when, with how many, and who is responsible."""
    leaders, on_roster = responsible_of(campaign), roster_heads(campaign)
    made: list[Line] = []
    slots = (
        slots_of(campaign)
        .annotate(in_slot=Count("appointments"))
        .order_by("session__date", "session__place", "starts_at")
    )
    for slot in slots:
        last = made[-1] if made else None
        of_class = (slot.department_id, slot.season, slot.class_name)
        # A class stands once in the count, whoever of it has no slot included; a slot of no one class counts its own.
        heads = on_roster.pop(of_class, 0) if slot.class_name else slot.in_slot
        start, end = local(slot.starts_at), local(slot.ends_at)
        if last and _follows(last, slot, start):
            made[-1] = Line(last.start, end, last.department, last.season, last.place, last.heads + heads, last.leader)
        else:
            leader = leaders.get(slot.department_id)
            made.append(Line(start, end, slot.department, slot.season, slot.session.place, heads, leader))
    return sorted(made, key=lambda line: (line.start, line.place))


def _follows(line: Line, slot: Slot, start: datetime) -> bool:
    same = (line.department, line.season, line.place) == (slot.department, slot.season, slot.session.place)
    return same and line.end == start


def annex_one(campaign: Campaign) -> TableForm:
    """S1's annex 1 (《图像信息采集时间安排表》, R48): half-day, time, college, headcount, person, telephone; foot: place."""
    lines = lines_of(campaign)
    places = "；".join(sorted({line.place for line in lines}))
    return _form(campaign, Wording("图像信息采集时间安排表", "Timetable of the image collection"), lines,
                 Wording(f"地点：{places}", f"Place: {places}"), with_place=False)  # fmt: skip


def annex_five(campaign: Campaign) -> TableForm:
    """S4's annex 5 (《学历证书电子注册图像采集安排表》, R59): the same with the place of each college."""
    title = Wording("学历证书电子注册图像采集安排表", "Schedule of the image collection")
    return _form(campaign, title, lines_of(campaign), None, with_place=True)


def _form(
    campaign: Campaign, title: Wording, lines: Sequence[Line], foot: Wording | None, *, with_place: bool
) -> TableForm:
    columns = [
        Column(Wording("日期", "Day"), 26),
        Column(Wording("时间", "Time"), 28),
        Column(Wording("学院", "College"), 0, "left"),
        Column(Wording("毕业季", "Season"), 16),
        Column(Wording("在籍人数", "On the roster"), 18, "right"),
        *([Column(Wording("地点", "Place"), 34)] if with_place else []),
        Column(Wording("负责人", "Person responsible"), 22),
        Column(Wording("联系电话", "Telephone"), 28),
    ]
    rows = []
    for line in lines:
        row = [
            f"{line.start.month}月{line.start.day}日{_HALF[line.start.hour >= 13].zh}",
            f"{line.start:%H:%M}—{line.end:%H:%M}",
            line.department.name,
            {"spring": "春季", "autumn": "秋季"}[line.season],
            str(line.heads),
            *([line.place] if with_place else []),
            line.leader.name if line.leader else "",
            line.leader.phone if line.leader else "",
        ]
        rows.append(tuple(row))
    total = sum(line.heads for line in lines)
    early = value_of(campaign, EARLY_MINUTES)
    notes = [
        Wording(f"请各学院提前{early}分钟组织学生到场。", f"Colleges bring their students {early} minutes early."),
        *([foot] if foot else []),
        *contact_lines(campaign),
    ]
    return TableForm(
        title=Wording(f"{campaign.cohort_year}届预计毕业生{title.zh}", f"{title.en}, class of {campaign.cohort_year}"),
        columns=tuple(columns),
        sections=(Section(tuple(rows), total=Wording(f"合计 {total} 人", f"{total} persons in all")),),
        dated=timezone.localtime(),
        issuer=Wording(campaign.school.name, campaign.school.name_en or campaign.school.name),
        notes=tuple(notes),
        landscape=with_place,
    )


def calendar_of(campaign: Campaign, department: Organisation) -> bytes:
    """The department's slots as an iCalendar file; each event begins at the slot, with an alarm text for early arrival."""
    early = value_of(campaign, EARLY_MINUTES)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//GradPhoto//timetable//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{department.name} 毕业生图像采集")
    for slot in slots_of(campaign).filter(department=department).annotate(heads=Count("appointments")):
        event = icalendar.Event()
        event.add("uid", f"{slot.season}-{slot.department_id}-{signing.Signer().signature(slot.class_name)}@gradphoto")
        event.add("dtstamp", timezone.now())
        event.add("dtstart", local(slot.starts_at))
        event.add("dtend", local(slot.ends_at))
        event.add("summary", f"毕业生图像采集 {slot.department.name} {slot.class_name}（{slot.heads}人）")
        event.add("location", slot.session.place)
        event.add("description", f"请提前{early}分钟到场，携带二代身份证，按学号顺序排队。")
        calendar.add_component(event)
    return calendar.to_ical()


def token_of(slot: Slot) -> str:
    """The address part of a class's public page: signed and short, and the same after every change of the timetable.

    It names one member of the class, whose slot is the class's; nothing of the person can be read from it or shown.
    """
    member = slot.appointments.order_by("candidate_id").values_list("candidate_id", flat=True).first()
    return signing.Signer(salt=_SALT).sign(str(member or 0))


def slot_of_token(token: str) -> Slot | None:
    """The class's slot as it stands now; None for a wrong token or a class without a slot."""
    try:
        member = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
    found = Slot.objects.filter(appointments__candidate_id=int(member))
    return found.select_related("department", "session__campaign__rule_set", "session__campaign__school").first()


@functools.lru_cache(maxsize=512)
def qr_of(address: str) -> str:
    """The address as an SVG that grows with its box; kept, because a page of notices draws one a class, each for 30 ms."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False, omitsize=True)
    return out.getvalue().decode()


def notice(
    slot: Slot, heads: int, address: str, early: int, group_photo: GroupPhoto | None = None, band: Band | None = None
) -> str:
    """The text for the class's group chat (R78, R80, R83, R131): when, where, what to bring, where to look."""
    start, end = local(slot.starts_at), local(slot.ends_at)
    come = start - timedelta(minutes=early)
    season = {"spring": "春季", "autumn": "秋季"}[slot.season]
    within = f"（{band}时段）" if band is not None and (band.start, band.end) != (start, end) else ""
    after = ""
    if group_photo is not None:
        after = f"集体合影（自愿）：{local(group_photo.starts_at):%m-%d %H:%M}，{group_photo.place}\n"
    return (
        f"【毕业生图像采集】{slot.department.name} {slot.class_name}（{season}，{heads}人）\n"
        f"时间：{start.year}年{start.month}月{start.day}日（周{_WEEKDAYS[start.weekday()]}）{start:%H:%M}—{end:%H:%M}{within}\n"
        f"地点：{slot.session.place}\n"
        f"请于 {come:%H:%M} 前到场，按学号由小到大排队；务必携带二代身份证，期间不得外出。\n"
        f"{after}最新时间、毕业生须知和流程图见：{address}"
    )


def province_form(bookings: Iterable[Booking], issuer: Organisation | None = None) -> TableForm:
    """The province's timetable of schools (《图像信息采集日程安排》, R49): its year classes, its days with their year, and who
    issues it, as the annex of the province's notice."""
    ordered = sorted(bookings, key=lambda booking: (booking.first_day, booking.campaign.school.name))
    years = sorted({booking.campaign.cohort_year for booking in ordered})
    classes = Wording(
        "、".join(f"{year}届" for year in years), f", class of {', '.join(map(str, years))}" if years else ""
    )
    sections = []
    for month, own in groupby(ordered, key=lambda booking: f"{booking.first_day:%Y-%m}"):
        rows = tuple(
            (
                f"{b.first_day:%Y-%m-%d}" + (f"—{b.last_day:%m-%d}" if b.last_day != b.first_day else ""),
                b.campaign.school.name,
                f"{b.campaign.cohort_year}届",
                str(b.spring_count),
                str(b.autumn_count),
                b.place,
                b.contact,
            )
            for b in own
        )
        sections.append(Section(rows, total=Wording(month, month)))
    return TableForm(
        title=Wording(f"{classes.zh}图像信息采集日程安排", f"Timetable of the schools{classes.en}"),
        issuer=Wording(issuer.name, issuer.name_en or issuer.name) if issuer else Wording("", ""),
        columns=(
            Column(Wording("日期", "Days"), 36),
            Column(Wording("院校", "School"), 0, "left"),
            Column(Wording("届别", "Class"), 16),
            Column(Wording("春季人数", "Spring"), 20, "right"),
            Column(Wording("秋季人数", "Autumn"), 20, "right"),
            Column(Wording("地点", "Place"), 28),
            Column(Wording("联系人", "Contact"), 28),
        ),
        sections=tuple(sections) or (Section(()),),
        dated=timezone.localtime(),
    )
