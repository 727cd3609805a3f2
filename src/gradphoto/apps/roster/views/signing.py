"""Staff pages of the signatures: slips for the students, and scanned check tables."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import read_upload
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped, scoped
from gradphoto.apps.roster import queries, signed_tables, signing_codes
from gradphoto.apps.roster.lifecycle import CANDIDATE
from gradphoto.apps.roster.models import Candidate, Document, PaperKind, SignedTable
from gradphoto.apps.roster.queries import ClassGroup
from gradphoto.apps.roster.views.corrections import scan
from gradphoto.apps.roster.views.lists import start_and_run
from gradphoto.apps.roster.views.persons import day_of


def _group(request: SignedInRequest, text: str) -> ClassGroup:
    group = ClassGroup.parse(text)
    if group is None:
        raise invalid("roster.class", "请选择班级。", "Choose a class.", "从列表中选择。", "Choose from the list.")
    return group


@page("roster.check")
def slips(request: SignedInRequest) -> HttpResponse:
    """The slips of a class with the students' personal links; printing them is on record."""
    mine = changeable(request.actor, Candidate, "roster.check").filter(status__in=signing_codes.MAY_SIGN)
    if request.method != "POST":
        return render(request, "roster/slips.html", {"groups": queries.class_groups(mine)})
    group = _group(request, request.POST.get("group", ""))
    campaign = get_scoped(request.actor, Campaign, pk=group.campaign)
    made = signing_codes.issue_signing_codes(request.actor, campaign, candidates=group.among(mine))
    address = site_address(reverse("sign:enter"))
    context = {"campaign": campaign, "slips": [(slip, slip.qr(address)) for slip in made], "address": address}
    return render(request, "roster/slip_sheet.html", context)


@page("roster.keep")
def tables(request: SignedInRequest) -> HttpResponse:
    """The check tables attached so far, and the classes that still wait for theirs."""
    waiting = scoped(request.actor, Candidate).filter(status__in=CANDIDATE.sources("roster.endorse_by_table"))
    attached = scoped(request.actor, SignedTable).select_related("department", "campaign")
    can_attach = may(request.actor, "roster.attach_table")
    context = {
        "tables": attached,
        "groups": queries.class_groups(waiting) if can_attach else [],
        "can_attach": can_attach,
    }
    return render(request, "roster/tables.html", context)


@page("roster.check")
def attach_table(request: SignedInRequest) -> HttpResponse:
    """Attach the scan of one class: who signed, when, which seal; untick who has not signed."""
    asked = request.POST.get("group", "") or request.GET.get("group", "")
    if not asked:
        return redirect("roster:tables")
    group = _group(request, asked)
    department = get_scoped(request.actor, Organisation, pk=group.department)
    campaign = get_scoped(request.actor, Campaign, pk=group.campaign)
    people = signed_tables.waiting(campaign, department, group.season, group.class_name)
    number = request.POST.get("document", "") or request.GET.get("document", "")
    document = (
        get_scoped(
            request.actor,
            Document,
            number=number,
            kind=PaperKind.CHECK_TABLE,
            campaign=campaign,
            organisation=department,
            season=group.season,
            class_name=group.class_name,
        )
        if number
        else None
    )
    mine = changeable(request.actor, people, "roster.check")
    if request.method != "POST":
        context = {
            "group": group,
            "document": document,
            "department": department,
            "campaign": campaign,
            "season": Season(group.season),
            "people": mine,
            "findings": queries.findings_of(list(mine)),
            "limit_mb": signed_tables.SCAN_LIMIT_MB,
            "today": timezone.localdate(),
        }
        return render(request, "roster/table_form.html", context)
    ticked = mine.filter(pk__in=[int(pk) for pk in request.POST.getlist("candidate") if pk.isdecimal()])
    upload = request.FILES.get("file")
    if upload is None or not ticked:
        raise invalid(
            "roster.no_file",
            "没有选择扫描件，或没有勾选已签字的人。",
            "No scan was chosen, or nobody is ticked.",
            "请选择核对表扫描件并勾选已签字的人。",
            "Choose the scan and tick who has signed.",
        )
    data, media_type = read_upload(upload, *signed_tables.SCAN_KINDS, limit_mb=signed_tables.SCAN_LIMIT_MB)
    table = signed_tables.attach_table(
        request.actor,
        department,
        campaign=campaign,
        season=Season(group.season),
        class_name=group.class_name,
        scan=data,
        media_type=media_type,
        counsellor_name=request.POST.get("counsellor_name", ""),
        leader_name=request.POST.get("leader_name", ""),
        seal=request.POST.get("seal", ""),
        signed_on=day_of(request.POST.get("signed_on", "")),
        document=document,
    )
    made = start_and_run(request, campaign.pk, "roster.endorse_by_table", ticked, {"table": table.pk})
    return redirect("roster:bulk", pk=made.pk)


@page("roster.keep")
def table_scan(request: SignedInRequest, pk: int) -> HttpResponse:
    """The scan itself; the look is on record."""
    data, media_type = signed_tables.read_table_scan(request.actor, get_scoped(request.actor, SignedTable, pk=pk))
    return scan(data, media_type)
