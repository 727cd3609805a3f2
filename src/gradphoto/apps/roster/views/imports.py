"""The data channel: identity confirmed, template out, files in, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from gradphoto.apps.campaigns.code_tables import words_of
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.errors import InvalidInput, invalid
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster import channel, plan
from gradphoto.apps.roster.imports import apply, mark, receive, review
from gradphoto.apps.roster.imports import map as mapping_step
from gradphoto.apps.roster.imports.place import departments_of
from gradphoto.apps.roster.models import DifferenceKind, DifferenceState, ImportStatus, RosterImport
from gradphoto.apps.roster.views.lists import download, progress_of
from gradphoto.apps.roster.views.plan import chosen_campaign
from gradphoto.engine.roster import ColumnMapping, Proposal
from gradphoto.engine.roster.layout import DERIVABLE, FIELD_TITLES, REQUIRED
from gradphoto.engine.wording import Wording


@page("roster.list")
def import_list(request: SignedInRequest) -> HttpResponse:
    """Files handed in so far, the deadline, and the place to hand in one once school and teacher are confirmed."""
    if request.method == "POST":
        return _take_file(request)
    campaign = chosen_campaign(request)
    context = {
        "imports": scoped(request.actor, RosterImport).select_related("organisation", "job"),
        "campaign": campaign,
        "campaigns": scoped(request.actor, Campaign).exclude(status="closed"),
        "homes": receive.homes_for_import(request.actor, campaign) if campaign else [],
        "confirmation": channel.confirmation_of(request.actor, campaign) if campaign else None,
        "deadline": plan.data_deadline(campaign) if campaign else None,
    }
    return render(request, "roster/imports.html", context)


def _campaign(request: SignedInRequest) -> Campaign:
    wanted = request.POST.get("campaign", "")
    campaigns = Campaign.objects.select_related("school")
    return get_scoped(request.actor, campaigns, pk=int(wanted) if wanted.isdecimal() else 0)


@page("roster.list")
@require_POST
def confirm(request: SignedInRequest) -> HttpResponse:
    """The person names the school and themselves (R95)."""
    campaign = _campaign(request)
    school, teacher = (request.POST.get(name, "") for name in ("school", "teacher"))
    channel.confirm_channel(request.actor, campaign, school=school, teacher=teacher)
    messages.success(
        request, say(Wording("身份已确认，可以下载模板和上传数据。", "Confirmed: template and upload are open."))
    )
    return redirect("roster:imports")


def _take_file(request: SignedInRequest) -> HttpResponse:
    campaign = _campaign(request)
    upload = request.FILES.get("file")
    if upload is None:
        raise invalid(
            "roster.no_file",
            "没有选择文件。",
            "No file was chosen.",
            "请选择名册文件后再提交。",
            "Choose the roster file first.",
        )
    data, _ = read_upload(upload, Kind.TABLE, limit_mb=_LIMIT_MB)
    home = _home(receive.homes_for_import(request.actor, campaign), request.POST.get("organisation", ""))
    made = receive.upload_roster(
        request.actor, campaign, organisation=home or campaign.school, file_name=upload.name or "roster", data=data
    )
    return redirect("roster:mapping", pk=made.pk)


def _home(homes: Iterable[Organisation], asked: str) -> Organisation | None:
    """The unit chosen, or the widest of the person's own."""
    known = list(homes)
    return next((home for home in known if str(home.pk) == asked), known[0] if known else None)


def _import(request: SignedInRequest, pk: int) -> RosterImport:
    return get_scoped(request.actor, RosterImport.objects.select_related("job", "organisation", "campaign"), pk=pk)


