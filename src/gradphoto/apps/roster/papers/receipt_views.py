"""The page of the papers that come back sealed (R40)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.downloads import XLSX, download
from gradphoto.apps.roster.models import Candidate, Document
from gradphoto.apps.roster.papers.receipts import WANTED, due_of, receipt_lines, receipts_form
from gradphoto.apps.roster.views.plan import chosen_campaign


@page("roster.receipts")
@require_GET
def receipts(request: SignedInRequest) -> HttpResponse:
    """College by college: which signed and sealed papers came, which are late; ``?as=xlsx`` as a file."""
    campaign = chosen_campaign(request)
    if campaign is None:
        return redirect("campaigns:list")
    lines = receipt_lines(campaign, scoped(request.actor, Candidate), scoped(request.actor, Document))
    if request.GET.get("as") == "xlsx":
        return download(receipts_form(campaign, lines).to_xlsx(request.LANGUAGE_CODE), "papers-in.xlsx", XLSX)
    context = {
        "campaign": campaign,
        "lines": lines,
        "kinds": [kind.label for kind in WANTED],
        "due": due_of(campaign),
        "late": sum(line.late for line in lines),
        "open": sum(line.open for line in lines),
    }
    return render(request, "roster/papers/receipts.html", context)
