"""Published days and hours: the centre puts them up, everybody concerned reads them (R142, R143)."""

from __future__ import annotations

import re
from datetime import date, time

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.makeup import booking, queries
from gradphoto.apps.makeup.models import MakeUpCalendar, MakeUpSlot, Waiting
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_changeable, get_scoped, scoped
from gradphoto.engine.standards.make_up import PublishedDays, published_days
from gradphoto.engine.wording import Wording

_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*[-–~至—]\s*(\d{1,2}):(\d{2})")


@page("makeup.read")
def days(request: SignedInRequest) -> HttpResponse:
    """The calendars of the centres that serve the viewer, day by day with what is free."""
    centres = scoped(request.actor, Campaign).values("centre")
    known = scoped(request.actor, MakeUpCalendar) | MakeUpCalendar.objects.filter(centre__in=centres)
    shown = []
    for calendar in known.distinct().select_related("centre"):
        ahead = calendar.slots.filter(ends_at__gt=timezone.now())
        counts = calendar.slots.aggregate(capacity=Sum("capacity"), taken=Sum("taken"))
        shown.append((calendar, queries.days_of(ahead), counts))
    mine = changeable(request.actor, Organisation, "makeup.publish").filter(kind=OrganisationKind.COLLECTION_CENTRE)
    context = {
        "shown": shown,
        "centres": mine if may(request.actor, "makeup.publish_days") else [],
        "ready_made": published_days(),
        "waiting": scoped(request.actor, Waiting).select_related("case__candidate", "slot", "calendar"),
        "today": timezone.localdate(),
    }
    return render(request, "makeup/days.html", context)


@page("makeup.publish")
@require_POST
def publish(request: SignedInRequest) -> HttpResponse:
    """Publish a ready-made calendar, or one's own days with their source."""
    post = request.POST
    wanted = post.get("centre", "")
    centre = get_changeable(request.actor, Organisation, "makeup.publish", pk=int(wanted) if wanted.isdecimal() else 0)
    made = next((one for one in published_days() if one.code == post.get("code")), None) or _own(request)
    if made.dates and post.get("code") not in {one.code for one in published_days()}:
        first, last = min(made.dates), max(made.dates)
    else:
        first, last = _day(post.get("first", "")), _day(post.get("last", ""))
    capacity = post.get("capacity", "")
    _, count = booking.publish_days(
        request.actor, centre, published=made, first=first, last=last,
        capacity=int(capacity) if capacity.isdecimal() else 0,
    )  # fmt: skip
    messages.success(request, say(Wording(f"已公布 {count} 个半小时时段。", f"{count} half-hours published.")))
    return redirect("makeup:days")


def _own(request: SignedInRequest) -> PublishedDays:
    post = request.POST
    title, place, source = (post.get(name, "").strip() for name in ("title", "place", "source"))
    found = tuple(_day(text) for text in _DAY.findall(post.get("dates", "")))
    clocks = [[int(part) for part in match] for match in _HOURS.findall(post.get("hours", "").replace("：", ":"))]
    if not (title and place and source and found and clocks) or any(a > 23 or b > 59 or c > 23 or d > 59
                                                                    for a, b, c, d in clocks):  # fmt: skip
        raise invalid(
            "makeup.own_days",
            "名称、地点、来源、日期和时间都要填写。",
            "Title, place, source, days and hours are all needed.",
            "日期写作 2026-03-07，每行一个；时间写作 8:30-11:30。",
            "Write days as 2026-03-07, one a line, and hours as 8:30-11:30.",
        )
    hours = tuple((time(a, b), time(c, d)) for a, b, c, d in clocks)
    return PublishedDays(f"own-{title}"[:40], Wording(title, title), source, place, hours, dates=found)


def _day(text: str) -> date:
    try:
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except ValueError:
        raise invalid("makeup.day", f"“{text[:20]}”不是日期。", f"“{text[:20]}” is no date.",
                      "请按年-月-日填写。", "Write year-month-day.") from None  # fmt: skip


@page("makeup.publish")
@require_POST
def capacity(request: SignedInRequest, pk: int) -> HttpResponse:
    """More or fewer persons in a half-hour."""
    slot = get_scoped(request.actor, MakeUpSlot.objects.select_related("calendar"), pk=pk)
    wanted = request.POST.get("capacity", "")
    booking.set_capacity(request.actor, slot, capacity=int(wanted) if wanted.isdecimal() else -1)
    return redirect("makeup:days")
