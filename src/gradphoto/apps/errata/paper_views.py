"""Pages of the papers: the forms that carry cases, annex 6 of a college, and the table of who corrects what."""

from __future__ import annotations

from typing import TypeVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Model
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.actions import set_rule
from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import ERRATA_ROUTES, ERRATA_SUMMARY_DUE
from gradphoto.apps.core.actions import may, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.errata import lists, papers
from gradphoto.apps.errata.kinds import Channel, Corrector, Paper
from gradphoto.apps.errata.models import ErrataCase, ErrataForm, FormStatus
from gradphoto.apps.errata.routing import routes
from gradphoto.apps.errata.views import XLSX, blob_answer, day_of, download, file_of, sending
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.engine.documents import TableForm
from gradphoto.engine.standards.deadlines import days_left
from gradphoto.engine.wording import Wording

M = TypeVar("M", bound=Model)
PDF = "application/pdf"


def _answer(layout: TableForm, name: str, wanted: str) -> HttpResponse:
    language = get_language() or "zh"
    if wanted == "xlsx":
        return download(layout.to_xlsx(language), f"{name}.xlsx", XLSX)
    return download(layout.to_pdf(language), f"{name}.pdf", PDF)


@page("errata.read_forms")
def form_list(request: SignedInRequest) -> HttpResponse:
    """Every form in the viewer's scope, with its copy kept (R159)."""
    forms = scoped(request.actor, ErrataForm).select_related("campaign", "organisation")
    season, status = request.GET.get("season", ""), request.GET.get("status", "")
    if season in Season.values:
        forms = forms.filter(season=season)
    if status in FormStatus.values:
        forms = forms.filter(status=status)
    shown = Paginator(
        forms.annotate(case_count=Count("cases")).order_by("-created_at", "-pk"), lists.PAGE_SIZE
    ).get_page(request.GET.get("page"))
    context = {
        "page": shown, "seasons": Season.choices, "statuses": FormStatus.choices, "season": season, "status": status,
    }  # fmt: skip
    return render(request, "errata/forms.html", context)


@page("errata.draft")
@require_POST
def compile_form(request: SignedInRequest) -> HttpResponse:
    """One form of the ticked cases (R168)."""
    ticked = [int(pk) for pk in request.POST.getlist("case") if pk.isascii() and pk.isdigit()]
    cases = list(scoped(request.actor, ErrataCase).filter(pk__in=ticked).select_related("campaign"))
    if not cases:
        raise invalid("errata.no_cases", "请先勾选勘误。", "Tick cases first.", "在左侧勾选。", "Tick at the left.")
    wanted = request.POST.get("paper", "")
    paper = Paper(wanted) if wanted in Paper.values else None
    form = papers.compile_form(request.actor, cases[0].campaign, cases=cases, paper=paper)
    messages.success(
        request, say(Wording("已生成 {n}，请打印盖章。", "{n} is made; print it and have it sealed.").format(n=form))
    )
    return redirect("errata:form", pk=form.pk)


def _form(request: SignedInRequest, pk: int) -> ErrataForm:
    forms = ErrataForm.objects.select_related("campaign__school", "organisation", "scan")
    return get_scoped(request.actor, forms, pk=pk)


