"""Swapped sitters: faces of one session as evidence with a score, off by default, never a decision (R98, facts 5.1)."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.matters import matters
from gradphoto.apps.campaigns.models import Campaign, Rule
from gradphoto.apps.capture import actions
from gradphoto.apps.capture.actions import close_session, confirm_check_in
from gradphoto.apps.capture.contact_sheet import faces_of
from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.capture.providers import HAND_OVER
from gradphoto.apps.core import blobs, jobs
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditEntry, Job
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing import face_telling, faces, views
from gradphoto.apps.pairing.board import board_of
from gradphoto.apps.pairing.face_consent import withdraw_consent
from gradphoto.apps.pairing.face_memory import MEMORY
from gradphoto.apps.pairing.face_people import consenting, policy_of
from gradphoto.apps.pairing.face_telling import tell_faces
from gradphoto.apps.pairing.faces import compare_faces, found_in, hints_of, same_person_of
from gradphoto.apps.pairing.models import FaceConsent, FaceHint
from gradphoto.apps.pairing.providers import references_of
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.selfphoto.models import Reference
from gradphoto.apps.stations.kit_parts import gather_parts, load_parts
from gradphoto.demo.sitters import picture
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.portrait.compare import ComparisonError, ComparisonPolicy
from gradphoto.engine.wording import Wording
from page_text import flat
from repair_world import photographed
from review_world import CREW, open_session, shoot
from world import add_candidate, build_world, put, save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
PERMITTED = ComparisonPolicy(permitted=True, source="同意书 2026-11")


def face(direction: int, slant: float = 0.0) -> np.ndarray:
    """An embedding of one of several people; ``slant``: another picture of the same face."""
    vector = np.zeros(128, np.float32)
    vector[direction], vector[100] = 1.0, slant
    return vector / np.float32(np.linalg.norm(vector))


def permit(world) -> None:
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key="capture.compare_faces", value=True, source="同意书 2026-11",
        effective_from=date(2020, 1, 1),
    )  # fmt: skip


def test_without_a_rule_nothing_is_compared_and_the_page_offers_nothing():
    world = build_world()
    session = open_session(world)
    photographed(world, session, 2)
    assert not policy_of(session.campaign).permitted
    with pytest.raises(ComparisonError) as caught:
        compare_faces(world.actor(Role.PHOTOGRAPHER), session)
    assert caught.value.code == "portrait.comparison_not_permitted"
    client = Client()
    client.force_login(world.people[Role.PHOTOGRAPHER], "django.contrib.auth.backends.ModelBackend")
    assert 'id="faces"' not in flat(client.get(f"/capture/sessions/{session.pk}/pairing/"))


def agree(people, paper="册 3") -> None:
    FaceConsent.objects.bulk_create(FaceConsent(candidate=one.candidate, paper=paper) for one in people)


def told(session, *faces_of_frames, on_file=None, unread=()):
    found = found_in(list(faces_of_frames), on_file or {}, PERMITTED)
    return tell_faces(CREW, session, found=found, unread={one.pk for one in unread}, source=PERMITTED.source).asked


def two_pairs(session, monkeypatch):
    monkeypatch.setattr(face_telling, "_MOST_OPEN", 1)
    assert told(session, *zip(known(session), (face(1), face(1, 0.1), face(5), face(5, 0.3)), strict=True)) == 1


def known(session):
    return list(session.frames.select_related("check_in__candidate").order_by("pk"))


@pytest.fixture
def room(db):
    world = build_world()
    permit(world)
    session = open_session(world)
    people, _ = photographed(world, session, 4)
    put(CheckIn.objects.filter(session=session), status="shot")
    agree(people)
    client = Client()
    client.force_login(world.people[Role.PHOTOGRAPHER], "django.contrib.auth.backends.ModelBackend")
    return SimpleNamespace(
        world=world, session=session, people=people, client=client, crew=world.actor(Role.PHOTOGRAPHER)
    )


def test_two_numbers_with_one_face_hold_every_gate_until_a_person_says_what_it_was(room):
    """The checker, closing and handing over wait; both faces stand side by side with the score; what was said is on record."""
    frames = known(room.session)
    assert told(room.session, (frames[0], face(1)), (frames[1], face(2)), (frames[2], face(1, 0.3))) == 1
    [alarm] = room.session.alarms.filter(kind="faces")
    one, two = room.people[0], room.people[2]
    for held in (one, two):
        held.refresh_from_db()
        with pytest.raises(Refusal, match=r"capture\.alarm_open"):
            confirm_check_in(CREW, held)
    room.people[1].refresh_from_db()
    confirm_check_in(CREW, room.people[1])
    with pytest.raises(Refusal) as caught:
        close_session(room.crew, room.session)
    assert caught.value.code == "capture.alarm_open"
    assert any(matter.blocks and matter.count for matter in matters(room.crew, HAND_OVER, room.session))
    for address in (f"/capture/{room.session.pk}/", f"/capture/{room.session.pk}/check/", f"/capture/sessions/{room.session.pk}/pairing/"):  # fmt: skip
        page = flat(room.client.get(address))
        assert "0.96" in page, address
        for frame in (frames[0], frames[2]):
            assert f"/frames/{frame.pk}/" in page.split("pairing-faces")[1], address
    assert board_of(room.session).proposal.changes == (), "a score decides nothing"
    page = f"/capture/sessions/{room.session.pk}/pairing/"
    room.client.post(page, {"form": "settle_faces", "alarm": alarm.pk, "note": "双胞胎，已核对证件"})
    alarm.refresh_from_db()
    assert alarm.settled_note == "双胞胎，已核对证件"
    entry = AuditEntry.objects.filter(action="pairing.settle_faces").get()
    assert entry.actor == room.crew.key
    one.refresh_from_db()
    confirm_check_in(CREW, one)
    assert told(room.session, (frames[0], face(1)), (frames[2], face(1, 0.3))) == 0, (
        "what was settled is not asked again"
    )
    assert room.session.alarms.filter(kind="faces", settled_at=None).count() == 0


def test_a_photograph_taken_since_asks_again_and_a_changed_binding_ends_the_question(room):
    frames = known(room.session)
    told(room.session, (frames[0], face(1)), (frames[2], face(1, 0.3)))
    room.session.alarms.update(settled_at=timezone.now(), settled_note="双胞胎")
    put(Frame.objects.filter(pk=frames[3].pk), check_in=room.people[2], status="rejected")
    frames = known(room.session)
    every = [(frames[0], face(1)), (frames[2], face(1, 0.3)), (frames[3], face(1, 0.2))]
    assert told(room.session, *every) == 1, "another picture of the twin"
    put(Frame.objects.filter(pk__in=[frames[2].pk, frames[3].pk]), check_in=room.people[0], status="rejected")
    every = [(frame, face(1)) for frame in known(room.session) if frame.check_in_id == room.people[0].pk]
    assert told(room.session, *every) == 0
    assert hints_of(room.session) == []
    assert "不再成立" in room.session.alarms.get(settled_note__contains="不再成立").settled_note


def test_a_face_that_could_not_be_read_this_time_takes_no_question_back(room):
    frames = known(room.session)
    told(room.session, (frames[0], face(1)), (frames[2], face(1, 0.3)))
    told(room.session, (frames[0], face(1)), unread=[frames[2]])
    assert room.session.alarms.filter(kind="faces", settled_at=None).count() == 1


def test_what_became_of_another_name_while_faces_were_read_raises_nothing(room):
    """Faces are read for minutes; meanwhile one frame is bound anew and a check-in is cancelled."""
    before = known(room.session)
    put(Frame.objects.filter(pk=before[2].pk), check_in=room.people[3], status="rejected")
    put(CheckIn.objects.filter(pk=room.people[1].pk), status="cancelled")
    alike = (before[0], face(1)), (before[1], face(1, 0.1)), (before[2], face(1, 0.3))
    assert told(room.session, *alike) == 0
    assert not room.session.face_hints.exists()


def test_thousands_of_pairs_ask_a_hundred_questions_by_few_statements(room, monkeypatch, django_assert_max_num_queries):
    """Pictures that are all alike: the strongest are asked about, the others told in the job, and no writer waits."""
    monkeypatch.setattr(face_telling, "_MOST_OPEN", 2)
    frames = known(room.session)
    every = [(frame, face(1, 0.1 * n)) for n, frame in enumerate(frames)]
    with django_assert_max_num_queries(30):
        assert told(room.session, *every) == 2
    hints = hints_of(room.session)
    assert sorted(hint.score for hint in hints if hint.alarm)[0] > 0.99, "the strongest"
    assert told(room.session, *every) == 0
    assert len(hints_of(room.session)) == 6, "each once"
    room.session.alarms.update(settled_at=timezone.now(), settled_note="光线")
    assert told(room.session, *every) == 2, "then the next"


def test_what_waits_for_its_turn_stands_in_the_list_holds_its_people_and_follows(room, monkeypatch):
    """No pair is told in the job's report only: the list is worked through one by one, on the board and in the room."""
    two_pairs(room.session, monkeypatch)
    board = f"/capture/sessions/{room.session.pk}/pairing/"
    page = flat(room.client.get(board))
    assert (page.count('<div class="pairing-faces">'), page.count("排队等候提示")) == (2, 1)
    room.people[2].refresh_from_db()
    with pytest.raises(Refusal, match=r"capture\.proposal_open"):
        confirm_check_in(CREW, room.people[2])
    room.client.post(board, {"form": "settle_faces", "alarm": room.session.alarms.get().pk, "note": "双胞胎，已核对"})
    following = room.session.alarms.get(kind="faces", settled_at=None)
    assert following.check_in in (room.people[2], room.people[3])
    room.client.post(f"/capture/alarms/{following.pk}/", {"note": "双胞胎，已核对证件"})
    assert not room.session.alarms.filter(kind="faces", settled_at=None).exists()
    room.people[2].refresh_from_db()
    confirm_check_in(CREW, room.people[2])


