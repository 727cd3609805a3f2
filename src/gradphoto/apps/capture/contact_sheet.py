"""The checker's contact sheet: faces in shooting order, sheet by sheet, and which of them were shown (R100).

A face is confirmed only after it, and every face before it that still waits, was shown as it is now: a photograph that was
exchanged meanwhile counts as not shown. The server keeps what it showed with the checker's own sign-in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Prefetch, Q

from gradphoto.apps.capture.appearance import open_lines
from gradphoto.apps.capture.models import Alarm, Assessment, CheckIn, CheckInStatus, Frame, FrameStatus
from gradphoto.apps.capture.providers import people_to_look_at
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.wording import say
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.pairing import AlarmKind
from gradphoto.engine.wording import Wording

FACES = 24
"""Faces of a sheet: what a person compares in one look, three or four screens of a laptop."""
Shown = Mapping[int, str]
"""Check-in -> the face as it was shown, by ``Face.state``."""

_AFTERWARDS = Wording("事后补录", "Entered afterwards")
_DOUBTED = Wording("对应有疑点", "The pairing had a doubt")
_PROPOSED = Wording("对应核查有建议或问题", "The pairing proposes or asks something")
_AGAIN = Wording("第二次拍摄", "Photographed a second time")
_NO_FRAME = Wording("没有采用的照片", "No accepted photograph")
_NO_VERDICT = Wording("还没有判定", "Not judged yet")
_APPEARANCE = Wording("仪容：", "Appearance: ")
_ALARM = Wording("警报：", "Alarm: ")


@dataclass(frozen=True, slots=True)
class Face:
    """One person of the sheet; ``asks``: why it is not ticked beforehand, in the reader's language."""

    check_in: CheckIn
    frame: Frame | None
    verdict: Assessment | None
    asks: tuple[str, ...]

    @property
    def awaits(self) -> bool:
        return self.check_in.status == CheckInStatus.SHOT

    @property
    def ticked(self) -> bool:
        """It waits, and nothing was found, marked, told or proposed about it."""
        return self.awaits and not self.asks

    @property
    def state(self) -> str:
        return _state(self.frame, self.verdict)


def faces_of(session: CaptureSession) -> list[Face]:
    """Everybody photographed in the session, in shooting order, by a handful of statements whatever their number."""
    done = session.check_ins.filter(status__in=(CheckInStatus.SHOT, CheckInStatus.CONFIRMED))
    people = list(done.select_related("candidate__department").order_by("shooting_number"))
    frames = _accepted(session)
    appearance = open_lines(one.candidate_id for one in people)
    alarms = list(Alarm.objects.filter(session=session).select_related("frame"))
    proposed = people_to_look_at(session)
    found = []
    for one in people:
        frame = frames.get(one.pk)
        asks = [*_of_frame(frame), *_of_alarms(one, alarms)]
        asks += [f"{say(_APPEARANCE)}{line}" for line in appearance.get(one.candidate_id, ())]
        asks += [say(said) for said, holds in ((_PROPOSED, one.pk in proposed), (_AGAIN, one.again_reason)) if holds]
        found.append(Face(one, frame, _verdict(frame), tuple(dict.fromkeys(asks))))
    return found


def sheets_of(faces: list[Face]) -> list[list[Face]]:
    """The sheets in order; at least one, which may be empty."""
    return [faces[start : start + FACES] for start in range(0, len(faces), FACES)] or [[]]


def first_to_see(sheets: list[list[Face]], shown: Shown) -> int:
    """The first sheet, from 1, with a waiting face that was not shown; else with one that waits; else the first."""
    unseen = [number for number, sheet in enumerate(sheets, 1) if not_shown(sheet, shown)]
    waiting = [number for number, sheet in enumerate(sheets, 1) if any(face.awaits for face in sheet)]
    return (unseen or waiting or [1])[0]


def not_shown(faces: Iterable[Face], shown: Shown) -> list[Face]:
    """Those who wait and were not shown as they are now."""
    return [face for face in faces if face.awaits and shown.get(face.check_in.pk) != face.state]


