"""One person: data, sign chain, corrections, changes of status, history, and the steps that are possible now."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import REGISTRY, may, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped, scoped
from gradphoto.apps.roster import actions, bulk, cases, queries, signing_codes, steps
from gradphoto.apps.roster.columns import COLUMNS
from gradphoto.apps.roster.corrections import CORRECTABLE
from gradphoto.apps.roster.models import Candidate, CandidateStatus, SignatureStep, StatusChangeKind
from gradphoto.apps.roster.persons import records_of
from gradphoto.apps.roster.views.lists import options_of
from gradphoto.engine.roster.layout import REQUIRED, TITLES
from gradphoto.engine.wording import Wording

_PERSON = Candidate.objects.select_related("department", "campaign__school", "imported_from")


def day_of(text: str) -> date:
    """A date as a form sends it. Raises ``InvalidInput`` with ``roster.date``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(
            "roster.date",
            "日期不正确。",
            "This is not a date.",
            "请选择或按 2026-03-01 的形式填写。",
            "Write it like 2026-03-01.",
        ) from None


@page("roster.read")
def candidate_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person with everything that is known of the row."""
    return render(request, "roster/detail.html", _detail(request, get_scoped(request.actor, _PERSON, pk=pk)))


def _detail(request: SignedInRequest, candidate: Candidate, revealed: str = "") -> dict[str, object]:
    actor = request.actor
    live = {signature.step: signature for signature in candidate.signatures.filter(voided_at=None)}
    return {
        "candidate": candidate,
        "steps": [(name, bulk.TITLES[name], name in bulk.NEEDS_REASON) for name in offered(actor, candidate) if name in bulk.TITLES],
        "chain": [(step, live.get(step)) for step in SignatureStep],
        "on_list": candidate.status not in (CandidateStatus.DEFERRED, CandidateStatus.REMOVED),
        "other_records": scoped(actor, records_of(candidate).exclude(pk=candidate.pk)),
        "cases": candidate.correction_cases.all(),
        "changes": candidate.status_changes.all(),
        "change_kinds": StatusChangeKind.choices,
        "fields": [COLUMNS[name] for name in CORRECTABLE],
        "open_findings": queries.findings_of([candidate])[candidate.pk].remarks,
        "can_correct": may(actor, "roster.correct_candidate", candidate),
        "can_audit": may(actor, "roster.fail_first_audit", candidate),
        "can_reveal": may(actor, "roster.reveal_id_number", candidate),
        "may_see_import": queries.may_see_import(actor, candidate),
        "code": candidate.signing_codes.filter(ended_at=None).first(),
        "can_void_code": may(actor, "roster.void_signing_code", candidate),
        "revealed": revealed,
        "today": timezone.localdate(),
        "history": queries.history(candidate),
    }  # fmt: skip


@page("roster.read")
@require_POST
def take_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """One lifecycle step on one person."""
    candidate = get_scoped(request.actor, Candidate, pk=pk)
    name = request.POST.get("step", "")
    if name not in bulk.TITLES:
        raise invalid("roster.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    detail: dict[str, object] = {"reason": request.POST.get("reason", "")} if name in bulk.NEEDS_REASON else {}
    if name == "roster.defer_candidate" and request.POST.get("to_year", "").isdecimal():
        detail["to_year"] = int(request.POST["to_year"])
    REGISTRY[name].function(request.actor, candidate, **detail)
    return _done(request, pk, Wording("已办理。", "Done."))


def _done(request: SignedInRequest, pk: int, sentence: Wording) -> HttpResponse:
    messages.success(request, say(sentence))
    return redirect("roster:detail", pk=pk)


@page("roster.read")
@require_POST
def correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """Correct one value with its reason."""
    candidate = get_scoped(request.actor, Candidate, pk=pk)
    field, value, reason = (request.POST.get(key, "") for key in ("field", "value", "reason"))
    actions.correct_candidate(request.actor, candidate, field=field, value=value, reason=reason)
    return _done(request, pk, Wording("已更正。", "Corrected."))


@page("roster.read")
@require_POST
def note_error(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note what is wrong: by the college from its check table, or by the registry from its first audit."""
    candidate = get_scoped(request.actor, Candidate, pk=pk)
    field, value, note = (request.POST.get(key, "") for key in ("field", "value", "note"))
    if request.POST.get("first_audit"):
        made = cases.fail_first_audit(request.actor, candidate, field=field, reason=note)
    else:
        made = cases.note_error(request.actor, candidate, field=field, value=value, note=note)
    return redirect("roster:case", pk=made.pk)


@page("roster.read")
@require_POST
def status_change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a change of status on record (R22)."""
    candidate = get_scoped(request.actor, Candidate, pk=pk)
    kind = request.POST.get("kind", "")
    if kind not in StatusChangeKind.values:
        raise invalid(
            "roster.kind", "请选择异动类别。", "Choose the kind of change.", "从列表中选择。", "Choose from the list."
        )
    steps.record_status_change(
        request.actor,
        candidate,
        kind=StatusChangeKind(kind),
        changed_on=day_of(request.POST.get("changed_on", "")),
        reason=request.POST.get("reason", ""),
    )
    return _done(request, pk, Wording("异动已登记。", "The change is on record."))


@page("roster.read")
@require_POST
def void_code(request: SignedInRequest, pk: int) -> HttpResponse:
    """A slip was lost: its code opens nothing any more."""
    signing_codes.void_signing_code(request.actor, get_scoped(request.actor, Candidate, pk=pk))
    return _done(request, pk, Wording("核对码已作废。", "The code is void."))


@page("roster.read")
@require_POST
def reveal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the whole ID number once, on record."""
    candidate = get_scoped(request.actor, _PERSON, pk=pk)
    number = actions.reveal_id_number(request.actor, candidate, reason=request.POST.get("reason", ""))
    return render(request, "roster/detail.html", _detail(request, candidate, revealed=number))


@page("roster.list")
def add(request: SignedInRequest) -> HttpResponse:
    """Add an expected graduate whom the roster left out (R21, annex 1). What was typed stays on a refusal."""
    campaigns = scoped(request.actor, Campaign).exclude(status="closed").select_related("school")
    homes = changeable(request.actor, Organisation, "roster.list").filter(
        kind__in=(OrganisationKind.DEPARTMENT, OrganisationKind.LEARNING_CENTRE)
    )
    if request.method == "POST":
        home = get_scoped(request.actor, homes, pk=_number(request.POST.get("department")))
        campaign = get_scoped(request.actor, campaigns, pk=_number(request.POST.get("campaign")))
        values = {name: request.POST.get(name, "") for name in TITLES}
        made = steps.add_candidate(
            request.actor, campaign, department=home, values=values, reason=request.POST.get("reason", "")
        )
        return _done(request, made.pk, Wording("已添加，并列入附件1。", "Added, and named in annex 1."))
    seasons = {"spring": "春季", "autumn": "秋季"}
    first_home = homes.first()
    fields = [
        (
            COLUMNS[name],
            name in REQUIRED,
            options_of(name, first_home) if name not in ("sex",) else [("男", "男"), ("女", "女")],
        )
        for name in TITLES
        if name not in ("department", "season")
    ]
    context = {
        "campaigns": campaigns,
        "departments": homes,
        "fields": fields,
        "seasons": [(seasons[value], label) for value, label in Season.choices],
    }
    return render(request, "roster/add.html", context)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
