"""The dashboard and the list behind each of its numbers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from gradphoto.apps.campaigns.agenda import due
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.campaigns.plan_views import shown
from gradphoto.apps.capture.reasons import title_of
from gradphoto.apps.core.wording import say
from gradphoto.apps.desk import dashboard
from gradphoto.apps.desk.lists import PEOPLE
from gradphoto.apps.desk.stages import BY_KEY, STAGES, Wanted
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.asked import filter_invalid
from gradphoto.apps.pages.downloads import download
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.engine.wording import Wording


def _file(name: str, data: bytes) -> HttpResponse:
    return download(data, f"{name}-{timezone.localdate():%Y%m%d}.xlsx")


def _filters(request: SignedInRequest, wanted: Wanted) -> dict[str, Any]:
    return {
        "wanted": wanted,
        "campaigns": scoped(request.actor, Campaign).select_related("school"),
        "seasons": Season.choices,
    }


@page("desk.overview")
def overview(request: SignedInRequest) -> HttpResponse:
    """How far everybody is, by college, hour and reason; every number leads to its list."""
    wanted = Wanted.read(request.GET)
    found = dashboard.parts(request.actor, wanted)
    if request.GET.get("format") == "xlsx":
        if Wanted.unread(request.GET):
            raise filter_invalid()
        return _file("progress", dashboard.workbook(found))
    context = {
        **_filters(request, wanted),
        "parts": found,
        "stages": STAGES,
        "days": sorted({day for part in found for day in part.room.days}, reverse=True),
        "day": wanted.day,
        "due": [shown(request, item) for item in due(request.actor) if wanted.campaign in (None, item.campaign.pk)],
    }
    return render(request, "desk/dashboard.html", context)


@page("desk.overview")
def people(request: SignedInRequest) -> HttpResponseBase:
    """The people behind a number; as xlsx with ``?format=xlsx``. No ID number: those stand where they are needed."""
    wanted = Wanted.read(request.GET)
    if request.GET.get("format") == "xlsx":
        return answer_export(request, PEOPLE)
    context = {
        **_filters(request, wanted),
        "title": _title(wanted),
        "listing": PEOPLE.page(request),
        "stages": STAGES,
    }
    return render(request, "desk/people.html", context)


def _title(wanted: Wanted) -> str:
    parts = []
    if wanted.stage:
        title = BY_KEY[wanted.stage.removeprefix("not_")].title
        parts.append(say(Wording(f"未到：{title.zh}", f"Not yet: {title.en}") if wanted.stage[:4] == "not_" else title))
    if wanted.without:
        title = BY_KEY[wanted.without].title
        parts.append(say(Wording(f"未到：{title.zh}", f"Not yet: {title.en}")))
    if wanted.day is not None:
        parts.append(
            f"{wanted.day} {wanted.hour:02d}:00–{wanted.hour:02d}:59" if wanted.hour is not None else f"{wanted.day}"
        )
    if wanted.reason:
        parts.append(say(title_of(wanted.reason)))
    return " · ".join(parts) or say(Wording("全部毕业生", "Everyone"))
