"""What the recorded state of a release holds: a small made-up school with one person at each station of the journey."""

from __future__ import annotations

from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.registration.actions import apply_review, approve_at_head_office, approve_nationally
from gradphoto.apps.schedule.models import CaptureSession
from repair_world import photographed
from verification.graduate_world import confirmed_case, open_case
from world import World, add_candidate, build_world


def build() -> World:
    """One registered, one whose case is open, two photographed, one with a make-up case."""
    world = build_world()
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), confirmed_case(world, 1, {"major": "软件工程"}))
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)
    open_case(world, 2)
    session = CaptureSession.objects.create(campaign=world.campaign, date="2026-11-21", place="礼堂", status="open")
    photographed(world, session, 2, first=20)
    MakeUpCase.objects.create(candidate=add_candidate(world, 30), reason_kind="missed", applied_by="教务处")
    return world
