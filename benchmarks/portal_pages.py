"""The addresses of the site, and the pages that the portal is measured against: what any page of Django costs."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone

from gradphoto.apps.roster.models import Candidate
from gradphoto.site.urls import urlpatterns as site_urls

_PERSON = "bench_person"


def empty(request: HttpRequest) -> HttpResponse:
    """Nothing but the server and the middleware."""
    return HttpResponse("ok")


def enter(request: HttpRequest) -> HttpResponse:
    """Begins the session of the pages below."""
    request.session[_PERSON] = Candidate.objects.order_by("pk").values_list("pk", flat=True)[0]
    return HttpResponse("ok")


def bare(request: HttpRequest) -> HttpResponse:
    """A page with a session: the person of the session by his key, and a plain template."""
    person = next(iter(Candidate.objects.filter(pk=request.session[_PERSON]).order_by()), None)
    return render(request, "bench/bare.html", {"person": person})


def write(request: HttpRequest) -> HttpResponse:
    """A form with a session that is sent: one person read by his key, one row written and committed, a redirect.

    ``?commits=2``: written and committed twice.
    """
    person = Candidate.objects.filter(pk=request.session[_PERSON]).order_by()[0]
    for _ in range(int(request.GET.get("commits", "1"))):
        with transaction.atomic():
            Session.objects.filter(pk=request.session.session_key).update(
                expire_date=timezone.now() + timedelta(days=1)
            )
    return redirect(f"/bench/bare/?{person.pk}")


urlpatterns = [
    *site_urls,
    path("bench/empty/", empty),
    path("bench/enter/", enter),
    path("bench/bare/", bare),
    path("bench/write/", write),
]
