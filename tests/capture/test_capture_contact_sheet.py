"""The checker goes through faces, not rows: sheets in order, held by the server, nothing doubtful ticked (R100)."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from gradphoto.apps.capture import actions, contact_sheet
from gradphoto.apps.capture.models import Alarm, AppearanceLine, Assessment, CheckIn, Frame
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing.models import FaceHint
from repair_world import photographed, record
from review_world import finding, open_session
from world import build_world, put

pytestmark = pytest.mark.django_db


class Sheet:
    """A checker at the page."""

    def __init__(self, world, session, role=Role.SITE_STAFF):
        self.client, self.url = Client(), f"/capture/{session.pk}/check/"
        self.client.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")

    def look(self, number=None) -> str:
        return self.client.get(self.url, {"sheet": number} if number else {}).content.decode()

    def confirm(self, people) -> None:
        self.client.post(self.url, {"check_in": [one.pk for one in people]})


def boxes(page: str) -> dict[int, bool]:
    """Check-in -> whether its box is ticked, as the page has them."""
    found = re.findall(r'<input[^>]*name="check_in"[^>]*value="(\d+)"([^>]*)>', page)
    return {int(pk): "checked" in rest for pk, rest in found}


def is_barred(page: str) -> bool:
    return "disabled" in re.search(r"<button[^>]*data-confirm[^>]*>", page)[0]


def confirmed(session) -> list[int]:
    return list(session.check_ins.filter(status="confirmed").values_list("shooting_number", flat=True))


@pytest.fixture
def room(monkeypatch):
    """Seven people, judged and passed, three faces a sheet."""
    monkeypatch.setattr(contact_sheet, "FACES", 3)
    world = build_world()
    session = open_session(world)
    people, frames = photographed(world, session, 7)
    put(session.check_ins.all(), status="shot")
    Assessment.objects.bulk_create(passed(frame) for frame in frames)
    return world, session, list(CheckIn.objects.filter(pk__in=[one.pk for one in people])), frames


def passed(frame: Frame, version: str = "1") -> Assessment:
    return Assessment(frame=frame, profile="mb2017_99", pipeline_version=version, outcome="pass", current=True)


def test_r100_what_no_sheet_showed_is_not_confirmed_whatever_the_browser_sends(room):
    world, session, people, _ = room
    checker = Sheet(world, session)
    assert is_barred(checker.look(3))
    checker.confirm(people)
    assert confirmed(session) == []
    page = checker.look()
    assert list(boxes(page)) == [one.pk for one in people[:3]], "the page opens where nothing was seen yet"
    assert "7 人没有确认：00001 的照片还没有看过" in page, "and says why"
    assert not is_barred(checker.look(1))
    checker.confirm(people[:3])
    assert confirmed(session) == [1, 2, 3]
    assert is_barred(checker.look(3)), "the second sheet lies between"
    checker.confirm(people[6:])
    assert confirmed(session) == [1, 2, 3]
    checker.look(2)
    assert not is_barred(checker.look(3))
    checker.confirm([people[4], people[6]])
    assert confirmed(session) == [1, 2, 3, 5, 7], "who was left unticked stays, seen"


def test_r100_a_face_exchanged_after_it_was_shown_or_shown_to_somebody_else_was_not_seen(room):
    world, session, people, frames = room
    checker, other = Sheet(world, session), Sheet(world, session, Role.REGISTRAR)
    checker.look(1)
    put(Assessment.objects.filter(frame=frames[1]), current=False)
    passed(frames[1], "2").save()
    checker.confirm(people[:3])
    assert confirmed(session) == [1], "the second was judged anew, and the third comes after it"
    checker.look(1)
    checker.confirm(people[1:3])
    assert confirmed(session) == [1, 2, 3]
    checker.look(2)
    other.confirm(people[3:6])
    assert confirmed(session) == [1, 2, 3]


def test_r100_the_action_itself_asks_for_what_was_shown(room):
    world, session, people, _ = room
    actor = world.actor(Role.SITE_STAFF)
    seen = {one.check_in.pk: one.state for one in contact_sheet.faces_of(session)}
    for missing in (people[0], people[2]):
        shown = {pk: state for pk, state in seen.items() if pk != missing.pk}
        with pytest.raises(Refusal) as caught:
            actions.confirm_check_in(actor, people[2], shown=shown)
        assert caught.value.code == "capture.face_not_shown"
        assert missing.number_label in str(caught.value.message)
    actions.confirm_check_in(actor, people[2], shown={pk: seen[pk] for pk in [one.pk for one in people[:3]]})
    assert confirmed(session) == [3]


def test_r100_one_key_confirms_only_the_face_on_the_screen(room):
    world, session, people, _ = room
    checker = Sheet(world, session)
    for one, after in ((people[0], []), (people[6], [7])):
        checker.client.post(f"/capture/check-ins/{one.pk}/", {"step": "confirm"})
        assert confirmed(session) == after


def _finding(world, session, people, frames):
    put(Assessment.objects.filter(frame=frames[1]), findings=[finding("portrait.head_roll", "review")])


def _unjudged(world, session, people, frames):
    put(Assessment.objects.filter(frame=frames[1]), current=False)


def _alarm(**of):
    def make(world, session, people, frames):
        owner = {name: {"check_in": people, "frame": frames}[name][1] for name in of if of[name]}
        said = {"zh": "说过", "en": "told"}
        Alarm.objects.create(session=session, kind="file_number_gap", sentence=said, remedy=said, **owner)

    return make


def _readers(world, session, people, frames):
    said = {"zh": "接反", "en": "exchanged"}
    Alarm.objects.create(session=session, kind="readers_exchanged", chair=2, sentence=said, remedy=said)


def _appearance(world, session, people, frames):
    AppearanceLine.objects.create(candidate=people[1].candidate, day=date(2026, 11, 20), finding="other", note="纹身")


def _doubt(world, session, people, frames):
    put(Frame.objects.filter(pk=frames[1].pk), evidence={"basis": "live", "doubts": ["file_number_gap"]})


def _again(world, session, people, frames):
    put(CheckIn.objects.filter(pk=people[1].pk), again_reason="闭眼")


def _same_face(world, session, people, frames):
    FaceHint.objects.create(
        session=session, kind="two_names", frame=frames[1], other=frames[5], score=0.7, calibration="1", source="x"
    )


def _swapped(world, session, people, frames):
    record(frames, {1: people[2], 2: people[1]})


@pytest.mark.parametrize(
    ("mark", "places"),
    [
        (_finding, {1}), (_unjudged, {1}), (_alarm(check_in=True), {1}), (_alarm(frame=True), {1}),
        (_alarm(), set(range(7))), (_appearance, {1}), (_doubt, {1}), (_again, {1}), (_same_face, {1, 5}),
        (_swapped, {1, 2}), (_readers, set(range(7))),
    ],
)  # fmt: skip
def test_r100_nothing_with_a_finding_an_alarm_a_mark_or_a_proposal_is_ticked(room, mark, places):
    world, session, people, frames = room
    mark(world, session, people, frames)
    faces = contact_sheet.faces_of(session)
    assert {place for place, face in enumerate(faces) if not face.ticked} == places
    assert all(face.asks for place, face in enumerate(faces) if place in places), "and the tile says why"
    ticks = boxes(Sheet(world, session).look(1))
    assert ticks == {one.pk: place not in places for place, one in enumerate(people[:3])}


def test_the_sheets_come_by_a_handful_of_statements(room, django_assert_max_num_queries):
    _, session, _, _ = room
    with django_assert_max_num_queries(32):
        contact_sheet.faces_of(session)
