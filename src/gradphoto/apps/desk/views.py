"""Home pages by role: what awaits this person."""

from django.http import HttpResponse
from django.shortcuts import render

from gradphoto.apps.desk.queries import awaiting, funnel
from gradphoto.apps.orgs.pages import EVERYONE, SignedInRequest, page


@page(*EVERYONE)
def home(request: SignedInRequest) -> HttpResponse:
    """The desk of the signed-in person: what awaits it, and how far its people have come."""
    tiles = sorted(awaiting(request.actor), key=lambda tile: not tile.count)
    context = {"tiles": tiles, "funnel": funnel(request.actor), "held": request.user.held}
    return render(request, "desk/home.html", context)