def test_what_waits_follows_a_consent_that_is_taken_back_and_what_is_gone_takes_no_place(room, monkeypatch):
    two_pairs(room.session, monkeypatch)
    withdraw_consent(room.crew, room.session, candidate=room.people[0].candidate)
    assert room.session.alarms.get(kind="faces", settled_at=None).check_in in (room.people[2], room.people[3])
    monkeypatch.setattr(face_telling, "_MOST_KEPT", 1)
    assert told(room.session, (known(room.session)[1], face(1)), (known(room.session)[2], face(1, 0.1))) == 1


def test_many_questions_stand_page_by_page_the_most_urgent_first(room, monkeypatch):
    """A hundred of them made the board 23,000 px tall: what is left is counted and one click away."""
    monkeypatch.setattr(views, "FACES_SHOWN", 2)
    frames = known(room.session)
    told(room.session, *((frame, face(1, 0.1 * n)) for n, frame in enumerate(frames)))
    scores = sorted((hint.score for hint in hints_of(room.session)), reverse=True)
    board, screen = f"/capture/sessions/{room.session.pk}/pairing/", f"/capture/{room.session.pk}/"
    first, last = flat(room.client.get(board)), flat(room.client.get(f"{board}?faces=3"))
    for page, shown in ((first, scores[:2]), (last, scores[4:])):
        assert page.count('<div class="pairing-faces">') == 2
        assert all(f"{score:.2f}" in page for score in shown)
    assert "第 1 页，共 3 页，6 条提示" in first
    assert "faces=2#faces" in first
    text = flat(room.client.get(screen))
    assert text.count("room-alarm") == 2, "on a laptop of 768 px who sits there must be seen below them"
    assert "还有 4 个警报" in text
    settled = faces.most_urgent_first(hints_of(room.session))[0].alarm
    room.client.post(board, {"form": "settle_faces", "alarm": settled.pk, "note": "双胞胎"})
    assert faces.most_urgent_first(hints_of(room.session))[-1].alarm == settled, "what was looked at stands last"


