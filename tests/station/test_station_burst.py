"""Several frames of one person through a real folder and the real engine: a burst stops nobody (R98, facts 4.3)."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from gradphoto.apps.capture import actions
from gradphoto.apps.capture.models import Alarm, CheckIn, Frame
from gradphoto.apps.capture.room_state import ClockWatch
from gradphoto.apps.capture.verdicts import pipeline
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.stations.runner import StationRunner
from gradphoto.demo.fast_clock import FastClock, photographed_code
from gradphoto.demo.sitters import picture
from gradphoto.engine.devices.camera_simulator import SimulatedCamera
from gradphoto.engine.devices.hot_folder import HotFolder
from gradphoto.engine.devices.sam_v.records import CardKind, CardRecord, Sex
from gradphoto.engine.standards.profiles import load_profile
from world import add_candidate, build_world

pytestmark = pytest.mark.django_db
BURST = ("defect_blue_shirt", "defect_closed_eyes_1", "person_02")
"""To be looked at, refused, good: the best comes last."""

TRANSFER_S = 0.6


class NoReader:
    def wait_for_card(self, timeout_s: float) -> None:
        return None


@pytest.fixture
def clock():
    fast = FastClock()
    with fast.running():
        yield fast


class Station:
    """Reader, camera and folder of a chair, with a camera whose clock is known."""

    def __init__(self, folder, clock: FastClock) -> None:
        self.world, self.clock = build_world(), clock
        self.people = [add_candidate(self.world, n) for n in (1, 2)]
        session = CaptureSession.objects.create(campaign=self.world.campaign, date=timezone.localdate(), place="104")
        self.camera, source = SimulatedCamera(folder, "SN1"), HotFolder(folder, settle_s=0.0)
        self.runner = StationRunner(
            Actor.system("station devices"), session, NoReader(), source, pipeline(), load_profile("mb2017_99"),
            lambda event: None, watch=ClockWatch(clock.monotonic),
        )  # fmt: skip
        now = timezone.now()
        code = photographed_code(session.pk, now)
        clock.skip(TRANSFER_S)
        self.camera.shoot(code, now)
        for _ in range(3):
            self.runner.prepare()
        assert session.clocks.exists()
        actions.open_session(self.world.actor(Role.PHOTOGRAPHER), session)
        self.session, self.page = session, Client()
        user = self.world.people[Role.PHOTOGRAPHER]
        self.page.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def swipe(self, place: int, after_s: float = 8) -> None:
        self.clock.skip(after_s)
        person = self.people[place]
        sex = Sex.MALE if person.sex == "male" else Sex.FEMALE
        self.runner.take_card(
            CardRecord(
                kind=CardKind.RESIDENT, name=person.name, id_number=person.id_number.decrypt(), sex=sex,
                birth_date=person.birth_date, valid_from=date(2020, 1, 1), valid_to=None, long_term=True,
            )
        )  # fmt: skip

    def take_in(self) -> None:
        for _ in range(3):
            self.runner.step()

    def screen(self) -> str:
        return self.page.get(f"/capture/{self.session.pk}/").content.decode()


def standing(check_in: CheckIn) -> list[str]:
    return list(check_in.frames.order_by("taken_at").values_list("status", flat=True))


@pytest.mark.parametrize("waits", [True, False], ids=["comes_at_once", "comes_by_and_by"])
def test_r98_a_burst_of_three_is_one_persons_and_the_best_of_it_is_proposed(tmp_path, clock, waits):
    station = Station(tmp_path, clock)
    station.swipe(0)
    clock.skip(12)
    shutter = timezone.now()
    for place, name in enumerate(BURST):
        clock.skip(0.2 if place else TRANSFER_S)  # a file waits for the one before it
        station.camera.shoot(picture(name), shutter + timedelta(seconds=0.1 * place))
        if not waits:
            station.take_in()
    station.take_in()
    assert list(Alarm.objects.values_list("kind", flat=True)) == [], "nobody is stopped"
    one = CheckIn.objects.get()
    assert (one.status, standing(one)) == ("shot", ["accepted", "rejected", "rejected"])
    best = Frame.objects.order_by("-taken_at")[0]
    page = station.screen()
    proposed = re.search(r'action="/capture/frames/(\d+)/choose/"(?:(?!</form>).)*data-key="b"', page, re.S)
    assert proposed is not None, "the best is proposed"
    assert int(proposed[1]) == best.pk
    assert page.count("/choose/") >= 2, "and the other one stands beside it"
    station.page.post(f"/capture/frames/{best.pk}/choose/")
    assert standing(one) == ["rejected", "rejected", "accepted"]
    station.swipe(1)
    assert CheckIn.objects.filter(status="open").get().candidate == station.people[1]
    assert not Alarm.objects.exists()


def test_r98_the_last_of_a_burst_that_comes_after_the_next_card_is_still_the_first_persons(tmp_path, clock):
    station = Station(tmp_path, clock)
    station.swipe(0)
    clock.skip(12)
    shutter = timezone.now()
    station.camera.shoot(picture("person_01"), shutter)
    slow = station.camera.begin(picture("person_02"), shutter + timedelta(seconds=0.5))
    clock.skip(TRANSFER_S)
    station.take_in()
    station.swipe(1, after_s=TRANSFER_S)
    slow.finish()
    station.take_in()
    first, second = CheckIn.objects.order_by("shooting_number")
    assert standing(second) == [], "never the next person's"
    assert Frame.objects.filter(status="accepted").get().check_in == first


def test_a_verdict_that_the_database_refused_is_written_with_the_next_step(tmp_path, clock, monkeypatch):
    """Two rooms at once, a database that is being restarted: the frame is kept, its person does not wait for ever."""
    station = Station(tmp_path, clock)
    station.swipe(0)
    clock.skip(12)
    shutter = timezone.now()
    clock.skip(TRANSFER_S)
    station.camera.shoot(picture("person_01"), shutter)
    with monkeypatch.context() as refusing:
        refusing.setattr(actions, "record_assessment", refuse)
        station.take_in()
    one = CheckIn.objects.get()
    assert (one.status, standing(one)) == ("open", ["bound"])
    station.runner.step()
    one.refresh_from_db()
    assert (one.status, standing(one)) == ("shot", ["accepted"])
    assert not station.runner.unjudged
    assert not station.runner.pending


def refuse(*_: object, **__: object) -> None:
    raise OperationalError("deadlock detected")