@page("errata.read_forms")
def form_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One form: its cases, the paper to print, the seal, the way it took."""
    form = _form(request, pk)
    rows = lists.rows_of(lists.with_rows(form.cases.order_by("number")))
    context = {
        "form": form,
        "rows": rows,
        "needs_seal": any(row.case.needs_seal for row in rows),
        "steps": {name.removeprefix("errata.") for name in offered(request.actor, form)},
        "may_dissolve": bool(rows)
        and form.status == FormStatus.DRAFTED
        and may(request.actor, "errata.dissolve_form", form),
        "channels": Channel.choices,
        "today": timezone.localdate(),
    }
    return render(request, "errata/form.html", context)


@page("errata.read_forms")
def form_paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """The form as PDF, or as xlsx with ``?format=xlsx``; each print is on record, as it holds whole ID numbers."""
    form = _form(request, pk)
    return _answer(papers.print_form(request.actor, form), str(form), request.GET.get("format", ""))


@page("errata.read_forms")
def form_scan(request: SignedInRequest, pk: int) -> HttpResponse:
    """The scan of the sealed form: the copy the school keeps (R71, R159)."""
    form = _form(request, pk)
    if form.scan is None:
        raise Http404
    return blob_answer(form.scan, f"{form}-scan")


@page("errata.read_forms")
@require_POST
def form_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Seal, send, receive or dissolve a form."""
    form, step = _form(request, pk), request.POST.get("step", "")
    if step == "seal_form":
        data, media_type = file_of(request)
        of, signed_by, signed_role = (request.POST.get(name, "") for name in ("seal_of", "signed_by", "signed_role"))
        seal = papers.Seal(of, signed_by, signed_role, day_of(request))
        papers.seal_form(request.actor, form, seal=seal, data=data, media_type=media_type)
    elif step == "send_form":
        papers.send_form(request.actor, form, **sending(request))
    elif step == "receive_form":
        papers.receive_form(request.actor, form, on=day_of(request))
    elif step == "dissolve_form":
        papers.dissolve_form(request.actor, form)
        messages.success(request, say(Wording("已撤销，勘误恢复为草稿。", "Dissolved; its cases are drafts again.")))
        return redirect("errata:list")
    else:
        raise invalid("errata.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    messages.success(request, say(Wording("已登记。", "Entered.")))
    return redirect("errata:form", pk=pk)


@page("errata.read_forms")
def summary(request: SignedInRequest) -> HttpResponse:
    """Annex 6: what is wrong online with the people of a college, to look at and to print."""
    campaigns = list(scoped(request.actor, Campaign).select_related("school", "rule_set"))
    colleges = list(
        scoped(request.actor, Organisation).filter(
            kind__in=(OrganisationKind.DEPARTMENT, OrganisationKind.LEARNING_CENTRE), candidates__isnull=False
        ).distinct()
    )  # fmt: skip
    campaign = _chosen(campaigns, request.GET.get("campaign", ""))
    college = _chosen(colleges, request.GET.get("organisation", ""))
    wanted = request.GET.get("format", "")
    if wanted and campaign and college:
        layout = papers.print_summary(request.actor, campaign, organisation=college)
        return _answer(layout, f"annex6-{campaign.cohort_year}-{college.pk}", wanted)
    rule = in_force(campaign.rule_set, ERRATA_SUMMARY_DUE) if campaign else None
    due_on = ERRATA_SUMMARY_DUE.read(rule.value) if rule else None
    context = {
        "campaigns": campaigns,
        "colleges": colleges,
        "campaign": campaign,
        "college": college,
        "lines": lists.summary_lines(request.actor, campaign, college) if campaign and college else {},
        "due_on": due_on,
        "left": days_left(due_on, timezone.localdate(), calendar_of(campaign.school)) if due_on and campaign else None,
        "source": rule.source if rule else "",
    }
    return render(request, "errata/summary.html", context)


def _chosen(found: list[M], wanted: str) -> M | None:
    return next((one for one in found if str(one.pk) == wanted), found[0] if found else None)


@page("errata.read_forms")
def routing_table(request: SignedInRequest) -> HttpResponse:
    """Who corrects what in a campaign (R167, B10): to read for all, to change for the registrar, with its source."""
    campaigns = list(scoped(request.actor, Campaign).select_related("school", "rule_set"))
    campaign = _chosen(campaigns, request.POST.get("campaign") or request.GET.get("campaign") or "")
    may_change = campaign is not None and may(request.actor, "campaigns.set_rule", campaign.rule_set)
    if request.method == "POST" and campaign is not None:
        posted = {route.key: request.POST.get(f"route_{route.key}", "") for route in routes(campaign)}
        set_rule(
            request.actor,
            campaign.rule_set,
            key=ERRATA_ROUTES,
            value={key: who for key, who in posted.items() if who in Corrector.values},
            source=request.POST.get("source", ""),
            effective_from=day_of(request, "since"),
        )
        messages.success(request, say(Wording("流转表已更新。", "The routing table is changed.")))
        return redirect(f"{request.path}?campaign={campaign.pk}")
    context = {
        "campaigns": campaigns,
        "campaign": campaign,
        "routes": list(routes(campaign)) if campaign else (),
        "rule": in_force(campaign.rule_set, ERRATA_ROUTES) if campaign else None,
        "correctors": Corrector.choices,
        "may_change": may_change,
        "today": timezone.localdate(),
    }
    return render(request, "errata/routes.html", context)
