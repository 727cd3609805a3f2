"""Home pages by role: what awaits this person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gradphoto.apps.orgs.pages import EVERYONE, page


@page(*EVERYONE)
def home(request: HttpRequest) -> HttpResponse:
    """The desk of the signed-in person."""
    return render(request, "desk/home.html", {})
