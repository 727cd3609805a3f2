"""Pages of self-organised collection: the gate, the upload, the report, the hand-in, the take-over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.core.actions import may, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.makeup import selfmade
from gradphoto.apps.makeup.checking import report_workbook, verdicts_of
from gradphoto.apps.makeup.forms.selfmade import COLLECTION_FORMS, OpenCollection, UploadForm
from gradphoto.apps.makeup.lists import COLLECTIONS, ROWS
from gradphoto.apps.makeup.models import SelfCollection, SelfStatus
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.downloads import download
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, sent_form
from gradphoto.engine.wording import Wording

_PHOTO_MB = 40
_ARCHIVE_MB = 300
_A_PAGE = 100
_FOUND = SelfCollection.objects.select_related("campaign__school", "campaign__centre", "organisation", "job", "session")


@page("makeup.read_collections")
def collections(request: SignedInRequest) -> HttpResponse:
    """All hand-ins in scope, and the start of a new one."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (OpenCollection,), None),
            again=lambda form: _collections(request, form),
            done=lambda made: redirect("makeup:collection", pk=made.pk),
        )
    return _collections(request)


def _collections(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    listing = COLLECTIONS.page(request)
    context = {
        "listing": listing,
        "tabs": listing.tabs("status"),
        "page_forms": PageForms(request.actor, None, (OpenCollection,), posted),
    }
    return render(request, "makeup/collections.html", context)


@page("makeup.read_collections")
def collection(request: SignedInRequest, pk: int) -> HttpResponse:
    """One hand-in: where it stands, what is wrong, what to do next."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, COLLECTION_FORMS, get_scoped(request.actor, _FOUND, pk=pk)),
            again=lambda form: _collection(request, pk, form),
            done=lambda made: redirect("makeup:collection", pk=pk),
        )
    return _collection(request, pk)


def _collection(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = get_scoped(request.actor, _FOUND, pk=pk)
    start = "faults" if found.rows.exclude(faults=[]).exists() else ""
    listing = ROWS.page(request, collection=pk, show=request.GET.get("show", start))
    verdicts = verdicts_of(listing.shown)
    context = {
        "verdicts": [(row, verdicts.get(row.pk)) for row in listing.shown],
        "noted_photos": first_rows(found.photos.exclude(notes=[]), _A_PAGE),
        "collection": found,
        "offered": offered(request.actor, found),
        "may_upload": found.status == SelfStatus.OPEN and may(request.actor, "makeup.add_photo", found),
        "listing": listing,
        "tabs": listing.tabs("show"),
        "page_forms": PageForms(request.actor, found, COLLECTION_FORMS, posted),
        "row_count": found.rows.count(),
        "bad_rows": found.rows.exclude(faults=[]).count(),
        "taken": found.rows.exclude(check_in=None).count(),
        "photo_count": found.photos.count(),
        "bad_photos": first_rows(found.photos.exclude(faults=[]), _A_PAGE),
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
    form = sent_form(request, UploadForm)
    files = form.cleaned_data["file"] if form.is_valid() else []
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


@page("makeup.read_collections")
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """The per-row report as xlsx."""
    return download(report_workbook(get_scoped(request.actor, SelfCollection, pk=pk)), f"self-organised-{pk}.xlsx")
