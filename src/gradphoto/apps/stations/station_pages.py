"""Pages that only a station has: signing in with a PIN, handing over."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from gradphoto.apps.access.client import client_of
from gradphoto.apps.access.devices import subject_of
from gradphoto.apps.access.models import EntryPoint
from gradphoto.apps.access.throttling import BY_PIN, mark_succeeded, record_attempt
from gradphoto.apps.campaigns.matters import matters
from gradphoto.apps.capture.models import CheckIn, Frame, Hold
from gradphoto.apps.capture.providers import HAND_OVER
from gradphoto.apps.core import jobs
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import User
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.stations.handover import plan_packet, this_station
from gradphoto.apps.stations.models import StationSelf
from gradphoto.apps.stations.receipts import clear_frames, safety, take_receipt
from gradphoto.engine.wording import Wording

_MOST_RECEIPT_BYTES = 16 * 1024 * 1024


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Who are you, and your PIN. After five wrong PINs each further one has to wait longer. Raises ``TooManyAttempts``."""
    station = this_station()
    crew = User.objects.filter(is_active=True).order_by("display_name", "username")
    failed = False
    if request.method == "POST":
        chosen = request.POST.get("person", "")
        person = crew.filter(pk=int(chosen) if chosen.isdigit() else 0).first()
        name = person.username if person else ""
        attempt = record_attempt(EntryPoint.STAFF, subject=subject_of(name), client=client_of(request), limits=BY_PIN)
        user = authenticate(request, username=name, password=request.POST.get("pin", "").strip())
        if user is not None:
            mark_succeeded(attempt)
            login(request, user)
            return redirect(settings.LOGIN_REDIRECT_URL)
        failed = True
    return render(
        request,
        "stations/sign_in.html",
        {"station": station, "crew": crew, "failed": failed, "chosen": request.POST.get("person", "")},
        status=401 if failed else 200,
    )


@page("stations.run")
def hand_over(request: SignedInRequest) -> HttpResponse:
    """What this station holds, what it has handed over, and the button that writes the next packet."""
    station = this_station()
    if request.method == "POST" and "clear" in request.POST:
        return _clear(request, station)
    if request.method == "POST" and (receipt := request.FILES.get("receipt")) is not None:
        take_receipt(request.actor, station, data=receipt.read(_MOST_RECEIPT_BYTES))
        messages.success(request, say(Wording("回执已核对。", "The receipt is genuine and kept.")))
        return redirect("station:hand_over")
    if request.method == "POST":
        folder = request.POST.get("folder", "").strip()
        if not folder or not Path(folder).is_dir():
            raise invalid(
                "packet.stick_missing",
                "找不到这个文件夹。",
                "There is no such folder.",
                "请插好 U 盘，填写其路径，例如 E:\\ 或 /media/usb。",
                "Plug the stick in and give its path, for example E:\\ or /media/usb.",
            )
        despite = request.POST.get("despite", "")
        packet = plan_packet(request.actor, station, again=bool(request.POST.get("again")), despite=despite)
        title = Wording(f"导出采集包 {packet.number}", f"Write packet {packet.number}")
        job = jobs.enqueue(
            "stations.write_packet",
            request.actor,
            title,
            {"packet": packet.pk, "folder": folder},
            organisation_id=station.audit_organisation_id,
        )
        return redirect("core:job", pk=job.pk)
    packets = list(station.packets.all())
    carried = {sha256 for packet in packets if packet.finished_at for part in packet.frames for sha256 in part}
    frames = set(Frame.objects.values_list("blob_id", flat=True))
    context = {
        "station": station,
        "packets": packets,
        "begun": next((packet for packet in packets if packet.finished_at is None), None),
        "check_ins": CheckIn.objects.count(),
        "holds": Hold.objects.filter(decision="").count(),
        "frames": len(frames),
        "in_doubt": [one for s in station.campaign.sessions.all() for one in matters(request.actor, HAND_OVER, s)],
        "left": len(frames - carried),
        "safety": safety(station),
        "receipt": station.receipts.first(),
        "numbers_left": station.number_last - station.campaign.last_shooting_number,
    }
    return render(request, "stations/hand_over.html", context)


def _clear(request: SignedInRequest, station: StationSelf) -> HttpResponse:
    """Remove what the centre has signed for; all the rest only with a reason."""
    reason = request.POST.get("reason", "") if request.POST["clear"] == "all" else ""
    if request.POST["clear"] == "all" and not reason.strip():
        raise invalid(
            "capture.reason_missing", "请填写原因。", "A reason is needed.", "用一句话说明。", "One sentence is enough."
        )
    gone = clear_frames(request.actor, station, without_receipt=reason)
    messages.success(
        request, say(Wording(f"已从本机删除 {gone} 张照片。", f"{gone} frames removed from this computer."))
    )
    return redirect("station:hand_over")
