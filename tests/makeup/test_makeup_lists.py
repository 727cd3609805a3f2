"""The lists of closing sheets, of self-organised collections and of the room's sessions: asked for, ordered, taken home."""

from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest

from gradphoto.apps.makeup import closings
from gradphoto.apps.makeup.lifecycle import COLLECTION
from gradphoto.apps.makeup.models import SelfCollection
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from makeup.makeup_world import client, make_up_world, session_with
from page_text import flat as text
from world import put

pytestmark = pytest.mark.django_db


def _sessions(world):
    """Two that are over, one of them counted, one in work, one planned."""
    made = []
    for n, status in enumerate(("closed", "closed", "open", "planned")):
        session, _ = session_with(world, 0)
        CaptureSession.objects.filter(pk=session.pk).update(place=f"第{n + 1}机房", date=date(2030, 3, 1 + n))
        put(CaptureSession.objects.filter(pk=session.pk), status=status)
        made.append(CaptureSession.objects.get(pk=session.pk))
    closings.propose_closing(world.actor(Role.PHOTOGRAPHER), made[0])
    return made


def _places(answer):
    return [one.place for one in answer.context["listing"].shown]


def _rows(answer):
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


def test_closing_sheets_are_found_by_how_far_they_are(world_of_sessions):
    page = client(world_of_sessions, Role.REGISTRAR)
    url = "/make-up/closings/"
    assert _places(page.get(url)) == ["第3机房", "第2机房", "第1机房"]
    by_state = {"open": "第3机房", "uncounted": "第2机房", "waits": "第1机房"}
    for state, place in by_state.items():
        assert _places(page.get(f"{url}?closing={state}")) == [place]
    assert _places(page.get(f"{url}?closing=agreed")) == []
    assert _places(page.get(f"{url}?sort=place")) == ["第1机房", "第2机房", "第3机房"]
    assert _places(page.get(f"{url}?day=2030-03-02")) == ["第2机房"]
    assert [(row[1], row[3]) for row in _rows(page.post(f"{url}export/?closing=waits"))] == [
        ("第1机房", "待另一方确认")
    ]
    assert page.post(f"{url}export/?closing=none").status_code == 400, "what is not understood exports nothing"
    assert _places(client(world_of_sessions, Role.REGISTRAR, strange=True).get(url)) == []


def test_the_rooms_sessions_are_found_by_place_and_state(world_of_sessions):
    page = client(world_of_sessions, Role.REGISTRAR)
    shown = page.get("/capture/")
    assert _places(shown) == ["第3机房", "第4机房", "第1机房", "第2机房"], "what is open stands first"
    assert _places(page.get("/capture/?status=planned")) == ["第4机房"]
    assert _places(page.get("/capture/?day=2030-03-01&status=closed")) == ["第1机房"]
    assert _places(page.get("/capture/?q=2机")) == ["第2机房"]
    assert "没有符合条件的场次" in text(page.get("/capture/?q=九号"))
    assert [row[1] for row in _rows(page.post("/capture/export/?status=closed&sort=-place"))] == ["第2机房", "第1机房"]


def test_self_organised_collections_are_found_by_state_and_name(world_of_sessions, django_assert_max_num_queries):
    world = world_of_sessions
    for n, title in enumerate(("春季第一批", "春季第二批", "秋季")):
        one = SelfCollection(campaign=world.campaign, organisation=world.learning_centre, title=title)
        one.made_at += timedelta(minutes=n)
        COLLECTION.begin(one)
    page = client(world, Role.REGISTRAR)
    url = "/make-up/self-organised/"
    with django_assert_max_num_queries(40):
        shown = page.get(f"{url}?q=春季&sort=title")
    assert [one.title for one in shown.context["listing"].shown] == ["春季第一批", "春季第二批"]
    assert [row[0] for row in _rows(page.post(f"{url}export/?q=第二"))] == ["春季第二批"]
    assert "没有符合条件的自行采集" in text(page.get(f"{url}?status=taken"))


@pytest.fixture
def world_of_sessions():
    world = make_up_world()
    _sessions(world)
    return world
