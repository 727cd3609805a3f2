"""Pages of the roster: the list, one person, imported files."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import REGISTRY, may, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.orgs.pages import EVERYONE, SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster import actions, queries, workbooks
from gradphoto.apps.roster.corrections import CORRECTABLE
from gradphoto.apps.roster.models import Candidate, CandidateStatus, RosterImport
from gradphoto.engine.roster.layout import TITLES
from gradphoto.engine.wording import Wording

READERS = tuple(role for role in EVERYONE if role not in (Role.ADMINISTRATOR, Role.AUDITOR, Role.NATIONAL_REVIEWER))
IMPORTERS = (Role.REGISTRAR, Role.COLLEGE_OFFICER, Role.LEARNING_CENTRE)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STEPS = {
    "roster.check_candidate": Wording("核对无误", "Checked"),
    "roster.sign_candidate": Wording("学生已签名", "Signed by student"),
    "roster.accept_candidate": Wording("核准", "Accept"),
    "roster.return_candidate": Wording("退回核对", "Return"),
    "roster.defer_candidate": Wording("另行采集", "Defer"),
    "roster.remove_candidate": Wording("删除", "Remove"),
    "roster.reinstate_candidate": Wording("恢复", "Reinstate"),
}
_NEEDS_REASON = {
    "roster.return_candidate",
    "roster.defer_candidate",
    "roster.remove_candidate",
    "roster.reinstate_candidate",
}


@page(*READERS)
def candidate_list(request: SignedInRequest) -> HttpResponse:
    """The roster, searched, filtered and sorted; an ID number is looked up by POST, so that it stays out of the URL."""
    mine = scoped(request.actor, Candidate).select_related("department", "campaign")
    number = request.POST.get("id_number", "").strip() if request.method == "POST" else ""
    found = queries.by_id_number(mine, number) if number else queries.find(mine, request.GET.dict())
    return render(
        request,
        "roster/list.html",
        {
            "page": Paginator(found, 50).get_page(request.GET.get("page")),
            "total": found.count(),
            "choices": queries.choices(mine, request.GET.dict()),
            "seasons": Season.choices,
            "statuses": CandidateStatus.choices,
            "steps": [(name, STEPS[name]) for name in list(STEPS)[:3] if may(request.actor, name)],
            "can_import": bool(set(IMPORTERS) & request.user.roles),
            "by_number": bool(number),
        },
    )


@page(*READERS)
@require_POST
def advance(request: SignedInRequest) -> HttpResponse:
    """One step for all ticked rows."""
    name = request.POST.get("step", "")
    if name not in STEPS or name in _NEEDS_REASON:
        raise invalid("roster.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    ticked = [int(pk) for pk in request.POST.getlist("candidate") if pk.isdigit()]
    result = actions.advance_candidates(
        request.actor, action_name=name, candidates=scoped(request.actor, Candidate).filter(pk__in=ticked)
    )
    messages.success(request, say(Wording(f"已办理 {result.done} 人。", f"{result.done} done.")))
    if result.refused:
        reason = say(result.refused[0][1].message)
        text = Wording(f"{len(result.refused)} 人未办理：{reason}", f"{len(result.refused)} not done: {reason}")
        messages.warning(request, say(text))
    return redirect(request.headers.get("Referer") or "roster:list")


@page(*READERS)
def export(request: SignedInRequest) -> HttpResponse:
    """The filtered roster as xlsx; whole ID numbers only for the registry and learning centres, on record."""
    found = queries.find(scoped(request.actor, Candidate), request.GET.dict())
    return _download(workbooks.export_roster(request.actor, found), "roster.xlsx")


@page(*READERS)
def candidate_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person: data, state, history, and the steps that are possible now."""
    candidate = get_scoped(request.actor, Candidate.objects.select_related("department", "campaign"), pk=pk)
    return render(request, "roster/detail.html", _detail(request, candidate))


def _detail(request: SignedInRequest, candidate: Candidate, revealed: str = "") -> dict[str, object]:
    steps = [name for name in offered(request.actor, candidate) if name in STEPS]
    return {
        "candidate": candidate,
        "steps": [(name, STEPS[name], name in _NEEDS_REASON) for name in steps],
        "correctable": [(name, TITLES[name]) for name in CORRECTABLE],
        "can_correct": may(request.actor, "roster.correct_candidate", candidate),
        "can_reveal": may(request.actor, "roster.reveal_id_number", candidate),
        "revealed": revealed,
        "history": queries.history(candidate),
    }


