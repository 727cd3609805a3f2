"""The station's loop: card in, number born, frame in, verdict out. It owns no state: everything is in the database."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from django.db import DatabaseError, transaction
from django.utils import timezone

from gradphoto.apps.capture import actions
from gradphoto.apps.capture.identify import Identified, identify
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Frame, FrameStatus, Hold, HoldReason, Identification
from gradphoto.apps.capture.previews import make_previews
from gradphoto.apps.capture.reasons import title_of
from gradphoto.apps.capture.room.clock_code import measure, read_code
from gradphoto.apps.capture.room.notices import CAMERA, READER, works_again
from gradphoto.apps.capture.room.screen import HOLDS
from gradphoto.apps.capture.room.seating import person_of
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.capture.room_state import ClockWatch
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.blobs import StoreRefusal
from gradphoto.apps.core.full_disk import room_to_write
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.devices.errors import DeviceError
from gradphoto.engine.devices.protocols import ArrivedFrame, CodeReader, FrameSource, IdReader
from gradphoto.engine.devices.sam_v.records import CardRecord
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.pairing import AlarmKind
from gradphoto.engine.portrait.pipeline import Pipeline
from gradphoto.engine.portrait.verdict import Outcome, RuleFinding, Verdict
from gradphoto.engine.standards.profiles import PhotoProfile
from gradphoto.engine.wording import Wording

_SOON_S = 0.03

_JPEG = b"\xff\xd8\xff"


class EventKind(StrEnum):
    """What the station tells its screen."""

    CHECKED_IN = "checked_in"
    HELD = "held"
    FRAME_UNBOUND = "frame_unbound"
    ACCEPTED = "accepted"
    WAITING = "waiting"
    RETAKE = "retake"
    REFUSED = "refused"
    STORE_FAILED = "store_failed"
    CLOCK_JUMPED = "clock_jumped"
    CLOCK_MEASURED = "clock_measured"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class StationEvent:
    """One thing that happened, in one sentence."""

    kind: EventKind
    sentence: Wording
    check_in: CheckIn | None = None
    hold: Hold | None = None
    frame: Frame | None = None


@dataclass(slots=True)
class StationRunner:
    """One station at work in an open session.

    ``accept_review``: take frames that a person should look at later; without it they wait for the operator.
    ``next_swipe_closes``: the next card sends away who is in the chair without a photograph, with an alarm; ``None``
    asks the rule set. What is refused is told on the room's screen as well as to ``on_event``. A frame is acknowledged
    to its source only when its row is committed, so nothing is lost when the power goes.
    """

    actor: Actor
    session: CaptureSession
    reader: IdReader
    frames: FrameSource
    pipeline: Pipeline
    profile: PhotoProfile
    on_event: Callable[[StationEvent], None]
    accept_review: bool = True
    next_swipe_closes: bool | None = None
    codes: CodeReader | None = None
    chair: int = 1
    """Which of the room's chairs these devices stand at."""
    watch: ClockWatch = field(default_factory=ClockWatch)
    pending: list[ArrivedFrame] = field(default_factory=list)
    """Frames handed out and not kept yet: the disk was full, the database refused, or the session has not begun. They
    are still in the camera's folder and tried again at every step; a new runner goes on with them."""
    unjudged: list[Frame] = field(default_factory=list)
    """Frames that are kept, and whose verdict could not be written: the same holds for them."""

    def prepare(self) -> None:
        """Before the session opens: a photographed clock code is measured, other frames wait."""
        self.pending += self.frames.poll(room_now())
        for arrived in list(self.pending):
            if not arrived.meanwhile and self._take_clock(arrived, self.frames.read(arrived)):
                self.pending.remove(arrived)
        self.pending = [replace(arrived, meanwhile=True) for arrived in self.pending]

    def step(self, card_wait_s: float = 0.0) -> None:
        """One look at the clock, one at the reader and one at the camera."""
        if (jump := self.watch.jump_s(timezone.now())) is not None:
            self._tell_jump(jump)
        # A frame that is just being written is looked at again at once; nobody swipes in that moment.
        wait_s = min(card_wait_s, _SOON_S) if card_wait_s and self.frames.expecting else card_wait_s
        card = self.reader.wait_for_card(wait_s) if wait_s else None
        if card is not None:
            self.take_card(card)
        if self.codes is not None and (code := self.codes.wait_for_code(0.0)) is not None:
            self.take_code(code)
        for frame in list(self.unjudged):
            self._judge_again(frame)
        self.pending += self.frames.poll(room_now())
        for arrived in list(self.pending):
            if self.take_frame(arrived):
                self._no_more(arrived)

    def _no_more(self, arrived: ArrivedFrame) -> None:
        """Its source has let it go: whatever is refused from now on, it is not asked for again."""
        if arrived in self.pending:
            self.pending.remove(arrived)

    def _judge_again(self, frame: Frame) -> None:
        """What the database or the disk refused; somebody at the page may have decided meanwhile."""
        self.unjudged.remove(frame)
        now = Frame.objects.select_related("check_in", "blob").filter(pk=frame.pk).first()
        if now is not None and now.check_in is not None and now.status == FrameStatus.BOUND:
            self._judge(now, now.check_in, blobs.read(now.blob))

    def _tell_jump(self, jump_s: float) -> None:
        """Times on both sides of a jump cannot be compared: a person must know before the next swipe (R98)."""
        alarm = actions.raise_clock_alarm(self.actor, self.session, jump_s=jump_s, chair=self.chair)
        sentence = Wording(alarm.sentence["zh"], alarm.sentence["en"])
        self.on_event(StationEvent(EventKind.CLOCK_JUMPED, sentence))

    def _refused(self, source: str, error: GradPhotoError, found: Identified | None = None) -> None:
        """What was refused stands on the room's screen for a moment: people look there and not at the console."""
        of = None if found is None else person_of(self.session, found.card, found.candidate)
        actions.tell_room(self.actor, self.session, source=source, error=error, passing=True, chair=self.chair, of=of)
        self.on_event(StationEvent(EventKind.REFUSED, error.message))

    def take_card(self, card: CardRecord) -> None:
        """A card was read: check its holder in, or hold them."""
        sex = None if "sex" in card.unread else card.sex.name.lower()
        facts = actions.CardFacts(card.shown_name, sex, card.birth_date, card.id_number, card.english_name)
        self._take(lambda: Identified(Identification.ID_CARD, card=facts))

    def take_code(self, code: str) -> None:
        """A serial scanner sent a code: check in whom it names, or hold them."""
        self._take(lambda: identify(self.session, code))

    def _take(self, who: Callable[[], Identified]) -> None:
        found = None
        try:
            found = who()
            outcome = actions.check_in(
                self.actor,
                self.session,
                card=found.card,
                candidate=found.candidate,
                method=found.method,
                nonce=uuid.uuid4(),
                close_before=self.next_swipe_closes,
                chair=self.chair,
            )
        except StoreRefusal as error:
            self.on_event(StationEvent(EventKind.STORE_FAILED, error.message))
            return
        except GradPhotoError as error:
            self._refused(READER, error, found)
            return
        works_again(self.actor, self.session, READER, self.chair)  # what an earlier swipe was refused for is over
        if outcome.hold is not None:
            said = HOLDS[HoldReason(outcome.hold.reason)]
            sentence = Wording(f"拦下：{said.zh}", f"Held: {said.en}")
            self.on_event(StationEvent(EventKind.HELD, sentence, hold=outcome.hold))
        elif outcome.check_in is not None:
            number = outcome.check_in.number_label
            sentence = Wording(f"拍摄序号 {number}", f"Shooting number {number}")
            self.on_event(StationEvent(EventKind.CHECKED_IN, sentence, check_in=outcome.check_in))

    def _take_clock(self, arrived: ArrivedFrame, data: bytes) -> bool:
        """Whether the frame shows the clock code; then its camera's clock is known and the frame is nobody's."""
        shown = read_code(data)
        if shown is None:
            return False
        reading = measure(self.actor, self.session, arrived, shown, self.chair)
        self.frames.done(arrived)
        if reading is None:
            sentence = Wording("校时码照片没有可用的时间。", "The frame of the clock code tells no usable time.")
        else:
            sentence = Wording(f"相机已校时：{reading}", f"The camera's clock was measured: {reading}")
        self.on_event(StationEvent(EventKind.CLOCK_MEASURED, sentence))
        return True

    def _clock_wanted(self, serial: str) -> bool:
        """Whether a photographed code is likely: nobody measured this camera, or its clock was found wrong."""
        if not self.session.clocks.filter(chair=self.chair, camera_serial=serial).exists():
            return True
        drifted = self.session.alarms.filter(chair=self.chair, kind=AlarmKind.CLOCK_DRIFT, settled_at=None)
        return drifted.exists()

    def take_frame(self, arrived: ArrivedFrame) -> bool:
        """A whole frame has come: keep it, bind it, measure it, and accept it or ask for another.

        ``False`` when it could not be kept and must be tried again.
        """
        try:
            data = self.frames.read(arrived)
            wanted = not arrived.meanwhile and self._clock_wanted(arrived.exif.camera_serial)
            if wanted and self._take_clock(arrived, data):
                return True
            if data.startswith(_JPEG):
                blobs.write_photograph(
                    data
                )  # some megabytes to the disk, while no other chair waits for the session's row
            frame = actions.receive_frame(
                self.actor,
                self.session,
                data=data,
                file_name=arrived.file_name,
                folder=arrived.exif.folder,
                file_number=arrived.exif.file_number,
                camera_serial=arrived.exif.camera_serial,
                taken_at=arrived.exif.taken_at,
                arrived_at=arrived.arrived_at,
                meanwhile=arrived.meanwhile,
                chair=self.chair,
            )
        except StoreRefusal as error:
            self.on_event(StationEvent(EventKind.STORE_FAILED, error.message))
            return False
        except GradPhotoError as error:
            self._no_more(arrived)
            self.frames.set_aside(arrived)
            self._refused(CAMERA, error)
            return True
        self._no_more(arrived)
        try:
            self.frames.done(arrived)
        except DeviceError as error:
            # On Windows a camera program that still has the file open keeps it there; the frame itself is safe here.
            self._refused(CAMERA, error)
        if frame.evidence.get("meanwhile"):
            sentence = Wording(
                "停机期间拍的照片，请确认是谁的。", "Taken while the station did not work: say whose it is."
            )
            self.on_event(StationEvent(EventKind.FRAME_UNBOUND, sentence, frame=frame))
        elif frame.check_in is None:
            sentence = Wording("有照片但无人登记，请核对。", "A frame without a person: please check.")
            self.on_event(StationEvent(EventKind.FRAME_UNBOUND, sentence, frame=frame))
        elif frame.status == FrameStatus.BOUND:
            self._judge(frame, frame.check_in, data)
        return True

    def _judge(self, frame: Frame, check_in: CheckIn, data: bytes) -> None:
        try:
            kind, sentence = self._decide(frame, check_in, data)
            self.on_event(StationEvent(kind, sentence, check_in=check_in, frame=frame))
            # Only now: the words of the verdict do not wait for the small copies of the picture.
            make_previews(frame)
        except StoreRefusal as error:
            # The frame itself is kept; its verdict is measured again when there is room.
            self.unjudged.append(frame)
            self.on_event(StationEvent(EventKind.STORE_FAILED, error.message, check_in=check_in, frame=frame))
        except DatabaseError:
            self.unjudged.append(frame)
            sentence = Wording("判定没有写入，马上再试。", "The verdict was not written; it is tried again.")
            self.on_event(StationEvent(EventKind.STORE_FAILED, sentence, check_in=check_in, frame=frame))
        except GradPhotoError as error:
            # Somebody at the page was faster: what they decided stands.
            self.on_event(StationEvent(EventKind.REFUSED, error.message, check_in=check_in, frame=frame))

    def _decide(self, frame: Frame, check_in: CheckIn, data: bytes) -> tuple[EventKind, Wording]:
        """Measure and decide; verdict and decision become visible in one step."""
        try:
            assessment = self.pipeline.assess(data, self.profile)
        except GradPhotoError as error:
            actions.reject_frame(self.actor, frame, reason=error.message.zh)
            return EventKind.RETAKE, error.message
        verdict = assessment.verdict
        sentence, everything = _sentence(verdict), _everything(verdict)
        with room_to_write(), transaction.atomic():
            actions.record_assessment(self.actor, frame, assessment=assessment, copies=False)
            if check_in.status != CheckInStatus.OPEN:  # one of several: beside the one that was accepted
                actions.keep_beside(self.actor, frame)
                return EventKind.BESIDE, everything
            if verdict.outcome is Outcome.FAIL:
                actions.reject_frame(self.actor, frame, reason=sentence.zh)
                return EventKind.RETAKE, everything
            if verdict.outcome is Outcome.PASS or self.accept_review:
                actions.accept_frame(self.actor, check_in, frame=frame)
                return EventKind.ACCEPTED, everything
        return EventKind.WAITING, everything


def _everything(verdict: Verdict) -> Wording:
    """All that has to be mended, each with its own advice: a retake that mends only the first is a retake too few. What a cause
    explains is named with it, not told again.
    """
    told = verdict.told()
    if not told:
        return _sentence(verdict)
    said = [_with_explained(cause, explained) for cause, explained in told]
    return Wording("；".join(one.zh.rstrip("。") for one in said) + "。", " ".join(one.en for one in said))


def _with_explained(cause: RuleFinding, explained: Sequence[RuleFinding]) -> Wording:
    titles = [title_of(one.code) for one in explained]
    zh = f"（同因：{'、'.join(one.zh for one in titles)}）" if titles else ""
    en = f" (the same cause: {', '.join(one.en for one in titles)})" if titles else ""
    return Wording(
        f"{cause.sentence.zh}{cause.advice.zh}".rstrip("。") + zh, f"{cause.sentence.en} {cause.advice.en}{en}"
    )


def _sentence(verdict: Verdict) -> Wording:
    """The worst finding in one sentence."""
    if not verdict.findings:
        return Wording("合格。", "Good.")
    worst = verdict.findings[0]
    return Wording(f"{worst.sentence.zh}{worst.advice.zh}", f"{worst.sentence.en} {worst.advice.en}")
