"""The live machine: one number, one frame, and every break told at once (R98, facts 4.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_session import Session, clean_sessions, even, hold, later
from pairing_marks import BURST, MEASURED, frame, kinds, person

from gradphoto.engine.pairing import (
    AlarmKind,
    Basis,
    Certainty,
    CheckInMark,
    ClockFix,
    LaidInVain,
    PairingRules,
    PairingState,
    PairStep,
    SessionPairer,
    propose_repair,
)

pytestmark = pytest.mark.engine


@given(clean_sessions())
def test_r98_clean_session_pairs_perfectly_and_quietly(session: Session) -> None:
    pairer = SessionPairer(session.measured())
    _, alarms = session.play(pairer)
    assert alarms == []
    assert dict(pairer.state().bound) == session.shows


def test_frame_belongs_to_the_person_in_the_chair_and_says_why() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(7, 0))
    step = pairer.frame(frame(42, 8))
    assert step.alarms == ()
    assert step.binding.check_in_key == "p7"
    assert step.binding.frame_keys == ("f42",)
    assert step.binding.accepted_frame_key is None
    evidence = step.binding.evidence
    assert (evidence.basis, evidence.file_number, evidence.folder) == (Basis.LIVE, 42, "100CANON")
    assert evidence.after_check_in_s == pytest.approx(8.05), "the file cuts its time off after the tenth"
    assert evidence.as_dict()["doubts"] == []


def test_several_frames_until_one_is_accepted() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    for number in (1, 2, 3):
        step = pairer.frame(frame(number, 5 * number))
    assert step.binding.frame_keys == ("f1", "f2", "f3")
    assert pairer.close("p1", later(20)) == []
    assert kinds(pairer.frame(frame(4, 25)).alarms) == [AlarmKind.ONE_MORE_FRAME], "most likely that person's"
    assert kinds(pairer.frame(frame(5, 45)).alarms) == [AlarmKind.FRAME_WITHOUT_PERSON]
    assert pairer.binding("p1").frame_keys == ("f1", "f2", "f3")


def test_a_burst_belongs_to_the_person_just_photographed_though_it_arrives_later() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    assert pairer.frame(frame(1, 8)).binding.check_in_key == "p1"
    assert pairer.close("p1", later(9.5)) == [], "accepted"
    steps = [pairer.frame(frame(n, 8 + 0.4 * n, arrives_s=8.6 + n)) for n in (2, 3)]
    assert [step.alarms for step in steps] == [(), ()]
    assert steps[-1].binding.frame_keys == ("f1", "f2", "f3")


@pytest.mark.parametrize("whole", [True, False], ids=["whole seconds", "tenths"])
@pytest.mark.parametrize("late_s", [0.0, 2.0])
def test_a_burst_ends_when_its_person_is_accepted_and_gets_up(whole, late_s) -> None:
    """Who follows may be shot without a card: a camera that tells whole seconds only shows two exposures 1.7 s apart as one."""
    pairer = SessionPairer(BURST)
    pairer.check_in(person(1, 0))
    shot, second = (12.0, 13.0) if whole else (12.2, 12.9)
    assert pairer.frame(frame(1, shot, arrives_s=13.5)).binding is not None
    pairer.close("p1", later(14 - late_s))
    burst = frame(2, second, arrives_s=15.2)
    assert (pairer.frame(burst).binding is not None) is (late_s == 0)


def test_the_first_frame_that_agrees_again_may_do_so_by_chance() -> None:
    """A stalled transfer beside a clock that was set ahead looks right: the frame after a strange one proves nothing."""
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    assert pairer.frame(frame(1, 8)).binding is not None
    pairer.close("p1", later(9.5))
    pairer.check_in(person(2, 12))
    assert AlarmKind.CLOCK_DRIFT in kinds(pairer.frame(frame(2, 20, arrives_s=28)).alarms)
    assert pairer.frame(frame(3, 36)).binding is None
    assert pairer.frame(frame(4, 44)).binding is not None


def test_a_clock_set_back_by_less_than_transfers_vary_gives_no_later_frame_to_who_was_accepted() -> None:
    """Transfers of 1.5 to 4.5 s hide a clock set back by 3.9 s: a frame that sneaks in is asked about, not put beside."""
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    pairer.frame(frame(1, 8, arrives_s=9.5))
    pairer.frame(frame(2, 15, arrives_s=19.5))
    pairer.close("p1", later(20.5))
    sneaked = frame(3, 23.3 - 3.9, arrives_s=25.2)
    assert pairer.frame(sneaked).binding is None


def test_transfers_that_no_step_of_the_clock_explains_say_nothing_any_more() -> None:
    """One stalled frame is read by the clock; two stalled by quite different times are asked about until it is measured."""
    steady, wild = SessionPairer(MEASURED), SessionPairer(MEASURED)
    for pairer, late_s in ((steady, 21.0), (wild, 5.0)):
        pairer.check_in(person(1, 0))
        pairer.frame(frame(1, 8))
        pairer.frame(frame(2, 12, arrives_s=33))
        pairer.close("p1", later(34))
        pairer.check_in(person(2, 60))
        step = pairer.frame(frame(3, 70, arrives_s=70 + late_s))
        assert (step.binding is None) == (pairer is wild)


def test_a_safety_shot_that_arrives_after_the_next_swipe_is_not_the_next_persons() -> None:
    """Person accepted, one more shot, the next card 0.58 s later, 1.5 s of transfer each."""
    pairer = SessionPairer(
        replace(MEASURED, clocks={"SN1": (ClockFix(timedelta(0), timedelta(0), None, timedelta(seconds=1.5)),)})
    )
    pairer.check_in(person(1, 0))
    pairer.frame(frame(1, 6, arrives_s=7.5))
    pairer.close("p1", later(8))
    pairer.check_in(person(2, 10.58))
    step = pairer.frame(frame(2, 10, arrives_s=11.5))
    assert step.binding is None
    assert step.alarms[0].check_in_key == "p1", "the likeliest first"


def test_without_a_measured_clock_every_frame_is_asked() -> None:
    pairer = SessionPairer()
    pairer.check_in(person(1, 0))
    step = pairer.frame(frame(1, 8))
    assert (step.binding, kinds(step.alarms)) == (None, [AlarmKind.WHOSE_FRAME])
    assert "校时" in step.alarms[0].sentence.zh


def test_the_next_swipe_that_ends_a_turn_without_a_frame_leaves_the_next_frame_open() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    pairer.check_in(person(2, 4))
    assert kinds(pairer.frame(frame(1, 14)).alarms) == [AlarmKind.WHOSE_FRAME]
    pairer.give("f1", "p2")
    assert pairer.frame(frame(2, 20)).binding.frame_keys == ("f1", "f2"), "somebody said who sits there"


def test_a_card_refused_meanwhile_may_be_of_who_sits_there_by_now() -> None:
    """A is gone and nobody said so; B's card is refused, the photographer goes on: B's frame is not A's."""
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    assert pairer.frame(frame(1, 8)).binding is not None
    pairer = SessionPairer.restore(replace(pairer.state(), in_vain=(later(20),)), MEASURED)
    assert pairer.frame(frame(2, 20.5)).binding is not None, "nobody changes places so soon"
    [alarm] = pairer.frame(frame(3, 26)).alarms
    assert (alarm.kind, alarm.check_in_key) == (AlarmKind.WHOSE_FRAME, "p1")
    pairer.give("f3", "p1")
    assert pairer.frame(frame(4, 28)).binding is not None, "somebody looked: it is still the same person"
    assert pairer.frame(frame(5, 33)).binding is None, "but the holder of that card waits beside"