def require_shown(check_in: CheckIn, shown: Shown) -> None:
    """Raises ``capture.face_not_shown`` unless this face and all waiting ones before it were shown as they are now."""
    before = check_in.session.check_ins.filter(
        Q(status=CheckInStatus.SHOT, shooting_number__lt=check_in.shooting_number) | Q(pk=check_in.pk)
    )
    frames = _accepted(check_in.session, check_in__in=before.order_by())
    for one in before.order_by("shooting_number"):
        frame = frames.get(one.pk)
        if shown.get(one.pk) != _state(frame, _verdict(frame)):
            raise refuse(
                "capture.face_not_shown",
                f"{one.number_label} 的照片还没有看过，或者看过之后换了。",
                f"The photograph of {one.number_label} was not shown yet, or was exchanged since.",
                "请在“现场确认”页按顺序看过照片，再确认。",
                "Look at the photographs in order on the page “Confirm on site”, then confirm.",
            )


def _accepted(session: CaptureSession, **of: Any) -> dict[int, Frame]:
    present = Prefetch("assessments", Assessment.objects.filter(current=True))
    frames = session.frames.filter(status=FrameStatus.ACCEPTED, **of).prefetch_related(present)
    return {frame.check_in_id: frame for frame in frames if frame.check_in_id is not None}


def _verdict(frame: Frame | None) -> Assessment | None:
    return next(iter(frame.assessments.all()), None) if frame is not None else None


def _state(frame: Frame | None, verdict: Assessment | None) -> str:
    return f"{frame.pk if frame else 0}-{verdict.pk if verdict else 0}"


def _of_frame(frame: Frame | None) -> list[str]:
    if frame is None:
        return [say(_NO_FRAME)]
    verdict, evidence = _verdict(frame), frame.evidence
    asks = [say(_AFTERWARDS)] if evidence.get("entered_afterwards") else []
    asks += [say(_DOUBTED)] if evidence.get("doubts") else []
    if verdict is None:
        return [*asks, say(_NO_VERDICT)]
    sentences = [one["sentence"] for one in verdict.findings]
    asks += [say(Wording(one["zh"], one["en"])) for one in sentences]
    if verdict.outcome != "pass" and not sentences:
        asks.append(verdict.outcome)
    return asks


def _of_alarms(check_in: CheckIn, alarms: Iterable[Alarm]) -> list[str]:
    """Every alarm on this person or this photograph, settled or not; an open one on nobody concerns its whole chair, and
    exchanged readers all of them."""
    told = []
    for alarm in alarms:
        owners = {alarm.check_in_id, alarm.frame.check_in_id if alarm.frame else None} - {None}
        here = alarm.chair == check_in.chair or alarm.kind == AlarmKind.READERS_EXCHANGED
        of_chair = not owners and alarm.settled_at is None and here
        if check_in.pk in owners or of_chair:
            told.append(f"{say(_ALARM)}{say(Wording(alarm.sentence['zh'], alarm.sentence['en']))}")
    return told


class ShownFaces:
    """What one checker was shown of one session, kept by the server with the sign-in; nobody else's looking counts."""

    _KEY = "capture.faces_shown"

    def __init__(self, store: SessionBase, session: CaptureSession) -> None:
        self._store, self._name = store, str(session.pk)

    def read(self) -> dict[int, str]:
        """Check-in -> the face as it was shown."""
        kept = self._store.get(self._KEY, {}).get(self._name, {})
        return {int(pk): state for pk, state in kept.items()}

    def add(self, sheet: Iterable[Face], faces: Iterable[Face]) -> dict[int, str]:
        """Put down that this sheet was shown; whoever waits no longer is forgotten. Returns what is known now."""
        waiting = {face.check_in.pk for face in faces if face.awaits}
        known = self.read() | {face.check_in.pk: face.state for face in sheet}
        known = {pk: state for pk, state in known.items() if pk in waiting}
        kept = {str(pk): state for pk, state in known.items()}
        self._store[self._KEY] = self._store.get(self._KEY, {}) | {self._name: kept}
        return known
