"""Home pages by role: what awaits this person."""

from django.http import HttpResponse
from django.shortcuts import render

from gradphoto.apps.desk.dashboard import by_college, funnel
from gradphoto.apps.desk.dashboard_views import READERS
from gradphoto.apps.desk.due import due
from gradphoto.apps.desk.queries import awaiting
from gradphoto.apps.desk.stages import Wanted
from gradphoto.apps.orgs.pages import EVERYONE, SignedInRequest, page


@page(*EVERYONE)
def home(request: SignedInRequest) -> HttpResponse:
    """The desk of the signed-in person: what awaits it, and how far its people have come."""
    tiles = sorted(awaiting(request.actor), key=lambda tile: not tile.count)
    reads = set(READERS) & request.user.roles
    context = {
        "tiles": tiles,
        "due": due(request.actor),
        "funnel": funnel(by_college(request.actor, Wanted())) if reads else (),
        "held": request.user.held,
    }
    return render(request, "desk/home.html", context)
