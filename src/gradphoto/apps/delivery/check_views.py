"""The school's check of a delivery: class after class, photo after photo, by keyboard; and what was reported."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from gradphoto.apps.core.actions import may
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.slots import filled
from gradphoto.apps.core.wording import say
from gradphoto.apps.delivery import actions, checking
from gradphoto.apps.delivery.lifecycle import REPORT
from gradphoto.apps.delivery.models import DeliveryReport, Package, ReportAction, ReportKind, ReportStatus
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.wording import Wording

REPORT_STEPS = ("delivery.settle_report", "delivery.withdraw_report")


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
    context = {
        "package": package,
        "classes": classes,
        "part": part,
        "rows": [(item, reported.get(item.portrait.candidate_id)) for item in items],
        "kinds": ReportKind.choices,
        "missing": checking.not_delivered(package)[:200],
        "reported": set(reported),
        "checked": sum(one.checked for one in classes),
        "may_report": may(request.actor, "delivery.report_photo", package) and package.delivered_at is not None,
    }
    return render(request, "delivery/check.html", context)


@page("delivery.check")
@require_POST
def mark(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep one person's mark at once, so that a closed browser loses nothing; an empty one withdraws the report."""
    package, person_pk = _package(request, pk), request.POST.get("person", "")
    people = Candidate.objects.filter(portraits__package_items__package=package)
    person = people.filter(pk=int(person_pk) if person_pk.isdecimal() else 0).first()
    if person is None:
        raise Http404
    _keep(request, package, person, request.POST.get(f"mark_{person.pk}", ""))
    return HttpResponse(status=204)


def _keep(request: SignedInRequest, package: Package, person: Candidate, kind: str) -> bool:
    """Bring the person's report into line with the mark; whether there is one now."""
    open_report = checking.open_reports(package).filter(candidate=person).first()
    if kind in ReportKind.values:
        if open_report is None or open_report.kind != kind:
            actions.report_photo(request.actor, package, candidate=person, kind=ReportKind(kind))
        return True
    if open_report is not None:
        actions.withdraw_report(request.actor, open_report)
    return False


def _part(classes: list[checking.ClassOfPackage], params: Any) -> checking.ClassOfPackage:
    wanted = (params.get("department"), params.get("class"))
    part = next((one for one in classes if (str(one.department.pk), one.name) == wanted), None)
    if part is None:
        raise Http404
    return part


@page("delivery.check")
@require_POST
def check_class(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep the marks of one class and go on to the next; a mark taken away withdraws its report."""
    package = _package(request, pk)
    part = _part(checking.classes_of(package), request.POST)
    if "undo" in request.POST:
        actions.unmark_class(request.actor, package, department=part.department, class_name=part.name)
        messages.success(request, say(Wording("已撤销，本班恢复为未核对。", "Taken back: the class is to be checked.")))
        return redirect(_address(pk, part))
    count, refused = 0, []
    for item in checking.items_of(package, part.department, part.name):
        person = item.portrait.candidate
        try:
            count += _keep(request, package, person, request.POST.get(f"mark_{person.pk}", ""))
        except Refusal as error:
            refused.append((person, error))
    for who, why in refused:
        messages.error(request, f"{who}：{say(why.message)} {say(why.remedy)}")
    if refused:
        return redirect(_address(pk, part))
    actions.mark_class(request.actor, package, department=part.department, class_name=part.name)
    told = Wording("{c}：已核对，登记问题 {n} 人。", "{c}: checked, {n} reported.").format(c=part.name or "—", n=count)
    messages.success(request, say(told))
    following = next((one for one in checking.classes_of(package) if not one.checked), None)
    return redirect("delivery:package", pk=pk) if following is None else redirect(_address(pk, following))


def _address(pk: int, part: checking.ClassOfPackage) -> str:
    query = urlencode({"department": str(part.department.pk), "class": part.name})
    return f"{reverse('delivery:check', args=[pk])}?{query}"


@page("delivery.follow_check")
def reports(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was reported of a package; the school adds a person whose photo is missing."""
    package = _package(request, pk)
    if request.method == "POST":
        person = checking.concerned(package).filter(student_no=request.POST.get("student_no", "").strip()).first()
        if person is None:
            messages.error(
                request,
                say(
                    Wording(
                        "该交付包的单位和季别中没有这个学号，请核对。",
                        "No such student number in this package's unit and season; check it.",
                    )
                ),
            )
        else:
            actions.report_photo(
                request.actor, package, candidate=person, kind=ReportKind.MISSING, note=request.POST.get("note", "")
            )
            messages.success(request, say(Wording("已登记缺照片。", "Reported as missing.")))
        return redirect("delivery:reports", pk=pk)
    state = request.GET.get("state", ReportStatus.OPEN.value)
    found = (
        scoped(request.actor, DeliveryReport)
        .filter(package=package)
        .select_related("candidate__department", "reported_by", "errata_link")
    )
    shown = found.filter(status=state) if state in ReportStatus.values else found
    if request.GET.get("action") in ReportAction.values:
        shown = shown.filter(action=request.GET["action"])
    with suppress(ValueError):
        shown = shown.filter(reported_at__date=date.fromisoformat(request.GET.get("day", "")))
    current = Paginator(shown, 50).get_page(request.GET.get("page"))
    # A report hangs in the tree where its package hangs: one question for the page instead of one a row.
    steps = {name for name in REPORT_STEPS if may(request.actor, name, package)}
    more = filled("delivery.report", request, list(current))
    context = {
        "package": package,
        "state": state,
        "states": [(value, label, found.filter(status=value).count()) for value, label in ReportStatus.choices],
        "page": current,
        "rows": [(report, set(REPORT.available(report)) & steps, more[report.pk]) for report in current],
        "may_report": may(request.actor, "delivery.report_photo", package) and package.delivered_at is not None,
    }
    return render(request, "delivery/reports.html", context)


@page("delivery.follow_check")
@require_POST
def report_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Settle or withdraw one report."""
    report = get_scoped(request.actor, DeliveryReport, pk=pk)
    if request.POST.get("step") == "delivery.settle_report":
        actions.settle_report(request.actor, report, note=request.POST.get("note", ""))
    else:
        actions.withdraw_report(request.actor, report)
    messages.success(request, say(Wording("已办理。", "Done.")))
    return redirect("delivery:reports", pk=report.package_id)
