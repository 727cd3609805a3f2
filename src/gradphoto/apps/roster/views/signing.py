"""Staff pages of the signatures: slips for the students, and scanned check tables."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, form_action, posted_form, ticks
from gradphoto.apps.roster import queries, signed_tables, signing_codes
from gradphoto.apps.roster.forms.signing import AttachTable, ClassTable, PrintSlips
from gradphoto.apps.roster.lifecycle import CANDIDATE
from gradphoto.apps.roster.models import Candidate, Document, PaperKind, SignedTable
from gradphoto.apps.roster.papers.lists import SIGNED_TABLES
from gradphoto.apps.roster.queries import ClassGroup
from gradphoto.apps.roster.views.corrections import scan


@page("roster.check")
def slips(request: SignedInRequest) -> HttpResponse:
    """The slips of a class with the students' personal links; printing them is on record."""
    if request.method == "POST":
        form = posted_form(request, (PrintSlips,), None)
        return form_action(
            request, form, again=lambda form: _slips(request, form), done=lambda made: _sheet(request, *made)
        )
    return _slips(request)


def _slips(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    return render(request, "roster/slips.html", {"form": posted or PrintSlips(request.actor)})


def _sheet(request: SignedInRequest, campaign: Campaign, made: list[signing_codes.Slip]) -> HttpResponse:
    address = site_address(reverse("sign:enter"))
    context = {"campaign": campaign, "slips": [(slip, slip.qr(address)) for slip in made], "address": address}
    return render(request, "roster/slip_sheet.html", context)


@page("roster.keep")
def tables(request: SignedInRequest) -> HttpResponse:
    """The check tables attached so far, and the classes that still wait for theirs."""
    waiting = scoped(request.actor, Candidate).filter(status__in=CANDIDATE.sources("roster.endorse_by_table"))
    can_attach = may(request.actor, "roster.attach_table")
    context = {
        "listing": SIGNED_TABLES.page(request),
        "groups": queries.class_groups(waiting) if can_attach else [],
        "can_attach": can_attach,
    }
    return render(request, "roster/tables.html", context)


@page("roster.check")
def attach_table(request: SignedInRequest) -> HttpResponse:
    """Attach the scan of one class: who signed, when, which seal; untick who has not signed."""
    if not request.GET.get("group"):
        return redirect("roster:tables")
    if request.method == "POST":
        form = posted_form(request, (AttachTable,), _class_table(request))
        return form_action(
            request,
            form,
            again=lambda form: _table_form(request, form),
            done=lambda made: redirect("roster:bulk", pk=made.pk),
        )
    return _table_form(request)


def _class_table(request: SignedInRequest) -> ClassTable:
    """The class that the address names, and the printed paper where it is known."""
    group = ClassGroup.parse(request.GET["group"])
    if group is None:
        raise invalid("roster.class", "请选择班级。", "Choose a class.", "从列表中选择。", "Choose from the list.")
    department = get_scoped(request.actor, Organisation, pk=group.department)
    campaign = get_scoped(request.actor, Campaign, pk=group.campaign)
    people = signed_tables.waiting(campaign, department, group.season, group.class_name)
    document = None
    if number := request.GET.get("document", ""):
        printed = {"kind": PaperKind.CHECK_TABLE, "campaign": campaign, "organisation": department}
        of_class = {"season": group.season, "class_name": group.class_name}
        document = get_scoped(request.actor, Document, number=number, **printed, **of_class)
    return ClassTable(campaign, department, group, changeable(request.actor, people, "roster.check"), document)


def _table_form(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    table = _class_table(request)
    people = list(table.people)
    findings = queries.findings_of(people)
    without_error = {person.pk for person in people if not findings[person.pk].cases}
    context = {
        "group": table.group,
        "department": table.department,
        "campaign": table.campaign,
        "season": Season(table.group.season),
        "people": people,
        "findings": findings,
        "form": posted or AttachTable(request.actor, table),
        "ticked": without_error if posted is None else ticks(posted, "candidate"),
    }
    return render(request, "roster/table_form.html", context)


@page("roster.keep")
def table_scan(request: SignedInRequest, pk: int) -> HttpResponse:
    """The scan itself; the look is on record."""
    data, media_type = signed_tables.read_table_scan(request.actor, get_scoped(request.actor, SignedTable, pk=pk))
    return scan(data, media_type)
