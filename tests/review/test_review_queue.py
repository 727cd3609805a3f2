"""The queue: exceptions first, filters, counts, the bulk acceptance and its undoing, at any size."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gradphoto.apps.capture.models import Assessment, Frame
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.review import actions, bulk, queue
from gradphoto.apps.review.models import ReviewDecision
from gradphoto.apps.review.queue import Wanted
from gradphoto.apps.review.standing import Seen, review_of
from gradphoto.apps.roster.models import StatusChange
from review_world import another, many_frames, open_session, seen, shoot
from verification.graduate_world import staff
from world import add_candidate

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(world):
    return open_session(world)


@pytest.fixture
def registrar(world):
    return world.actor(Role.REGISTRAR)


def listed(actor, world, **wanted) -> list[Frame]:
    asked = Wanted(**wanted)
    found = queue.in_state(queue.frames(actor, world.campaign, asked), asked.state)
    return list(queue.exceptions_first(found))


def shown(frames) -> dict[int, Seen]:
    return {frame.pk: seen(frame) for frame in frames}


def test_exceptions_first_by_severity_and_count(world, session, registrar):
    names = ("person_01", "defect_roll", "defect_blue_shirt", "defect_closed_eyes_1")
    passed, roll, shirt, eyes = (shoot(session, add_candidate(world, n), name) for n, name in enumerate(names, 1))
    unmeasured = shoot(session, add_candidate(world, 9), "person_03", measured=False)
    assert listed(registrar, world) == [unmeasured, eyes, roll, shirt, passed]


def test_r23_who_has_a_change_of_status_is_marked_listed_and_never_accepted_in_bulk(world, session, registrar):
    plain = shoot(session, add_candidate(world, 1), "person_01")
    marked = shoot(session, add_candidate(world, 2), "person_01")
    StatusChange.objects.create(
        candidate=marked.check_in.candidate, kind="major", changed_on="2025-09-01", reason="批准", noted_by="x"
    )  # fmt: skip
    assert listed(registrar, world, changed=True) == [marked]
    result = bulk.accept_passed(registrar, world.campaign, shown=shown([plain, marked]))
    assert [row.frame for row in result.rows if row.refusal is None] == [plain]
    assert [row.refusal.code for row in result.refused] == ["review.status_changed"]
    page = staff(world, Role.REGISTRAR)
    assert "1 人有学籍异动" in page.get(reverse("review:accept_passed")).content.decode()
    tiles = page.get(reverse("review:list") + "?state=all").content.decode()
    assert tiles.count("data-status-change") >= 1
    assert (
        "学籍异动：转专业 2025-09-01"
        in page.get(reverse("review:list") + f"?state=all&frame={marked.pk}").content.decode()
    )
    actions.accept(registrar, review_of(marked), seen=seen(marked))
    assert listed(registrar, world, changed=True) == [], "looked at by itself it is accepted"


def test_filters_narrow_the_list(world, session, registrar):
    roll = shoot(session, add_candidate(world, 1), "defect_roll")
    shirt = shoot(session, add_candidate(world, 2, department=world.other_department), "defect_blue_shirt")
    autumn = shoot(session, add_candidate(world, 3, season="autumn"), "person_01")
    assert listed(registrar, world, rule="portrait.head_roll") == [roll]
    assert listed(registrar, world, outcome="review") == [shirt]
    assert listed(registrar, world, department=world.other_department.pk) == [shirt]
    assert listed(registrar, world, season="autumn") == [autumn]
    assert listed(registrar, world, class_name="计科2201", outcome="pass") == [autumn]
    assert listed(registrar, world, session=session.pk + 1) == []
    assert listed(registrar, world, rule="portrait.head_roll", outcome="review") == [], "the rule itself failed"


def test_states_move_with_decisions(world, session, registrar):
    frames = [shoot(session, add_candidate(world, n), "person_01") for n in range(1, 5)]
    actions.accept(registrar, review_of(frames[0]), seen=seen(frames[0]))
    actions.hold(registrar, review_of(frames[1]), seen=seen(frames[1]))
    actions.reject(registrar, review_of(frames[2]), seen=seen(frames[2]), reasons=["person.other"])
    counts = queue.counts(queue.frames(registrar, world.campaign, Wanted()))
    assert counts == {"awaiting": 1, "held": 1, "accepted": 1, "rejected": 1}
    assert listed(registrar, world, state="rejected", reason="person.other") == [frames[2]]


def test_what_was_accepted_on_a_better_verdict_comes_back(world, session, registrar):
    frame = shoot(session, add_candidate(world, 1), "person_01")
    actions.accept(registrar, review_of(frame), seen=seen(frame))
    assert listed(registrar, world) == []
    frame.assessments.update(current=False)
    Assessment.objects.create(
        frame=frame, profile="mb2017_99", pipeline_version="next", outcome="fail", severity=10_000, current=True
    )
    assert listed(registrar, world) == [frame]
    actions.accept(registrar, review_of(frame), seen=seen(frame))
    assert listed(registrar, world) == [], "accepted on the new verdict, too"


def test_a_stranger_sees_no_frame(world, session):
    shoot(session, add_candidate(world, 1))
    assert listed(world.stranger(Role.REGISTRAR), world) == []
    assert queue.awaiting_review(world.stranger(Role.REGISTRAR)).count() == 0
    assert queue.awaiting_review(world.actor(Role.PHOTOGRAPHER)).count() == 1


@pytest.mark.parametrize(
    "text",
    ["campaign=x", "session=-1", "hour=99999999999999", "state=nothing", "outcome=<b>", "batch=1 or 1", "rule=%00"],
)
def test_a_wrong_address_counts_as_not_said(text):
    from django.http import QueryDict

    wanted = Wanted.read(QueryDict(text))
    assert (wanted.state, wanted.session, wanted.hour, wanted.batch) == ("awaiting", None, None, "")


def test_bulk_acceptance_takes_the_passed_and_tells_the_rest(world, session, registrar):
    good = [shoot(session, add_candidate(world, n), "person_01") for n in (1, 2, 3)]
    bad = shoot(session, add_candidate(world, 4), "defect_roll")
    before = shown([*good, bad])
    actions.hold(another(world), review_of(good[1]), seen=seen(good[1]))
    result = bulk.accept_passed(registrar, world.campaign, shown=before)
    assert result.done == 2
    told = {row.frame.pk: row.refusal.code for row in result.refused}
    assert told == {good[1].pk: "capture.reviewed_meanwhile", bad.pk: "capture.assessed_meanwhile"}
    assert [review_of(one).state for one in (*good, bad)] == ["accepted", "held", "accepted", "awaiting"]
    entry = AuditEntry.objects.get(action="review.accept_passed")
    assert entry.detail["accepted"] == [good[0].pk, good[2].pk]
    assert set(entry.detail["refused"]) == {str(good[1].pk), str(bad.pk)}
    assert all(one.source_sha256 for one in ReviewDecision.objects.filter(batch=result.batch))


def test_a_bulk_acceptance_is_undone_as_a_whole_but_for_what_was_decided_since(world, session, registrar):
    frames = [shoot(session, add_candidate(world, n), "person_01") for n in (1, 2, 3)]
    result = bulk.accept_passed(registrar, world.campaign, shown=shown(frames))
    actions.hold(another(world), review_of(frames[0]), seen=seen(frames[0]))
    undone = bulk.undo_batch(registrar, world.campaign, batch=result.batch)
    assert (undone.done, [row.frame for row in undone.refused]) == (2, [frames[0]])
    assert [review_of(one).state for one in frames] == ["held", "awaiting", "awaiting"]
    assert bulk.undo_batch(registrar, world.campaign, batch=result.batch).done == 0, "twice changes nothing"


def queries_of(call) -> int:
    with CaptureQueriesContext(connection) as caught:
        call()
    return len(caught)


def test_bulk_acceptance_asks_the_database_as_often_for_many_as_for_few(world, session, registrar):
    bulk.accept_passed(registrar, world.campaign, shown={})  # the first entry of a chain costs more
    few = many_frames(world, session, 4, failing=1, first=100)
    small = {f.pk: Seen(0, f.assessments.get().pk) for f in few}
    costs = [queries_of(lambda: bulk.accept_passed(registrar, world.campaign, shown=small))]
    many = many_frames(world, session, 60, failing=1, first=300)
    large = {f.pk: Seen(0, f.assessments.get().pk) for f in many}
    costs.append(queries_of(lambda: bulk.accept_passed(registrar, world.campaign, shown=large)))
    assert costs[1] <= costs[0] <= 25
    assert ReviewDecision.objects.count() == 3 + 59


@pytest.mark.slow
def test_five_hundred_frames_are_accepted_and_undone_in_one_action_each(world, session, registrar):
    frames = many_frames(world, session, 500, failing=10, doubtful=30, first=100)
    pks = dict(Assessment.objects.values_list("frame", "pk"))
    waiting = {frame.pk: Seen(0, pks[frame.pk]) for frame in frames}
    result = bulk.accept_passed(registrar, world.campaign, shown=waiting)
    assert (result.done, len(result.refused)) == (460, 40)
    assert queue.counts(queue.frames(registrar, world.campaign, Wanted()))["awaiting"] == 40
    assert bulk.undo_batch(registrar, world.campaign, batch=result.batch).done == 460
