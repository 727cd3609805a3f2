"""Every page of the room opens at a laptop, whose site has fewer addresses than the centre's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.urls import URLResolver, get_resolver
from django.utils import timezone
from station_forms import _laptop

from gradphoto.apps.schedule.models import CaptureSession
from repair_world import photographed
from world import build_world

STEPS = ("open_session", "close_session", "reopen_session")


def _routes(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        yield from _routes(one, route) if isinstance(one, URLResolver) else (route,)


ROUTES = sorted(
    route for route in set(_routes(get_resolver("gradphoto.site.station_urls"))) if route.startswith("/capture/")
)


@pytest.mark.django_db
def test_r98_every_page_of_the_room_opens_at_a_laptop(settings, tmp_path):
    """The page before a session that is opened early, or without a measured clock, named the timetable: a fault at a laptop."""
    settings.DATA_DIR = tmp_path
    world = build_world()
    browser = _laptop(world)
    session = CaptureSession.objects.get()
    CaptureSession.objects.update(date=timezone.localdate() + timedelta(days=1))
    [check_in], _ = photographed(world, session, 1)
    opened = 0
    for route in ROUTES:
        pk = check_in.candidate_id if "/people/" in route else session.pk
        path = route.replace("<int:pk>", str(pk))
        for step in STEPS if "<slug:step>" in path else ("",):
            opened += (
                browser.get(path.replace("<slug:step>", step)).status_code == 200
            )  # a fault of the page is raised here
    assert opened >= 12