@page("roster.list")
def columns(request: SignedInRequest, pk: int) -> HttpResponse:
    """Which sheets, which column is which, with a few of its values; confirmed by a person, remembered for the school."""
    roster_import = _import(request, pk)
    proposal = mapping_step.proposal_of(roster_import, request.GET.get("sheet") or None)
    if request.method == "POST":
        chosen = _chosen_columns(request, proposal)
        mapping = _with_sheets(request, proposal, ColumnMapping(proposal.sheet, proposal.header_row, chosen))
        defaults = {name: request.POST.get(f"default_{name}", "") for name in REQUIRED}
        mapping_step.read_import(request.actor, roster_import, mapping=mapping, defaults=defaults)
        return redirect("roster:import", pk=pk)
    memory = mapping_step.remembered(roster_import, proposal)
    proposed = memory[0] if memory else proposal.mapping(with_similar=True)
    given = memory[1] if memory else {}
    wrong = {name for name, _ in mapping_step.wrong_defaults(roster_import, given)}
    by_column = {index: name for name, index in proposed.columns.items()}
    taken = {one.sheet for one in proposed.also}
    offers = [one for one in proposal.offers if one.sheet != proposal.sheet]
    # A sheet that is not ticked yet may be ticked: what is hidden in any of them is asked about here.
    read = [proposal, *offers]
    context = {
        "import": roster_import,
        "proposal": proposal,
        "offers": [(number, one, one.sheet in taken) for number, one in enumerate(proposal.offers)],
        "hidden_count": sum(one.hidden_rows for one in read),
        "struck_count": sum(one.struck_rows for one in read),
        "hidden_columns": [c.title for c in proposal.columns if c.index in proposal.hidden_columns],
        "columns": [(column, by_column.get(column.index, "")) for column in proposal.columns],
        "fields": FIELD_TITLES.items(),
        "required": REQUIRED,
        "derivable": DERIVABLE,
        "defaults": [
            (name, FIELD_TITLES[name], given.get(name, "") if name not in wrong else "", _choices(roster_import, name))
            for name in REQUIRED
            if name not in _OWN_VALUES
        ],
        "remembered": memory is not None,
    }
    return render(request, "roster/mapping.html", context)


def _chosen_columns(request: SignedInRequest, proposal: Proposal) -> dict[str, int]:
    chosen: dict[str, int] = {}
    for column in proposal.columns:
        field = request.POST.get(f"column_{column.index}", "")
        if field in chosen:
            raise _TWICE
        if field in FIELD_TITLES:
            chosen[field] = column.index
    return chosen


def _with_sheets(request: SignedInRequest, proposal: Proposal, mapping: ColumnMapping) -> ColumnMapping:
    """The mapping with the other sheets that were ticked, and what was decided on rows that nobody sees.

    A sheet with the same headings has the same columns; one with others is read by the headings that we know.
    """
    ticked = set(request.POST.getlist("sheet"))
    also = []
    for number, one in enumerate(proposal.offers):
        if str(number) in ticked and one.sheet != proposal.sheet:
            same = one.fingerprint == proposal.fingerprint
            columns_ = mapping.columns if same else one.mapping().columns
            also.append(ColumnMapping(one.sheet, one.header_row, dict(columns_)))
    read = {one.sheet for one in also} | {proposal.sheet}
    decided = {}
    for kind in ("hidden", "struck"):
        count = sum(getattr(one, f"{kind}_rows") for one in proposal.offers if one.sheet in read)
        decided[kind] = request.POST.get(kind, "")
        if count and decided[kind] not in ("take", "leave"):
            raise _UNDECIDED
    left = {name: decided[name] == "leave" for name in decided}
    also = [replace(one, leave_hidden=left["hidden"], leave_struck=left["struck"]) for one in also]
    return replace(mapping, also=tuple(also), leave_hidden=left["hidden"], leave_struck=left["struck"])


def _choices(roster_import: RosterImport, name: str) -> Sequence[str]:
    """What can stand for a whole column."""
    if name == "season":
        return ("春季", "秋季")
    if name == "department":
        return sorted({place.name for places in departments_of(roster_import.campaign).values() for place in places})
    return words_of(roster_import.campaign.school, name) if name in ("level", "graduation_kind") else ()


@page("roster.list")
@require_POST
def read_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """A file that could not be read, once more, with its columns as they were confirmed."""
    mapping_step.reread_import(request.actor, _import(request, pk))
    return redirect("roster:import", pk=pk)


_LIMIT_MB = 64
_OWN_VALUES = ("student_no", "name", "sex", "birth_date", "id_number")
"""What is every person's own and no one value can stand for."""
_UNDECIDED = InvalidInput(
    "roster.rows_undecided",
    Wording(
        "文件中有隐藏或画了删除线的行，还没有选择是否读入。",
        "The file has hidden or struck-through rows: say what to do.",
    ),
    Wording("请为这些行选择“读入”或“不读入”。", "Choose whether they are read or left out."),
)
_TWICE = InvalidInput(
    "roster.column_twice",
    Wording("同一项目指定了两列。", "Two columns were named for the same item."),
    Wording("每个项目只选一列，多余的列选“不导入”。", "Choose one column an item, and leave the other out."),
)


