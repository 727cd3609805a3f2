"""The list of cases: filters, order, days left, the workbook; and what annex 6 gathers."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date

import xlsxwriter
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.capture.models import CheckInStatus
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import say
from gradphoto.apps.errata.guidance import next_step
from gradphoto.apps.errata.kinds import FACTS, ErrataKind
from gradphoto.apps.errata.layouts import values_of
from gradphoto.apps.errata.models import OVER, CaseStatus, ErrataCase, ErrataItem
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.papers.annex6 import OnlineError, online_errors_from
from gradphoto.apps.verification.items import BY_FIELD, label_of, text_of
from gradphoto.apps.verification.models import CaseStatus as VerificationStatus
from gradphoto.apps.verification.models import Correction, VerificationCase
from gradphoto.engine.standards.deadlines import DaysLeft, WorkCalendar, days_left
from gradphoto.engine.wording import Wording

PAGE_SIZE = 50
OPEN = "open"
SORTS: dict[str, tuple[object, ...]] = {
    "": ("-drafted_at", "-pk"),
    "due": (F("due_on").asc(nulls_last=True), "-pk"),
    "number": ("campaign", "number"),
    "status": ("status", "-pk"),
    "kind": ("kind", "-pk"),
}


_LOOKUPS = {
    "kind": "kind", "season": "season", "department": "department", "campaign": "campaign", "due": "due_on",
    "received": "received_on",
}  # fmt: skip


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What the address line asks for; what it cannot mean is ignored."""

    q: str = ""
    kind: str = ""
    status: str = ""
    season: str = ""
    department: int | None = None
    campaign: int | None = None
    due: date | None = None
    received: date | None = None
    overdue: bool = False
    sort: str = ""

    @classmethod
    def read(cls, params: QueryDict) -> CaseFilter:

        def number(name: str) -> int | None:
            text = params.get(name, "")
            return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None

        def known(name: str, values: Iterable[str]) -> str:
            return params.get(name, "") if params.get(name, "") in values else ""

        return cls(
            q=params.get("q", "").strip()[:60],
            kind=known("kind", ErrataKind.values),
            status=known("status", (*CaseStatus.values, OPEN)),
            season=known("season", Season.values),
            department=number("department"),
            campaign=number("campaign"),
            due=_day(params.get("due", "")),
            received=_day(params.get("received", "")),
            overdue=params.get("overdue") == "1",
            sort=known("sort", SORTS),
        )

    @property
    def is_set(self) -> bool:
        """Whether anything but the order is asked for."""
        return any(getattr(self, one.name) for one in fields(self) if one.name != "sort")

    def cases(self, actor: Actor) -> QuerySet[ErrataCase]:
        """The cases within the viewer's scope that fit, in the order asked for."""
        found = scoped(actor, ErrataCase)
        if self.q:
            named = Q(items__candidate__name__icontains=self.q) | Q(items__candidate__student_no__startswith=self.q)
            if (digits := self.q.rpartition("-")[2]).isascii() and digits.isdigit() and len(digits) < 9:
                named |= Q(number=int(digits))
            found = found.filter(pk__in=ErrataCase.objects.filter(named).values("pk"))
        for name, lookup in _LOOKUPS.items():
            if value := getattr(self, name):
                found = found.filter(**{lookup: value})
        if self.status == OPEN:
            found = found.exclude(status__in=OVER)
        elif self.status:
            found = found.filter(status=self.status)
        return (overdue(found) if self.overdue else found).order_by(*SORTS[self.sort])  # type: ignore[arg-type]


def overdue(cases: QuerySet[ErrataCase]) -> QuerySet[ErrataCase]:
    """Those whose corrector has let the working days of R174 pass."""
    return cases.filter(status=CaseStatus.RECEIVED, due_on__lt=timezone.localdate())


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: the case, whom it concerns, what is left of its time."""

    case: ErrataCase
    people: Sequence[Candidate]
    left: DaysLeft | None

    @property
    def next_step(self) -> Wording:
        return next_step(self.case)


def rows_of(cases: Iterable[ErrataCase]) -> list[Row]:
    """The lines of a page; one look at the holiday table for each school on it."""
    calendars: dict[int, WorkCalendar] = {}
    rows = []
    for case in cases:
        people = list({item.candidate_id: item.candidate for item in case.items.all()}.values())
        rows.append(Row(case, people, time_left(case, calendars)))
    return rows


def time_left(case: ErrataCase, calendars: dict[int, WorkCalendar]) -> DaysLeft | None:
    """What is left of a running clock; None where none runs."""
    if case.status != CaseStatus.RECEIVED or case.due_on is None:
        return None
    school = case.campaign.school
    if school.pk not in calendars:
        calendars[school.pk] = calendar_of(school)
    return days_left(case.due_on, timezone.localdate(), calendars[school.pk])


def with_rows(cases: QuerySet[ErrataCase]) -> QuerySet[ErrataCase]:
    """The cases with what a line shows, in a fixed number of queries."""
    return cases.select_related("campaign__school", "department", "form__campaign").prefetch_related("items__candidate")


_HEADINGS = (
    Wording("编号", "Number"), Wording("类型", "Kind"), Wording("学号", "Student no."), Wording("姓名", "Name"),
    Wording("人数", "Persons"), Wording("院系", "Department"), Wording("毕业季", "Season"), Wording("状态", "State"),
    Wording("更正单位", "Corrected by"), Wording("寄出", "Sent"), Wording("收到", "Received"), Wording("期限", "Due"),
    Wording("剩余工作日", "Working days left"), Wording("说明", "Words"), Wording("下一步", "Next step"),
)  # fmt: skip


def workbook(rows: Iterable[Row]) -> bytes:
    """The list as xlsx; it holds no ID number."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(say(Wording("勘误", "Errata")))
        bold = book.add_format({"bold": True, "bg_color": "#E8F1F9", "border": 1})
        for column, heading in enumerate(_HEADINGS):
            sheet.write_string(0, column, say(heading), bold)
        line = 0
        for line, row in enumerate(rows, start=1):
            for column, text in enumerate(_cells(row)):
                sheet.write_string(line, column, text)
        sheet.set_column(0, len(_HEADINGS) - 1, 14)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(line, 1), len(_HEADINGS) - 1)
    return out.getvalue()


