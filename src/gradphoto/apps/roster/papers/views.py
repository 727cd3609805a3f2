"""The papers page of a campaign, one document's own page, and the bundle that prints all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import read_upload
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped, scoped
from gradphoto.apps.roster.models import Candidate, CorrectionCase, Document, PaperBundle, PaperKind, SignedPage
from gradphoto.apps.roster.papers import bundles, issuing, signed
from gradphoto.apps.roster.papers.catalogue import PAPERS, Paper, Split
from gradphoto.apps.roster.papers.issuing import Made, Selection
from gradphoto.apps.roster.queries import ClassGroup
from gradphoto.apps.roster.signed_tables import SCAN_KINDS, SCAN_LIMIT_MB, waiting
from gradphoto.apps.roster.views.corrections import scan
from gradphoto.apps.roster.views.lists import XLSX, download, progress_of
from gradphoto.apps.roster.views.persons import day_of
from gradphoto.apps.roster.views.plan import chosen_campaign

_PDF = "application/pdf"
_PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One paper as the page lists it."""

    paper: Paper
    people: int
    parts: int

    @property
    def prints(self) -> bool:
        return self.people > 0


def _selection(request: SignedInRequest, campaign: Campaign, asked: Any) -> Selection:
    season, department = asked.get("season", ""), asked.get("department", "")
    return Selection(
        campaign,
        season if season in Season.values else str(Season.SPRING),
        int(department) if department.isdecimal() else None,
        asked.get("class_name", ""),
    )


def _address(request: SignedInRequest) -> str:
    """What the QR codes lead to, with ``@`` for the document's number."""
    return site_address(reverse("roster:papers")) + "d/@/"


