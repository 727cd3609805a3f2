"""A whole session afterwards, and the first look for a shift (R98, R212)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from made_up_session import Session, clean_sessions, even, hold, later

from budget import examples
from gradphoto.engine.pairing import (
    AlarmKind,
    Basis,
    CheckInMark,
    ClockFix,
    FrameMark,
    Key,
    PairingReport,
    PairingRules,
    examine,
    find_shift,
    pair,
)

pytestmark = pytest.mark.engine
ROOM = PairingRules(soonest_shot_s=2.0)
"""Nobody here is shot within two seconds of the swipe."""


def kinds(report: PairingReport) -> list[AlarmKind]:
    return [alarm.kind for alarm in report.alarms]


def bound_in(report: PairingReport) -> dict[Key, Key]:
    return {frame: binding.check_in_key for binding in report.bindings for frame in binding.frame_keys}


@given(clean_sessions())
def test_r98_clean_session_pairs_perfectly_and_quietly(session: Session) -> None:
    report = pair(session.check_ins, session.frames, ROOM)
    assert report.alarms == ()
    assert report.unbound_frames == ()
    assert bound_in(report) == session.shows
    assert [b.check_in_key for b in report.bindings] == [m.key for m in session.check_ins]


@given(clean_sessions(shots_max=1))
def test_one_frame_each_is_the_accepted_one(session: Session) -> None:
    report = pair(session.check_ins, session.frames, ROOM)
    assert {b.accepted_frame_key: b.check_in_key for b in report.bindings} == session.shows


@settings(max_examples=examples(30))
@given(clean_sessions())
def test_frames_imported_from_the_card_pair_perfectly_or_say_that_the_clock_is_uncertain(session: Session) -> None:
    report = pair(session.check_ins, session.imported().frames, ROOM)
    if AlarmKind.CLOCK_DRIFT not in kinds(report):
        assert report.alarms == ()
        assert bound_in(report) == session.shows


@given(clean_sessions())
def test_frames_imported_from_a_measured_camera_always_pair(session: Session) -> None:
    rules = session.measured()
    report = pair(session.check_ins, session.imported().frames, rules)
    assert (report.alarms, bound_in(report)) == ((), session.shows)


def irregular(count: int) -> Session:
    """People who come as people do: pauses of 4 to 60 s, in a fixed disorder."""
    people = [replace(sitting, swipe_after_s=4 + index * index * 7 % 57) for index, sitting in enumerate(even(count))]
    return hold(people, clock_s=12_345.0)


def test_unmeasured_clock_of_an_imported_card_is_found_by_the_rhythm() -> None:
    session = irregular(60)
    report = pair(session.check_ins, session.imported().frames, ROOM)
    assert (report.alarms, bound_in(report)) == ((), session.shows)
    assert report.bindings[0].evidence.clock_offset_s == pytest.approx(12_345.0, abs=6)


def test_rhythm_too_even_to_tell_a_shift_from_the_truth_is_said() -> None:
    session = hold(even(40), clock_s=12_345.0).imported()
    report = pair(session.check_ins[1:], session.frames[:-1])  # the first swipe and the last frame are lost
    assert AlarmKind.CLOCK_DRIFT in kinds(report)


def test_retake_that_could_as_well_be_the_next_persons_is_said() -> None:
    swipes = [2, 15, 40.3, 53.3, 110.3, 125.2, 138.2, 157.4]
    shots = [5, 7, 9, 18, 43.3, 56.3, 114.1, 128.2, 130.2, 141.2, 145.9, 153.9, 160.4]  # the last but one is p6's third
    people = [CheckInMark(f"p{index}", index, later(at)) for index, at in enumerate(swipes)]
    frames = [FrameMark(f"f{i}", "SN1", i + 1, "", later(at), later(9000)) for i, at in enumerate(shots)]
    assert AlarmKind.CLOCK_DRIFT in kinds(pair(people, frames, ROOM))
    measured = pair(people, frames, PairingRules(clocks={"SN1": (ClockFix(timedelta(0)),)}, soonest_shot_s=2.0))
    assert measured.alarms == ()
    assert measured.bindings[6].frame_keys == ("f9", "f10", "f11")


def test_lost_frame_is_told_as_person_and_as_gap() -> None:
    session = hold(even(5))
    del session.frames[2]
    report = pair(session.check_ins, session.frames, ROOM)
    assert kinds(report) == [AlarmKind.PERSON_WITHOUT_FRAME, AlarmKind.FILE_NUMBER_GAP]
    assert bound_in(report) == {key: owner for key, owner in session.shows.items() if key != "f2"}


def test_stray_frame_between_two_persons_is_nobodys() -> None:
    people = [CheckInMark("a", 1, later(0), later(10)), CheckInMark("b", 2, later(60), later(70))]
    times = {"f1": 5, "stray": 30, "f2": 65}
    frames = [
        FrameMark(key, "SN1", number, "", later(at), later(at + 1)) for number, (key, at) in enumerate(times.items(), 1)
    ]
    report = pair(people, frames, ROOM)
    assert kinds(report) == [AlarmKind.FRAME_WITHOUT_PERSON]
    assert report.unbound_frames == ("stray",)
    assert bound_in(report) == {"f1": "a", "f2": "b"}


def test_shot_just_before_the_swipe_is_told_as_that() -> None:
    people = [CheckInMark("a", 1, later(60), later(70))]
    frames = [FrameMark(f"f{at}", "SN1", at, "", later(at), later(at + 0.5)) for at in (55, 65)]
    report = pair(people, frames, ROOM)
    assert [(a.kind, a.check_in_key) for a in report.alarms if a.frame_key == "f55"] == [
        (AlarmKind.FRAME_BEFORE_CHECK_IN, "a")
    ]


def test_two_cameras_each_keep_their_own_clock_and_counter() -> None:
    one, two = hold(even(12), clock_s=500, serial="A"), hold(even(12), clock_s=-900, number=4000, serial="B")
    frames = [(one if index % 2 else two).frames[index] for index in range(12)]
    every_second = [replace(f, file_number=f.file_number - index // 2) for index, f in enumerate(frames)]
    report = pair(one.check_ins, every_second)
    assert bound_in(report) == one.shows
    assert AlarmKind.CAMERA_CHANGED in kinds(report)


def test_shooting_number_used_twice_is_told() -> None:
    session = hold(even(3))
    session.check_ins[2] = replace(session.check_ins[2], shooting_number=1)
    assert kinds(pair(session.check_ins, session.frames, ROOM)) == [AlarmKind.NUMBER_REUSED]


@pytest.mark.parametrize(
    ("verdicts", "accepted"),
    [
        ((None,), "f0"),
        ((False, None), "f1"),
        ((True, None), "f0"),
        ((False, True), "f1"),
        ((None, None), None),
        ((True, True), None),
        ((False, False), None),
    ],
)
def test_the_frame_that_counts_is_chosen_only_where_there_is_no_choice(verdicts, accepted) -> None:
    people = [CheckInMark("a", 1, later(0))]
    frames = [
        FrameMark(f"f{i}", "SN1", i + 1, "", later(5 + i), later(6 + i), usable) for i, usable in enumerate(verdicts)
    ]
    [binding] = pair(people, frames, ROOM).bindings
    assert binding.accepted_frame_key == accepted


def test_person_with_only_unusable_frames_is_told() -> None:
    report = pair([CheckInMark("a", 1, later(0))], [FrameMark("f", "", None, "", None, later(5), usable=False)])
    assert kinds(report) == [AlarmKind.PERSON_WITHOUT_FRAME]
    assert "usable" in report.alarms[0].sentence.en


def test_alarm_stands_in_the_evidence_of_the_person_it_concerns() -> None:
    session = hold(even(5))
    del session.frames[2]
    report = pair(session.check_ins, session.frames, ROOM)
    doubts = {b.check_in_key: b.evidence.doubts for b in report.bindings if b.evidence.doubts}
    assert doubts == {"p3": (AlarmKind.FILE_NUMBER_GAP,)}
    assert report.bindings[0].evidence.basis == Basis.TIME_WINDOW


def test_empty_session_is_empty() -> None:
    assert pair([], []) == PairingReport((), (), ())
    assert kinds(pair([], hold(even(2)).frames)) == [AlarmKind.FRAME_WITHOUT_PERSON] * 2
    assert kinds(pair(hold(even(2)).check_ins, [])) == [AlarmKind.PERSON_WITHOUT_FRAME] * 2


@pytest.mark.parametrize("places", [-2, -1, 1, 2])
def test_r212_shift_by_some_places_is_found(places: int) -> None:
    session = hold(even(20))
    people = [mark.key for mark in session.check_ins]
    pairs = dict(session.shows)
    for index in range(6, 15):
        pairs[f"f{index + places}"] = people[index]
    shift = find_shift(examine(pairs, session.check_ins, session.frames))
    assert shift is not None
    assert shift.places == places
    assert set(shift.check_in_keys) <= set(people[6:15])
    assert len(shift.check_in_keys) >= 7
    assert f"{places:+d}" in shift.sentence.zh


@given(clean_sessions())
def test_right_bindings_are_no_shift(session: Session) -> None:
    assert find_shift(examine(session.shows, session.check_ins, session.frames)) is None


def test_two_swapped_persons_are_no_shift_but_show_in_the_evidence() -> None:
    session = hold(even(10))
    pairs = session.shows | {"f4": "p5", "f5": "p4"}
    bindings = examine(pairs, session.check_ins, session.frames)
    assert find_shift(bindings) is None
    assert [b.evidence.places_off for b in bindings] == [0, 0, 0, 0, 1, -1, 0, 0, 0, 0]
    assert bindings[0].evidence.basis == Basis.GIVEN
