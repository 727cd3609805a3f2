"""The centre's pages of its stations: kits, packets, every record's fate, and conflicts."""

from __future__ import annotations

import io
import zipfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import blobs, jobs
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.stations.conflicts import Choice, choices_of, decide_conflict
from gradphoto.apps.stations.intake import MOST_PART_BYTES
from gradphoto.apps.stations.kits import centre_signing_key, make_kit, revoke_kit
from gradphoto.apps.stations.models import (
    Conflict,
    ConflictKind,
    RecordKind,
    RecordState,
    StationKit,
    StationRecord,
)
from gradphoto.apps.stations.receipts import receipts_of
from gradphoto.engine.packet.box import fingerprint, load_laptop_public
from gradphoto.engine.packet.envelope import Receiver
from gradphoto.engine.packet.station_packet import MANIFEST, PART_SUFFIX
from gradphoto.engine.packet.suites import Suite
from gradphoto.engine.wording import Wording
from gradphoto.engine.workbooks import open_workbook

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PAGE = 50
_MOST_KEY_BYTES = 4096
_MOST_PARTS = 2_000
_MOST_PACKET_BYTES = 8 << 30


@page("stations.manage")
def stations(request: SignedInRequest) -> HttpResponse:
    """Kits with their packets, and the place to take packets in."""
    kits = scoped(request.actor, StationKit).select_related("campaign").prefetch_related("intakes").distinct()
    kits = kits.annotate(waiting=Count("records", filter=Q(records__state=RecordState.WAITING), distinct=True))
    context = {
        "page": Paginator(kits.order_by("-made_at", "-pk"), _PAGE).get_page(request.GET.get("page")),
        "open_conflicts": scoped(request.actor, Conflict).filter(choice="").distinct().count(),
        "may_make": True,
    }
    return render(request, "stations/stations.html", context)


@page("stations.manage")
def kit_new(request: SignedInRequest) -> HttpResponse:
    """Make a kit; the answer shows its PINs, this once."""
    campaigns = scoped(request.actor, Campaign).select_related("school").distinct()
    sessions = scoped(request.actor, CaptureSession).exclude(status=SessionStatus.CLOSED).select_related("campaign")
    if request.method != "POST":
        context = {"campaigns": campaigns, "sessions": sessions.distinct()}
        return render(request, "stations/kit_new.html", context)
    campaign = get_scoped(request.actor, Campaign, pk=_number(request, "campaign") or 0)
    chosen = [int(one) for one in request.POST.getlist("sessions") if one.isdigit()]
    receivers, signing_public = _receivers(request)
    made = make_kit(
        request.actor,
        campaign,
        station=request.POST.get("station", ""),
        receivers=receivers,
        sessions=list(sessions.filter(pk__in=chosen).distinct()),
        numbers=_number(request, "numbers"),
        signing_public=signing_public,
    )
    told = {
        "kit": made.row,
        "pins": made.pins.items(),
        "fingerprint": fingerprint(centre_signing_key().public_key()),
        "suite": Suite(made.row.suite).limits,
    }
    return render(request, "stations/kit_made.html", told)


def _number(request: SignedInRequest, name: str) -> int | None:
    text = request.POST.get(name, "").strip()
    return int(text) if text.isdigit() and 0 < int(text) <= 2**31 else None


def _receivers(request: SignedInRequest) -> tuple[list[Receiver], Ed25519PublicKey | None]:
    """Who can open the kit, and the key that the laptop has made to sign with."""
    receivers = [Receiver(passphrase=words)] if (words := request.POST.get("passphrase", "")) else []
    key, signing = request.FILES.get("key"), None
    if key is not None:
        box, signing = load_laptop_public(key.read(_MOST_KEY_BYTES))
        receivers.append(Receiver(public_key=box))
    return receivers, signing


@page("stations.manage")
def kit_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The kit once more; it opens for its station only."""
    kit = get_scoped(request.actor, StationKit.objects.select_related("file").filter(revoked_at=None), pk=pk)
    response = HttpResponse(blobs.read(kit.file), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{kit.station}-{kit.pk}.gpkit"'
    return response


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
    response = HttpResponse(data, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@page("stations.manage")
@require_POST
def kit_revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take in nothing more of a station."""
    revoke_kit(request.actor, get_scoped(request.actor, StationKit, pk=pk), reason=request.POST.get("reason", ""))
    messages.success(request, say(Wording("已作废。", "Revoked.")))
    return redirect("stations:list")


@page("stations.manage")
@require_POST
def packet_upload(request: SignedInRequest) -> HttpResponse:
    """Keep the files and take them in in the background."""
    files = [one for one in request.FILES.getlist("files") if _is_packet_file(one)]
    if not files:
        raise invalid(
            "packet.no_files",
            "没有选择采集包文件。",
            "No packet file was chosen.",
            "请选择 .gpp 和 packet.json 文件。",
            "Choose the .gpp files and packet.json.",
        )
    _refuse_size(files)
    # Into the store and not into a folder: the worker may be another machine.
    kept = [
        [MANIFEST if one.name == MANIFEST else f"part{PART_SUFFIX}", blobs.put_stream(one.chunks(), _OCTETS).pk]
        for one in files
    ]
    title = Wording(f"导入采集包（{len(files)} 个文件）", f"Take packets in ({len(files)} files)")
    params = {"files": kept, "user": request.user.pk}
    job = jobs.enqueue("stations.take_in_packets", request.actor, title, params)
    return redirect("core:job", pk=job.pk)


