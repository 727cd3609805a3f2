"""Sessions of graduates: what ends them, in the portal, on the signing page and on the make-up form alike."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from gradphoto.apps.access.sessions import ABSOLUTE
from gradphoto.apps.delivery.actions import reissue_card
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.verification.models import CaseStatus
from verification.graduate_world import card_of, enter_portal, open_case
from world import build_world

pytestmark = pytest.mark.django_db


def test_r64_a_card_issued_anew_ends_every_session_of_the_old_one():
    """Whoever found the lost card may be in the portal at this moment: the person may neither see nor confirm."""
    world = build_world()
    case = open_case(world, 1)
    finder = enter_portal(case.candidate)
    assert finder.get("/verify/compare/").status_code == 200
    reissue_card(world.actor(Role.REGISTRAR), case.candidate.image_card, reason="遗失")
    assert finder.get("/verify/compare/").url == "/verify/sign-in/?over"
    assert finder.get("/verify/photo/").status_code == 404
    assert finder.post("/verify/confirm/", {"own": "yes"}).url == "/verify/sign-in/?over"
    case.refresh_from_db()
    assert case.status == CaseStatus.VIEWED
    assert Client().post("/verify/sign-in/", card_of(case.candidate)).status_code == 403


def test_a_session_in_the_portal_ends_after_its_absolute_limit_however_busy():
    phone = enter_portal(open_case(build_world(), 1).candidate)
    begun = timezone.now()
    for minutes in range(10, int(ABSOLUTE.total_seconds() // 60), 10):
        with time_machine.travel(begun + timedelta(minutes=minutes), tick=False):
            assert phone.get("/verify/compare/").status_code == 200
    with time_machine.travel(begun + ABSOLUTE + timedelta(minutes=1), tick=False):
        assert phone.get("/verify/compare/").url == "/verify/sign-in/?over"
