"""Telling people: appointments with the centre, the province's list, notices per class and their public page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import EARLY_MINUTES, SEASON_WINDOW
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds, seats
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_of, row_forms
from gradphoto.apps.schedule import booking_actions, lists, papers
from gradphoto.apps.schedule.bands import bands_of
from gradphoto.apps.schedule.forms import BOOKING_FORMS, AgreeBooking, RefuseBooking, ReportHeadcount
from gradphoto.apps.schedule.group_photos import of_class
from gradphoto.apps.schedule.leaflets import points
from gradphoto.apps.schedule.leaflets.facts import facts_of
from gradphoto.apps.schedule.models import Booking, BookingStatus, GroupPhoto
from gradphoto.apps.schedule.problem import local
from gradphoto.apps.schedule.views import campaign_of, paper_response

_BOOKINGS = Booking.objects.select_related("campaign__school", "campaign__rule_set")


@page("schedule.see_bookings")
def bookings(request: SignedInRequest) -> HttpResponse:
    """The school's report and the centre's answers; below them the province's timetable (R49, R72)."""
    if request.method == "POST":
        of_school = Campaign.objects.select_related("school", "rule_set")
        kinds = {ReportHeadcount: of_school, AgreeBooking: _BOOKINGS.all(), RefuseBooking: _BOOKINGS.all()}
        form = posted_of(request, kinds)
        return form_action(
            request, form, again=lambda form: _bookings(request, form), done=lambda made: _reported(request, made)
        )
    return _bookings(request)


def _reported(request: SignedInRequest, made: Any) -> HttpResponse:
    if isinstance(made, Booking):
        warning = booking_actions.notice_of(made.campaign, made.first_day, timezone.localdate())
        touring = booking_actions.touring_of(made.campaign, made.first_day, made.last_day)
        for told in filter(None, (warning, touring)):
            messages.warning(request, say(told))
    return redirect("schedule:bookings")


def _bookings(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    campaign = campaign_of(request)
    found = list(scoped(request.actor, _BOOKINGS))
    due = {one.pk: booking_actions.data_due(one.campaign, one.first_day) for one in found}
    rows = [(one, due[one.pk], forms) for one, forms in row_forms(request.actor, found, BOOKING_FORMS, posted)]
    context: dict[str, Any] = {
        "campaign": campaign,
        "page_forms": PageForms(request.actor, campaign, (ReportHeadcount,), posted, key=str(campaign.pk))
        if campaign
        else {},
        "rows": rows,
        "window": booking_actions.window(campaign, SEASON_WINDOW) if campaign else None,
        "may_print": holds(request.user, "schedule.plan"),
        "may_report": holds(request.user, "schedule.follow_booking"),
        "total": sum(b.spring_count + b.autumn_count for b in found if b.status != BookingStatus.REFUSED),
    }
    return render(request, "schedule/bookings.html", context)


@page("schedule.plan")
def province(request: SignedInRequest) -> HttpResponse:
    """The province's timetable of schools as xlsx or PDF (R49): what is agreed."""
    agreed = scoped(request.actor, Booking).filter(status=BookingStatus.AGREED).select_related("campaign__school")
    form = papers.province_form(agreed, next(iter(seats(request.actor, "schedule.plan")), None))
    return paper_response(form, "province", request.GET.get("as", "xlsx"), request.LANGUAGE_CODE)


@page("schedule.read")
def notices(request: SignedInRequest) -> HttpResponse:
    """A text and a QR code for each class, to copy into its group chat (R78, R83)."""
    listing = lists.NOTICES.page(request)
    rows = []
    early: dict[int, int] = {}
    booked = scoped(request.actor, GroupPhoto).exclude(status="cancelled")
    photos = {(photo.campaign_id, photo.group_key): photo for photo in booked}
    bands = bands_of(listing.shown)
    for slot in listing.shown:
        campaign = slot.session.campaign
        minutes = early.setdefault(campaign.pk, value_of(campaign, EARLY_MINUTES))
        address = site_address(reverse("schedule:class", args=[papers.token_of(slot)]))
        qr = mark_safe(papers.qr_of(address))  # noqa: S308 - drawn by segno from our own address
        rows.append(
            (
                slot,
                papers.notice(
                    slot, slot.headcount, address, minutes, photos.get((campaign.pk, slot.group_key)), bands[slot.pk]
                ),
                address,
                qr,
            )
        )
    return render(request, "schedule/notices.html", {"listing": listing, "rows": rows})


def class_page(request: HttpRequest, token: str) -> HttpResponse:
    """What a class sees without signing in: when, where, when to be there. No names, no numbers of persons."""
    slot = papers.slot_of_token(token)
    if slot is None:
        raise Http404
    early = value_of(slot.session.campaign, EARLY_MINUTES)
    come = local(slot.starts_at) - timedelta(minutes=early)
    context = {"slot": slot, "token": token, "come_text": f"{come:%H:%M}", "group_photo": of_class(slot)}
    context["bring"] = points.bring(facts_of(slot.session.campaign, slot))
    return render(request, "schedule/class.html", context)
