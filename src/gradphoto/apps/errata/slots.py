"""What errata shows on the pages of the rooms before it: the link that begins a case, a person's cases, a report's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.slots import fills
from gradphoto.apps.core.wording import say
from gradphoto.apps.delivery.models import DeliveryReport, Package, ReportKind, ReportStatus
from gradphoto.apps.errata.kinds import ErrataKind
from gradphoto.apps.errata.lists import time_left
from gradphoto.apps.errata.models import CaseReport, ErrataCase
from gradphoto.apps.errata.reported import KINDS_OF_WRONG
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.standards.deadlines import WorkCalendar
from gradphoto.engine.wording import Wording

_TITLE = Wording("报告错误", "Report an error")
Shown = Mapping[int, SafeString]


@fills("person.actions")
def report_error(
    request: HttpRequest,
    people: Sequence[Candidate],
    package: int | None = None,
    look: str = "btn btn-outline-secondary",
) -> Shown:
    """A link to the draft page for each person; nothing for those who do not draft cases."""
    if not holds(request.user, "errata.draft"):
        return {}
    return {person.pk: _link(look, say(_TITLE), candidate=person.pk, package=package) for person in people}


@fills("package.actions")
def report_missing(request: HttpRequest, packages: Sequence[Package]) -> Shown:
    """A link to the draft page of a missing photograph of a package."""
    if not holds(request.user, "errata.draft"):
        return {}
    title = f"{say(_TITLE)}：{ErrataKind.MISSING.label}"
    return {
        one.pk: _link("btn btn-outline-secondary", title, package=one.pk, kind=ErrataKind.MISSING.value)
        for one in packages
    }


def _link(look: str, title: str, **asked: str | int | None) -> SafeString:
    query = urlencode({name: value for name, value in asked.items() if value})
    return format_html('<a class="{}" href="{}?{}">{}</a>', look, reverse("errata:draft"), query, title)


@fills("person.panels")
def cases_of(request: HttpRequest, people: Sequence[Candidate], disputed: int | None = None) -> Shown:
    """The errata cases of a person; with ``disputed``, a verification case, the button that makes one of it."""
    return {person.pk: _cases_of(request, person, disputed) for person in people}


def _cases_of(request: HttpRequest, person: Candidate, disputed: int | None) -> SafeString:
    found = scoped(Actor.of(request.user), ErrataCase).filter(items__candidate=person).select_related("campaign")
    cases = list(found.distinct()) if holds(request.user, "errata.read") else []
    taking = disputed if holds(request.user, "errata.draft") and all(case.is_over for case in cases) else None
    return render_to_string("errata/person_cases.html", {"cases": cases, "disputed": taking}, request)


@fills("delivery.report")
def case_of(request: HttpRequest, reports: Sequence[DeliveryReport]) -> Shown:
    """The case of each report with its clock; for an open report without one the button that makes or joins it."""
    links = CaseReport.objects.filter(report__in=reports).select_related("case__campaign__school")
    cases = {link.report_id: link.case for link in links}
    calendars: dict[int, WorkCalendar] = {}
    drafts = holds(request.user, "errata.draft")
    return {
        report.pk: render_to_string(
            "errata/report_case.html",
            {
                "report": report,
                "case": cases.get(report.pk),
                "left": time_left(cases[report.pk], calendars) if report.pk in cases else None,
                "may_draft": drafts and report.status == ReportStatus.OPEN,
                "kinds": KINDS_OF_WRONG if report.kind == ReportKind.WRONG else (),
            },
            request,
        )
        for report in reports
    }
