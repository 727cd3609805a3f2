"""The school's check of a delivery: class after class, photo after photo, by keyboard; and what was reported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from gradphoto.apps.core.actions import may
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.slots import filled
from gradphoto.apps.core.wording import say, told_of
from gradphoto.apps.delivery import actions, checking
from gradphoto.apps.delivery.forms import REPORT_FORMS, ClassOfPackage, Mark, Marks, ReportMissing
from gradphoto.apps.delivery.lists import REPORTS
from gradphoto.apps.delivery.models import DeliveryReport, Package, ReportKind
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_of, row_forms, sent_values
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.status_marks import marks_of
from gradphoto.engine.wording import Wording


def _package(request: SignedInRequest, pk: int) -> Package:
    return get_scoped(request.actor, Package.objects.select_related("campaign", "organisation"), pk=pk)


def _chosen(classes: list[checking.ClassOfPackage], params: Any) -> checking.ClassOfPackage | None:
    """The class the address names, else the first that nobody looked through, else the first."""
    for part in classes:
        if (str(part.department.pk), part.name) == (params.get("department", ""), params.get("class", "")):
            return part
    return next((part for part in classes if not part.checked), classes[0] if classes else None)


@page("delivery.follow_check")
def check(request: SignedInRequest, pk: int) -> HttpResponse:
    """The contact sheet of one class, with the marks already set."""
    package = _package(request, pk)
    classes = checking.classes_of(package)
    part = _chosen(classes, request.GET)
    reported = {report.candidate_id: report for report in checking.open_reports(package)}
    items = list(checking.items_of(package, part.department, part.name)) if part else []
    marks = marks_of(item.portrait.candidate_id for item in items)
    items.sort(key=lambda item: item.portrait.candidate_id not in marks)
    context = {
        "package": package,
        "classes": classes,
        "part": part,
        "rows": [
            (item, reported.get(item.portrait.candidate_id), marks.get(item.portrait.candidate_id)) for item in items
        ],
        "kinds": ReportKind.choices,
        "missing": first_rows(checking.not_delivered(package), 200),
        "reported": set(reported),
        "checked": sum(one.checked for one in classes),
        "may_report": may(request.actor, "delivery.report_photo", package) and package.delivered_at is not None,
    }
    return render(request, "delivery/check.html", context)


@page("delivery.check")
@require_POST
def mark(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep one person's mark at once, so that a closed browser loses nothing; an empty one withdraws the report."""
    package, asked = _package(request, pk), sent_values(request, Mark)
    people = Candidate.objects.filter(portraits__package_items__package=package)
    person = people.filter(pk=asked["person"]).first()
    if person is None:
        raise Http404
    _keep(request, package, person, asked["kind"])
    return HttpResponse(status=204)


def _keep(request: SignedInRequest, package: Package, person: Candidate, kind: ReportKind | None) -> bool:
    """Bring the person's report into line with the mark; whether there is one now."""
    open_report = checking.open_reports(package).filter(candidate=person).first()
    if kind is not None:
        if open_report is None or open_report.kind != kind:
            actions.report_photo(request.actor, package, candidate=person, kind=kind)
        return True
    if open_report is not None:
        actions.withdraw_report(request.actor, open_report)
    return False


def _part(request: SignedInRequest, classes: list[checking.ClassOfPackage]) -> checking.ClassOfPackage:
    asked = sent_values(request, ClassOfPackage)
    wanted = (asked["department"], asked["class_name"])
    part = next((one for one in classes if (one.department.pk, one.name) == wanted), None)
    if part is None:
        raise Http404
    return part


@page("delivery.check")
@require_POST
def check_class(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep the marks of one class and go on to the next; a mark taken away withdraws its report."""
    package = _package(request, pk)
    part = _part(request, checking.classes_of(package))
    people = [item.portrait.candidate for item in checking.items_of(package, part.department, part.name)]
    asked = sent_values(request, Marks, people=people)
    if asked["undo"]:
        actions.unmark_class(request.actor, package, department=part.department, class_name=part.name)
        messages.success(request, say(Wording("已撤销，本班恢复为未核对。", "Taken back: the class is to be checked.")))
        return redirect(_address(pk, part))
    count, refused = 0, []
    for person in people:
        try:
            count += _keep(request, package, person, asked[f"mark_{person.pk}"])
        except Refusal as error:
            refused.append((person, error))
    for who, why in refused:
        messages.error(request, told_of(who, f"{say(why.message)} {say(why.remedy)}"))
    if refused:
        return redirect(_address(pk, part))
    looked_at = [person.pk for person in people if asked[f"looked_{person.pk}"]]
    try:
        actions.mark_class(
            request.actor, package, department=part.department, class_name=part.name, looked_at=looked_at
        )
    except Refusal as error:
        messages.error(request, f"{say(error.message)} {say(error.remedy)}")
        return redirect(_address(pk, part))
    told = Wording("{c}：已核对，登记问题 {n} 人。", "{c}: checked, {n} reported.").format(c=part.name or "—", n=count)
    messages.success(request, say(told))
    following = next((one for one in checking.classes_of(package) if not one.checked), None)
    return redirect("delivery:package", pk=pk) if following is None else redirect(_address(pk, following))


def _address(pk: int, part: checking.ClassOfPackage) -> str:
    query = urlencode({"department": str(part.department.pk), "class": part.name})
    return f"{reverse('delivery:check', args=[pk])}?{query}"


@page("delivery.follow_check")
def reports(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was reported of a package, settled or withdrawn here; the school adds a person whose photo is missing."""
    if request.method == "POST":
        package = _package(request, pk)
        mine = DeliveryReport.objects.filter(package=package).select_related("package", "candidate")
        return form_action(
            request,
            posted_of(request, {ReportMissing: package, **dict.fromkeys(REPORT_FORMS, mine)}),
            again=lambda form: _reports(request, pk, form),
            done=lambda made: redirect(request.get_full_path()),
        )
    return _reports(request, pk)


def _reports(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    package = _package(request, pk)
    listing = REPORTS.page(request, package=pk)
    # A report hangs in the tree where its package hangs: one question for the page instead of one a row.
    forms = [kind for kind in REPORT_FORMS if may(request.actor, kind.action, package)]
    more = filled("delivery.report", request, list(listing.shown))
    context = {
        "package": package,
        "listing": listing,
        "tabs": listing.tabs("state"),
        "rows": [
            (report, row, more[report.pk]) for report, row in row_forms(request.actor, listing.shown, forms, posted)
        ],
        "page_forms": PageForms(request.actor, package, (ReportMissing,), posted),
    }
    return render(request, "delivery/reports.html", context)
