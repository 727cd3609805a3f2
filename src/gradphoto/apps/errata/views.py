"""The list of errata cases and the page of one: its history, its files, and what is to be done next."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.core import blobs
from gradphoto.apps.core.action_words import words_of
from gradphoto.apps.core.models import AuditEntry, Blob
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.errata import lists
from gradphoto.apps.errata.drafting_forms import CompileForm
from gradphoto.apps.errata.effects import conditions
from gradphoto.apps.errata.forms import CASE_FORMS, open_sessions
from gradphoto.apps.errata.guidance import next_step
from gradphoto.apps.errata.kinds import ErrataKind
from gradphoto.apps.errata.models import Attachment, ErrataCase, ErrataItem
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.downloads import disposition
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, ticks
from gradphoto.apps.verification.queries import newest_delivered
from gradphoto.engine.wording import Wording


@page("errata.read")
def case_list(request: SignedInRequest) -> HttpResponse:
    """Every case in the viewer's scope: searched, filtered, sorted, with what is left of its time; ticked onto a form."""
    if request.method == "POST":
        form = posted_form(request, (CompileForm,), None)
        return form_action(
            request,
            form,
            again=lambda form: _list(request, form),
            done=lambda made: redirect("errata:form", pk=made.pk),
        )
    return _list(request)


def _list(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    may_draft = holds(request.user, "errata.draft")
    context = {
        "listing": lists.CASES.page(request),
        "late": lists.overdue(scoped(request.actor, ErrataCase)).count(),
        "may_draft": may_draft,
        "compile": (posted or CompileForm(request.actor)) if may_draft else None,
        "ticked": ticks(posted, "cases"),
        "disputed": lists.disputes_to_take(request.actor).count() if may_draft else 0,
    }
    return render(request, "errata/list.html", context)


def _case(request: SignedInRequest, pk: int) -> ErrataCase:
    cases = ErrataCase.objects.select_related(
        "campaign__school", "campaign__rule_set", "department", "session", "package__campaign", "form__campaign",
        "reshoot__session", "drafted_by",
    )  # fmt: skip
    return get_scoped(request.actor, cases, pk=pk)


@page("errata.read")
def case_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One case: whom it concerns, how far it is, what is next and who does it."""
    if request.method == "POST":
        form = posted_form(request, CASE_FORMS, _case(request, pk))
        return form_action(
            request,
            form,
            again=lambda form: _detail(request, pk, form),
            done=lambda made: redirect("errata:detail", pk=pk),
        )
    return _detail(request, pk)


def _detail(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    case = _case(request, pk)
    items = list(case.items.select_related("candidate__department", "candidate__verification_case"))
    case.left = lists.time_left(case, {})
    page_forms = PageForms(request.actor, case, CASE_FORMS, posted)
    context = {
        "case": case,
        "items": items,
        "open_forms": lists.open_forms(request.actor, [case]),
        "people_count": len({item.candidate_id for item in items}),
        "run": _run(items),
        "portrait": _portrait(request, case, items),
        "may_repair": holds(request.user, "pairing.repair"),
        "reports": case.reports.select_related("report__package") if _sees_reports(request) else (),
        "next_step": next_step(case),
        "conditions": conditions(case),
        "page_forms": page_forms,
        "sessions": open_sessions(request.actor, case).exists(),
        "history": _history(case),
        "attachments": case.attachments.select_related("blob", "added_by"),
        "own_draft": case.kind == ErrataKind.DATA_WRONG and case.drafted_by_id == request.user.pk,
        "may_draft": holds(request.user, "errata.draft"),
    }
    return render(request, "errata/detail.html", context)


def _run(items: Sequence[ErrataItem]) -> tuple[int, int] | None:
    """The first and the last shooting number of the case: the run that the pairing's page marks."""
    numbers = [item.shooting_number for item in items if item.shooting_number is not None]
    return (min(numbers), max(numbers)) if numbers else None


def _portrait(request: SignedInRequest, case: ErrataCase, items: Sequence[ErrataItem]) -> Portrait | None:
    """The delivered photograph that a case of one person is about, for those who may open it."""
    people = {item.candidate_id: item.candidate for item in items}
    if len(people) != 1 or not holds(request.user, "delivery.read"):
        return None
    (person,) = people.values()
    person.campaign = case.campaign
    return newest_delivered(person)


def _sees_reports(request: SignedInRequest) -> bool:
    return holds(request.user, "errata.receive")


def _history(case: ErrataCase) -> list[tuple[AuditEntry, Wording]]:
    """What happened to the case, oldest first, from the audit trail."""
    drafted = AuditEntry.objects.filter(action="errata.draft_case", detail__case=case.pk)
    later = AuditEntry.objects.filter(target_type="errata.erratacase", target_key=str(case.pk))
    entries = [*drafted, *later.order_by("at", "pk")]
    return [(entry, words_of(entry.action)) for entry in entries]


@page("errata.read")
def attachment(request: SignedInRequest, pk: int) -> HttpResponse:
    """A file of a case."""
    found = get_scoped(request.actor, Attachment.objects.select_related("blob", "case__campaign"), pk=pk)
    return blob_answer(found.blob, f"{found.case}-{found.pk}")


def blob_answer(blob: Blob, name: str) -> HttpResponse:
    """A stored scan or picture: shown by the browser as what its content is, never run."""
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}.get(blob.media_type, "bin")
    headers = {"Content-Disposition": disposition(f"{name}.{ending}", inline=True), "X-Content-Type-Options": "nosniff"}
    return HttpResponse(blobs.read(blob), content_type=blob.media_type, headers=headers)
