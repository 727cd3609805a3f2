"""The papers page of a campaign, one document's own page, the bundle that prints all, and what comes back sealed (R40)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped, scoped
from gradphoto.apps.pages.downloads import XLSX, download
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.roster.forms.papers import AttachSignedPage, MakePaper, PrintAll, Printing
from gradphoto.apps.roster.models import Candidate, CorrectionCase, Document, PaperBundle, PaperKind, SignedPage
from gradphoto.apps.roster.papers import bundles, issuing, signed
from gradphoto.apps.roster.papers.answers import paper_answer
from gradphoto.apps.roster.papers.catalogue import PAPERS, Paper, Split
from gradphoto.apps.roster.papers.issuing import Selection
from gradphoto.apps.roster.papers.lists import DOCUMENTS
from gradphoto.apps.roster.papers.receipts import WANTED, due_of, receipt_lines, receipts_form
from gradphoto.apps.roster.queries import ClassGroup
from gradphoto.apps.roster.signed_tables import waiting
from gradphoto.apps.roster.views.corrections import scan
from gradphoto.apps.roster.views.lists import progress_of
from gradphoto.apps.roster.views.plan import chosen_campaign, posted_campaign

_FORMS = (MakePaper, PrintAll)


@dataclass(frozen=True, slots=True)
class Line:
    """One paper as the page lists it."""

    paper: Paper
    people: int
    parts: int

    @property
    def prints(self) -> bool:
        return self.people > 0


def _selection(campaign: Campaign, asked: Any) -> Selection:
    season, department = asked.get("season", ""), asked.get("department", "")
    return Selection(
        campaign,
        season if season in Season.values else str(Season.SPRING),
        int(department) if department.isdecimal() else None,
        asked.get("class_name", ""),
    )


@page("roster.print")
def papers(request: SignedInRequest) -> HttpResponse:
    """What each paper is, how many people stand on it, and the ways to have it; one season a page."""
    if request.method == "POST":
        selection = _selection(posted_campaign(request), request.GET)
        form = posted_form(request, _FORMS, Printing(selection, get_language() or "zh"))
        return form_action(request, form, again=lambda form: _papers(request, form), done=paper_answer)
    return _papers(request)


def _papers(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    campaign = chosen_campaign(request)
    if campaign is None:
        return render(request, "roster/papers/list.html", {"campaign": None})
    selection = _selection(campaign, request.GET)
    everybody = changeable(request.actor, Candidate, "roster.print").filter(campaign=campaign, season=selection.season)
    within = everybody.filter(department=selection.department) if selection.department else everybody
    context = {
        "campaign": campaign,
        "campaigns": scoped(request.actor, Campaign),
        "selection": selection,
        "seasons": Season.choices,
        "departments": Organisation.objects.filter(pk__in=everybody.order_by().values("department")),
        "classes": within.exclude(class_name="").order_by("class_name").values_list("class_name", flat=True).distinct(),
        "lines": [_line(request, paper, selection) for paper in PAPERS.values()],
        "elsewhere": _elsewhere(request, selection),
        "listing": DOCUMENTS.page(request, campaign=campaign.pk, season=selection.season),
        "page_forms": PageForms(request.actor, Printing(selection, ""), _FORMS, posted, key=str(campaign.pk)),
        "bundles": first_rows(
            scoped(request.actor, PaperBundle).filter(user=request.user, campaign=campaign)
            .select_related("job", "department"), 5,
        ),
    }  # fmt: skip
    return render(request, "roster/papers/list.html", context)


def _line(request: SignedInRequest, paper: Paper, selection: Selection) -> Line:
    people = issuing.of_paper(request.actor, paper, selection).order_by()
    count = people.count()
    if paper.split is Split.CASE:
        wanted = CorrectionCase.objects.filter(candidate__in=people.values("pk"), route=str(paper.kind))
        return Line(paper, count, wanted.filter(status__in=("noted", "proven")).count())
    keys = ("department", "class_name") if paper.split is Split.CLASS else ("department",)
    parts = people.values_list(*keys).distinct().count()
    of_the_school = paper.split is Split.SCHOOL and count and issuing.sees_the_school(request.actor, selection)
    return Line(paper, count, parts + bool(of_the_school))


def _elsewhere(request: SignedInRequest, selection: Selection) -> list[tuple[str, str]]:
    """Papers that other rooms make, where they are open to this person: the shooting list (R47), annex 5 (R59)."""
    asked = f"?campaign={selection.campaign.pk}&season={selection.season}"
    if selection.department:
        asked += f"&department={selection.department}"
    found = []
    for name, url in (
        ("shooting_list", reverse("fees:shooting_list") + asked),
        ("timetable", reverse("schedule:list")),
    ):
        allowed: frozenset[str] = getattr(resolve(url.partition("?")[0]).func, "allowed_roles", frozenset())
        if allowed & request.user.roles:
            found.append((name, url))
    return found


def _own_bundle(request: SignedInRequest, pk: int) -> PaperBundle:
    mine = PaperBundle.objects.filter(user=request.user).select_related("job", "department", "campaign")
    return get_scoped(request.actor, mine, pk=pk)


@page("roster.print")
@require_GET
def bundle(request: SignedInRequest, pk: int) -> HttpResponse:
    """Progress, what could not be made and why, and the file."""
    found = _own_bundle(request, pk)
    context = {
        "bundle": found,
        "job": found.job,
        "issues": found.job.issues.all() if found.job else (),
        "kinds": [label for kind, label in PaperKind.choices if kind in found.kinds],
    }
    return render(request, "roster/papers/bundle.html", context)


@page("roster.print")
@require_GET
def bundle_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The bar alone."""
    return progress_of(request, _own_bundle(request, pk).job, "roster:bundle_progress", pk)