_OCTETS = "application/octet-stream"


def _refuse_size(files: list[UploadedFile]) -> None:
    """A part holds 48 MB of frames; before anything is written."""
    sizes = [one.size or 0 for one in files]
    if len(files) > _MOST_PARTS or max(sizes) > MOST_PART_BYTES or sum(sizes) > _MOST_PACKET_BYTES:
        raise invalid(
            "packet.upload_too_large",
            f"采集包文件过大：一次最多 {_MOST_PARTS} 个文件，每个不超过 {MOST_PART_BYTES >> 20} MB，合计不超过 {_MOST_PACKET_BYTES >> 30} GB。",
            f"Too large: at most {_MOST_PARTS} files of {MOST_PART_BYTES >> 20} MB, {_MOST_PACKET_BYTES >> 30} GB together.",
            "请分几次上传；部分文件可任意先后导入。",
            "Upload them in several goes; parts may come in any order.",
        )


def _is_packet_file(one: UploadedFile) -> bool:
    return one.name == MANIFEST or (one.name or "").endswith(PART_SUFFIX)


@page("stations.manage")
def packet_records(request: SignedInRequest) -> HttpResponse:
    """What became of every record; on a page or as xlsx."""
    records = scoped(request.actor, StationRecord).select_related("kit").distinct().order_by("-pk")
    for name in ("kind", "state"):
        if value := request.GET.get(name):
            records = records.filter(**{name: value})
    if station := request.GET.get("station", "").strip():
        records = records.filter(kit__station__iexact=station)
    if request.GET.get("format") == "xlsx":
        response = HttpResponse(_workbook(records), content_type=_XLSX)
        response.headers["Content-Disposition"] = 'attachment; filename="packet-records.xlsx"'
        return response
    context = {
        "page": Paginator(records, _PAGE).get_page(request.GET.get("page")),
        "kinds": RecordKind.choices,
        "states": RecordState.choices,
    }
    return render(request, "stations/records.html", context)


def _workbook(records: QuerySet[StationRecord]) -> bytes:
    out = io.BytesIO()
    workbook = open_workbook(out)
    sheet = workbook.add_worksheet("采集包记录")
    bold = workbook.add_format({"bold": True, "border": 1, "bg_color": "#E8F1F9"})
    for column, heading in enumerate(("站点", "采集包", "种类", "记录", "状态", "说明")):
        sheet.write_string(0, column, heading, bold)
    for line, record in enumerate(records.iterator(1000), start=1):
        cells = (
            record.kit.station,
            str(record.number),
            str(record.get_kind_display()),
            record.label,
            str(record.get_state_display()),
            (record.why or {}).get("zh", ""),
        )
        for column, text in enumerate(cells):
            sheet.write_string(line, column, text)
    sheet.set_column(0, 4, 16)
    sheet.set_column(5, 5, 48)
    sheet.freeze_panes(1, 0)
    workbook.close()
    return out.getvalue()


@page("stations.manage")
def conflict_list(request: SignedInRequest) -> HttpResponse:
    """What awaits a decision, or was decided."""
    found = scoped(request.actor, Conflict).select_related(
        "record__kit", "candidate__department", "present__candidate", "decided_by"
    )
    found = found.exclude(choice="") if request.GET.get("state") == "decided" else found.filter(choice="")
    if kind := request.GET.get("kind"):
        found = found.filter(kind=kind)
    if text := request.GET.get("q", "").strip():
        found = found.filter(Q(candidate__name__icontains=text) | Q(candidate__student_no__startswith=text))
    shown = Paginator(found.distinct().order_by("-raised_at", "-pk"), _PAGE).get_page(request.GET.get("page"))
    rows = []
    for conflict in shown:
        choices = choices_of(conflict)
        if conflict.choice:
            conflict.said_choice = choices[Choice(conflict.choice)]  # type: ignore[attr-defined]  # for the page
        rows.append((conflict, choices.items()))
    context = {"page": shown, "rows": rows, "kinds": ConflictKind.choices}
    return render(request, "stations/conflicts.html", context)


@page("stations.manage")
@require_POST
def conflict_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Decide one conflict."""
    conflict = get_scoped(request.actor, Conflict, pk=pk)
    choice, reason = request.POST.get("choice", ""), request.POST.get("reason", "")
    decide_conflict(request.actor, conflict, choice=choice, reason=reason)
    messages.success(request, say(Wording("已裁定。", "Decided.")))
    return redirect("stations:conflict_list")