@page(*READERS)
@require_POST
def take_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """One lifecycle step on one person."""
    candidate = get_scoped(request.actor, Candidate, pk=pk)
    name = request.POST.get("step", "")
    if name not in STEPS:
        raise invalid("roster.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    detail = {"reason": request.POST.get("reason", "")} if name in _NEEDS_REASON else {}
    REGISTRY[name].function(request.actor, candidate, **detail)
    messages.success(request, say(Wording("已办理。", "Done.")))
    return redirect("roster:detail", pk=pk)


@page(*READERS)
@require_POST
def correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """Correct one value with its reason."""
    candidate = get_scoped(request.actor, Candidate, pk=pk)
    field, value, reason = (request.POST.get(key, "") for key in ("field", "value", "reason"))
    actions.correct_candidate(request.actor, candidate, field=field, value=value, reason=reason)
    messages.success(request, say(Wording("已更正。", "Corrected.")))
    return redirect("roster:detail", pk=pk)


@page(*READERS)
@require_POST
def reveal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the whole ID number once, on record."""
    candidate = get_scoped(request.actor, Candidate.objects.select_related("department", "campaign"), pk=pk)
    number = actions.reveal_id_number(request.actor, candidate, reason=request.POST.get("reason", ""))
    return render(request, "roster/detail.html", _detail(request, candidate, revealed=number))


@page(*IMPORTERS)
def import_list(request: SignedInRequest) -> HttpResponse:
    """Files handed in so far, and the place to hand in one."""
    campaigns = scoped(request.actor, Campaign).exclude(status="closed").select_related("school")
    if request.method == "POST":
        return _take_file(request)
    return render(
        request,
        "roster/imports.html",
        {
            "imports": scoped(request.actor, RosterImport).select_related("organisation", "job"),
            "campaigns": campaigns,
            "homes": _homes(request, campaigns),
        },
    )


def _homes(request: SignedInRequest, campaigns: Iterable[Campaign]) -> list[Organisation]:
    homes = {home.pk: home for campaign in campaigns for home in actions.homes_for_import(request.actor, campaign)}
    return sorted(homes.values(), key=lambda home: home.path)


def _take_file(request: SignedInRequest) -> HttpResponse:
    pk = request.POST.get("campaign", "")
    campaign = get_scoped(request.actor, Campaign, pk=int(pk) if pk.isdigit() else 0)
    upload = request.FILES.get("file")
    if upload is None:
        raise invalid(
            "roster.no_file",
            "没有选择文件。",
            "No file was chosen.",
            "请选择名册文件后再提交。",
            "Choose the roster file first.",
        )
    data, _ = read_upload(upload, Kind.XLSX, Kind.TEXT, limit_mb=64)
    homes = actions.homes_for_import(request.actor, campaign)
    asked = request.POST.get("organisation", "")
    home = next((home for home in homes if str(home.pk) == asked), homes[0] if homes else campaign.school)
    made = actions.import_roster(
        request.actor, campaign, organisation=home, file_name=upload.name or "roster", data=data
    )
    return redirect("roster:import", pk=made.pk)


@page(*IMPORTERS)
def import_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """What became of a file: counts, and every finding by row, column, reason and remedy."""
    roster_import = get_scoped(request.actor, RosterImport.objects.select_related("job", "organisation"), pk=pk)
    findings = roster_import.findings.all()
    if severity := request.GET.get("severity"):
        findings = findings.filter(severity=severity)
    context = {"import": roster_import, "page": Paginator(findings, 100).get_page(request.GET.get("page"))}
    return render(request, "roster/import.html", context)


@page(*IMPORTERS)
def marked_up(request: SignedInRequest, pk: int) -> HttpResponse:
    """The file given back with its faults marked."""
    roster_import = get_scoped(request.actor, RosterImport.objects.exclude(marked_up=None), pk=pk)
    return _download(actions.take_marked_up(request.actor, roster_import), f"roster-{pk}-marked.xlsx")


@page(*IMPORTERS)
def template(request: SignedInRequest) -> HttpResponse:
    """An empty roster with the headings that we read."""
    return _download(workbooks.template_workbook(), "roster-template.xlsx")


def _download(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
