"""Pages that only a station has: signing in with a PIN, handing over."""

from __future__ import annotations

from django.conf import settings
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
from gradphoto.apps.core.models import Job
from gradphoto.apps.orgs.models import User
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, sent_form
from gradphoto.apps.stations.forms import HAND_OVER_FORMS, StationSignIn
from gradphoto.apps.stations.handover import this_station
from gradphoto.apps.stations.receipts import safety


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Who are you, and your PIN. After five wrong PINs each further one has to wait longer. Raises ``TooManyAttempts``."""
    form = sent_form(request, StationSignIn)
    if request.method == "POST":
        person: User | None = form.cleaned_data["person"] if form.is_valid() else None
        name = person.username if person else ""
        attempt = record_attempt(EntryPoint.STAFF, subject=subject_of(name), client=client_of(request), limits=BY_PIN)
        user = authenticate(request, username=name, password=form.cleaned_data.get("pin", ""))
        if user is not None:
            mark_succeeded(attempt)
            login(request, user)
            return redirect(settings.LOGIN_REDIRECT_URL)
    elif len(crew := User.objects.filter(is_active=True)[:2]) == 1:
        form.initial["person"] = crew[0].pk
    context = {"station": this_station(), "form": form, "failed": form.is_bound}
    return render(request, "stations/sign_in.html", context, status=401 if form.is_bound else 200)


@page("stations.run")
def hand_over(request: SignedInRequest) -> HttpResponse:
    """What this station holds, what it has handed over, and the button that writes the next packet."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, HAND_OVER_FORMS, this_station()),
            again=lambda form: _hand_over(request, form),
            done=lambda made: (
                redirect("core:job", pk=made.pk) if isinstance(made, Job) else redirect("station:hand_over")
            ),
        )
    return _hand_over(request)


def _hand_over(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    station = this_station()
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
        "page_forms": PageForms(request.actor, station, HAND_OVER_FORMS, posted),
    }
    return render(request, "stations/hand_over.html", context)
