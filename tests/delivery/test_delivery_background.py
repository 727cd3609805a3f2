"""Background work is done only by order of the rule set, and every portrait says whether it was done."""

from datetime import date
from types import SimpleNamespace

import pytest

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture import actions as room
from gradphoto.apps.capture.models import Frame
from gradphoto.apps.core import jobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import AuditEntry, Job
from gradphoto.apps.delivery import jobs as delivery_jobs
from gradphoto.apps.delivery.actions import make_portraits, record_portraits
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.orgs.models import Role
from review_world import open_session, shoot
from world import add_candidate, build_world

pytestmark = pytest.mark.django_db(transaction=True)


def backgrounds(world) -> set[str]:
    session = open_session(world)
    frame = shoot(session, add_candidate(world, 1), "person_01")
    room.confirm_check_in(world.actor(Role.SITE_STAFF), frame.check_in)
    jobs.run(make_portraits(world.actor(Role.COLLECTION_CENTRE), world.campaign).pk)
    return {portrait.provenance["new_background"] for portrait in Portrait.objects.all()}


def test_without_a_rule_the_photograph_keeps_its_own_backdrop():
    assert backgrounds(build_world()) == {""}


def test_a_rule_with_its_source_allows_another_backdrop():
    world = build_world()
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key=keys.NEW_BACKGROUND.name, value="light_blue",
        source="学校通知", effective_from=date(2020, 1, 1),
    )  # fmt: skip
    assert backgrounds(world) == {"light_blue"}


def test_a_frame_that_another_worker_made_meanwhile_is_kept_and_recorded_once(monkeypatch):
    """`scripts/faults` found a second entry of the trail: two workers at one frame, the slow one after its lease."""
    made = SimpleNamespace(portraits=[], refused=[])

    class Slow:
        def make(self, *_: object, **__: object) -> SimpleNamespace:
            made.portraits = real.make(*_, **__).portraits
            record_portraits(Actor.system("another worker"), Frame.objects.get(), portraits=made.portraits)
            return made

    real = delivery_jobs.pipeline()
    monkeypatch.setattr(delivery_jobs, "pipeline", Slow)
    backgrounds(build_world())
    assert Portrait.objects.count() == len(made.portraits) > 0
    assert AuditEntry.objects.filter(action="delivery.record_portraits").count() == 1
    assert Job.objects.get(kind="delivery.make_portraits").failed == 0
