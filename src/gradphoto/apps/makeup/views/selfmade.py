"""Pages of self-organised collection: the gate, the upload, the report, the hand-in, the take-over."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actions import may, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.makeup import selfmade
from gradphoto.apps.makeup.checking import report_workbook, verdicts_of
from gradphoto.apps.makeup.models import SelfCollection, SelfStatus
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped, scoped
from gradphoto.apps.pages.downloads import download
from gradphoto.engine.wording import Wording

_PHOTO_MB = 40
_ARCHIVE_MB = 300
_A_PAGE = 100
_FOUND = SelfCollection.objects.select_related("campaign__school", "campaign__centre", "organisation", "job", "session")


@page("makeup.read_collections")
def collections(request: SignedInRequest) -> HttpResponse:
    """All hand-ins in scope, and the start of a new one."""
    campaigns = scoped(request.actor, Campaign)
    if request.method == "POST":
        numbers = [request.POST.get(name, "") for name in ("campaign", "organisation")]
        campaign_pk, unit_pk = (int(text) if text.isdecimal() else 0 for text in numbers)
        made = selfmade.open_collection(
            request.actor,
            get_scoped(request.actor, campaigns, pk=campaign_pk),
            organisation=get_scoped(request.actor, Organisation, pk=unit_pk),
            title=request.POST.get("title", ""),
        )
        return redirect("makeup:collection", pk=made.pk)
    found = scoped(request.actor, _FOUND).annotate(
        people=Count("rows", distinct=True), taken=Count("rows", filter=Q(rows__check_in__isnull=False), distinct=True)
    )
    context = {
        "found": found,
        "campaigns": campaigns,
        "units": changeable(request.actor, Organisation, "makeup.collect").filter(
            kind__in=("learning_centre", "department")
        ),
        "may_open": may(request.actor, "makeup.open_collection"),
    }
    return render(request, "makeup/collections.html", context)


@page("makeup.read_collections")
def collection(request: SignedInRequest, pk: int) -> HttpResponse:
    """One hand-in: where it stands, what is wrong, what to do next."""
    found = get_scoped(request.actor, _FOUND, pk=pk)
    rows = found.rows.select_related("photo", "check_in")
    if request.GET.get("show", "faults" if rows.exclude(faults=[]).exists() else "all") == "faults":
        rows = rows.exclude(faults=[])
    shown = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    verdicts = verdicts_of(shown)
    context = {
        "verdicts": [(row, verdicts.get(row.pk)) for row in shown],
        "noted_photos": found.photos.exclude(notes=[])[:_A_PAGE],
        "collection": found,
        "offered": offered(request.actor, found),
        "may_upload": found.status == SelfStatus.OPEN and may(request.actor, "makeup.add_photo", found),
        "page": shown,
        "row_count": found.rows.count(),
        "bad_rows": found.rows.exclude(faults=[]).count(),
        "taken": found.rows.exclude(check_in=None).count(),
        "photo_count": found.photos.count(),
        "bad_photos": found.photos.exclude(faults=[])[:_A_PAGE],
        "limits": {"photo": _PHOTO_MB, "archive": _ARCHIVE_MB},
    }
    return render(request, "makeup/collection.html", context)


@page("makeup.read_collections")
def known(request: SignedInRequest, pk: int) -> HttpResponse:
    """SHA-256 by file name of what is here already: a resumed upload skips it."""
    return JsonResponse(selfmade.known_files(get_scoped(request.actor, SelfCollection, pk=pk)))


@page("makeup.collect")
@require_POST
def upload(request: SignedInRequest, pk: int) -> HttpResponse:
    """Photographs, a zip of them, or the table; each file is known by its content. One file at a time from the script,
    many at once from a browser without it.
    """
    found = get_scoped(request.actor, _FOUND, pk=pk)
    files = request.FILES.getlist("file")
    if not files:
        raise invalid("makeup.no_file", "没有选择文件。", "No file was chosen.",
                      "请选择照片、压缩包或汇总表。", "Choose photographs, a zip or the table.")  # fmt: skip
    fresh = skipped = 0
    for one in files:
        name = one.name or "file"
        if name.lower().endswith((".xlsx", ".xls")):
            data, _ = read_upload(one, Kind.TABLE, limit_mb=_PHOTO_MB)
            selfmade.set_summary(request.actor, found, data=data, file_name=name)
            fresh += 1
        elif name.lower().endswith(".zip"):
            data, _ = read_upload(one, Kind.ZIP, limit_mb=_ARCHIVE_MB)
            selfmade.add_archive(request.actor, found, data=data)
            fresh += 1
        else:
            data, _ = read_upload(one, Kind.JPEG, limit_mb=_PHOTO_MB)
            new = selfmade.add_photo(request.actor, found, file_name=name, data=data)
            fresh, skipped = fresh + new, skipped + (not new)
    if request.headers.get("X-Upload") == "script":
        return JsonResponse({"fresh": fresh, "skipped": skipped})
    messages.success(
        request,
        say(Wording(f"新收 {fresh} 个文件，跳过已有 {skipped} 个。", f"{fresh} new, {skipped} known and skipped.")),
    )
    return redirect("makeup:collection", pk=pk)


@page("makeup.check_collection")
@require_POST
def step(request: SignedInRequest, pk: int) -> HttpResponse:
    """One step of a hand-in."""
    found = get_scoped(request.actor, _FOUND, pk=pk)
    actor, reason = request.actor, request.POST.get("reason", "")
    whom = request.POST.get("whom", "")

    def on() -> date:
        return _day_of(request.POST.get("on", ""))

    def drop() -> None:
        wanted = request.POST.get("photo", "")
        photo = found.photos.filter(pk=int(wanted) if wanted.isdecimal() else 0).first()
        if photo is not None:
            selfmade.drop_photo(actor, found, photo=photo)

    steps: dict[str, Any] = {
        "confirm_contact": lambda: selfmade.confirm_contact(actor, found, on=on(), whom=whom),
        "check_collection": lambda: selfmade.check_collection(actor, found),
        "submit_collection": lambda: selfmade.submit_collection(actor, found, on=on(), whom=whom),
        "return_collection": lambda: selfmade.return_collection(actor, found, reason=reason),
        "withdraw_collection": lambda: selfmade.withdraw_collection(actor, found, reason=reason),
        "take_collection": lambda: selfmade.take_collection(actor, found),
        "finish_collection": lambda: selfmade.finish_collection(actor, found, reason=reason),
        "drop_photo": drop,
    }
    wanted = request.POST.get("step", "")
    if wanted not in steps:
        raise invalid("makeup.step", "没有这一步。", "There is no such step.", "请刷新页面。", "Reload the page.")
    steps[wanted]()
    return redirect("makeup:collection", pk=pk)


@page("makeup.read_collections")
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """The per-row report as xlsx."""
    return download(report_workbook(get_scoped(request.actor, SelfCollection, pk=pk)), f"self-organised-{pk}.xlsx")


def _day_of(text: str) -> date:
    """A date as a form sends it. Raises ``InvalidInput`` with ``makeup.date``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(
            "makeup.date", "日期不正确。", "This is not a date.",
            "请选择或按 2026-03-01 的形式填写。", "Write it like 2026-03-01.",
        ) from None  # fmt: skip
