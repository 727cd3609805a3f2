"""Swapped sitters: faces of one session as evidence with a score, off by default, never a decision (R98, facts 5.1)."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from django.test import Client

from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture.contact_sheet import faces_of
from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core import blobs, jobs
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing import faces
from gradphoto.apps.pairing.board import board_of
from gradphoto.apps.pairing.faces import compare_faces, hints_of, keep_hints, policy_of, same_person_of
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.portrait.compare import ComparisonError, ComparisonPolicy, PairKind, find_pairs
from gradphoto.engine.wording import Wording
from page_text import flat
from repair_world import photographed
from review_world import open_session
from world import build_world, put

pytestmark = pytest.mark.django_db
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


def test_the_same_face_under_two_names_and_two_faces_under_one_are_found_and_nothing_else():
    frames = [(1, "a", face(1)), (2, "a", face(1, 0.4)), (3, "b", face(2)), (4, "c", face(1, 0.2)), (5, "d", face(3)), (6, "d", face(4))]  # fmt: skip
    found = {(hint.kind, hint.frame, hint.other) for hint in find_pairs(frames, policy=PERMITTED)}
    assert found == {(PairKind.TWO_NAMES, 1, 4), (PairKind.TWO_NAMES, 2, 4), (PairKind.ONE_NAME, 5, 6)}
    with pytest.raises(ComparisonError):
        find_pairs(frames)


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


def test_hints_stand_side_by_side_on_the_page_and_are_evidence_for_the_repair():
    world = build_world()
    permit(world)
    session = open_session(world)
    people, frames = photographed(world, session, 4)
    vectors = [(frames[0].pk, people[0].pk, face(1)), (frames[2].pk, people[2].pk, face(1, 0.3))]
    keep_hints(session, find_pairs(vectors, policy=PERMITTED), PERMITTED)
    [hint] = hints_of(session)
    assert (hint.kind, hint.source) == ("two_names", "同意书 2026-11")
    assert same_person_of(session) is None, "two names say nothing of what belongs together under one"
    client = Client()
    client.force_login(world.people[Role.PHOTOGRAPHER], "django.contrib.auth.backends.ModelBackend")
    page = flat(client.get(f"/capture/sessions/{session.pk}/pairing/"))
    hints = page.split('id="faces"')[1]
    assert people[0].number_label in hints
    assert people[2].number_label in hints
    assert board_of(session).proposal.changes == (), "a score decides nothing"
    keep_hints(session, (), PERMITTED)
    assert hints_of(session) == [], "the comparison of now takes the place of the earlier one"


def test_the_job_compares_every_frame_in_a_name_tells_what_has_no_face_and_keeps_only_scores(
    monkeypatch, tmp_path, settings
):
    settings.DATA_DIR = tmp_path
    world = build_world()
    permit(world)
    session = open_session(world)
    people, frames = photographed(world, session, 5)
    shown = {
        b"\xff\xd8\xff a": face(1),
        b"\xff\xd8\xff b": face(2),
        b"\xff\xd8\xff c": face(1, 0.3),
        b"\xff\xd8\xff e": face(1),
    }
    for frame, data in zip(frames, [*list(shown)[:3], b"\xff\xd8\xff nobody", list(shown)[3]], strict=True):
        Frame.objects.filter(pk=frame.pk).update(blob=blobs.put_photograph(data))
    put(CheckIn.objects.filter(pk=people[4].pk), status="cancelled")
    asked = []

    def embed(data):
        asked.append(data)
        if data not in shown:
            raise GradPhotoError("pairing.no_face", Wording("没有人脸。", "No face."), Wording("请看。", "Look."))
        return shown[data]

    monkeypatch.setattr(faces, "_embedder", lambda policy: embed)
    job = compare_faces(world.actor(Role.PHOTOGRAPHER), session)
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.total, job.failed) == ("done", 4, 1), "who was cancelled is in nobody's name"
    assert [(one.subject, one.code) for one in job.issues.all()] == [(frames[3].file_name, "pairing.no_face")]
    [hint] = hints_of(session)
    assert (hint.kind, hint.frame_id, hint.other_id) == ("two_names", frames[0].pk, frames[2].pk)
    assert 0.9 < hint.score <= 1
    assert len(asked) == 4
    checker = {one.check_in.pk for one in faces_of(session) if one.asks}
    assert {people[0].pk, people[2].pk} <= checker, "the checker looks at both"


def test_the_job_stops_when_the_permission_was_taken_back_meanwhile():
    world = build_world()
    permit(world)
    session = open_session(world)
    photographed(world, session, 2)
    job = compare_faces(world.actor(Role.PHOTOGRAPHER), session)
    Rule.objects.filter(key="capture.compare_faces").delete()
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "portrait.comparison_not_permitted")
    assert hints_of(session) == []
