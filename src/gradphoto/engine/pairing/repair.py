"""After the fact: what is wrong with a session's bindings, and the repair as a difference to be looked at (R98, R212).

Nothing is rebound here, and nobody is asked to believe: every change carries its evidence in words. What stays open only
a person who looks at the pictures can decide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gradphoto.engine.pairing.alarms import in_doubt
from gradphoto.engine.pairing.batch import read
from gradphoto.engine.pairing.differences import Case, file_label, find_changes, label, soft_frames
from gradphoto.engine.pairing.faults import double_swiped, explain
from gradphoto.engine.pairing.live import PairingState
from gradphoto.engine.pairing.model import AlarmKind, Key, PairingRules
from gradphoto.engine.pairing.proposal import OpenQuestion, RepairProposal, SamePerson
from gradphoto.engine.pairing.timeline import TimeBasis
from gradphoto.engine.pairing.turns import Doubt
from gradphoto.engine.wording import Wording

_LOOK = Wording("请看照片确认是谁，再手工对应。", "Look at the pictures to see who it is, and bind by hand.")

_MEASURE = Wording(
    "请填写相机与电脑的时间差，或用相机拍下校时码。",
    "Enter the difference between camera and computer, or photograph the clock code.",
)


def propose_repair(
    session: PairingState,
    rules: PairingRules | None = None,
    *,
    by_hand: Collection[Key] = (),
    same_person: SamePerson | None = None,
) -> RepairProposal:
    """The repair of a recorded session; without changes where the bindings agree with order, times and cameras.

    ``by_hand``: frames that a person bound deliberately; they are never proposed with more than ``ASK``. Raises
    :class:`KeyError` for a binding to an unknown check-in.
    """
    rules = rules or PairingRules()
    reading = read(session.check_ins, session.frames, rules)
    case = Case.of(session, reading, rules, frozenset(by_hand), same_person)
    changes = find_changes(case)
    taken_at = {timed.frame.key: timed.taken_at for timed in case.frames}
    return RepairProposal(explain(case, changes), open_questions(case), taken_at)


def open_questions(case: Case) -> tuple[OpenQuestion, ...]:
    """The whole session's first, then by person, then by frame."""
    return (*_of_the_session(case), *_of_persons(case), *_of_frames(case))


def _of_the_session(case: Case) -> Iterator[OpenQuestion]:
    uncertain = {timed.frame.key for timed in case.frames if timed.basis is TimeBasis.UNCERTAIN}
    for alarm in case.reading.alarms:
        if alarm.kind is AlarmKind.CLOCK_DRIFT and alarm.frame_key in uncertain:
            yield OpenQuestion(None, None, alarm.sentence, alarm.remedy)
        elif alarm.kind is AlarmKind.NUMBER_REUSED:
            yield OpenQuestion(alarm.check_in_key, alarm.frame_key, alarm.sentence, alarm.remedy)
    unmeasured = {timed.frame.camera_serial for timed in case.frames if timed.basis is TimeBasis.ARRIVED}
    for serial in sorted(unmeasured):
        sentence = Wording(
            "相机 {camera} 没有校时：拍摄时刻只能推算，逐张核对。",
            "The clock of camera {camera} was not measured: its times are estimates; check frame by frame.",
        ).format(camera=serial or "?")
        yield OpenQuestion(None, None, sentence, _MEASURE)


def _of_persons(case: Case) -> Iterator[OpenQuestion]:
    held = case.frames_of()
    doubles = {empty for empty, _ in double_swiped(case)}
    for place, mark in enumerate(case.people):
        if place in case.unlike:
            sentence = Wording("{number} 的照片不像同一人。", "The frames of {number} do not look like one person.")
            yield OpenQuestion(mark.key, None, sentence.format(number=label(mark)), _LOOK)
        if place in held:
            continue
        beside = [near for near in (place - 1, place + 1) if near in case.doubtful]
        if place in doubles:
            sentence = Wording("{number} 没有照片，疑为重复刷卡。", "{number} has no frame: probably a double swipe.")
            remedy = Wording("确认后请撤销该序号。", "If so, cancel the number.")
        elif beside:
            sentence = Wording(
                "{number} 没有照片，而 {near} 有 {count} 张：其中一张可能是 {number} 的。",
                "{number} has no frame and {near} has {count}: one of them may be {number}'s.",
            ).format(near=label(case.people[beside[0]]), count=len(held[beside[0]]), number="{number}")
            remedy = _LOOK
        else:
            sentence = Wording("{number} 没有照片。", "{number} has no frame.")
            remedy = Wording(
                "请查看相机存储卡；找不到则请本人重拍。", "Look on the camera's card; if it is not there, shoot again."
            )
        yield OpenQuestion(mark.key, None, sentence.format(number=label(mark)), remedy)


def _of_frames(case: Case) -> Iterator[OpenQuestion]:
    for index, place in soft_frames(case):
        sentence = Wording(
            "{file} 在 {number} 的时段边缘，相机时钟只由节奏求得：也可能不是本人。",
            "{file} lies at the edge of {number}'s turn and the clock is known by rhythm only: it may be nobody's.",
        ).format(file=file_label(case.frames[index].frame), number=label(case.people[place]))
        yield OpenQuestion(case.people[place].key, case.frames[index].frame.key, sentence, _LOOK)
    for index, claim in case.in_doubt.items():
        frame = case.frames[index].frame
        if frame.key not in case.by_hand:
            people = [case.people[place] for place in claim.likely]
            alarm = in_doubt(frame, claim.doubt or Doubt.NOBODY, people, case.frames[index].taken_at)
            yield OpenQuestion(alarm.check_in_key, frame.key, alarm.sentence, alarm.remedy)
    asked = {case.frames[index].frame.key for index in case.in_doubt}
    nobody = {timed.frame.key for timed, owner in zip(case.frames, case.owners, strict=True) if owner is None}
    kinds = (AlarmKind.FRAME_WITHOUT_PERSON, AlarmKind.FRAME_BEFORE_CHECK_IN)
    for alarm in case.reading.alarms:
        if alarm.kind in kinds and alarm.frame_key in nobody - asked:
            yield OpenQuestion(alarm.check_in_key, alarm.frame_key, alarm.sentence, alarm.remedy)
