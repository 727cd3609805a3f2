"""Home pages by role: what is due, what is wrong, what is next; and the lists behind the desk's own numbers."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.campaigns.agenda import due
from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.campaigns.plan_views import shown
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.core.wording import say
from gradphoto.apps.desk.charts import Share
from gradphoto.apps.desk.dashboard import by_college, funnel
from gradphoto.apps.desk.guide import guide_of, guides, missing
from gradphoto.apps.desk.lists import TODO
from gradphoto.apps.desk.operations import latest
from gradphoto.apps.desk.queries import SOURCES, awaiting, number_of, with_others
from gradphoto.apps.desk.stages import Wanted
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds

_DUE_AT_ONCE = 10


@page("orgs.manage", "campaigns.manage")
def guide(request: SignedInRequest) -> HttpResponse:
    """The checklist of the first day, from the school to its roster."""
    return render(request, "desk/guide.html", {"guide": guide_of(request.actor)})


@page("desk.open")
def home(request: SignedInRequest) -> HttpResponse:
    """The desk of the signed-in person: what is due, what is wrong, what is next, and how far its people have come."""
    tiles = list(awaiting(request.actor))
    listed = [shown(request, item) for item in due(request.actor)]
    reads = holds(request.user, "desk.overview")
    context = {
        "due": listed[:_DUE_AT_ONCE],
        "due_later": listed[_DUE_AT_ONCE:],
        "late": sum(one.item.is_late for one in listed),
        "wrong": [tile for tile in tiles if tile.wrong and tile.count],
        "next": [tile for tile in tiles if not tile.wrong and tile.count],
        "nothing": [tile for tile in tiles if not tile.count],
        "others": [] if any(tile.count for tile in tiles if not tile.wrong) else list(with_others(request.actor)),
        "funnels": _funnels(request) if reads else (),
        "latest": latest(request.actor) if holds(request.user, "desk.audit") else (),
        "held": request.user.held,
    }
    return render(request, "desk/home.html", context | _first_day(request, empty=not listed and not context["next"]))


def _first_day(request: SignedInRequest, *, empty: bool) -> dict[str, Any]:
    """The checklist as long as it is not done, on the desks of those who set a school up; to others what is missing."""
    if guides(request.user):
        found = guide_of(request.actor)
        return {"guide": found if found and not found.complete else None, "missing": ()}
    return {"guide": None, "missing": list(missing(request.actor)) if empty else ()}


def _funnels(request: SignedInRequest) -> list[tuple[str, str, list[Share]]]:
    """A funnel a season that has people."""
    found = []
    for season, label in Season.choices:
        if rows := by_college(request.actor, Wanted(season=season)):
            found.append((str(season), str(label), funnel(rows)))
    return found


@page("desk.open")
def todo(request: SignedInRequest) -> HttpResponse:
    """The list behind a number of the desk that no app lists by itself (``?of=holds``)."""
    source = SOURCES.get(request.GET.get("of", ""))
    if source is None or source.link:
        return redirect(source.url if source else "desk:home")
    if not source.roles & request.user.roles:
        raise PermissionRefusal(f"desk:todo {source.key}")
    listing = TODO.page(request)
    count = source.counted(request.actor)
    context = {"title": say(source.title.format(n=count)), "count": number_of(source, count), "listing": listing}
    return render(request, "desk/todo.html", context)
