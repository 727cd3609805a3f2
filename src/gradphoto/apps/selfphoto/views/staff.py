"""The staff's pages on self-photographs: who has a link, where each stands, what can be done."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from gradphoto.apps.orgs.pages import SignedInRequest, page


@page("selfphoto.read")
def portraits(request: SignedInRequest) -> HttpResponse:
    """Everybody who may photograph themselves, and where each stands."""
    return render(request, "selfphoto/list.html", {})