@page("roster.print")
@require_POST
def bundle_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The zip; the fetch is on record."""
    found = _own_bundle(request, pk)
    name = f"papers-{found.campaign.cohort_year}-{found.season}-{found.pk}.zip"
    return download(bundles.fetch_bundle(request.actor, found), name, "application/zip")


def _document(request: SignedInRequest, number: str) -> Document:
    return get_scoped(request.actor, Document.objects.select_related("organisation", "campaign", "case"), number=number)


@page("roster.print")
def document(request: SignedInRequest, number: str) -> HttpResponse:
    """Where the QR code of a paper leads: what it is, whether newer data replaced it, and its signed pages."""
    if request.method == "POST":
        form = posted_form(request, (AttachSignedPage,), _document(request, number))
        return form_action(
            request, form, again=lambda form: _document_page(request, number, form),
            done=lambda made: redirect("roster:document", number=number),
        )  # fmt: skip
    return _document_page(request, number)


def _document_page(request: SignedInRequest, number: str, posted: ActionForm | None = None) -> HttpResponse:
    found = _document(request, number)
    same = Document.objects.filter(
        campaign=found.campaign, organisation=found.organisation, kind=found.kind, season=found.season,
        class_name=found.class_name, case=found.case,
    )  # fmt: skip
    group = ClassGroup(found.campaign_id, found.organisation_id, found.season, found.class_name)
    moves_rows = (
        found.kind == PaperKind.CHECK_TABLE
        and may(request.actor, "roster.attach_table", found.organisation)
        and waiting(found.campaign, found.organisation, found.season, found.class_name).exists()
    )
    context = {
        "document": found,
        "newer": same.filter(pk__gt=found.pk).order_by("-pk").first(),
        "pages": found.signed_pages.all(),
        "signers": signed.signers_of(found),
        "tables": found.signed_tables.all(),
        "page_forms": PageForms(request.actor, found, (AttachSignedPage,), posted),
        "moves_rows": moves_rows,
        "group": group,
    }
    return render(request, "roster/papers/document.html", context)


@page("roster.print")
@require_GET
def page_scan(request: SignedInRequest, pk: int) -> HttpResponse:
    """One scan; the look is on record."""
    return scan(*signed.read_signed_page(request.actor, get_scoped(request.actor, SignedPage, pk=pk)))


@page("roster.print")
@require_GET
def find_document(request: SignedInRequest) -> HttpResponse:
    """From a typed or scanned number to the document's page."""
    number = request.GET.get("number", "").strip().upper().rstrip("/").rpartition("/")[2]
    if not number:
        return redirect("roster:papers")
    found = scoped(request.actor, Document).filter(number=number).first()
    if found is None:
        raise invalid(
            "roster.no_document",
            "没有这个编号的文件。",
            "There is no document of this number.",
            "请核对页脚的文件编号。",
            "See the number in the foot of the page.",
        )
    return redirect("roster:document", number=found.number)


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
