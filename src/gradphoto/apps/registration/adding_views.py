"""The pages of those registered without a photograph: who, since when, what can be done, and what was proposed."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actions import may, offered
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.registration import adding, queries
from gradphoto.apps.registration.export import days_since
from gradphoto.apps.registration.models import AdditionStatus, LedgerEntry, PhotoAddition
from gradphoto.apps.registration.queries import PAGE_SIZE, PersonFilter
from gradphoto.engine.wording import Wording

WAYS = (("ready", bi("有已交付照片", "Photograph delivered")), ("none", bi("没有照片", "No photograph")))


@dataclass(frozen=True, slots=True)
class Row:
    """A person registered without a photograph; ``days`` since then."""

    entry: LedgerEntry
    days: int
    delivered: bool
    waits: bool


@page("registration.read")
def without_photo(request: SignedInRequest) -> HttpResponse:
    """Who stands in the ledger without a photograph, the longest first, told by whether one can be added now."""
    wanted, way = PersonFilter.read(request.GET), request.GET.get("photo", "")
    everybody = queries.lacking(request.actor, wanted)
    counts = {"ready": everybody.filter(delivered=True).count(), "none": everybody.filter(delivered=False).count()}
    shown = everybody.filter(delivered=way == "ready") if way in counts else everybody
    current = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "wanted": wanted,
        "campaigns": queries.campaigns_of(request.actor),
        "departments": queries.departments_of(request.actor),
        "seasons": Season.choices,
        "photo": way,
        "ways": [(key, title, counts[key]) for key, title in WAYS],
        "total": sum(counts.values()),
        "page": current,
        "rows": [Row(one, days_since(one), one.delivered, one.waits) for one in current],
        "exporter": holds(request.user, "registration.export"),
        "waiting": scoped(request.actor, PhotoAddition).filter(status=AdditionStatus.PROPOSED).count(),
    }
    return render(request, "registration/without_photo.html", context)


@page("registration.propose")
@require_POST
def propose_photo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Propose that the delivered photograph be added."""
    entry = get_scoped(request.actor, LedgerEntry.objects.select_related("candidate__campaign"), pk=pk)
    adding.propose_photo(request.actor, entry, reason=request.POST.get("reason", ""))
    messages.success(request, say(Wording("已提交，待国家中心审核。", "Proposed; the national centre decides.")))
    return redirect("registration:entry", pk=pk)


@page("registration.read")
def additions(request: SignedInRequest) -> HttpResponse:
    """What was proposed, with the photograph beside the record; what waits, what was decided."""
    state = request.GET.get("state", AdditionStatus.PROPOSED.value)
    found = scoped(request.actor, PhotoAddition).select_related(
        "entry__candidate__department", "portrait__check_in", "proposed_by", "decided_by", "result"
    )
    shown = found.filter(status=state) if state in AdditionStatus.values else found
    current = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    decides = holds(request.user, "registration.approve_nationally")
    context = {
        "state": state,
        "states": [(value, label, found.filter(status=value).count()) for value, label in AdditionStatus.choices],
        "page": current,
        "rows": [(one, days_since(one.entry), offered(request.actor, one) if decides else ()) for one in current],
    }
    return render(request, "registration/additions.html", context)


@page("registration.approve_nationally")
@require_POST
def decide_photo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Approve an addition, which becomes a line of the ledger, or reject it with the reason."""
    addition = get_scoped(request.actor, PhotoAddition, pk=pk)
    match request.POST.get("step"):
        case "approve":
            made = adding.approve_photo(request.actor, addition)
            told = Wording("已补登，登记为第 {n} 条。", "Added as line {n}.").format(n=made.number)
        case "reject":
            adding.reject_photo(request.actor, addition, reason=request.POST.get("reason", ""))
            told = Wording("已退回。", "Rejected.")
        case _:
            raise Http404
    messages.success(request, say(told))
    return redirect("registration:additions")


@page("registration.read")
def addition_photo(request: SignedInRequest, pk: int) -> HttpResponse:
    """The photograph that shall be added, to look at before deciding."""
    addition = get_scoped(request.actor, PhotoAddition.objects.select_related("portrait__blob"), pk=pk)
    return HttpResponse(blobs.read(addition.portrait.blob), content_type=addition.portrait.blob.media_type)


def proposable(request: SignedInRequest, entry: LedgerEntry) -> bool:
    """Whether this viewer may propose a photograph for the person whose standing line this is."""
    return entry.portrait_id is None and holds(request.user, "registration.propose") and may(
        request.actor, "registration.propose_photo", entry
    )  # fmt: skip
