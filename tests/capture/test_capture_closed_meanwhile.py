"""Nothing is added to a session, a campaign or a till that another connection closes at that moment (R98, R130)."""

from __future__ import annotations

import threading
import uuid
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from fees.fee_world import class_of, pay, purse
from gradphoto.apps.campaigns.actions import close_campaign
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.capture import actions
from gradphoto.apps.capture.models import CheckIn, Hold, HoldReason, Identification
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.fees.closing import close_day, close_season
from gradphoto.apps.fees.ledger import require_day_open
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from patience import THREAD_S, until
from review_world import CREW
from world import add_candidate, build_world, put

pytestmark = pytest.mark.django_db


def meanwhile(first, second):
    """What ``second`` comes to on a connection of its own, begun when ``first`` is done and not committed yet."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; PostgreSQL runs this test")
    outcome, backend = [], []

    def run():
        try:
            connection.ensure_connection()
            backend.append(connection.connection.info.backend_pid)
            outcome.append(second())
        except Exception as error:
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        until(lambda: outcome or (backend and _waits(backend[0])), THREAD_S)
    thread.join(THREAD_S)
    return outcome[0]


def _waits(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend])
        return cursor.fetchone()[0]


def _room():
    """An open session with one held card and one person photographed."""
    world = build_world()
    session = CaptureSession.objects.create(campaign=world.campaign, date="2026-11-21", place="104", status="open")
    shot, held = add_candidate(world, 1), add_candidate(world, 2)
    seated = seat(session, shot)
    put(CheckIn.objects.filter(pk=seated.pk), status="shot")
    of = {"candidate": held, "reason": HoldReason.DATA_DIFFER, "name": held.name, "nonce": uuid.uuid4()}
    hold = Hold.objects.create(session=session, **of)
    return world, session, CheckIn.objects.get(pk=seated.pk), Hold.objects.get(pk=hold.pk)


def seat(session, candidate):
    return actions.check_in(
        CREW, session, candidate=candidate, method=Identification.MANUAL, nonce=uuid.uuid4()
    ).check_in


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("adds", ["admit", "call_back"])
@pytest.mark.parametrize("closed_first", [True, False])
def test_nobody_is_seated_in_a_session_that_is_being_closed(adds, closed_first):
    world, session, seated, hold = _room()
    photographer = world.actor(Role.PHOTOGRAPHER)
    close = partial(actions.close_session, photographer, CaptureSession.objects.get(pk=session.pk))
    add = {
        "admit": partial(actions.decide_hold, CREW, hold, admit=True, reason="与证件核对一致"),
        "call_back": partial(actions.retake, CREW, seated, reason="闭眼"),
    }[adds]
    refused = meanwhile(*((close, add) if closed_first else (add, close)))
    assert isinstance(refused, Refusal), refused
    assert refused.code == ("capture.session_not_open" if closed_first else "capture.chair_occupied")
    session.refresh_from_db()
    assert (session.status == "closed") is not session.check_ins.filter(status="open").exists()


def test_nobody_is_called_back_into_a_closed_session():
    world, session, seated, _ = _room()
    actions.close_session(world.actor(Role.PHOTOGRAPHER), session)
    with pytest.raises(Refusal) as caught:
        actions.retake(CREW, seated, reason="闭眼")
    assert caught.value.code == "capture.session_not_open"
    assert not session.check_ins.filter(status="open").exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_gets_a_number_of_a_campaign_that_is_being_closed(monkeypatch):
    world, session, _, _ = _room()
    monkeypatch.setattr("gradphoto.apps.campaigns.actions.require_unblocked", lambda *of: None)
    newcomer = add_candidate(world, 3)
    put(Campaign.objects.all(), status="verifying")
    world.campaign.refresh_from_db()
    refused = meanwhile(
        partial(close_campaign, Actor.system("test"), world.campaign, reason="结束"), lambda: seat(session, newcomer)
    )
    assert isinstance(refused, Refusal), refused
    assert refused.code == "campaigns.over"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_written_into_a_till_whose_day_is_being_closed():
    world = build_world()
    pay(world, class_of(world, 1))
    till = purse(world)

    def looks():
        with transaction.atomic():
            require_day_open([till])

    refused = meanwhile(
        partial(close_day, world.actor(Role.COUNSELLOR), till, day=timezone.localdate(), counted_fen=2000), looks
    )
    assert isinstance(refused, Refusal), refused
    assert refused.code == "fees.day_is_closed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("closed_first", [True, False])
def test_nothing_is_written_into_a_season_that_is_being_closed(closed_first):
    """The totals of the closing hold every entry of the season, whoever comes first (R55)."""
    world = build_world()
    [person] = class_of(world, 1)
    close = partial(
        close_season, world.actor(Role.COLLECTION_CENTRE), world.campaign, season=Season.SPRING, note="一人另行采集"
    )
    collect = partial(pay, world, [person])
    refused = meanwhile(*((close, collect) if closed_first else (collect, close)))
    assert isinstance(refused, Refusal), refused
    assert refused.code == ("fees.season_is_closed" if closed_first else "fees.season_not_settled")