def who_waits(*laid: LaidInVain, called_s: float = 30) -> PairStep:
    """p1 was photographed; p2 is called, and shot 8 s later, after these cards had been laid down in vain."""
    pairer = SessionPairer.restore(PairingState(in_vain=laid), MEASURED)
    pairer.check_in(person(1, 0))
    pairer.frame(frame(1, 8))
    pairer.close("p1", later(10))
    pairer.check_in(replace(person(2, called_s), person="who2"))
    return pairer.frame(frame(2, called_s + 8))


@pytest.mark.parametrize(
    ("laid", "asks"),
    [
        (LaidInVain(later(29.7), "x"), True),  # two cards within 0.3 s: which of them sits down?
        (LaidInVain(later(12), "x"), True),  # held or refused before, and not called since
        (LaidInVain(later(12)), True),  # not read, and nobody knows whose it was
        (LaidInVain(later(12), "who2"), False),  # too early, refused, and then called: it is this one
        (LaidInVain(later(12), "x", until=later(20)), False),  # sent away by the crew
        (LaidInVain(later(12), "x", elsewhere=True), False),  # called, at another chair
        (LaidInVain(later(-40), "x"), False),  # long ago
    ],
)
def test_who_laid_a_card_down_in_vain_before_the_next_was_called_may_sit_there(laid: LaidInVain, asks: bool) -> None:
    """Held, refused or not read: who believes to be called sits down, and the photograph is not the next one's (R98)."""
    step = who_waits(laid)
    assert (step.binding is None) is asks
    assert [alarm.check_in_key for alarm in step.alarms] == ["p2"] * asks


