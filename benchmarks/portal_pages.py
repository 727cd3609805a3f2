"""The addresses of the site, and the two pages that the portal is measured against."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from gradphoto.apps.roster.models import Candidate
from gradphoto.site.urls import urlpatterns as site_urls


def empty(request: HttpRequest) -> HttpResponse:
    """Nothing but the server and the middleware."""
    return HttpResponse("ok")


def bare(request: HttpRequest) -> HttpResponse:
    """A page with a session: the person of the visit by his key, and a template in the portal's frame."""
    person = next(iter(Candidate.objects.filter(pk=request.session.get("portal_person")).order_by()), None)
    return render(request, "verification/portal_base.html", {"person": person})


urlpatterns = [*site_urls, path("bench/empty/", empty), path("bench/bare/", bare)]
