"""A section of the session drawn as two rows, swipes above and frames below, joined by their bindings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from django.utils.timezone import localtime

from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Frame
from gradphoto.apps.pairing.board import Board, fault_key, of_chair
from gradphoto.engine.pairing import Change, FaultKind

ZOOMS = (10, 20, 50)
"""Persons in a section."""
_STEP, _MARGIN, _SWIPES_Y, _FRAMES_Y = 30, 34, 58, 172
_PAUSE_S = 60


@dataclass(frozen=True, slots=True)
class Dot:
    """A swipe or a frame: ``kind`` is what it looks like, ``said`` what a pointer or a screen reader is told."""

    x: int
    y: int
    label: str
    kind: str
    said: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """A binding: as recorded, recorded and wrong, or proposed."""

    x1: int
    x2: int
    kind: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of time or a pause between two events, or a gap in the camera's numbers."""

    x: int
    label: str
    kind: str


@dataclass(slots=True)
class Drawing:
    """One section of the timeline; ``width`` and ``height`` in units of the picture."""

    width: int = 0
    height: int = 232
    swipes: list[Dot] = field(default_factory=list)
    frames: list[Dot] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cell:
    """A section in the overview: how many changes are proposed and how many questions are open in it."""

    number: int
    first: str
    last: str
    changes: int
    questions: int


def in_order(board: Board) -> list[CheckIn]:
    """Those whose pairing is shown, chair by chair: cancelled numbers only where they hold frames."""
    shown = (one for one in board.check_ins.values() if one.status != CheckInStatus.CANCELLED or one.pk in board.held)
    return sorted(shown, key=lambda one: one.chair)


