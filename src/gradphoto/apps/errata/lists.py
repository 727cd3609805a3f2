"""The lists of cases and of forms, page and file alike; and what annex 6 gathers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, Q, QuerySet
from django.forms import HiddenInput
from django.utils import timezone

from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.capture.models import CheckIn, CheckInStatus
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi, listed, say
from gradphoto.apps.errata.guidance import next_step
from gradphoto.apps.errata.kinds import FACTS, ErrataKind
from gradphoto.apps.errata.layouts import values_of
from gradphoto.apps.errata.models import OVER, CaseStatus, ErrataCase, ErrataForm, ErrataItem, FormStatus
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import ListFilter, Ticked, choice, hidden, hidden_day, record, search
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.papers.annex6 import OnlineError, online_errors_from
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.persons import photographed_as
from gradphoto.apps.roster.typed import named
from gradphoto.apps.verification.items import BY_FIELD, label_of, text_of
from gradphoto.apps.verification.models import CaseStatus as VerificationStatus
from gradphoto.apps.verification.models import Correction, VerificationCase
from gradphoto.engine.standards.deadlines import DaysLeft, WorkCalendar, days_left
from gradphoto.engine.wording import Wording

PAGE_SIZE = 50
_NAMED = 5
OPEN = "open"


class CaseFilter(ListFilter):
    """What the list of cases may be asked for; the day of a deadline or of a receipt comes from the plan's links."""

    q = search("查找", "Search", "find", example=("姓名、学号、编号", "Name, student no., number"))
    kind = choice(ErrataKind, "类型", "Kind")
    status = choice([(OPEN, bi("未办结", "Not done")), *CaseStatus.choices], "状态", "State", method="in_state")
    season = choice(Season, "毕业季", "Season")
    department = record(lambda actor: departments_of(actor), "院系", "Department")
    campaign = hidden("campaign")
    due = hidden_day("due_on")
    received = hidden_day("received_on")
    overdue = Ticked("only_overdue", "只看逾期", "Overdue only")

    def narrow(self) -> None:
        """One department needs no choice."""
        if departments_of(self.actor).count() < 2:
            self.filters["department"].extra["widget"] = HiddenInput()

    def find(self, cases: QuerySet[ErrataCase], name: str, words: str) -> QuerySet[ErrataCase]:
        meant = named(words, "items__candidate__")
        if (digits := words.rpartition("-")[2]).isascii() and digits.isdigit() and len(digits) < 9:
            meant |= Q(number=int(digits))
        return cases.filter(pk__in=ErrataCase.objects.filter(meant).values("pk"))

    def in_state(self, cases: QuerySet[ErrataCase], name: str, status: str) -> QuerySet[ErrataCase]:
        return cases.exclude(status__in=OVER) if status == OPEN else cases.filter(status=status)

    def only_overdue(self, cases: QuerySet[ErrataCase]) -> QuerySet[ErrataCase]:
        return overdue(cases)


def departments_of(actor: Actor) -> QuerySet[Organisation]:
    """Where the cases of the viewer's scope hang."""
    return Organisation.objects.filter(errata_cases__in=scoped(actor, ErrataCase)).distinct()


def overdue(cases: QuerySet[ErrataCase]) -> QuerySet[ErrataCase]:
    """Those whose corrector has let the working days of R174 pass."""
    return cases.filter(status=CaseStatus.RECEIVED, due_on__lt=timezone.localdate())


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What cells need beside their case, gathered once a page: the forms the viewer may open."""

    open_forms: Collection[int]


def facts_of(actor: Actor, cases: Sequence[ErrataCase]) -> CaseFacts:
    """One look at the holiday table for each school on the page."""
    calendars: dict[int, WorkCalendar] = {}
    for case in cases:
        case.left = time_left(case, calendars)
    return CaseFacts(open_forms(actor, cases))


def open_forms(actor: Actor, cases: Iterable[ErrataCase]) -> set[int]:
    """The forms of these cases whose pages open to the viewer: a case shows the others' numbers only."""
    forms = {case.form_id for case in cases if case.form_id is not None}
    if not forms or not holds(actor.user, "errata.read_forms"):
        return set()
    return set(scoped(actor, ErrataForm).filter(pk__in=forms).values_list("pk", flat=True))


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


def _first_people(read: Callable[[Candidate], str]) -> Callable[[ErrataCase, CaseFacts], str]:
    def told(case: ErrataCase, facts: CaseFacts) -> str:
        people = case.people
        names = listed(read(person) for person in people[:_NAMED])
        if len(people) <= _NAMED:
            return names
        return say(Wording("{names}等 {n} 人", "{names} and others, {n} in all").format(names=names, n=len(people)))

    return told


def _days_left(case: ErrataCase, facts: CaseFacts) -> int | None:
    return case.left.working_days if case.left else None


