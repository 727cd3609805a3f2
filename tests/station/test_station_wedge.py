"""A keyboard-wedge scanner in a real browser: the code arrives wherever the focus is, and presses no shortcut."""

import contextlib

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from chromium import opened_chromium
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from world import add_candidate, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_burst_of_keys_is_a_scan(live_server):
    world = build_world()
    person = add_candidate(world, 2)
    Rule.objects.filter(key="capture.identification").update(value=["student_no"])
    session = CaptureSession.objects.create(
        campaign=world.campaign, date=timezone.localdate(), place="104", status="open"
    )
    client = Client()
    client.force_login(world.people[Role.PHOTOGRAPHER], backend="django.contrib.auth.backends.ModelBackend")
    with opened_chromium() as browser:
        context = browser.new_context(base_url=live_server.url)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"/capture/{session.pk}/")
        page.wait_for_load_state("load")
        for _ in range(25):  # on a busy machine a key may come too late for a scanner: the code is scanned once more
            page.keyboard.type("2022000002\n")
            with contextlib.suppress(PlaywrightTimeout):
                page.wait_for_selector(".station-number", timeout=4000)
                break
        assert page.inner_text(".station-number") == "00001"
    assert CheckIn.objects.get().candidate == person