def test_a_question_about_a_cancelled_check_in_ends_by_itself(room):
    frames = known(room.session)
    told(room.session, (frames[0], face(1)), (frames[2], face(1, 0.3)))
    put(CheckIn.objects.filter(pk=room.people[2].pk), status="cancelled")
    told(room.session, (frames[0], face(1)))
    assert not room.session.alarms.filter(kind="faces", settled_at=None).exists()


def test_an_alarm_that_came_in_a_packet_is_settled_on_the_board_and_not_raised_once_more(room):
    """Packets carry the alarm, not its hints; the centre compares the same photographs again."""
    frames = known(room.session)
    every = [(frames[0], face(2)), (frames[2], face(2, 0.3)), (frames[3], face(4))]
    on_file = {room.people[3].candidate_id: face(9)}
    assert told(room.session, *every, on_file=on_file) == 2
    room.session.face_hints.all().delete()
    page = f"/capture/sessions/{room.session.pk}/pairing/"
    for alarm in room.session.alarms.filter(kind="faces"):
        assert 'name="alarm"' in flat(room.client.get(page))
        room.client.post(page, {"form": "settle_faces", "alarm": alarm.pk, "note": "已核对"})
    assert not room.session.alarms.filter(kind="faces", settled_at=None).exists()
    assert told(room.session, *every, on_file=on_file) == 0
    assert not any(hint.asks for hint in hints_of(room.session))
    assert told(room.session, *every, (frames[1], face(4, 0.1)), on_file=on_file) == 1, (
        "but other people are asked about"
    )


