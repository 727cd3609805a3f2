"""Between the review and the package: what is held or unreviewed stays, what is packed is fixed."""

import pytest

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture import actions as room
from gradphoto.apps.core import jobs
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.delivery import jobs as delivery_jobs
from gradphoto.apps.delivery import queries
from gradphoto.apps.delivery.actions import build_package, make_portraits
from gradphoto.apps.delivery.models import PackageItem
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.review import actions
from gradphoto.apps.review.standing import review_of
from review_world import open_session, seen, shoot
from world import add_candidate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def frames(world):
    """Three confirmed people with finished portraits: two passed, one doubtful."""
    session = open_session(world)
    made = [
        shoot(session, add_candidate(world, n), name)
        for n, name in enumerate(("person_01", "person_02", "defect_blue_shirt"), 1)
    ]
    for frame in made:
        room.confirm_check_in(world.actor(Role.SITE_STAFF), frame.check_in)
    jobs.run(make_portraits(world.actor(Role.COLLECTION_CENTRE), world.campaign).pk)
    return made


def ready(world) -> list[int]:
    return [p.frame_id for p in queries.deliverable(world.campaign, world.school, "spring")]


def build(world):
    package = build_package(
        world.actor(Role.COLLECTION_CENTRE), world.campaign, organisation=world.school, season="spring"
    )
    jobs.run(package.job_id)
    package.refresh_from_db()
    return package


def test_what_is_held_stays_out_until_somebody_decides(world, frames):
    registrar = world.actor(Role.REGISTRAR)
    assert len(ready(world)) == 3
    decision = actions.hold(registrar, review_of(frames[0]), seen=seen(frames[0]))
    assert ready(world) == [frames[1].pk, frames[2].pk]
    actions.undo(registrar, review_of(frames[0]), decision=decision)
    assert len(ready(world)) == 3


def test_a_rejected_photograph_leaves_the_house_never(world, frames):
    actions.reject(world.actor(Role.REGISTRAR), review_of(frames[1]), seen=seen(frames[1]), reasons=["person.eyes"])
    assert frames[1].pk not in ready(world)


def test_the_rule_set_may_want_a_person_on_every_doubtful_one(world, frames):
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key=keys.REVIEW_REQUIRED.name, value=["fail", "review"],
        source="测试", effective_from="2020-01-01",
    )  # fmt: skip
    assert ready(world) == [frames[0].pk, frames[1].pk]
    actions.accept(world.actor(Role.REGISTRAR), review_of(frames[2]), seen=seen(frames[2]))
    assert len(ready(world)) == 3


def test_four_eyes_unfinished_is_not_delivered(world, frames):
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key=keys.REVIEW_FOUR_EYES.name, value=["review"],
        source="测试", effective_from="2020-01-01",
    )  # fmt: skip
    actions.accept(world.actor(Role.REGISTRAR), review_of(frames[2]), seen=seen(frames[2]))
    assert frames[2].pk not in ready(world)
    actions.accept(world.actor(Role.SITE_STAFF), review_of(frames[2]), seen=seen(frames[2]))
    assert frames[2].pk in ready(world)


def test_a_package_closes_the_review_of_its_photographs(world, frames):
    registrar = world.actor(Role.REGISTRAR)
    decision = actions.accept(registrar, review_of(frames[0]), seen=seen(frames[0]))
    package = build(world)
    assert package.photo_count == 3
    frames[0].refresh_from_db()
    assert frames[0].packed_at is not None
    with pytest.raises(Refusal) as caught:
        actions.undo(registrar, review_of(frames[0]), decision=decision)
    assert caught.value.code == "capture.frame_packed"


def test_who_is_rejected_while_the_zip_is_written_is_not_in_it(world, frames, monkeypatch):
    real, registrar, times = delivery_jobs.write_package, world.actor(Role.REGISTRAR), []

    def write(*args):
        made = real(*args)
        if not times:
            actions.reject(registrar, review_of(frames[0]), seen=seen(frames[0]), reasons=["person.eyes"])
        times.append(made.photo_count)
        return made

    monkeypatch.setattr(delivery_jobs, "write_package", write)
    package = build(world)
    assert times == [3, 2], "written again without the person"
    assert package.photo_count == 2
    assert set(PackageItem.objects.values_list("portrait__frame", flat=True)) == {frames[1].pk, frames[2].pk}