def overview(board: Board, zoom: int) -> list[Cell]:
    """Every section of the session, in order."""
    people = in_order(board)
    place = {one.pk: index // zoom for index, one in enumerate(people)}
    changes, questions = [0] * (len(people) // zoom + 1), [0] * (len(people) // zoom + 1)
    for change in board.proposal.changes:
        concerned = change.to_check_in if change.to_check_in is not None else change.from_check_in
        changes[place.get(int(concerned), 0) if concerned is not None else 0] += 1
    for question in board.proposal.open:
        if question.check_in_key is not None:
            questions[place.get(int(question.check_in_key), 0)] += 1
    cells = []
    for number, start in enumerate(range(0, len(people), zoom)):
        part = people[start : start + zoom]
        cells.append(Cell(number, part[0].number_label, part[-1].number_label, changes[number], questions[number]))
    return cells


def section_of(board: Board, check_in_pk: int | None, zoom: int) -> int:
    """The section in which a person stands."""
    places = {one.pk: index for index, one in enumerate(in_order(board))}
    return places.get(check_in_pk or 0, 0) // zoom


def draw(board: Board, section: int, zoom: int) -> tuple[Drawing, list[CheckIn], list[Frame]]:
    """The section with its persons and the frames taken in its time or bound to its persons."""
    people = in_order(board)
    part = people[section * zoom : (section + 1) * zoom]
    if not part:
        return _only_frames(board)
    keys = {one.pk for one in part}
    times = {chair: _time_of(people, part, chair) for chair in {one.chair for one in part}}
    frames = [
        frame
        for frame in board.frames.values()
        if frame.check_in_id in keys or _is_within(times.get(frame.chair), _when(board, frame))
    ]
    return _drawn(board, part, frames), part, frames


def _time_of(people: list[CheckIn], part: list[CheckIn], chair: int) -> tuple[datetime | None, datetime | None]:
    """From when to when a chair's part of the section goes; open at both ends of what happened there."""
    every, own = of_chair(people, chair), of_chair(part, chair)
    after = every.index(own[-1]) + 1
    return None if own[0] is every[0] else own[0].at, every[after].at if after < len(every) else None


def _is_within(time: tuple[datetime | None, datetime | None] | None, moment: datetime) -> bool:
    if time is None:
        return False
    begin, end = time
    return (begin is None or begin <= moment) and (end is None or moment < end)


def _only_frames(board: Board) -> tuple[Drawing, list[CheckIn], list[Frame]]:
    frames = list(board.frames.values())[: max(ZOOMS)]
    return _drawn(board, [], frames), [], frames


def _when(board: Board, frame: Frame) -> datetime:
    return board.proposal.taken_at.get(frame.pk) or frame.taken_at or frame.arrived_at


def _drawn(board: Board, people: list[CheckIn], frames: list[Frame]) -> Drawing:
    """Events stand in the order of time at even distances, so that every number can be read; pauses are written down."""
    drawing = Drawing()
    events: list[tuple[datetime, int, int]] = [(one.at, 0, one.pk) for one in people]
    events += [(_when(board, frame), 1, frame.pk) for frame in frames]
    events.sort()
    x_of = {(kind, pk): _MARGIN + index * _STEP for index, (_, kind, pk) in enumerate(events)}
    drawing.width = max(2 * _MARGIN + _STEP * len(events), 320)
    _draw_dots(board, drawing, people, frames, x_of)
    _draw_threads(board, drawing, frames, x_of)
    for index, (at, _, _) in enumerate(events[::5]):
        drawing.marks.append(Mark(_MARGIN + index * 5 * _STEP, f"{localtime(at):%H:%M:%S}", "clock"))
    for index, ((one, *_), (other, *_)) in enumerate(pairwise(events)):
        if (gap := (other - one).total_seconds()) >= _PAUSE_S:
            drawing.marks.append(Mark(_MARGIN + index * _STEP + _STEP // 2, f"{gap / 60:.0f}′", "pause"))
    return drawing


def _draw_dots(
    board: Board,
    drawing: Drawing,
    people: list[CheckIn],
    frames: list[Frame],
    x_of: dict[tuple[int, int], int],
) -> None:
    questions = {question.check_in_key for question in board.proposal.open}
    gaps = {key for fault in board.told if fault.kind is FaultKind.LOST_FRAME for key in fault.frame_keys}
    for one in people:
        empty = one.pk not in board.held
        kind = (
            "open" if one.status == CheckInStatus.OPEN else "bad" if empty else "ask" if one.pk in questions else "good"
        )
        said = f"{one.number_label} {one.candidate.name} {localtime(one.at):%H:%M:%S}"
        drawing.swipes.append(
            Dot(x_of[0, one.pk], _SWIPES_Y, str(one.shooting_number), kind, said, f"#number-{one.pk}")
        )
    changed = changes_by_frame(board)
    for frame in frames:
        kind = "bad" if frame.check_in_id is None else "wrong" if frame.pk in changed else str(frame.status)
        label = f"{frame.file_number:04d}" if frame.file_number is not None else f"#{frame.pk}"
        said = f"{frame.folder}/{frame.file_name} {localtime(_when(board, frame)):%H:%M:%S}"
        link = f"?fault={changed[frame.pk][0]}#difference" if frame.pk in changed else ""
        drawing.frames.append(Dot(x_of[1, frame.pk], _FRAMES_Y, label, kind, said, link))
        if frame.pk in gaps:
            drawing.marks.append(Mark(x_of[1, frame.pk] - _STEP // 2, "?", "gap"))


def _draw_threads(board: Board, drawing: Drawing, frames: list[Frame], x_of: dict[tuple[int, int], int]) -> None:
    changed = changes_by_frame(board)
    for frame in frames:
        change = changed[frame.pk][1] if frame.pk in changed else None
        x = x_of[1, frame.pk]
        owner = x_of.get((0, frame.check_in_id or 0))
        if owner is not None:
            drawing.threads.append(Thread(owner, x, "wrong" if change else "good"))
        if change is not None and change.to_check_in is not None:
            target = x_of.get((0, int(change.to_check_in)))
            if target is not None:
                drawing.threads.append(Thread(target, x, "new"))


def changes_by_frame(board: Board) -> dict[int, tuple[str, Change]]:
    """By frame: the fault that moves it, and how."""
    return {int(change.frame_key): (fault_key(fault), change) for fault in board.mendable for change in fault.changes}
