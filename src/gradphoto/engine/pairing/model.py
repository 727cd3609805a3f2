"""The words of pairing: marks of what happened, bindings with their evidence, alarms with their sentences.

All times are aware. A key is whatever names the record outside (a database key); it is only compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gradphoto.engine.wording import Wording

Key = int | str
Span = tuple[datetime, datetime | None]
"""From when to when; without an end it lasts still."""


@dataclass(frozen=True, slots=True)
class CheckInMark:
    """A shooting number was born (R97), by the computer's clock; ``closed_at`` when the person left the chair.

    ``person`` says who it was where that is known: two numbers of one person are a double swipe. ``unfinished``: the
    next swipe ended the turn before there was a photograph. ``elsewhere``: who it is queues at another chair, so that this
    reader may stand there, and somebody else sit here. ``again_at``: when the person was last called back into the chair.
    """

    key: Key
    shooting_number: int
    at: datetime
    closed_at: datetime | None = None
    person: Key | None = None
    unfinished: bool = False
    elsewhere: bool = False
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FrameMark:
    """A frame. ``taken_at`` is by the camera's clock, ``arrived_at`` by the computer's.

    ``camera_serial`` and ``folder`` may be ``""`` and ``file_number`` and ``taken_at`` ``None``, where the file is
    silent. ``usable`` is the portrait engine's verdict, ``None`` while there is none.
    """

    key: Key
    camera_serial: str
    file_number: int | None
    folder: str
    taken_at: datetime | None
    arrived_at: datetime
    usable: bool | None = None


class AlarmKind(StrEnum):
    """A break in the order of swipes and frames (R98, facts 4.3)."""

    FRAME_WITHOUT_PERSON = "frame_without_person"
    PERSON_WITHOUT_FRAME = "person_without_frame"
    FILE_NUMBER_GAP = "file_number_gap"
    FRAME_BEFORE_CHECK_IN = "frame_before_check_in"
    CLOCK_DRIFT = "clock_drift"
    CAMERA_CHANGED = "camera_changed"
    NUMBER_REUSED = "number_reused"
    WHOSE_FRAME = "whose_frame"
    ONE_MORE_FRAME = "one_more_frame"
    READERS_EXCHANGED = "readers_exchanged"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One break, told at once: when, whom it concerns, what happened and what to do."""

    kind: AlarmKind
    at: datetime
    check_in_key: Key | None
    frame_key: Key | None
    sentence: Wording
    remedy: Wording


class Basis(StrEnum):
    """What a binding was made on."""

    LIVE = "live"  # the frame arrived while the person was in the chair
    TIME_WINDOW = "time_window"  # taken between this person's check-in and the next one's, clocks corrected
    GIVEN = "given"  # recorded by others and only examined here


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a binding is believed, for the accepted frame or else the last one.

    ``after_check_in_s``: seconds from the check-in to the exposure, camera clock corrected; ``None`` without a time.
    ``clock_offset_s``: how far the camera's clock was taken to be ahead of the computer's.
    ``places_off``: in whose window the frame was really taken: 0 this person's, -1 the one before, +1 the one after.
    ``doubts``: kinds of the alarms that concern this person or these frames.
    """

    basis: Basis
    after_check_in_s: float | None = None
    clock_offset_s: float | None = None
    camera_serial: str = ""
    folder: str = ""
    file_number: int | None = None
    places_off: int | None = None
    doubts: tuple[AlarmKind, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Plain values for a JSON column."""
        return {
            "basis": self.basis.value,
            "after_check_in_s": self.after_check_in_s,
            "clock_offset_s": self.clock_offset_s,
            "camera_serial": self.camera_serial,
            "folder": self.folder,
            "file_number": self.file_number,
            "places_off": self.places_off,
            "doubts": [kind.value for kind in self.doubts],
        }


@dataclass(frozen=True, slots=True)
class Binding:
    """One person's frames in the order taken, and the one that counts; ``None`` while nobody or nothing chose it."""

    check_in_key: Key
    frame_keys: tuple[Key, ...]
    accepted_frame_key: Key | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class PairingReport:
    """A whole session, looked at afterwards. Every frame is in exactly one binding or in ``unbound_frames``."""

    bindings: tuple[Binding, ...]
    unbound_frames: tuple[Key, ...]
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class ClockFix:
    """One measurement of a camera's clock: ``offset`` is camera minus computer, ``give`` how far it may be wrong.

    ``at``: when, by the computer's clock; it counts for frames that arrive later. ``None``: for all of them.
    ``transfer``: how long the frame that showed the time took to arrive, where the measurement tells it.
    """

    offset: timedelta
    give: timedelta = timedelta(seconds=0.5)
    at: datetime | None = None
    transfer: timedelta | None = None


@dataclass(frozen=True, slots=True)
class LaidInVain:
    """A card that was refused, held, or could not be read: its holder may sit down all the same. ``person``: whose it was,
    where that is known; whoever is called afterwards waits no longer. ``elsewhere``: it was read, at another chair of the room.
    ``until``: when the crew sent the holder away.
    """

    at: datetime
    person: Key | None = None
    elsewhere: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PairingRules:
    """What the room knows beforehand; the defaults are the room's own, used by the station, the docs and the benchmark.

    ``clocks``: by camera serial the measurements of its clock; a camera that is not there is asked about frame by frame.
    ``soonest_shot_s``: nobody is shot earlier than this after the swipe. A frame in that time may be either person's.
    ``change_s``: nor earlier than this after the last shot of the person before: somebody gets up, somebody sits down.
    ``burst_s``: two frames of one camera no further apart than this show the same person, or the empty chair.
    ``leaves_s``: so long after the acceptance the accepted person is still the one before the camera. ``grace_s``: a
    frame so long after somebody was accepted is proposed to that person. ``drift_s``: clock and arrival that disagree by more are told.
    ``waits_s``: so long after a card that was laid down in vain its holder may still sit down in the turn of somebody else.
    ``clock_window``: how many frames the estimate of an unmeasured clock looks back. ``live_spread_s``: transfers that
    vary by less than this are live ones; when they vary by more, frames were imported later and arrival says nothing.
    ``shift_run``: how many persons in a row with a neighbour's frame make a shift (R212) rather than a single slip.
    """

    clocks: Mapping[str, tuple[ClockFix, ...]] = field(default_factory=dict)
    soonest_shot_s: float = 4.0
    change_s: float = 2.0
    burst_s: float = 1.0
    leaves_s: float = 0.8
    grace_s: float = 10.0
    drift_s: float = 2.0
    waits_s: float = 60.0
    clock_window: int = 5
    live_spread_s: float = 20.0
    shift_run: int = 3
