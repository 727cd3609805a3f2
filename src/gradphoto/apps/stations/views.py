"""The centre's pages of its stations: kits, packets, every record's fate, and conflicts with both faces."""

from __future__ import annotations

import io
import zipfile

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.capture.previews import small_copy
from gradphoto.apps.core import blobs
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.models import Blob
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.downloads import BYTES, download
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, posted_of, posted_row, row_forms
from gradphoto.apps.stations.conflicts import Choice, choices_of
from gradphoto.apps.stations.forms import DecideConflict, MakeKit, RevokeKit, TakePacketsIn
from gradphoto.apps.stations.kits import MadeKit, centre_signing_key
from gradphoto.apps.stations.lists import CONFLICTS, KITS, RECORDS
from gradphoto.apps.stations.models import Conflict, StationKit
from gradphoto.apps.stations.receipts import receipts_of
from gradphoto.engine.packet.box import fingerprint
from gradphoto.engine.packet.suites import Suite


@page("stations.manage")
def stations(request: SignedInRequest) -> HttpResponse:
    """Kits with their packets, and the place to take packets in."""
    if request.method == "POST":
        form = posted_of(request, {TakePacketsIn: None, RevokeKit: StationKit.objects.all()})
        return form_action(
            request,
            form,
            again=lambda form: _stations(request, form),
            done=lambda made: redirect("stations:list") if made is None else redirect("core:job", pk=made.pk),
        )
    return _stations(request)


def _stations(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    listing = KITS.page(request)
    context = {
        "listing": listing,
        "kits": row_forms(request.actor, listing.shown, (RevokeKit,), posted),
        "page_forms": PageForms(request.actor, None, (TakePacketsIn,), posted),
        "open_conflicts": scoped(request.actor, Conflict).filter(choice="").distinct().count(),
    }
    return render(request, "stations/stations.html", context)


@page("stations.manage")
def kit_new(request: SignedInRequest) -> HttpResponse:
    """Make a kit; the answer shows its PINs, this once."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (MakeKit,), None),
            again=lambda form: _kit_new(request, form),
            done=lambda made: _kit_made(request, made),
        )
    return _kit_new(request)


def _kit_new(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    forms = PageForms(request.actor, None, (MakeKit,), posted)
    return render(request, "stations/kit_new.html", {"page_forms": forms})


def _kit_made(request: SignedInRequest, made: MadeKit) -> HttpResponse:
    told = {
        "kit": made.row,
        "pins": made.pins.items(),
        "fingerprint": fingerprint(centre_signing_key().public_key()),
        "suite": Suite(made.row.suite).limits,
    }
    return render(request, "stations/kit_made.html", told)


@page("stations.manage")
def kit_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The kit once more; it opens for its station only."""
    kit = get_scoped(request.actor, StationKit.objects.select_related("file").filter(revoked_at=None), pk=pk)
    return download(blobs.read(kit.file), f"{kit.station}-{kit.pk}.gpkit", BYTES)


@page("stations.manage")
def kit_receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    """What we hold of this kit's laptop, signed; several laptops of one kit come as a zip."""
    kit = get_scoped(request.actor, StationKit, pk=pk)
    made = receipts_of(request.actor, kit)
    if not made:
        raise refuse(
            "capture.no_packets_yet",
            "还没有收到这个采集站的采集包。",
            "Nothing of this station has been taken in yet.",
            "请先导入采集包。",
            "Take its packets in first.",
        )
    name, data = next(iter(made.items()))
    if len(made) > 1:
        name, out = f"{kit.station}-receipts.zip", io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for one, text in made.items():
                archive.writestr(one, text)
        data = out.getvalue()
    return download(data, name, BYTES)


@page("stations.manage")
def packet_records(request: SignedInRequest) -> HttpResponse:
    """What became of every record."""
    return render(request, "stations/records.html", {"listing": RECORDS.page(request)})


@page("stations.manage")
def conflict_list(request: SignedInRequest) -> HttpResponse:
    """What awaits a decision, or was decided; each is decided here, with a reason."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (DecideConflict,), posted_row(request, Conflict.objects.all())),
            again=lambda form: _conflicts(request, form),
            done=lambda made: redirect("stations:conflict_list"),
        )
    return _conflicts(request)


def _conflicts(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    listing = CONFLICTS.page(request)
    for conflict in listing.shown:
        if conflict.choice:
            conflict.said_choice = choices_of(conflict)[Choice(conflict.choice)]
    rows = row_forms(request.actor, listing.shown, (DecideConflict,), posted)
    context = {"listing": listing, "rows": rows, "tabs": listing.tabs("state")}
    if posted is not None and posted.target not in listing.shown:
        context["page_forms"] = PageForms(request.actor, posted.target, (), posted)
    return render(request, "stations/conflicts.html", context)


@page("stations.manage")
def conflict_photo(request: SignedInRequest, pk: int) -> HttpResponse:
    """A small copy of what the packet brought; 404 where its file has not come."""
    record = get_scoped(request.actor, Conflict.objects.select_related("record__kit"), pk=pk).their_frame
    if record is None:
        raise Http404
    blob = Blob.objects.get(pk=record.payload["sha256"])
    return HttpResponse(small_copy(blobs.read(blob)), content_type="image/jpeg")
