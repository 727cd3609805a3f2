"""The live machine: one number, one frame, and every break told at once (R98, facts 4.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_session import Session, clean_sessions, even, hold, later

from gradphoto.engine.pairing import (
    Alarm,
    AlarmKind,
    Basis,
    CheckInMark,
    FrameMark,
    PairingRules,
    PairingState,
    SessionPairer,
)

pytestmark = pytest.mark.engine


def kinds(alarms: list[Alarm] | tuple[Alarm, ...]) -> list[AlarmKind]:
    return [alarm.kind for alarm in alarms]


def person(number: int, at_s: float) -> CheckInMark:
    return CheckInMark(f"p{number}", number, later(at_s))


def frame(number: int | None, at_s: float, *, arrives_s: float | None = None, **changes: object) -> FrameMark:
    arrives = at_s + 1 if arrives_s is None else arrives_s
    mark = FrameMark(f"f{number}", "SN1", number, "100CANON", later(at_s), later(arrives))
    return replace(mark, **changes)


@given(clean_sessions())
def test_r98_clean_session_pairs_perfectly_and_quietly(session: Session) -> None:
    pairer = SessionPairer()
    _, alarms = session.play(pairer)
    assert alarms == []
    assert dict(pairer.state().bound) == session.shows


def test_frame_belongs_to_the_person_in_the_chair_and_says_why() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(7, 0))
    step = pairer.frame(frame(42, 8))
    assert step.alarms == ()
    assert step.binding.check_in_key == "p7"
    assert step.binding.frame_keys == ("f42",)
    assert step.binding.accepted_frame_key is None
    evidence = step.binding.evidence
    assert (evidence.basis, evidence.file_number, evidence.folder) == (Basis.LIVE, 42, "100CANON")
    assert evidence.after_check_in_s == 9.0, "no frame before it tells the transfer from the clock"
    assert evidence.as_dict()["doubts"] == []


def test_several_frames_until_one_is_accepted() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    for number in (1, 2, 3):
        step = pairer.frame(frame(number, 5 * number))
    assert step.binding.frame_keys == ("f1", "f2", "f3")
    assert pairer.close("p1", later(20)) == []
    assert kinds(pairer.frame(frame(4, 25)).alarms) == [AlarmKind.FRAME_WITHOUT_PERSON]
    assert pairer.binding("p1").frame_keys == ("f1", "f2", "f3")


def test_frame_without_person_is_told_and_stays_unbound() -> None:
    step = SessionPairer().frame(frame(1, 0))
    assert step.binding is None
    [alarm] = step.alarms
    assert alarm.kind == AlarmKind.FRAME_WITHOUT_PERSON
    assert alarm.frame_key == "f1"
    assert "100CANON/0001" in alarm.sentence.zh
    assert alarm.remedy.zh
    assert alarm.remedy.en


def test_person_without_frame_is_told_when_leaving() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(12, 0))
    [alarm] = pairer.close("p12", later(30))
    assert (alarm.kind, alarm.check_in_key, alarm.at) == (AlarmKind.PERSON_WITHOUT_FRAME, "p12", later(30))
    assert "00012" in alarm.sentence.zh
    assert pairer.close("p12", later(31)) == []


def test_next_swipe_sends_the_person_in_the_chair_away() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    assert kinds(pairer.check_in(person(2, 20))) == [AlarmKind.PERSON_WITHOUT_FRAME]
    assert pairer.open_check_in.key == "p2"


def test_file_number_gap_is_told_with_how_many() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    pairer.frame(frame(10, 5))
    step = pairer.frame(frame(13, 10))
    assert kinds(step.alarms) == [AlarmKind.FILE_NUMBER_GAP]
    assert "2" in step.alarms[0].sentence.en
    assert step.binding.frame_keys == ("f10", "f13")
    assert step.binding.evidence.doubts == (AlarmKind.FILE_NUMBER_GAP,)


@pytest.mark.parametrize(
    ("before", "after", "missing"),
    [
        (("100CANON", 9999), ("101CANON", 1), 0),
        (("", 9999), ("", 1), 0),
        (("100CANON", 9998), ("101CANON", 1), 1),
        (("100CANON", 150), ("101CANON", 1), 0),  # a new day's folder, counter set back
        (("100CANON", 150), ("101CANON", 151), 0),  # a new day's folder, counter going on
        (("100GPHOT", 99), ("101GPHOT", 101), 1),  # the virtual camera of facts 4.1
    ],
)
def test_r98_roll_over_is_no_gap_and_a_gap_in_it_is(before, after, missing) -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    pairer.frame(frame(before[1], 5, folder=before[0]))
    step = pairer.frame(frame(after[1], 10, folder=after[0]))
    assert kinds(step.alarms) == [AlarmKind.FILE_NUMBER_GAP] * bool(missing)
    assert all(f"{missing} frame" in alarm.sentence.en for alarm in step.alarms)


def test_late_frame_of_the_previous_person_is_not_given_to_the_next() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    pairer.frame(frame(1, 5))
    pairer.check_in(person(2, 20))
    step = pairer.frame(frame(2, 15, arrives_s=24))
    assert step.binding is None
    [alarm] = step.alarms
    assert (alarm.kind, alarm.check_in_key) == (AlarmKind.FRAME_BEFORE_CHECK_IN, "p2")


def test_late_frame_without_a_time_is_known_by_its_number() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    pairer.frame(frame(2, 5, taken_at=None))
    pairer.check_in(person(2, 20))
    step = pairer.frame(frame(1, 8, arrives_s=24, taken_at=None))
    assert step.binding is None
    assert kinds(step.alarms) == [AlarmKind.FILE_NUMBER_GAP, AlarmKind.FRAME_BEFORE_CHECK_IN]


def test_two_frames_of_one_person_out_of_order_both_stay_with_them() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    pairer.frame(frame(2, 9, arrives_s=10))
    step = pairer.frame(frame(1, 5, arrives_s=11))
    assert step.binding.frame_keys == ("f2", "f1")
    assert kinds(step.alarms) == [AlarmKind.FILE_NUMBER_GAP]


def test_counter_set_back_is_told_once_and_then_followed() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    told = [kinds(pairer.frame(frame(n, 5 + i)).alarms) for i, n in enumerate([800, 801, 300, 301, 302])]
    gap = [AlarmKind.FILE_NUMBER_GAP]
    assert told == [[], [], gap, gap, []]


def test_file_number_used_twice_is_told() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    pairer.frame(frame(5, 5))
    step = pairer.frame(frame(5, 9, key="another"))
    assert kinds(step.alarms) == [AlarmKind.NUMBER_REUSED]


def test_r97_shooting_number_used_twice_is_told() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    pairer.frame(frame(1, 5))
    assert kinds(pairer.check_in(CheckInMark("other", 1, later(20)))) == [AlarmKind.NUMBER_REUSED]


def test_another_camera_is_told_once() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    pairer.frame(frame(1, 5))
    told = [
        kinds(pairer.frame(frame(n, 8 + n, camera_serial=serial, key=f"{serial}{n}")).alarms)
        for n, serial in [(5, "SN2"), (2, "SN1"), (6, "SN2")]
    ]
    assert told == [[AlarmKind.CAMERA_CHANGED], [], []]


@pytest.mark.parametrize("jump_s", [30.0, -30.0, 3600.0, -3600.0])
def test_clock_that_jumps_is_told_before_anybody_gets_a_wrong_frame(jump_s: float) -> None:
    before, after = hold(even(8)), hold(even(16), clock_s=jump_s)
    session = replace(after, frames=before.frames[:8] + after.frames[8:])
    pairer = SessionPairer()
    _, alarms = session.play(pairer)
    assert AlarmKind.CLOCK_DRIFT in kinds(alarms)
    assert alarms[0].frame_key == "f8", "the first frame after the jump"
    assert all(session.shows[key] == owner for key, owner in pairer.state().bound.items())
    assert len(pairer.state().bound) >= 12, "and the session goes on"


def test_constant_offset_is_measured_not_told() -> None:
    pairer = SessionPairer()
    steps, alarms = hold(even(6), clock_s=-7200).play(pairer)
    assert alarms == []
    assert steps[-1].clock_offset == timedelta(seconds=-7201)  # less the shortest transfer


def test_measured_clock_proves_even_the_first_frame_late() -> None:
    rules = PairingRules(clock_offsets={"SN1": timedelta(seconds=100)})
    late = frame(1, -5 + 100, arrives_s=3)  # shot 5 s before the swipe, by a clock 100 s ahead
    blind, knowing = SessionPairer(), SessionPairer(rules)
    for pairer in (blind, knowing):
        pairer.check_in(person(1, 0))
    assert blind.frame(late).binding is not None, "nothing to tell transfer from clock yet"
    assert kinds(knowing.frame(late).alarms) == [AlarmKind.FRAME_BEFORE_CHECK_IN]


def test_measured_clock_that_was_changed_is_told() -> None:
    pairer = SessionPairer(PairingRules(clock_offsets={"SN1": timedelta(0)}))
    pairer.check_in(person(1, 0))
    step = pairer.frame(frame(1, 5 + 60, arrives_s=6))  # taken a minute after it arrived
    assert kinds(step.alarms) == [AlarmKind.CLOCK_DRIFT]


def test_room_may_say_how_soon_a_shot_can_follow_a_swipe() -> None:
    pairer = SessionPairer(PairingRules(soonest_shot_s=1.5))
    pairer.check_in(person(1, 0))
    assert kinds(pairer.frame(frame(1, 0.2)).alarms) == [AlarmKind.FRAME_BEFORE_CHECK_IN]


def test_the_same_event_twice_changes_nothing() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    first = pairer.frame(frame(1, 5))
    state = pairer.state()
    assert pairer.check_in(person(1, 0)) == []
    again = pairer.frame(frame(1, 5))
    assert again.binding.frame_keys == first.binding.frame_keys
    assert again.alarms == ()
    assert pairer.state() == state


def test_unknown_check_in_cannot_be_closed() -> None:
    with pytest.raises(KeyError):
        SessionPairer().close("nobody")


@given(session=clean_sessions(), data=st.data())
def test_station_killed_at_any_moment_goes_on_from_its_rows(session: Session, data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(session.frames))
    session.frames.remove(lost)
    moments = sorted(
        [m.at for m in session.check_ins]
        + [m.closed_at for m in session.check_ins if m.closed_at]
        + [f.arrived_at for f in session.frames]
    )
    killed_at = data.draw(st.sampled_from(moments))
    early, late = _until(session, killed_at), _after(session, killed_at)

    whole = SessionPairer()
    steps, alarms = session.play(whole)
    killed = SessionPairer()
    steps_before, alarms_before = early.play(killed)
    rows = killed.state()
    restored = SessionPairer.restore(PairingState(rows.check_ins[::-1], rows.frames[::-1], rows.bound))
    steps_after, alarms_after = _play_late(late, session, killed_at, restored)
    assert steps_before + steps_after == steps
    assert alarms_before + alarms_after == alarms
    assert restored.state().bound == whole.state().bound


def _until(session: Session, moment) -> Session:
    people = [
        m if m.closed_at is None or m.closed_at <= moment else replace(m, closed_at=None)
        for m in session.check_ins
        if m.at <= moment
    ]
    return Session(people, [f for f in session.frames if f.arrived_at <= moment], session.shows)


def _after(session: Session, moment) -> Session:
    people = [m for m in session.check_ins if m.at > moment]
    return Session(people, [f for f in session.frames if f.arrived_at > moment], session.shows)


def _play_late(late: Session, session: Session, moment, pairer: SessionPairer):
    """The rest of the session; whoever was in the chair when it was killed still leaves at their time."""

    in_chair = [m for m in session.check_ins if m.at <= moment and m.closed_at and m.closed_at > moment]
    return Session(in_chair + late.check_ins, late.frames, late.shows).play(pairer)
