"""Confirming, closing and handing over wait while the pairing proposes something or an alarm is open (R98, R100)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from gradphoto.apps.campaigns.matters import StepBlocked, matters
from gradphoto.apps.capture import actions
from gradphoto.apps.capture.models import Alarm, CheckIn, Frame
from gradphoto.apps.capture.providers import HAND_OVER
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing.board import board_of, fault_key
from gradphoto.apps.pairing.gates import keep_pairing
from gradphoto.apps.stations.handover import plan_packet
from gradphoto.apps.stations.models import OutgoingPacket, StationSelf
from repair_world import photographed, record
from review_world import CREW, open_session
from world import build_world, put

pytestmark = pytest.mark.django_db


def begun_packet(campaign):
    """This computer as a station whose packet was begun: the stick was not there."""
    named = {"kit_id": "1", "installation": "1", "station": "A1", "suite": "intl", "centre_name": "c", "centre_box": ""}
    numbers = {"number_first": 1, "number_last": 99, "expires_at": timezone.now()}
    station = StationSelf.objects.create(campaign=campaign, **named, **numbers)
    return station, station.packets.create(number=1)


@pytest.fixture
def swapped():
    """Six people; two of them hold each other's photograph, and nobody is confirmed yet."""
    world = build_world()
    session = open_session(world)
    people, frames = photographed(world, session, 6)
    put(session.check_ins.all(), status="shot")
    record(frames, {2: people[3], 3: people[2]})
    return world, session, people


def test_who_may_hold_anothers_photograph_is_not_confirmed_and_the_session_not_closed(swapped):
    world, session, people = swapped
    checker = world.actor(Role.SITE_STAFF)
    for one in people:
        one.refresh_from_db()
    actions.confirm_check_in(checker, people[0])
    with pytest.raises(Refusal) as caught:
        actions.confirm_check_in(checker, people[2])
    assert caught.value.code == "capture.proposal_open"
    with pytest.raises(StepBlocked):
        actions.close_session(world.actor(Role.PHOTOGRAPHER), session)
    assert [one.count for one in matters(CREW, HAND_OVER, session) if one.blocks] == [1]


def test_somebody_who_looked_may_keep_it_as_it_is_with_a_reason(swapped):
    world, session, people = swapped
    board = board_of(session)
    checker, keeper = world.actor(Role.SITE_STAFF), world.actor(Role.PHOTOGRAPHER)
    faults = [fault_key(fault) for fault in board.mendable]
    with pytest.raises(Refusal) as caught:
        keep_pairing(keeper, session, fingerprint="0" * 64, faults=faults, reason="看过")
    assert caught.value.code == "capture.repair_stale"
    keep_pairing(keeper, session, fingerprint=board.fingerprint, faults=faults, reason="两人换了座位，照片无误")
    actions.confirm_check_in(checker, people[2])
    assert not [one for one in matters(CREW, HAND_OVER, session) if one.blocks]
    actions.close_session(keeper, session)


def test_a_packet_that_was_begun_in_vain_goes_on_past_no_gate_and_one_of_which_a_part_is_written_does(swapped):
    world, _, _ = swapped
    station, packet = begun_packet(world.campaign)
    with pytest.raises(StepBlocked):
        plan_packet(CREW, station)
    assert plan_packet(CREW, station, despite="中心裁定") == packet
    OutgoingPacket.objects.update(written={"part-0000.gpp": [1, "0" * 64]})
    assert plan_packet(CREW, station) == packet, "its records are on the stick already"


@pytest.mark.parametrize(
    ("kind", "concerns", "blocks"),
    [
        ("whose_frame", None, True), ("frame_before_check_in", None, True), ("one_more_frame", None, True),
        ("clock_drift", None, True), ("readers_exchanged", None, True), ("number_reused", None, True),
        ("clock_jump", None, True), ("faces", None, True), ("file_number_gap", "photographed", True),
        ("file_number_gap", None, False), ("file_number_gap", "cancelled", False), ("taken_meanwhile", None, False),
        ("frame_without_person", None, False), ("person_without_frame", "cancelled", False),
        ("camera_changed", "photographed", False),
    ],
)  # fmt: skip
def test_which_alarms_hold_the_closing_of_a_session(kind, concerns, blocks):
    """Those that put somebody's photograph in doubt; who has no card (R99) or no photograph (R104) holds nobody up."""
    world = build_world()
    session = open_session(world)
    _, frames = photographed(world, session, 1)
    if concerns == "cancelled":
        put(CheckIn.objects.all(), status="cancelled")
        put(Frame.objects.all(), status="rejected")
    frame = frames[0] if concerns else None
    Alarm.objects.create(session=session, kind=kind, sentence={}, remedy={}, frame=frame)
    crew = world.actor(Role.PHOTOGRAPHER)
    assert any(one.blocks and one.count for one in matters(crew, HAND_OVER, session)) is blocks
    if not blocks:
        actions.close_session(crew, session)
        return
    with pytest.raises(Refusal) as caught:
        actions.close_session(crew, session)
    assert caught.value.code == "capture.alarm_open"
    session.alarms.update(settled_at=timezone.now())
    actions.close_session(crew, session)
