"""The lists of make-up: cases, closing sheets, self-organised collections, recipients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.makeup.lifecycle import UNDER_WAY
from gradphoto.apps.makeup.models import (
    CaseStatus,
    DeliveryRecipient,
    MakeUpBooking,
    MakeUpCase,
    SelfCollection,
    SelfRow,
    SelfStatus,
    SessionClosing,
    Way,
)
from gradphoto.apps.makeup.models.cases import OVER
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import ListFilter, choice, hidden, hidden_day, record, search, tab
from gradphoto.apps.pages.listing import Cell, Column, Listing
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.person_filter import PersonFilter, campaigns_of
from gradphoto.apps.schedule.lists import SessionFilter
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.wording import Wording


class CaseFilter(PersonFilter):
    """Which cases: of one state, or what is not done, or who is still to be photographed; by way and appointment."""

    status = choice(
        [("open", bi("未办结", "Not done")), ("waiting", bi("待拍摄", "Still to be photographed")), *CaseStatus.choices],
        "状态", "State", method="in_state",
    )  # fmt: skip
    way = choice(Way, "方式", "Way")
    day = hidden_day("at__date")

    def in_state(self, cases: QuerySet[Any], name: str, status: str) -> QuerySet[Any]:
        if status == "open":
            return cases.exclude(status__in=OVER)
        return cases.filter(status__in=UNDER_WAY) if status == "waiting" else cases.filter(status=status)


def with_appointment(cases: QuerySet[MakeUpCase]) -> QuerySet[Any]:
    """The cases with ``at``, ``place`` and ``exception`` (R140) of their standing appointment."""
    standing = MakeUpBooking.objects.filter(case=OuterRef("pk"), released_at=None)
    first = {name: Subquery(standing.values(name)[:1]) for name in ("at", "place", "exception")}
    return cases.annotate(**first)


CASES = Listing(
    name="makeup.cases",
    title=Wording("补拍散拍", "Make-up"),
    permission="makeup.read",
    rows=lambda actor: with_appointment(
        scoped(actor, MakeUpCase).select_related("candidate__department", "candidate__campaign", "recipient")
    ),
    filters=CaseFilter,
    order=("-applied_at", "-pk"),
    columns=(
        Column("tick", Wording("勾选", "Tick"), template="makeup/cells/tick.html", in_file=False, hidden_title=True,
               fixed=True, shown_to="makeup.ask"),
        person_column("student_no", "candidate", css="figures", fixed=True,
               order=("candidate__student_no",)),
        person_column("name", "candidate", template="makeup/cells/case.html", css="text-nowrap",
               order=("candidate__name",)),
        Column("status", Wording("状态", "State"), "get_status_display", template="makeup/cells/state.html",
               order=("status",)),
        Column("at", Wording("预约时间", "Appointment"), "at", css="figures text-nowrap", width=18,
               order=(F("at").asc(nulls_last=True),)),
        Column("place", Wording("地点", "Place"), "place", on_page=False, width=24),
        Column("exception", Wording("时段外例外", "Exception to the season"), "exception", on_page=False, width=24),
        Column("reason_kind", Wording("原因", "Reason"), "get_reason_kind_display"),
        Column("reason", Wording("说明", "Note"), "reason", css="words", width=30),
        Column("way", Wording("方式", "Way"), lambda case, lookups: case.branch or str(case.get_way_display())),
        person_column("department", "candidate",
               order=("candidate__department__path", "candidate__student_no")),
        person_column("class_name", "candidate", on_page=False),
        Column("season", Wording("毕业季", "Season"), "candidate.get_season_display",
               template="makeup/cells/season.html"),
        Column("recipient", Wording("收件人", "Recipient"), "recipient.name", on_page=False),
    ),
    file_name="make-up",
)  # fmt: skip
"""What school and centre talk about on the telephone. No ID number, no telephone number."""


class RowFilter(ListFilter):
    """Which rows of a self-organised collection; whether they have faults stands as tabs."""

    show = tab([("faults", bi("有问题", "faults"))], "显示", "Show", method="with_faults")
    collection = hidden("collection")

    def with_faults(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.exclude(faults=[])


ROWS = Listing(
    name="makeup.collection_rows",
    title=Wording("自行采集汇总表", "Table of a self-organised collection"),
    permission="makeup.read_collections",
    rows=lambda actor: SelfRow.objects.filter(collection__in=scoped(actor, SelfCollection)).select_related(
        "photo", "check_in"
    ),
    filters=RowFilter,
    order=("line",),
    order_title=Wording("按行号", "By row"),
    columns=(Column("line", Wording("行", "Row"), "line"), person_column("name")),
    page_size=100,
)
"""The rows of the table that came with a self-organised collection; its own report is the file."""


class ClosingFilter(SessionFilter):
    """Which sessions that have begun; how far the closing sheet of each is stands as tabs."""

    closing = tab(
        [("open", bi("采集中", "In session")), ("uncounted", bi("待清点", "to be counted")),
         ("waits", bi("待另一方确认", "waits for the other side")), ("agreed", bi("双方已确认", "agreed"))],
        "结算", "Closing", method="of_closing",
    )  # fmt: skip

    def narrow(self) -> None:
        super().narrow()
        self.filters.pop("status")
        self.form.fields.pop("status")

    def of_closing(self, sessions: QuerySet[Any], name: str, wanted: str) -> QuerySet[Any]:
        sheets = SessionClosing.objects.filter(session=OuterRef("pk"), voided_at=None)
        if wanted in ("open", "uncounted"):
            over = Q(status=SessionStatus.OPEN) if wanted == "open" else ~Q(status=SessionStatus.OPEN)
            return sessions.filter(~Exists(sheets), over)
        return sessions.filter(Exists(sheets.filter(agreed_at__isnull=wanted == "waits")))


def _sheets_of(actor: Actor, sessions: Sequence[CaptureSession]) -> dict[int, SessionClosing]:
    """The standing sheet of each session, hung on it as ``sheet``."""
    found = {one.session_id: one for one in SessionClosing.objects.filter(session__in=sessions, voided_at=None)}
    for session in sessions:
        session.sheet = found.get(session.pk)  # type: ignore[attr-defined]
    return found


def _state(session: CaptureSession, sheets: dict[int, SessionClosing]) -> str:
    sheet = sheets.get(session.pk)
    if sheet is not None:
        return bi("双方已确认", "agreed") if sheet.agreed_at else bi("待另一方确认", "waits for the other side")
    return bi("采集中", "In session") if session.status == SessionStatus.OPEN else bi("待清点", "to be counted")


def _total(name: str) -> Any:
    def read(session: CaptureSession, sheets: dict[int, SessionClosing]) -> Cell:
        sheet = sheets.get(session.pk)
        return int(sheet.counts["total"][name]) if sheet is not None else None

    return read


CLOSINGS = Listing(
    name="makeup.closings",
    title=Wording("场次结算", "Closing sheets"),
    permission="makeup.close",
    rows=lambda actor: scoped(actor, CaptureSession.objects.select_related("campaign__school", "campaign__centre"))
    .exclude(status=SessionStatus.PLANNED),
    filters=ClosingFilter,
    lookups=_sheets_of,
    order=("-date", "place", "pk"),
    columns=(
        Column("date", Wording("日期", "Day"), "date", css="figures text-nowrap", order=("date", "place"), fixed=True),
        Column("place", Wording("地点", "Place"), "place", template="makeup/cells/closing.html", width=24, fixed=True,
               order=("place", "date")),
        Column("campaign", Wording("批次", "Campaign"), "campaign.title", width=24),
        Column("closing", Wording("结算", "Closing"), _state, template="makeup/cells/closing_state.html", width=18),
        Column("listed", Wording("应到", "Listed"), _total("listed"), css="figures", on_page=False),
        Column("photographed", Wording("已拍", "Photographed"), _total("photographed"), css="figures"),
        Column("confirmed", Wording("已确认", "Confirmed"), _total("confirmed"), css="figures", on_page=False),
        Column("missed", Wording("漏拍", "Missed"), _total("missed"), css="figures"),
    ),
    file_name="closing-sheets",
)  # fmt: skip
"""Every session that has begun, with where its closing stands and the figures both sides put down."""


class CollectionFilter(ListFilter):
    """Which self-organised collections: by name, campaign, organisation; the state stands as tabs."""

    q = search("查找", "Search", "find", example=("名称、单位", "Name, organisation"))
    campaign = record(lambda actor: scoped(actor, Campaign).select_related("school"), "批次", "Campaign")
    status = tab(SelfStatus, "状态", "State")

    def narrow(self) -> None:
        self.offer("campaign", lambda one: f"{one.title} · {one.school.name}")

    def find(self, found: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        return found.filter(Q(title__icontains=words) | Q(organisation__name__icontains=words))


def _people(actor: Actor, collections: Sequence[SelfCollection]) -> dict[int, tuple[int, int]]:
    """How many people the table of each holds, and how many of them are taken over."""
    rows = SelfRow.objects.filter(collection__in=collections).order_by().values_list("collection")
    counted = rows.annotate(people=Count("pk"), taken=Count("check_in"))
    return {pk: (people, taken) for pk, people, taken in counted}


COLLECTIONS = Listing(
    name="makeup.collections",
    title=Wording("自行采集", "Self-organised collection"),
    permission="makeup.read_collections",
    rows=lambda actor: scoped(actor, SelfCollection).select_related("organisation", "campaign"),
    filters=CollectionFilter,
    lookups=_people,
    order=("-made_at", "-pk"),
    columns=(
        Column("title", Wording("名称", "Name"), "title", template="makeup/cells/collection.html", width=24, fixed=True,
               order=("title",)),
        Column("organisation", Wording("单位", "Organisation"), "organisation.name", width=24,
               order=("organisation__name",)),
        Column("campaign", Wording("批次", "Campaign"), "campaign.title", width=24, on_page=False),
        Column("status", Wording("状态", "State"), "get_status_display", template="makeup/cells/collection_state.html"),
        Column("people", Wording("人数", "Persons"), lambda one, counted: counted.get(one.pk, (0, 0))[0], css="figures"),
        Column("taken", Wording("已接收", "Taken over"), lambda one, counted: counted.get(one.pk, (0, 0))[1],
               css="figures"),
        Column("made", Wording("建立", "Begun"), "made_at", css="figures text-nowrap", width=18, order=("made_at",)),
        Column("returned", Wording("退回原因", "Reason for the return"), "return_reason", on_page=False, width=30),
    ),
    file_name="self-organised",
)  # fmt: skip
"""What learning centres photographed themselves (R148-R152)."""


class RecipientFilter(ListFilter):
    """Whose recipients."""

    q = search("查找", "Search", "find", example=("单位、收件人或地址", "Unit, recipient or address"))
    campaign = record(campaigns_of, "批次", "Campaign")

    def narrow(self) -> None:
        self.offer("campaign", lambda one: f"{one.title} · {one.school.name}")

    def find(self, recipients: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        named = Q(unit__name__icontains=words) | Q(name__icontains=words)
        return recipients.filter(named | Q(address__icontains=words))


def recipients_of(actor: Actor) -> QuerySet[DeliveryRecipient]:
    """Who receives for the viewer's units, and for the school where a unit has none of its own."""
    units = scoped(actor, Organisation).values("pk")
    return scoped(actor, DeliveryRecipient).filter(unit__in=units).select_related("unit", "campaign")


RECIPIENTS = Listing(
    name="makeup.recipients",
    title=Wording("补拍照片收件人", "Recipients"),
    permission="makeup.ask",
    rows=recipients_of,
    filters=RecipientFilter,
    columns=(
        Column("unit", Wording("单位", "Organisation"), "unit.name", fixed=True, width=24),
        Column("campaign", Wording("批次", "Campaign"), "campaign.title", on_phone=False, width=24),
        Column("name", Wording("收件人", "Recipient"), "name", order=("name",)),
        Column("phone", Wording("电话", "Telephone"), lambda one, lookups: str(one.phone), css="figures"),
        Column("address", Wording("地址", "Address"), "address", css="break", width=40),
        Column("postcode", Wording("邮编", "Postcode"), "postcode", css="figures"),
    ),
    order=("-campaign", "unit__path", "pk"),
    order_title=Wording("按单位", "By organisation"),
    file_name="recipients",
)  # fmt: skip
"""Who receives make-up photographs, unit by unit (R141, R147); the telephone number stays masked."""