def test_swapped_sitters_are_seen_by_the_photographs_on_file_and_a_stranger_by_the_own_one(room):
    """A's card, B in the chair and the other way round; somebody whom no photograph shows (facts 5.1)."""
    frames = known(room.session)
    a, b, c, d = (one.candidate_id for one in room.people)
    on_file = {a: face(1), b: face(2), c: face(3), d: face(4)}
    faces_of_frames = [(frames[0], face(2)), (frames[1], face(1)), (frames[2], face(3, 0.4)), (frames[3], face(9))]
    assert told(room.session, *faces_of_frames, on_file=on_file) == 3
    kinds = {(hint.kind, hint.frame_id, hint.reference_of_id) for hint in hints_of(room.session)}
    assert kinds == {("another", frames[0].pk, b), ("another", frames[1].pk, a), ("unlike", frames[3].pk, d)}
    room.people[2].refresh_from_db()
    confirm_check_in(CREW, room.people[2])
    for held in (0, 1, 3):
        with pytest.raises(Refusal):
            confirm_check_in(CREW, CheckIn.objects.get(pk=room.people[held].pk))


def test_nobody_without_consent_is_measured_and_who_takes_it_back_takes_the_hints_along(
    room, monkeypatch, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    FaceConsent.objects.filter(candidate=room.people[1].candidate).delete()
    shown = {}
    for n, frame in enumerate(known(room.session)):
        data = b"\xff\xd8\xff" + bytes([n])
        Frame.objects.filter(pk=frame.pk).update(blob=blobs.put_photograph(data))
        shown[data] = face(1, 0.1 * n)
    asked = []
    monkeypatch.setattr(faces, "_embedder", lambda policy: lambda data: asked.append(data) or shown[data])
    job = compare_faces(room.crew, room.session)
    assert jobs.run(job.pk)
    assert len(asked) == 3
    assert room.people[1].pk not in {frame.check_in_id for hint in hints_of(room.session) for frame in hint.both}
    asked.clear()
    assert jobs.run(compare_faces(room.crew, room.session).pk)
    assert asked == [], "what is measured is remembered while the session is open"
    withdraw_consent(room.crew, room.session, candidate=room.people[0].candidate)
    theirs = {frame.check_in_id for hint in hints_of(room.session) for frame in hint.both}
    assert theirs == {room.people[2].pk, room.people[3].pk}
    with pytest.raises(Refusal):
        withdraw_consent(room.crew, room.session, candidate=room.people[0].candidate)
    assert len(MEMORY) == 3
    assert jobs.run(Job.objects.get(kind="pairing.forget_faces").pk)
    assert len(MEMORY) == 0, "nor is what was measured of them remembered"
    assert jobs.run(compare_faces(room.crew, room.session).pk)
    assert len(MEMORY) == 2
    put(CaptureSession.objects.filter(pk=room.session.pk), status="closed")
    assert jobs.run(compare_faces(room.crew, room.session).pk)
    assert len(MEMORY) == 0, "nothing of a closed session is kept"


@pytest.fixture
def shown(room, monkeypatch, settings, tmp_path):
    """What each photograph of the room shows to the comparison; ``meanwhile`` runs as each is read."""
    settings.DATA_DIR = tmp_path
    seen, found = {}, SimpleNamespace(meanwhile=lambda: None)
    for n, frame in enumerate(known(room.session)):
        data = b"\xff\xd8\xff" + bytes([n])
        Frame.objects.filter(pk=frame.pk).update(blob=blobs.put_photograph(data))
        seen[data] = face(1, 0.1 * n)

    def embed(data):
        found.meanwhile()
        return seen[data]

    monkeypatch.setattr(faces, "_embedder", lambda policy: embed)
    yield found
    MEMORY.forget(room.session.pk)


def test_who_takes_the_consent_back_while_faces_are_read_is_in_no_finding_and_no_memory(room, shown):
    who = room.people[0].candidate
    shown.meanwhile = lambda: FaceConsent.objects.filter(candidate=who).update(withdrawn_at=timezone.now())
    assert jobs.run(compare_faces(room.crew, room.session).pk)
    theirs = {frame.check_in_id for hint in hints_of(room.session) for frame in hint.both}
    assert theirs == {one.pk for one in room.people[1:]}
    assert len(MEMORY) == 3


def test_a_comparison_that_takes_longer_than_memory_lasts_leaves_nobody_out(room, shown):
    shown.meanwhile = lambda: MEMORY.forget(room.session.pk)
    assert jobs.run(compare_faces(room.crew, room.session).pk)
    assert len(hints_of(room.session)) == 6
    assert len(MEMORY) == 4


def test_what_was_said_of_somebody_goes_with_the_consent_settled_or_not(room):
    frames = known(room.session)
    told(room.session, (frames[0], face(1)), (frames[2], face(1, 0.3)))
    room.session.alarms.update(settled_at=timezone.now(), settled_note="双胞胎")
    told(room.session, (frames[0], face(1)), (frames[2], face(1, 0.3)), (frames[3], face(1, 0.1)))
    withdraw_consent(room.crew, room.session, candidate=room.people[0].candidate)
    said = [str(alarm.sentence) for alarm in room.session.alarms.filter(kind="faces")]
    assert len(said) == 3
    assert [("相似度" in one) for one in said].count(True) == 1, "of the two others only"
    assert room.session.alarms.filter(kind="faces", settled_at=None).count() == 1


def test_one_person_of_two_programmes_signs_and_takes_back_once(room):
    """A second programme's number, or record, opens no way round the own answer."""
    FaceConsent.objects.all().delete()
    first, second = room.people[0].candidate, add_candidate(room.world, 30)
    second.same_person = first
    save(second, "same_person")
    page = f"/capture/sessions/{room.session.pk}/pairing/"
    room.client.post(page, {"form": "note_consents", "paper": "册 3", "not_signed": second.student_no})
    assert first.pk not in consenting(room.session)
    assert len(consenting(room.session)) == 3
    room.client.post(page, {"form": "note_consents", "paper": "册 4"})
    assert first.pk in consenting(room.session)
    room.client.post(page, {"form": "withdraw_consent", "student_no": second.student_no})
    assert first.pk not in consenting(room.session)


def test_who_stands_on_no_list_any_more_is_not_entered_and_may_take_back_what_was(room):
    FaceConsent.objects.filter(candidate=room.people[1].candidate).delete()
    gone, never = room.people[0], room.people[1]
    put(CheckIn.objects.filter(pk__in=[gone.pk, never.pk]), status="cancelled")
    page = f"/capture/sessions/{room.session.pk}/pairing/"
    room.client.post(page, {"form": "note_consents", "paper": "册 3"})
    assert not FaceConsent.objects.filter(candidate=never.candidate).exists(), "the wrong card was laid down"
    room.client.post(page, {"form": "withdraw_consent", "student_no": gone.candidate.student_no})
    assert not FaceConsent.objects.filter(candidate=gone.candidate, withdrawn_at=None).exists()


def test_the_photograph_on_file_is_shown_to_the_crew_while_consent_and_hint_stand(room, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    frames, owner = known(room.session), room.people[1].candidate
    data = picture("person_01")
    Reference.objects.create(candidate=owner, blob=blobs.put(data, "image/jpeg"), origin="录取")
    told(room.session, (frames[0], face(2)), on_file={room.people[0].candidate_id: face(1)})
    FaceHint.objects.update(reference_of=owner, kind="another")
    [hint] = hints_of(room.session)
    address = reverse("pairing:face_on_file", args=[hint.pk])
    for page in (f"/capture/{room.session.pk}/", f"/capture/{room.session.pk}/check/", f"/capture/sessions/{room.session.pk}/pairing/"):  # fmt: skip
        assert address in flat(room.client.get(page)), page
    assert not {owner.student_no, owner.name, owner.id_number.decrypt()} & set(address.split("/"))
    answer = room.client.get(address)
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/jpeg", data)
    assert "no-store" in answer["Cache-Control"]
    stranger, nobody = Client(), Client()
    stranger.force_login(room.world.strangers[Role.PHOTOGRAPHER], "django.contrib.auth.backends.ModelBackend")
    assert stranger.get(address).status_code == 404
    assert nobody.get(address).status_code == 302
    assert room.client.get(reverse("pairing:face_on_file", args=[hint.pk + 99])).status_code == 404
    bound_elsewhere = Frame.objects.filter(pk=hint.frame_id)
    put(bound_elsewhere, check_in=room.people[1], status="rejected")
    assert room.client.get(address).status_code == 404, "the hint holds no longer"
    put(bound_elsewhere, check_in=room.people[0])
    assert room.client.get(address).status_code == 200
    FaceConsent.objects.filter(candidate=owner).update(withdrawn_at=timezone.now())
    assert room.client.get(address).status_code == 404


def test_an_accepted_photograph_is_compared_afterwards_once_and_only_where_the_rule_says_so(room):
    waiting = Job.objects.filter(kind="pairing.compare_faces", state="queued")
    Campaign.objects.update(last_shooting_number=100)
    newcomer = add_candidate(room.world, 9)
    frame = shoot(room.session, newcomer, measured=False, accept=False)
    assert not waiting.exists(), "the verdict comes first"
    actions.accept_frame(CREW, frame.check_in, frame=frame)
    assert waiting.count() == 1
    shoot(room.session, add_candidate(room.world, 10), measured=False)
    assert waiting.count() == 1, "the one that waits sees both"
    Rule.objects.filter(key="capture.compare_faces").delete()
    waiting.delete()
    shoot(room.session, add_candidate(room.world, 11), measured=False)
    assert not waiting.exists()


def test_consents_are_entered_by_the_sheet_without_those_who_did_not_sign(room):
    FaceConsent.objects.all().delete()
    numbers = [one.candidate.student_no for one in room.people]
    page = f"/capture/sessions/{room.session.pk}/pairing/"
    room.client.post(page, {"form": "note_consents", "paper": "册 3", "not_signed": f"{numbers[1]}，{numbers[2]}"})
    assert set(FaceConsent.objects.values_list("candidate__student_no", flat=True)) == {numbers[0], numbers[3]}
    answer = flat(room.client.post(page, {"form": "note_consents", "paper": "册 3", "not_signed": "000"}))
    assert "本场次没有学号 000" in answer
    assert FaceConsent.objects.count() == 2, "nothing half entered"


def test_consents_and_photographs_on_file_travel_in_the_kit_and_only_of_those_who_agreed(room, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    FaceConsent.objects.filter(candidate=room.people[1].candidate).delete()
    for one in room.people[:2]:
        Reference.objects.create(
            candidate=one.candidate, blob=blobs.put(picture("person_01"), "image/jpeg"), origin="录取"
        )
    people = [one.candidate_id for one in room.people]
    parts = json.loads(json.dumps(gather_parts(room.world.campaign, people)))
    assert [row["candidate"] for row in parts["photographs_on_file"]] == [people[0]]
    assert {row["candidate"] for row in parts["face_consents"]} == {people[0], people[2], people[3]}
    Rule.objects.filter(key="capture.compare_faces").delete()
    bare = gather_parts(CaptureSession.objects.get(pk=room.session.pk).campaign, people)
    assert (bare["photographs_on_file"], bare["face_consents"]) == ([], []), "without the rule nothing travels"
    FaceConsent.objects.all().delete()
    Reference.objects.all().delete()
    load_parts(room.world.campaign, {name: parts[name] for name in ("photographs_on_file", "face_consents")})
    assert consenting(room.session) == {people[0], people[2], people[3]}
    assert blobs.read(references_of(people)[people[0]]).startswith(b"\xff\xd8")


def test_the_job_tells_what_has_no_face_and_keeps_only_scores(room, monkeypatch, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    shown = {b"\xff\xd8\xff a": face(1), b"\xff\xd8\xff b": face(2), b"\xff\xd8\xff c": face(1, 0.3)}
    frames = known(room.session)
    for frame, data in zip(frames, [*shown, b"\xff\xd8\xff nobody"], strict=True):
        Frame.objects.filter(pk=frame.pk).update(blob=blobs.put_photograph(data))

    def embed(data):
        if data not in shown:
            raise GradPhotoError("pairing.no_face", Wording("没有人脸。", "No face."), Wording("请看。", "Look."))
        return shown[data]

    monkeypatch.setattr(faces, "_embedder", lambda policy: embed)
    job = compare_faces(room.crew, room.session)
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.total, job.failed) == ("done", 4, 1)
    assert [(one.subject, one.code) for one in job.issues.all()] == [(frames[3].file_name, "pairing.no_face")]
    [hint] = hints_of(room.session)
    assert (hint.kind, hint.frame_id, hint.other_id) == ("two_names", frames[0].pk, frames[2].pk)
    assert same_person_of(room.session) is None, "two names say nothing of what belongs together under one"
    checker = {one.check_in.pk for one in faces_of(room.session) if one.asks}
    assert {room.people[0].pk, room.people[2].pk} <= checker, "the checker looks at both"


def test_the_job_stops_when_the_permission_was_taken_back_meanwhile(room):
    job = compare_faces(room.crew, room.session)
    Rule.objects.filter(key="capture.compare_faces").delete()
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "portrait.comparison_not_permitted")
    assert hints_of(room.session) == []
