"""What the pages of the repair show: the difference of a fault, the questions, the history, the workbook."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.capture.room.clocks import KnownClock, known_clocks
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.wording import say
from gradphoto.apps.pairing.board import Board, fault_key, in_use, moves_of, of_chair
from gradphoto.apps.pairing.models import Repair
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.pairing import Change, Fault, OpenQuestion
from gradphoto.engine.wording import Wording
from gradphoto.engine.workbooks import open_workbook

KINDS = {
    "shift": Wording("错位", "Shifted"),
    "swapped": Wording("互换", "Exchange"),
    "misplaced": Wording("对应错误", "Misplaced"),
    "left_over": Wording("漏对应", "Left over"),
    "extra_frame": Wording("多余照片", "Extra frame"),
    "lost_frame": Wording("编号缺口", "Lost frame"),
    "double_swipe": Wording("重复刷卡", "Double swipe"),
    "early_swipe": Wording("提前刷卡", "Early swipe"),
    "cameras_mixed": Wording("多台相机", "Several cameras"),
    "counter_rolled": Wording("编号翻转", "Counter rolled over"),
    "clock_wrong": Wording("时钟偏差", "Clock off"),
    "clock_moved": Wording("时钟变动", "Clock moved"),
    "clock_uncertain": Wording("时钟未定", "Clock uncertain"),
}
CERTAINTIES = {
    "sure": (Wording("确定", "Sure"), "state-good"),
    "likely": (Wording("很可能", "Likely"), "state-busy"),
    "ask": (Wording("须人判断", "To be decided by a person"), "state-warn"),
}


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault in the list: what it is called, how certain, and why it may not be ticked."""

    key: str
    fault: Fault
    title: Wording
    certainty: Wording
    style: str
    count: int
    obstacle: Refusal | None
    ticked: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One person before and after: the frames that count, and the sentences that say why."""

    person: CheckIn
    now: Frame | None
    proposed: Frame | None
    changes: tuple[Change, ...]
    style: str
    certainty: Wording


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """An open question with the person and frame it concerns, where there are any."""

    question: OpenQuestion
    person: CheckIn | None
    frame: Frame | None


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera of the session: before which chair it stands, how many frames are its own, how its clock is known."""

    chair: int
    serial: str
    frames: int
    known: KnownClock | None


def fault_rows(board: Board) -> list[FaultRow]:
    """Faults that can be ticked; those that ask are not ticked beforehand."""
    rows = []
    for fault in board.mendable:
        certainty, style = CERTAINTIES[fault.certainty]
        obstacle = board.obstacle(moves_of(fault))
        ticked = obstacle is None and str(fault.certainty) != "ask"
        rows.append(
            FaultRow(fault_key(fault), fault, KINDS[fault.kind], certainty, style, len(fault.changes), obstacle, ticked)
        )
    return rows


def told_rows(board: Board) -> list[tuple[Wording, Fault]]:
    """Faults that only explain."""
    return [(KINDS[fault.kind], fault) for fault in board.told]


def differences(board: Board, fault: Fault) -> list[Difference]:
    """Person by person, in the order of swipes; last what would be nobody's."""
    moved = {int(change.frame_key): change for change in fault.changes}
    after: dict[int, list[Frame]] = {}
    reasons: dict[int, list[Change]] = {}
    for pk in (int(key) for key in fault.check_in_keys):
        after[pk] = [frame for frame in board.held.get(pk, ()) if frame.pk not in moved]
    for pk, change in moved.items():
        target = change.to_check_in if change.to_check_in is not None else change.from_check_in
        assert target is not None
        reasons.setdefault(int(target), []).append(change)
        if change.to_check_in is not None:
            after[int(change.to_check_in)].append(board.frames[pk])
    rows = []
    for pk in sorted(after, key=lambda pk: (board.check_ins[pk].at, pk)):
        changes = tuple(reasons.get(pk, ()))
        worst = max((change.certainty for change in changes), key=lambda c: c.rank, default=fault.certainty)
        certainty, style = CERTAINTIES[worst]
        proposed = _would_count(after[pk])
        rows.append(
            Difference(board.check_ins[pk], in_use(board.held.get(pk, ())), proposed, changes, style, certainty)
        )
    return rows


def _would_count(frames: Sequence[Frame]) -> Frame | None:
    """An unbound frame that finds its owner counts for them where nothing else does."""
    return in_use(frames) or next((frame for frame in frames if frame.status == "unbound"), None)


def cameras(board: Board) -> list[CameraRow]:
    """The session's cameras by chair and serial, each with its latest clock reading."""
    counted = Counter((frame.chair, frame.camera_serial) for frame in board.frames.values())
    known = {
        chair: known_clocks(board.session, of_chair(board.frames.values(), chair), chair)
        for chair in {chair for chair, _ in counted}
    }
    return [
        CameraRow(chair, serial, count, known[chair].get(serial)) for (chair, serial), count in sorted(counted.items())
    ]


def question_rows(board: Board) -> list[QuestionRow]:
    """The open questions; the whole session's first."""
    return [
        QuestionRow(
            question,
            board.check_ins.get(int(question.check_in_key)) if question.check_in_key is not None else None,
            board.frames.get(int(question.frame_key)) if question.frame_key is not None else None,
        )
        for question in board.proposal.open
    ]


def history(session: CaptureSession) -> QuerySet[Repair]:
    """The session's repairs, newest first, with how many frames each moved."""
    moved = ~Q(changes__from_check_in=F("changes__to_check_in"))
    counted = session.repairs.annotate(moved=Count("changes", filter=moved))
    return counted.select_related("by", "second", "undone_by")


def workbook(board: Board) -> bytes:
    """The whole proposal as xlsx: the difference, the questions."""
    out = io.BytesIO()
    book = open_workbook(out)
    bold = book.add_format({"bold": True, "border": 1, "bg_color": "#E8F1F9"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(say(Wording("差异", "Difference")))
    headings = [
        Wording("问题", "Problem"), Wording("照片", "Frame"), Wording("现对应", "Now"), Wording("姓名", "Name"),
        Wording("建议对应", "Proposed"), Wording("姓名", "Name"), Wording("把握", "Certainty"), Wording("依据", "Evidence"),
    ]  # fmt: skip
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, say(heading), bold)
    line = 1
    for fault in board.mendable:
        for change in fault.changes:
            cells = [say(KINDS[fault.kind]), _file(board.frames[int(change.frame_key)])]
            for end in (change.from_check_in, change.to_check_in):
                person = board.check_ins[int(end)] if end is not None else None
                cells += [person.number_label if person else "", person.candidate.name if person else ""]
            cells += [say(CERTAINTIES[change.certainty][0]), say(change.evidence)]
            for column, text in enumerate(cells):
                sheet.write_string(line, column, text, wrapped)
            line += 1
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 6, 13)
    sheet.set_column(7, 7, 70)
    asked = book.add_worksheet(say(Wording("待判断", "Questions")))
    for column, heading in enumerate((Wording("问题", "Question"), Wording("怎么办", "What to do"))):
        asked.write_string(0, column, say(heading), bold)
    for line, question in enumerate(board.proposal.open, start=1):
        asked.write_string(line, 0, say(question.sentence), wrapped)
        asked.write_string(line, 1, say(question.remedy), wrapped)
    asked.set_column(0, 1, 60)
    book.close()
    return out.getvalue()


def _file(frame: Frame) -> str:
    return f"{frame.folder}/{frame.file_name}" if frame.folder else frame.file_name