@page("roster.list")
def import_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """A file on its way: progress, findings, safe repairs, and what it would change, person by person."""
    roster_import = _import(request, pk)
    if roster_import.status == ImportStatus.MAPPING:
        return redirect("roster:mapping", pk=pk)
    counts = review.counts_of(roster_import)
    kinds = [
        (kind, sum(counts.get(kind, {}).values()), counts.get(kind, {}).get(DifferenceState.WAITING, 0))
        for kind in DifferenceKind
    ]
    tab = request.GET.get("tab", "") or next((str(kind) for kind, _, waiting in kinds if waiting), "findings")
    context = {
        "import": roster_import,
        "kinds": kinds,
        "tab": tab,
        "finding_count": roster_import.findings.count(),
        "fixes_offered": roster_import.fixes.filter(applied=False).count(),
        "fixes_applied": roster_import.fixes.filter(applied=True).count(),
        "in_review": roster_import.status == ImportStatus.REVIEW,
        "busy": roster_import.job is not None and not roster_import.job.is_over,
        "untouched": not any(set(states) - {DifferenceState.WAITING} for states in counts.values()),
        "may_mark": roster_import.status in _MARKED_STATES and mark.can_be_marked(roster_import),
        "may_read_again": bool(roster_import.mapping) and _has_failed(roster_import),
        "may_discard": roster_import.status in (ImportStatus.READING, ImportStatus.REVIEW, ImportStatus.FAILED),
        "page": Paginator(_rows(roster_import, tab, request.GET.get("severity", "")), 100).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "roster/import.html", context)


_MARKED_STATES = (ImportStatus.REVIEW, ImportStatus.DONE, ImportStatus.DISCARDED)


def _has_failed(roster_import: RosterImport) -> bool:
    """Whether the reading ended without a result."""
    job = roster_import.job
    return roster_import.status == ImportStatus.FAILED or (
        roster_import.status == ImportStatus.READING and job is not None and job.is_over
    )


def _rows(roster_import: RosterImport, tab: str, severity: str) -> QuerySet[Any]:
    if tab in DifferenceKind.values:
        return roster_import.differences.filter(kind=tab).select_related("department", "candidate")
    if tab == "fixes":
        return roster_import.fixes.order_by("applied", "row", "pk")
    findings = roster_import.findings.all()
    return findings.filter(severity=severity) if severity else findings


@page("roster.list")
@require_GET
def import_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The bar alone, asked for every second; when the work is over the whole page is loaded anew."""
    return progress_of(request, _import(request, pk).job, "roster:import_progress", pk)


@page("roster.list")
@require_POST
def fixes(request: SignedInRequest, pk: int) -> HttpResponse:
    """Apply safe repairs, or take them back: those ticked or all."""
    chosen = [int(text) for text in request.POST.getlist("fix") if text.isdecimal()]
    review.choose_fixes(
        request.actor,
        _import(request, pk),
        applied=request.POST.get("do") == "apply",
        chosen=None if request.POST.get("all") else chosen,
    )
    return redirect("roster:import", pk=pk)


@page("roster.list")
@require_POST
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accept or decline differences: those ticked, or all of a kind that wait."""
    roster_import = _import(request, pk)
    kind = request.POST.get("kind", "")
    chosen = roster_import.differences.filter(kind=kind)
    if not request.POST.get("all"):
        ticked = [int(text) for text in request.POST.getlist("difference") if text.isdecimal()]
        chosen = chosen.filter(pk__in=ticked)
    review.decide_differences(request.actor, roster_import, accepted=request.POST.get("do") == "accept", chosen=chosen)
    apply.take_at_once(request.actor, roster_import)
    return redirect(f"{reverse('roster:import', args=[pk])}?tab={kind if kind in DifferenceKind.values else ''}")


@page("roster.list")
@require_POST
def discard(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take nothing more over from this file."""
    review.discard_import(request.actor, _import(request, pk))
    return redirect("roster:imports")


@page("roster.list")
def marked_up(request: SignedInRequest, pk: int) -> HttpResponse:
    """The file given back with its faults marked: made now where it is small, else in the background."""
    roster_import = _import(request, pk)
    job = mark.ask_marked_up(request.actor, roster_import)
    if job is not None:
        return redirect("core:job", pk=job.pk)
    return download(mark.take_marked_up(request.actor, roster_import), f"roster-{pk}-marked.xlsx")


@page("roster.list")
def template(request: SignedInRequest) -> HttpResponse:
    """An empty roster with the headings that we read, for who has confirmed the school's and their own identity."""
    campaign = chosen_campaign(request)
    if campaign is None:
        return redirect("roster:imports")
    return download(receive.take_template(request.actor, campaign), "roster-template.xlsx")
