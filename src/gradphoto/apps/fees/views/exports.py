"""The page of a long export: its progress, then its file."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import blobs
from gradphoto.apps.fees import actions, exporting
from gradphoto.apps.fees.models import FeeExport
from gradphoto.apps.fees.views.frame import download, show
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped


def give(request: SignedInRequest, campaign: Campaign, name: str) -> HttpResponse:
    """A list by the filter in the address: a short one as xlsx at once, a long one as a job with its own page."""
    table = exporting.TABLES[name]
    rows = table.rows(request.actor, campaign, request.GET)
    count = rows.count()
    if count > exporting.AT_ONCE:
        made = exporting.export_later(request.actor, campaign, table=name, asked=request.GET.urlencode())
        return redirect("fees:exported", pk=made.pk)
    actions.export_people(request.actor, campaign, what=name, count=count)
    data = table.workbook(table.line(row) for row in rows)
    return download(data, f"{table.file_name}-{campaign.cohort_year}.xlsx")


@page("fees.collect")
def exported(request: SignedInRequest, pk: int) -> HttpResponse:
    """One export of a long list: its progress, and the file with ``?file=1`` to who asked for it."""
    mine = FeeExport.objects.filter(requested_by=request.user.pk).select_related("campaign", "job", "blob")
    found = get_scoped(request.actor, mine, pk=pk)
    table = exporting.TABLES[found.table]
    if request.GET.get("file") and found.blob is not None:
        actions.export_people(request.actor, found.campaign, what=found.table, count=found.row_count)
        return download(blobs.read(found.blob), f"{table.file_name}-{found.campaign.cohort_year}.xlsx")
    return show(request, "fees/exported.html", found.campaign, {"export": found, "title": table.title})