def _cells(row: Row) -> Iterable[str]:
    case = row.case
    yield str(case)
    yield str(case.get_kind_display())
    yield "、".join(person.student_no for person in row.people[:5])
    yield "、".join(person.name for person in row.people[:5])
    yield str(len(row.people))
    yield case.department.name
    yield str(case.get_season_display())
    yield str(case.get_status_display())
    yield str(case.get_corrector_display())
    for day in (case.sent_on, case.received_on, case.due_on):
        yield day.isoformat() if day else ""
    yield str(row.left.working_days) if row.left else ""
    yield case.description
    yield say(row.next_step)


def summary_lines(actor: Actor, campaign: Campaign, organisation: Organisation) -> dict[str, list[OnlineError]]:
    """What annex 6 of a college gathers, by season (R60, R166): errata cases, and errors its graduates submitted.

    What stands as an errata case is not told a second time as the graduate's own submission.
    """
    below = {"candidate__department__path__startswith": organisation.path, "candidate__campaign": campaign}
    lines: dict[str, list[OnlineError]] = {season: [] for season in Season.values}
    told: set[tuple[int, str]] = set()
    items = scoped(actor, ErrataItem).filter(kind__in=[k for k in ErrataKind if FACTS[k].online], **below)
    items = items.exclude(case__status__in=[CaseStatus.WITHDRAWN, CaseStatus.REFUSED])
    for item in items.select_related("candidate", "case").order_by("candidate__student_no", "pk"):
        told.add((item.candidate_id, item.field))
        shown, right = values_of(item)
        title = say(BY_FIELD[item.field].title) if item.field else str(item.case.get_kind_display())
        words = right or item.case.description
        state = str(item.case.get_status_display())
        lines[item.candidate.season].append(
            OnlineError(item.candidate, item.shooting_number, title, shown, words, state, item.field)
        )
    for line_of, key in (*_submitted(actor, below), *_disputed(actor, below)):
        if key not in told:
            lines[line_of.person.season].append(line_of)
    return lines


@online_errors_from
def _of_college(campaign: Campaign, organisation: Organisation) -> dict[str, list[OnlineError]]:
    """For the roster's own print of annex 6, which keeps to the people on its sheet."""
    return summary_lines(Actor.system("annex-6"), campaign, organisation)


_Submission = tuple[OnlineError, tuple[int, str]]


def _submitted(actor: Actor, below: dict[str, object]) -> list[_Submission]:
    found = scoped(actor, Correction).filter(withdrawn_at=None, **{f"case__{key}": v for key, v in below.items()})
    return [
        (
            OnlineError(
                one.case.candidate,
                one.case.portrait.check_in.shooting_number,
                say(BY_FIELD[one.field].title),
                one.shown,
                label_of(one.field, text_of(one.entered)),
                say(Wording("本人已提交", "Submitted"))
                if one.applied_at is None
                else say(Wording("已更正", "Corrected")),
                one.field,
            ),
            (one.case.candidate_id, one.field),
        )
        for one in found.select_related("case__candidate", "case__portrait__check_in").order_by("pk")
        if one.field in BY_FIELD
    ]


def _disputed(actor: Actor, below: dict[str, object]) -> list[_Submission]:
    found = scoped(actor, VerificationCase).filter(status=VerificationStatus.DISPUTED, **below)
    return [
        (
            OnlineError(
                case.candidate,
                case.portrait.check_in.shooting_number,
                say(Wording("图像", "Photograph")),
                "",
                case.dispute_reason,
                say(Wording("待学院登记", "To be registered")),
            ),
            (case.candidate_id, ""),
        )
        for case in found.select_related("candidate", "portrait__check_in").order_by("candidate__student_no")
    ]


def disputes_to_take(actor: Actor) -> QuerySet[VerificationCase]:
    """Disputed photographs in the viewer's scope for which no errata case is open."""
    taken = ErrataItem.objects.filter(closed_at=None, field="").values("candidate")
    return (
        scoped(actor, VerificationCase)
        .filter(status=VerificationStatus.DISPUTED)
        .exclude(candidate__in=taken)
        .select_related("candidate__department", "candidate__campaign__rule_set", "candidate__campaign__school")
    )


def missing_online(actor: Actor) -> QuerySet[Candidate]:
    """Who was photographed with others that are online, and is not online himself (R168)."""
    online = VerificationCase.objects.filter(candidate__campaign__status="verifying")
    sessions = online.values("candidate__check_ins__session")
    taken = ErrataItem.objects.filter(closed_at=None, kind=ErrataKind.NO_IMAGE).values("candidate")
    return (
        scoped(actor, Candidate)
        .filter(
            verification_case=None,
            check_ins__session__in=sessions,
            check_ins__status__in=[CheckInStatus.SHOT, CheckInStatus.CONFIRMED],
            campaign__status="verifying",
            season__in=online.values("candidate__season"),
        )
        .exclude(pk__in=taken)
        .select_related("department", "campaign__rule_set", "campaign__school")
        .distinct()
    )