def test_a_card_that_was_not_read_is_most_likely_of_the_first_who_is_called_after_it() -> None:
    pairer = SessionPairer.restore(PairingState(in_vain=(later(-3),), blind=((later(14), later(18)),)), MEASURED)
    bound = []
    for n in (1, 2, 3):
        pairer.check_in(person(n, 20 * n - 20))
        step = pairer.frame(frame(n, 20 * n - 10))
        pairer.close(f"p{n}", later(20 * n - 5))
        bound.append(step.binding is not None)
    assert bound == [False, False, True], "the second after a reader that told nothing"


@pytest.mark.parametrize("until_s", [None, 60])
def test_as_long_as_no_card_can_be_read_each_further_sitting_is_asked_about(until_s) -> None:
    blind = ((later(-5), None if until_s is None else later(until_s)),)
    pairer = SessionPairer.restore(PairingState(blind=blind), MEASURED)
    pairer.check_in(person(1, 0))
    assert pairer.frame(frame(1, 8)).binding is not None
    assert pairer.frame(frame(2, 8.6, arrives_s=9.7)).binding is not None, "a burst is one sitting"
    assert pairer.frame(frame(3, 20)).binding is None


def test_who_queues_at_another_chair_is_asked_about_until_somebody_has_looked() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(replace(person(1, 0), elsewhere=True))
    [alarm] = pairer.frame(frame(1, 8)).alarms
    assert "排在另一座位" in alarm.sentence.zh
    pairer.give("f1", "p1")
    assert pairer.frame(frame(2, 12)).binding is not None


def test_a_record_whose_clock_was_set_back_is_read_without_an_error() -> None:
    """Of a computer that had no steady clock: turns that end before they begin."""
    people = [
        replace(person(n, at), closed_at=later(at - 50 if n == 3 else at + 9)) for n, at in ((1, 0), (2, 20), (3, 40))
    ]
    frames = tuple(replace(frame(n, 20 * n), arrived_at=later(7000)) for n in range(6))
    assert propose_repair(PairingState(tuple(people), frames, {})).open


def test_frame_without_person_is_told_and_stays_unbound() -> None:
    step = SessionPairer(MEASURED).frame(frame(1, 0))
    assert step.binding is None
    [alarm] = step.alarms
    assert alarm.kind == AlarmKind.FRAME_WITHOUT_PERSON
    assert alarm.frame_key == "f1"
    assert "100CANON/0001" in alarm.sentence.zh
    assert alarm.remedy.zh
    assert alarm.remedy.en


def test_person_without_frame_is_told_when_leaving() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(12, 0))
    [alarm] = pairer.close("p12", later(30))
    assert (alarm.kind, alarm.check_in_key, alarm.at) == (AlarmKind.PERSON_WITHOUT_FRAME, "p12", later(30))
    assert "00012" in alarm.sentence.zh
    assert pairer.close("p12", later(31)) == []


def test_next_swipe_sends_the_person_in_the_chair_away() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    assert kinds(pairer.check_in(person(2, 20))) == [AlarmKind.PERSON_WITHOUT_FRAME]
    assert pairer.open_check_in.key == "p2"


def test_file_number_gap_is_told_with_how_many() -> None:
    pairer = SessionPairer(MEASURED)
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
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    pairer.frame(frame(before[1], 5, folder=before[0]))
    step = pairer.frame(frame(after[1], 10, folder=after[0]))
    assert kinds(step.alarms) == [AlarmKind.FILE_NUMBER_GAP] * bool(missing)
    assert all(f"{missing} frame" in alarm.sentence.en for alarm in step.alarms)


def test_late_frame_of_the_previous_person_is_not_given_to_the_next() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    pairer.frame(frame(1, 5))
    pairer.check_in(person(2, 20))
    step = pairer.frame(frame(2, 15, arrives_s=24))
    assert step.binding is None
    assert kinds(step.alarms)[0] == AlarmKind.CLOCK_DRIFT, "a stalled transfer, or a clock set back"
    assert step.alarms[-1].check_in_key == "p1"


def test_late_frame_without_a_time_is_known_by_its_number() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    pairer.frame(frame(2, 5, taken_at=None))
    pairer.check_in(person(2, 20))
    step = pairer.frame(frame(1, 8, arrives_s=24, taken_at=None))
    assert step.binding is None
    assert kinds(step.alarms) == [AlarmKind.FILE_NUMBER_GAP, AlarmKind.WHOSE_FRAME]


def test_a_frame_out_of_order_is_asked_as_nothing_says_when_it_was_taken() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    pairer.frame(frame(2, 9, arrives_s=10))
    step = pairer.frame(frame(1, 5, arrives_s=11))
    assert step.binding is None
    assert AlarmKind.FILE_NUMBER_GAP in kinds(step.alarms)


