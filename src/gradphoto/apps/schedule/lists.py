"""The timetable as lists of slots: by day for everybody, by class to tell it, by class with its papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.models import Organisation, by_code
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.pages.filters import ListFilter, choice, day, record, search
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.schedule import papers
from gradphoto.apps.schedule.bands import Band, bands_of
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus, Slot
from gradphoto.engine.wording import Wording

_BY_DAY = Wording("按时间先后", "By time")
_BY_CLASS = Wording("按院系和班级", "By department and class")


class SessionFilter(ListFilter):
    """Which sessions: of one campaign, in one state, on one day, at one place."""

    q = search("查找", "Search", "find", example=("地点", "Place"))
    campaign = record(lambda actor: scoped(actor, Campaign).select_related("school"), "批次", "Campaign")
    status = choice(SessionStatus, "状态", "State")
    day = day("日期", "Day", "date")

    def narrow(self) -> None:
        self.offer("campaign", lambda one: f"{one.title} · {one.school.name}")

    def find(self, sessions: QuerySet[CaptureSession], name: str, words: str) -> QuerySet[CaptureSession]:
        return sessions.filter(place__icontains=words)


def campaigns_of(actor: Actor) -> QuerySet[Campaign]:
    """The campaigns of whose timetable the viewer sees something."""
    return scoped(actor, Campaign).filter(pk__in=scoped(actor, Slot).order_by().values("session__campaign"))


def sessions_of(actor: Actor) -> QuerySet[CaptureSession]:
    """The sessions that are the viewer's: theirs to run, or with a slot of their people. A college sees each session of
    its school, but is told only of those that it sends somebody to.
    """
    sent = scoped(actor, Slot).order_by().values("session")
    run = changeable(actor, CaptureSession).order_by().values("pk")
    return scoped(actor, CaptureSession).filter(Q(pk__in=run) | Q(pk__in=sent))


def departments_of(actor: Actor) -> QuerySet[Organisation]:
    """The departments that have a slot the viewer sees."""
    slots = scoped(actor, Slot).order_by().values("department")
    return Organisation.objects.filter(pk__in=slots).order_by(*by_code())


class SlotFilter(ListFilter):
    """What the slots may be asked for."""

    q = search("查找", "Search", "find", example=("学院、班级、地点", "College, class, place"))
    campaign = record(campaigns_of, "批次", "Campaign", "session__campaign")
    department = record(departments_of, "院系", "Department")
    season = choice(Season, "毕业季", "Season")
    on = day("日期", "Day", "session__date")

    def narrow(self) -> None:
        """A choice of one is none. The campaign that a page is about may be asked for before it has a timetable."""
        campaign, asked = self.form.fields["campaign"], self.data.get("campaign", "")
        if asked.isdecimal():
            campaign.queryset = campaign.queryset | scoped(self.actor, Campaign).filter(pk=int(asked))
        for name in ("campaign", "department"):
            if len(self.form.fields[name].queryset) < 2 and not self.data.get(name):
                del self.form.fields[name]

    def find(self, slots: QuerySet[Slot], name: str, words: str) -> QuerySet[Slot]:
        named = Q(class_name__icontains=words) | Q(department__name__icontains=words)
        return slots.filter(named | Q(session__place__icontains=words))


def slots_of(actor: Actor) -> QuerySet[Slot]:
    """The slots that the viewer sees, each with its ``headcount``."""
    related = ("department", "session__campaign__rule_set", "session__campaign__school")
    return scoped(actor, Slot).select_related(*related).annotate(headcount=Count("appointments"))


def _bands(actor: Actor, slots: Sequence[Slot]) -> Mapping[int, Band]:
    return bands_of(slots)


def _day(slot: Slot, bands: Any) -> str:
    return f"{timezone.localtime(slot.starts_at):%Y-%m-%d}"


def _hours(slot: Slot, bands: Any) -> str:
    return f"{timezone.localtime(slot.starts_at):%H:%M}–{timezone.localtime(slot.ends_at):%H:%M}"


def _of_class(slot: Slot, bands: Any) -> str:
    return f"{slot.department.name} {slot.class_name}".strip()


def _token(slot: Slot, bands: Any) -> str:
    return papers.token_of(slot)


_WHEN = ("starts_at", "session__place")
_CLASS = ("department__path", "class_name", "starts_at")

SLOTS = Listing(
    name="schedule.slots",
    title=Wording("时间安排表", "Timetable"),
    permission="schedule.read",
    rows=slots_of,
    filters=SlotFilter,
    lookups=_bands,
    columns=(
        Column("day", Wording("日期", "Day"), _day, template="schedule/cells/day.html", css="figures text-nowrap",
               order=_WHEN, fixed=True),
        Column("band", Wording("时段", "Band"), lambda slot, bands: str(bands[slot.pk]), css="figures text-nowrap"),
        Column("hours", Wording("时间", "Time"), _hours, css="figures text-nowrap"),
        Column("department", Wording("学院", "College"), "department.name", on_page=False, width=24),
        Column("class", Wording("班级", "Class"), "class_name", template="schedule/cells/class.html", order=_CLASS,
               fixed=True, width=18),
        Column("season", Wording("毕业季", "Season"), "get_season_display", on_page=False),
        Column("people", Wording("人数", "Persons"), "headcount", css="figures", order=("headcount",)),
        Column("place", Wording("地点", "Place"), "session.place", order=("session__place", "starts_at"), width=20),
    ),
    order=(*_WHEN, "pk"),
    order_title=_BY_DAY,
    page_size=100,
    file_name="timetable",
)  # fmt: skip
"""The timetable as R48 prints it: day, band (R180), time, college, class, season, headcount, place."""

NOTICES = Listing(
    name="schedule.notices",
    title=Wording("班级通知", "Notices"),
    permission="schedule.read",
    rows=slots_of,
    filters=SlotFilter,
    columns=(
        Column("class", Wording("班级", "Class"), _of_class, order=_CLASS, fixed=True),
        Column("day", Wording("时间", "Time"), _day, order=_WHEN),
    ),
    order=(*_CLASS, "pk"),
    order_title=_BY_CLASS,
    page_size=40,
)
"""The classes to tell, a card each with its text and QR code (R78, R83)."""

PAPERS = Listing(
    name="schedule.class_papers",
    title=Wording("各班须知和流程图", "Papers by class"),
    permission="schedule.read",
    rows=slots_of,
    filters=SlotFilter,
    columns=(
        Column("class", Wording("班级", "Class"), _token, template="schedule/cells/class_page.html", css="of-class",
               order=_CLASS, fixed=True),
        Column("day", Wording("时间", "Time"), _day, template="schedule/cells/moment.html", css="figures text-nowrap",
               order=_WHEN),
        Column("leaflet", Wording("须知", "Leaflet"), _token, template="schedule/cells/leaflet.html", css="text-nowrap"),
        Column("flow", Wording("流程图", "Flow chart"), _token, template="schedule/cells/flow.html", css="text-nowrap"),
    ),
    order=(*_CLASS, "pk"),
    order_title=_BY_CLASS,
)  # fmt: skip
"""The papers of each class, by the class's signed address (R51)."""


def total_of(slots: QuerySet[Slot]) -> int:
    """How many people the slots hold together."""
    return slots.order_by().aggregate(people=Sum("headcount"))["people"] or 0