@page("roster.print")
@require_GET
def papers(request: SignedInRequest) -> HttpResponse:
    """What each paper is, how many people stand on it, and the ways to have it; one season a page."""
    campaign = chosen_campaign(request)
    if campaign is None:
        return render(request, "roster/papers/list.html", {"campaign": None})
    selection = _selection(request, campaign, request.GET)
    everybody = changeable(request.actor, Candidate, "roster.print").filter(campaign=campaign, season=selection.season)
    within = everybody.filter(department=selection.department) if selection.department else everybody
    documents = scoped(request.actor, Document).filter(campaign=campaign, season=selection.season)
    if selection.department:
        documents = documents.filter(organisation=selection.department)
    context = {
        "campaign": campaign,
        "campaigns": scoped(request.actor, Campaign),
        "selection": selection,
        "seasons": Season.choices,
        "departments": Organisation.objects.filter(pk__in=everybody.order_by().values("department")),
        "classes": within.exclude(class_name="").order_by("class_name").values_list("class_name", flat=True).distinct(),
        "lines": [_line(request, paper, selection) for paper in PAPERS.values()],
        "elsewhere": _elsewhere(request, selection),
        "documents": Paginator(documents.select_related("organisation").prefetch_related("signed_pages", "signed_tables"), _PER_PAGE)
        .get_page(request.GET.get("page")),
        "bundles": scoped(request.actor, PaperBundle).filter(user=request.user, campaign=campaign)
        .select_related("job", "department")[:5],
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


def _posted_campaign(request: SignedInRequest) -> Campaign:
    wanted = request.POST.get("campaign", "")
    campaigns = Campaign.objects.select_related("school", "rule_set")
    return get_scoped(request.actor, campaigns, pk=int(wanted) if wanted.isdecimal() else 0)


def _paper(name: str) -> Paper:
    if name not in PAPERS:
        raise invalid("roster.paper", "没有这种文件。", "There is no such paper.", "请刷新页面。", "Reload the page.")
    return PAPERS[name]


@page("roster.print")
@require_POST
def make(request: SignedInRequest) -> HttpResponse:
    """One paper as PDF or xlsx; what is too much to wait for goes to the background."""
    paper = _paper(request.POST.get("kind", ""))
    selection = _selection(request, _posted_campaign(request), request.POST)
    parts = issuing.sheets(request.actor, paper, selection)
    if not parts:
        raise issuing.nothing_to_print()
    people = {person.pk for part in parts for person in part.people}
    if len(parts) > bundles.AT_ONCE_PARTS or len(people) > bundles.AT_ONCE_PEOPLE:
        return _bundle(request, selection, [str(paper.kind)])
    made_as = _format(request)
    template = _address(request)
    made = [
        issuing.make(request.actor, paper, part, address=lambda n: bundles.address_with(template, n), made_as=made_as)
        for part in parts
    ]
    name = made[0].name if len(made) == 1 else f"{paper.code}-{selection.campaign.cohort_year}-{selection.season}"
    return _file(made, name, made_as)


def _format(request: SignedInRequest) -> str:
    return "xlsx" if request.POST.get("format") == "xlsx" else "pdf"


def _file(made: list[Made], name: str, made_as: str) -> HttpResponse:
    language = get_language() or "zh"
    if made_as == "xlsx":
        return download(issuing.as_xlsx(made, language), f"{name}.xlsx", XLSX)
    return download(issuing.as_pdf(made, language), f"{name}.pdf", _PDF)


@page("roster.print")
@require_POST
def case_form(request: SignedInRequest, pk: int) -> HttpResponse:
    """The form of one error by the way that is to be taken: R32, R33 or R34."""
    cases = CorrectionCase.objects.select_related(
        "candidate__department", "candidate__campaign__school", "candidate__campaign__rule_set"
    )
    case = get_scoped(request.actor, cases, pk=pk)
    paper = _paper(request.POST.get("kind", ""))
    if paper.split is not Split.CASE:
        raise Http404
    template, made_as = _address(request), _format(request)
    sheet = issuing.sheet_of_case(request.actor, case)
    made = issuing.make(
        request.actor, paper, sheet, address=lambda n: bundles.address_with(template, n), made_as=made_as
    )
    return _file([made], made.name, made_as)


@page("roster.print")
@require_POST
def print_all(request: SignedInRequest) -> HttpResponse:
    """All papers of the selection but the machine-readable cards, which are printed by class on their own paper."""
    selection = _selection(request, _posted_campaign(request), request.POST)
    return _bundle(request, selection, [kind for kind in PAPERS if kind != PaperKind.MACHINE_CARDS])


def _bundle(request: SignedInRequest, selection: Selection, kinds: list[str]) -> HttpResponse:
    made = bundles.print_all(
        request.actor,
        selection.campaign,
        selection=selection,
        kinds=kinds,
        address=_address(request),
        language=get_language() or "zh",
    )
    return redirect("roster:bundle", pk=made.pk)


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
@require_GET
def document(request: SignedInRequest, number: str) -> HttpResponse:
    """Where the QR code of a paper leads: what it is, whether newer data replaced it, and its signed pages."""
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
        "signers": list(enumerate(signed.signers_of(found))),
        "tables": found.signed_tables.all(),
        "can_attach": not moves_rows and may(request.actor, "roster.attach_signed_page", found),
        "moves_rows": moves_rows,
        "group": group,
        "limit_mb": SCAN_LIMIT_MB,
        "today": timezone.localdate(),
    }
    return render(request, "roster/papers/document.html", context)


@page("roster.print")
@require_POST
def attach_page(request: SignedInRequest, number: str) -> HttpResponse:
    """Attach the scan of the signed and sealed paper."""
    found = _document(request, number)
    upload = request.FILES.get("file")
    if upload is None:
        raise invalid("roster.no_file", "没有选择扫描件。", "No scan was chosen.", "请选择文件。", "Choose the file.")
    data, media_type = read_upload(upload, *SCAN_KINDS, limit_mb=SCAN_LIMIT_MB)
    signed.attach_signed_page(
        request.actor,
        found,
        scan=data,
        media_type=media_type,
        names={n: request.POST.get(f"signer_{n}", "") for n, _ in enumerate(signed.signers_of(found))},
        seal=request.POST.get("seal", ""),
        signed_on=day_of(request.POST.get("signed_on", "")),
    )
    return redirect("roster:document", number=number)


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