def test_counter_set_back_is_told_once_and_then_followed() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    told = [kinds(pairer.frame(frame(n, 5 + 5 * i)).alarms) for i, n in enumerate([800, 801, 300, 301, 302])]
    gap = [AlarmKind.FILE_NUMBER_GAP]
    assert told == [[], [], gap, gap, []]


def test_file_number_used_twice_is_told() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    pairer.frame(frame(5, 5))
    step = pairer.frame(frame(5, 9, key="another"))
    assert kinds(step.alarms) == [AlarmKind.NUMBER_REUSED, AlarmKind.WHOSE_FRAME]
    assert step.binding is None


def test_r97_shooting_number_used_twice_is_told() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    pairer.frame(frame(1, 5))
    assert kinds(pairer.check_in(CheckInMark("other", 1, later(20)))) == [AlarmKind.NUMBER_REUSED]


def test_another_camera_is_told_once() -> None:
    pairer = SessionPairer(replace(MEASURED, clocks=dict.fromkeys(("SN1", "SN2"), MEASURED.clocks["SN1"])))
    pairer.check_in(person(1, 0))
    pairer.frame(frame(1, 5))
    told = [
        kinds(pairer.frame(frame(n, 8 + n, camera_serial=serial, key=f"{serial}{n}")).alarms)
        for n, serial in [(5, "SN2"), (2, "SN1"), (6, "SN2")]
    ]
    assert told == [[AlarmKind.CAMERA_CHANGED], [], []]


@pytest.mark.parametrize("jump_s", [30.0, -30.0, 3600.0, -3600.0])
def test_clock_that_jumps_is_told_at_its_first_frame_and_one_measurement_mends_the_run(jump_s: float) -> None:
    before, after = hold(even(8)), hold(even(16), clock_s=jump_s)
    session = replace(after, frames=before.frames[:8] + after.frames[8:])
    pairer = SessionPairer(MEASURED)
    _, alarms = session.play(pairer)
    assert alarms[0].kind is AlarmKind.CLOCK_DRIFT
    assert alarms[0].frame_key == "f8", "the first frame after the jump"
    bound = pairer.state().bound
    assert all(session.shows[key] == owner for key, owner in bound.items())
    again = ClockFix(timedelta(seconds=jump_s), timedelta(0), session.check_ins[12].at, timedelta(seconds=1))
    rules = replace(MEASURED, clocks={"SN1": (*MEASURED.clocks["SN1"], again)})
    proposal = propose_repair(PairingState(tuple(session.check_ins), tuple(session.frames), bound), rules)
    after_repair = dict(bound) | {change.frame_key: change.to_check_in for change in proposal.changes}
    assert {change.certainty for change in proposal.changes} == {Certainty.SURE}
    assert set(after_repair.items()) >= {(f"f{n}", f"p{n}") for n in range(9, 16)}


def test_measured_clock_is_taken_off_and_not_told() -> None:
    session = hold(even(6), clock_s=-7200)
    steps, alarms = session.play(SessionPairer(session.measured()))
    assert alarms == []
    assert steps[-1].clock_offset == timedelta(seconds=-7200)


def test_measured_clock_proves_even_the_first_frame_late() -> None:
    pairer = SessionPairer(PairingRules(clocks={"SN1": (ClockFix(timedelta(seconds=100)),)}))
    pairer.check_in(person(1, 0))
    step = pairer.frame(frame(1, -5 + 100, arrives_s=-1))  # shot 5 s before the swipe, by a clock 100 s ahead
    assert kinds(step.alarms) == [AlarmKind.FRAME_BEFORE_CHECK_IN]


def test_measured_clock_that_was_changed_is_told() -> None:
    pairer = SessionPairer(MEASURED)
    pairer.check_in(person(1, 0))
    step = pairer.frame(frame(1, 5 + 60, arrives_s=6))  # taken a minute after it arrived
    assert AlarmKind.CLOCK_DRIFT in kinds(step.alarms)
    assert step.binding is None


def test_room_may_say_how_soon_a_shot_can_follow_a_swipe() -> None:
    for soonest, bound in ((4.0, False), (1.0, True)):
        pairer = SessionPairer(replace(MEASURED, soonest_shot_s=soonest))
        pairer.check_in(person(1, 0))
        assert (pairer.frame(frame(1, 3)).binding is not None) is bound


def test_the_same_event_twice_changes_nothing() -> None:
    pairer = SessionPairer(MEASURED)
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
        SessionPairer(MEASURED).close("nobody")


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

    rules = session.measured()
    whole = SessionPairer(rules)
    steps, alarms = session.play(whole)
    killed = SessionPairer(rules)
    steps_before, alarms_before = early.play(killed)
    rows = killed.state()
    restored = SessionPairer.restore(PairingState(rows.check_ins[::-1], rows.frames[::-1], rows.bound), rules)
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
