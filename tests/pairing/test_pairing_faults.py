"""Whatever goes wrong in the room: nothing is bound twice, and no wrong binding is silent (R98, R212)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_session import Session, clean_sessions, delay_frame, faulty_sessions, person_of

from budget import examples
from gradphoto.engine.pairing import Alarm, AlarmKind, Key, PairingReport, PairingRules, SessionPairer, pair

pytestmark = pytest.mark.engine

# Nobody is shot within two seconds of a swipe.
ROOM = PairingRules(soonest_shot_s=2.0)


def wrong(session: Session, bound: dict[Key, Key]) -> dict[Key, Key]:
    return {frame: owner for frame, owner in bound.items() if person_of(owner) != person_of(session.shows[frame])}


def played(session: Session) -> tuple[dict[Key, Key], list[Alarm]]:
    pairer = SessionPairer(session.measured())
    _, alarms = session.play(pairer)
    return dict(pairer.state().bound), alarms


def bound_in(report: PairingReport) -> dict[Key, Key]:
    return {frame: binding.check_in_key for binding in report.bindings for frame in binding.frame_keys}


def each_frame_once(session: Session, report: PairingReport) -> bool:
    held = [frame for binding in report.bindings for frame in binding.frame_keys] + list(report.unbound_frames)
    return sorted(held, key=str) == sorted((frame.key for frame in session.frames), key=str)


@given(clean_sessions())
def test_room_rules_raise_no_alarm_in_a_clean_session(session: Session) -> None:
    bound, alarms = played(session)
    assert (bound, alarms) == (session.shows, [])


@settings(max_examples=examples(50, 80))
@given(faulty_sessions())
def test_live_never_binds_wrongly_in_silence(session: Session) -> None:
    bound, alarms = played(session)
    assert alarms or not wrong(session, bound)


@settings(max_examples=examples(50, 80))
@given(session=clean_sessions(close=True), data=st.data())
def test_one_stalled_transfer_never_gives_a_frame_to_the_next_person_in_silence(
    session: Session, data: st.DataObject
) -> None:
    delay_frame(session, data.draw)
    bound, alarms = played(session)
    report = pair(session.check_ins, session.frames, ROOM)
    assert alarms or not wrong(session, bound)
    assert report.alarms or not wrong(session, bound_in(report))


@settings(max_examples=examples(50, 80))
@given(faulty_sessions())
def test_afterwards_never_binds_wrongly_in_silence(session: Session) -> None:
    report = pair(session.check_ins, session.frames, ROOM)
    assert each_frame_once(session, report)
    assert report.alarms or not wrong(session, bound_in(report))


@settings(max_examples=examples(25, 40))
@given(faulty_sessions())
def test_imported_from_the_card_never_accepts_wrongly_in_silence(session: Session) -> None:
    """Without a measured clock a stray frame may pass for a retake; but then nobody's frame is taken as accepted."""
    if not session.frames:
        return
    session = session.imported()
    report = pair(session.check_ins, session.frames, ROOM)
    assert each_frame_once(session, report)
    accepted = {b.accepted_frame_key: b.check_in_key for b in report.bindings if b.accepted_frame_key is not None}
    assert report.alarms or not wrong(session, accepted)


@given(clean_sessions(shots_max=1, close=True))
def test_one_lost_frame_is_always_told(session: Session) -> None:
    lost = session.frames.pop(len(session.frames) // 2)
    _, alarms = played(session)
    report = pair(session.check_ins, session.frames, ROOM)
    for told in (alarms, report.alarms):
        missing = [a.check_in_key for a in told if a.kind == AlarmKind.PERSON_WITHOUT_FRAME]
        assert missing == [session.shows[lost.key]]


@settings(max_examples=examples(40, 60))
@given(faulty_sessions(faults_max=1))
def test_after_one_fault_the_alarm_stands_beside_the_wrong_binding(session: Session) -> None:
    """Stronger, for what a checker relies on: who is neither named nor the neighbour of somebody named, is right."""
    report = pair(session.check_ins, session.frames, ROOM)
    order = {mark.key: place for place, mark in enumerate(sorted(session.check_ins, key=lambda mark: mark.at))}
    named = {order[alarm.check_in_key] for alarm in report.alarms if alarm.check_in_key is not None}
    for owner in wrong(session, bound_in(report)).values():
        assert named & {order[owner] + step for step in (-1, 0, 1)}