COLUMNS = (
    Column("tick", Wording("勾选", "Tick"), template="errata/cells/tick.html", in_file=False, hidden_title=True,
           fixed=True, shown_to="errata.draft"),
    Column("number", Wording("编号", "Number"), "__str__", template="errata/cells/number.html", fixed=True,
           css="figures text-nowrap", order=("campaign", "number")),
    Column("kind", Wording("类型", "Kind"), "get_kind_display", css="text-nowrap", order=("kind",)),
    Column("student_no", Wording("学号", "Student no."), _first_people(lambda one: one.student_no), on_page=False),
    Column("person", Wording("人员", "Person"), _first_people(lambda one: one.name),
           template="errata/cells/person.html", css="text-nowrap"),
    Column("people", Wording("人数", "Persons"), lambda case, facts: len(case.people), on_page=False),
    person_column("department", css="text-nowrap",
           order=("department__name",)),
    Column("season", Wording("毕业季", "Season"), "get_season_display", template="errata/cells/season.html"),
    Column("status", Wording("状态", "State"), "get_status_display", template="errata/cells/state.html",
           order=("status",)),
    Column("corrector", Wording("更正单位", "Corrected by"), "get_corrector_display", on_page=False),
    Column("sent", Wording("寄出", "Sent"), "sent_on", on_page=False),
    Column("received", Wording("收到", "Received"), "received_on", on_page=False),
    Column("due", Wording("期限", "Due"), "due_on", template="errata/cells/due.html", css="text-nowrap",
           order=(F("due_on").asc(nulls_last=True),)),
    Column("days_left", Wording("剩余工作日", "Working days left"), _days_left, on_page=False),
    Column("description", Wording("说明", "Note"), "description", on_page=False, width=30),
    Column("next", Wording("下一步", "Next step"), lambda case, facts: say(next_step(case)), css="next-cell", width=30),
)  # fmt: skip

CASES = Listing(
    name="errata.cases",
    title=Wording("勘误", "Errata"),
    permission="errata.read",
    rows=lambda actor: with_rows(scoped(actor, ErrataCase)),
    filters=CaseFilter,
    columns=COLUMNS,
    lookups=facts_of,
    order=("-drafted_at", "-pk"),
    file_name="errata",
)
"""Every case in the viewer's scope; the file holds no ID number."""


class FormFilter(ListFilter):
    """What the list of forms may be asked for."""

    season = choice(Season, "毕业季", "Season")
    status = choice(FormStatus, "状态", "State")


FORMS = Listing(
    name="errata.forms",
    title=Wording("勘误表", "Errata forms"),
    permission="errata.read_forms",
    rows=lambda actor: (
        scoped(actor, ErrataForm).select_related("campaign", "organisation").annotate(case_count=Count("cases"))
    ),
    filters=FormFilter,
    columns=(
        Column("number", Wording("编号", "Number"), "__str__", template="errata/cells/form_number.html", css="figures",
               fixed=True, order=("campaign", "number")),
        Column("paper", Wording("表种", "Paper"), "get_paper_display", css="text-nowrap", order=("paper",)),
        Column("sender", Wording("寄件单位", "Sender"), "organisation.name", css="text-nowrap"),
        Column("season", Wording("毕业季", "Season"), "get_season_display", template="errata/cells/season.html"),
        Column("cases", Wording("件数", "Cases"), "case_count", css="figures"),
        Column("status", Wording("状态", "State"), "get_status_display", template="errata/cells/form_state.html",
               order=("status",)),
        Column("sent", Wording("寄出", "Sent"), "sent_on", css="figures text-nowrap",
               order=(F("sent_on").asc(nulls_last=True),)),
        Column("scan", Wording("留底", "Copy"), lambda form, facts: "✓" if form.scan_id else "",
               template="errata/cells/scan.html"),
    ),
    order=("-created_at", "-pk"),
    file_name="errata-forms",
)  # fmt: skip
"""The copies of every form sent (R159)."""


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
    """Who was photographed with others that are online, and is not online themselves (R168)."""
    online = VerificationCase.objects.filter(candidate__campaign__status="verifying")
    shots = CheckIn.objects.filter(status__in=[CheckInStatus.SHOT, CheckInStatus.CONFIRMED])
    sessions = CheckIn.objects.filter(candidate__in=online.values("candidate")).values("session")
    taken = ErrataItem.objects.filter(closed_at=None, kind=ErrataKind.NO_IMAGE).values("candidate")
    return (
        scoped(actor, Candidate)
        .filter(
            Exists(shots.filter(candidate=photographed_as(), session__in=sessions)),
            verification_case=None,
            campaign__status="verifying",
            season__in=online.values("candidate__season"),
        )
        .exclude(pk__in=taken)
        .select_related("department", "campaign__rule_set", "campaign__school")
    )
