"""The board: what the planner makes, what a person changes, and what is told at once."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from schedule_world import DAY, at, blocks, build_school, planned_school, room, slot

from gradphoto.apps.core import jobs
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditEntry, Job, JobState
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule import actions, board_actions, place_actions
from gradphoto.apps.schedule.actions import SessionBlock
from gradphoto.apps.schedule.board import board_of
from gradphoto.apps.schedule.models import Appointment, CaptureSession, CollectionRoom, PlanRun, Slot, WishKind
from gradphoto.apps.schedule.plan_forms import MakeTimetable
from gradphoto.apps.schedule.problem import problem_of
from gradphoto.engine.planning import ConflictKind, solve
from queued_jobs import run_queued
from world import put

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def planner(world) -> Client:
    client = Client()
    client.force_login(world.people[Role.REGISTRAR], BACKEND)
    return client


def conflicts(world) -> set[ConflictKind]:
    return {conflict.kind for conflict in board_of(world.campaign, DAY).conflicts}


def test_r78_everybody_on_the_approved_list_has_a_place_class_by_class():
    world = planned_school()
    assert Appointment.objects.count() == 40
    assert Slot.objects.count() == 4
    assert conflicts(world) == set()
    for one in Slot.objects.all():
        numbers = list(one.appointments.order_by("position").values_list("candidate__student_no", flat=True))
        assert numbers == sorted(numbers)


def test_r12_spring_and_autumn_stand_in_different_half_days():
    planned_school()
    halves = {(one.season, one.starts_at.astimezone(at(8).tzinfo).hour < 12) for one in Slot.objects.all()}
    assert len(halves) == 2


def test_a_search_in_the_background_tells_how_good_its_plan_is(django_capture_on_commit_callbacks):
    world = build_school()
    registrar = world.actor(Role.REGISTRAR)
    actions.set_up_rooms(registrar, world.campaign, blocks=blocks("104", "115"))
    run = actions.search_plan(registrar, world.campaign)
    jobs.run(run.job.pk)
    run.refresh_from_db()
    assert Job.objects.get(pk=run.job.pk).state == JobState.DONE
    assert run.status == "optimal"
    assert {level["goal"]: level["value"] for level in run.levels} == {
        "crew_days": 1, "idle_minutes": 0, "department_days": 3,
    }  # fmt: skip


def test_one_search_at_a_time_and_a_cancelled_one_changes_nothing():
    world = planned_school()
    registrar = world.actor(Role.REGISTRAR)
    before = set(Slot.objects.values_list("pk", flat=True))
    run = actions.search_plan(registrar, world.campaign)
    with pytest.raises(Refusal) as caught:
        actions.search_plan(registrar, world.campaign)
    assert caught.value.code == "schedule.search_running"
    Job.objects.filter(pk=run.job.pk).update(cancel_requested=True)
    jobs.run(run.job.pk)
    assert Job.objects.get(pk=run.job.pk).state == JobState.CANCELLED
    assert set(Slot.objects.values_list("pk", flat=True)) == before


def test_a_job_run_twice_after_a_kill_keeps_the_first_answer():
    world = planned_school()
    run = actions.search_plan(world.actor(Role.REGISTRAR), world.campaign)
    jobs.run(run.job.pk)
    slots = set(Slot.objects.values_list("pk", flat=True))
    Job.objects.filter(pk=run.job.pk).update(state=JobState.QUEUED)
    jobs.run(run.job.pk)
    assert set(Slot.objects.values_list("pk", flat=True)) == slots


def test_a_move_that_collides_is_told_at_once_and_can_be_taken_back():
    world = planned_school()
    registrar = world.actor(Role.REGISTRAR)
    first, second = slot("甲班"), slot("乙班")
    board_actions.move_slot(registrar, second, room=room(), starts_at=first.starts_at)
    assert ConflictKind.OVERLAP in conflicts(world)
    words = board_actions.undo(registrar, world.campaign)
    assert "乙班" in words.zh
    assert conflicts(world) == set()
    assert slot("乙班").starts_at == second.starts_at or slot("乙班").starts_at != first.starts_at


def test_e1_a_slot_that_is_too_short_says_how_many_stations_it_needs():
    world = planned_school()
    one = slot("丙班")
    Slot.objects.filter(pk=one.pk).update(ends_at=one.starts_at + timedelta(minutes=2))
    told = [c.words.zh for c in board_of(world.campaign, DAY).conflicts]
    assert any("需要2台" in words for words in told)


def test_a_class_moved_to_a_room_with_more_stations_takes_less_time():
    world = planned_school("104", "115")
    world.campaign.rooms.filter(name="115").update(stations=2)
    registrar = world.actor(Role.REGISTRAR)
    one = slot("丙班")
    target = room("115" if one.session.room.name == "104" else "104")
    moved = board_actions.move_slot(registrar, one, room=target, starts_at=at(15, 3))
    assert moved.starts_at == at(15, 5), "slots begin on five minutes"
    assert moved.ends_at - moved.starts_at == timedelta(minutes=5)
    assert moved.session.place == target.name


def test_a_locked_class_stays_where_it_is_when_the_rest_is_planned_anew():
    world = planned_school()
    registrar = world.actor(Role.REGISTRAR)
    one = board_actions.move_slot(registrar, slot("丙班"), room=room(), starts_at=at(10, 40))
    board_actions.lock_slot(registrar, one, locked=True)
    with pytest.raises(Refusal) as caught:
        board_actions.move_slot(registrar, one, room=room(), starts_at=at(9))
    assert caught.value.code == "schedule.slot_locked"
    run = actions.search_plan(registrar, world.campaign)
    jobs.run(run.job.pk)
    again = slot("丙班")
    assert (again.starts_at, again.locked) == (at(10, 40), True)
    assert Slot.objects.count() == 4
    assert conflicts(world) == set()


def test_a_session_that_was_opened_is_left_alone():
    world = planned_school()
    put(CaptureSession.objects.all(), status="open")
    before = {one.pk: one.starts_at for one in Slot.objects.all()}
    run = actions.search_plan(world.actor(Role.REGISTRAR), world.campaign)
    jobs.run(run.job.pk)
    assert {one.pk: one.starts_at for one in Slot.objects.all()} == before
    with pytest.raises(Refusal) as caught:
        actions.set_up_rooms(world.actor(Role.REGISTRAR), world.campaign, blocks=blocks("104"))
    assert caught.value.code == "schedule.already_started"


def test_a_class_set_aside_waits_and_can_be_placed_again():
    world = planned_school()
    registrar = world.actor(Role.REGISTRAR)
    key = slot("丙班").group_key
    board_actions.set_aside(registrar, slot("丙班"))
    assert [group.key for group in board_of(world.campaign, DAY).waiting] == [key]
    board_actions.place_class(registrar, world.campaign, group=key, room=room(), starts_at=at(11))
    assert slot("丙班").appointments.count() == 10
    with pytest.raises(Refusal):
        board_actions.place_class(registrar, world.campaign, group=key, room=room(), starts_at=at(11))


def test_an_impossible_timetable_says_why_and_the_proposal_can_be_accepted():
    world = build_school()
    registrar = world.actor(Role.REGISTRAR)
    short = [SessionBlock(DAY, "104", at(8, 30).time(), at(8, 50).time())]
    result = actions.make_timetable(registrar, world.campaign, blocks=short)
    assert result.people < 40
    assert result.unplaced
    run = PlanRun.objects.first()
    assert run.status == "impossible"
    assert run.proposal["rooms"]
    again = actions.accept_proposal(registrar, run)
    jobs.run(again.job.pk)
    again.refresh_from_db()
    assert again.status == "optimal"
    assert Appointment.objects.count() == 40


def test_a_search_without_an_answer_leaves_the_board_as_it_is(monkeypatch):
    world = planned_school()
    registrar = world.actor(Role.REGISTRAR)
    stood = list(Slot.objects.order_by("pk").values_list("pk", "starts_at"))
    PlanRun.objects.create(campaign=world.campaign, status="feasible", changes=[{"zh": "甲班要通知", "en": "Tell a"}])
    monkeypatch.setattr("gradphoto.apps.schedule.jobs.SEARCH_S", 1e-6)
    run = actions.search_plan(registrar, world.campaign, anew=True)
    jobs.run(run.job.pk)
    run.refresh_from_db()
    assert run.status == "undecided"
    job = Job.objects.get(pk=run.job.pk)
    assert (job.state, job.error_code) == (JobState.FAILED, "schedule.undecided")
    assert AuditEntry.objects.filter(action="schedule.note_undecided").exists()
    assert not AuditEntry.objects.filter(action="schedule.keep_plan", detail__status="undecided").exists()
    assert list(Slot.objects.order_by("pk").values_list("pk", "starts_at")) == stood

    page = planner(world).get(reverse("schedule:board")).content.decode()
    assert "时间表没有改动" in page
    assert "甲班要通知" in page
    assert "排不下的原因" not in page
    monkeypatch.setattr("gradphoto.apps.schedule.actions.AT_ONCE_S", 1e-6)
    with pytest.raises(Refusal) as caught:
        actions.make_timetable(registrar, world.campaign, blocks=blocks("105"))
    assert caught.value.code == "schedule.undecided"
    assert not CollectionRoom.objects.filter(name="105").exists()

    monkeypatch.undo()
    jobs.retry(job)
    jobs.run(job.pk)
    run.refresh_from_db()
    assert (run.status, run.reasons) == ("optimal", [])
    assert Job.objects.get(pk=job.pk).state == JobState.DONE


def test_what_is_locked_by_hand_during_a_search_stays_where_it_was_put(monkeypatch):
    world = planned_school()
    registrar = world.actor(Role.REGISTRAR)
    put(CollectionRoom.objects.all(), stations=2)

    def solved_slowly(*asked, **options):
        board_actions.move_slot(registrar, slot("丙班"), room=room(), starts_at=at(11))
        board_actions.lock_slot(registrar, slot("丙班"), locked=True)
        return solve(*asked, **options)

    monkeypatch.setattr("gradphoto.apps.schedule.jobs.solve", solved_slowly)
    run = actions.search_plan(registrar, world.campaign, anew=True)
    jobs.run(run.job.pk)
    run.refresh_from_db()
    assert (slot("丙班").starts_at, slot("丙班").locked) == (at(11), True)
    assert run.status == "undecided"
    assert "被改动" in Job.objects.get(pk=run.job.pk).error["zh"]


def test_who_loses_what_was_told_stands_among_those_who_must_be_told():
    world = planned_school()
    told = slot("丙班")
    room().periods.all().delete()
    room().periods.create(starts_at=at(8, 30), ends_at=at(8, 50))
    run = actions.search_plan(world.actor(Role.REGISTRAR), world.campaign)
    jobs.run(run.job.pk)
    run.refresh_from_db()
    assert run.status == "impossible"
    assert any(f"{told.class_name}：" in one["zh"] and "取消" in one["zh"] for one in run.changes)


def test_wishes_and_teams_reach_the_planner():
    world = build_school()
    registrar = world.actor(Role.REGISTRAR)
    actions.set_up_rooms(registrar, world.campaign, blocks=blocks("104", "115"))
    place_actions.set_team(registrar, world.campaign, name="甲组", stations=1)
    key = f"spring/{world.other_department.pk}/丙班"
    place_actions.add_wish(
        registrar, world.campaign, group=key, kind=WishKind.FIXED, starts_at=at(9, 30), ends_at=at(10)
    )
    assert problem_of(world.campaign).crews[0].name == "甲组"
    run = actions.search_plan(registrar, world.campaign)
    jobs.run(run.job.pk)
    assert slot("丙班").starts_at == at(9, 30)
    assert conflicts(world) == set()


def test_a_room_that_runs_late_moves_the_rest_and_calls_nobody_earlier():
    world = planned_school()
    registrar = world.actor(Role.REGISTRAR)
    before = {one.class_name: one.starts_at for one in Slot.objects.all()}
    first = Slot.objects.order_by("starts_at")[1]  # the first of the afternoon, with others behind it
    with time_machine.travel(first.starts_at + timedelta(minutes=1)):
        run = board_actions.replan_day(registrar, world.campaign, room=first.session.room, minutes=60)
        assert run.job is not None
        jobs.run(run.job.pk)
    run.refresh_from_db()
    assert run.status == "shifted"
    assert len(run.changes) == sum(one.starts_at != before[one.class_name] for one in Slot.objects.all()) > 0
    after = {one.class_name: one.starts_at for one in Slot.objects.all()}
    assert after[first.class_name] == first.starts_at
    assert all(after[name] >= start for name, start in before.items())
    assert conflicts(world) <= {ConflictKind.ORDER_BROKEN}
    board_actions.undo(registrar, world.campaign)
    assert {one.class_name: one.starts_at for one in Slot.objects.all()} == before


def test_r201_the_form_plans_working_days_only_unless_told():
    world = planned_school("104", "115")
    registrar = world.actor(Role.REGISTRAR)
    data = {
        "first_day": "2026-11-27", "last_day": "2026-11-30", "past_meant": "on", "places": "104*2，115", "stations": 1,
        "morning_from": "08:30", "morning_to": "11:30", "afternoon_from": "14:00", "afternoon_to": "17:00",
        "break_from": "10:00", "break_to": "10:10",
    }  # fmt: skip
    form = MakeTimetable(registrar, world.campaign, data)
    assert form.is_valid(), form.errors
    made = form.blocks()
    assert {block.date for block in made} == {date(2026, 11, 27), date(2026, 11, 30)}
    assert {(block.place, block.stations) for block in made} == {("104", 2), ("115", 1)}
    whole = MakeTimetable(registrar, world.campaign, {**data, "every_day": "on"})
    assert whole.is_valid()
    assert len(whole.blocks()) == 16


# ---- pages


def test_the_board_is_moved_by_the_form_and_by_htmx():
    world = planned_school("104", "115")
    client = planner(world)
    one = slot("丙班")
    values = {"room": room("115").pk, "day": f"{DAY}", "at": "15:00"}
    answer = client.post(reverse("schedule:move", args=[one.pk]), values)
    assert answer.status_code == 302
    page = client.get(answer.url).content.decode()
    assert "丙班" in page
    fragment = client.post(reverse("schedule:move", args=[one.pk]), {**values, "at": "15:30"}, HTTP_HX_REQUEST="true")
    assert 'id="board"' in page, "the page keeps the place"
    assert 'id="board"' not in fragment.content.decode(), "the answer is what stands in it"
    assert slot("丙班").starts_at == at(15, 30)


def test_the_page_has_no_inline_style_or_script():
    world = planned_school()
    page = planner(world).get(reverse("schedule:board")).content.decode()
    assert " style=" not in page
    assert "<script>" not in page


def test_the_form_sets_up_rooms_and_starts_the_search():
    world = build_school()
    data = {
        "campaign": world.campaign.pk, "first_day": f"{DAY}", "last_day": f"{DAY}", "places": "至善楼104",
        "stations": 1, "morning_from": "08:30", "morning_to": "11:30", "afternoon_from": "14:00",
        "afternoon_to": "17:00", "break_from": "", "break_to": "", "past_meant": "on",
    }  # fmt: skip
    answer = planner(world).post(reverse("schedule:make"), data)
    assert answer.status_code == 302
    assert run_queued() == 1
    assert Appointment.objects.count() == 40


def test_a_college_sees_its_own_slots_and_may_not_move_them():
    world = planned_school()
    client = Client()
    client.force_login(world.people[Role.COLLEGE_OFFICER], BACKEND)
    page = client.get(reverse("schedule:list")).content.decode()
    assert "甲班" in page
    assert "丙班" not in page
    assert client.get(reverse("schedule:board")).status_code == 403
    values = {"room": room().pk, "day": f"{DAY}", "at": "15:00"}
    assert client.post(reverse("schedule:move", args=[slot("甲班").pk]), values).status_code == 403
    with pytest.raises(Refusal):
        board_actions.move_slot(world.stranger(Role.REGISTRAR), slot("甲班"), room=room(), starts_at=at(9))
