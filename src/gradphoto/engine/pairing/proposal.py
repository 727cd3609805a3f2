"""The words of a repair: changes with their evidence, the faults they mend, the questions that stay (R98, R212).

A proposal says frame by frame what would change and why, in groups that belong together, how
certain each is, what faults explain it, and what only a person can decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gradphoto.engine.pairing.model import Key
from gradphoto.engine.wording import Wording

SamePerson = Callable[[Key, Key], bool | None]
"""Whether two frames show the same person; ``None`` where it cannot be told. Off unless injected (facts 5.1)."""


class Certainty(StrEnum):
    """How far a change may be trusted; in order, the worst last."""

    SURE = "sure"  # the camera's clock was known by live arrivals, and the moment is well inside the person's turn
    LIKELY = "likely"  # one piece of evidence is weaker: a border, a clock found or measured afterwards, a face
    ASK = "ask"  # the evidence allows more than one reading: look at the pictures

    @property
    def rank(self) -> int:
        return list(Certainty).index(self)


class FaultKind(StrEnum):
    """What went wrong, or what looks wrong and is not (facts 4.3)."""

    SHIFT = "shift"  # a run of persons holds the frames of persons some places away
    SWAPPED = "swapped"  # two persons hold each other's
    MISPLACED = "misplaced"  # frames of a few neighbours are mixed up
    LEFT_OVER = "left_over"  # a frame of nobody has an owner after all
    EXTRA_FRAME = "extra_frame"  # a frame of nobody, bound or not
    LOST_FRAME = "lost_frame"
    DOUBLE_SWIPE = "double_swipe"
    EARLY_SWIPE = "early_swipe"  # the next one swiped before the one before was shot
    CAMERAS_MIXED = "cameras_mixed"
    COUNTER_ROLLED = "counter_rolled"
    CLOCK_WRONG = "clock_wrong"
    CLOCK_MOVED = "clock_moved"
    CLOCK_UNCERTAIN = "clock_uncertain"


@dataclass(frozen=True, slots=True)
class Change:
    """One frame that would change hands; ``None`` is nobody."""

    frame_key: Key
    from_check_in: Key | None
    to_check_in: Key | None
    evidence: Wording
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault with the changes that mend it together or not at all; without changes it only explains."""

    kind: FaultKind
    sentence: Wording
    check_in_keys: tuple[Key, ...]
    frame_keys: tuple[Key, ...]
    changes: tuple[Change, ...] = ()

    @property
    def certainty(self) -> Certainty:
        """Of its least certain change."""
        return max((change.certainty for change in self.changes), key=lambda c: c.rank, default=Certainty.SURE)


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """What the evidence does not decide. Without keys it concerns the whole session."""

    check_in_key: Key | None
    frame_key: Key | None
    sentence: Wording
    remedy: Wording


@dataclass(frozen=True, slots=True)
class RepairProposal:
    """Faults in order of time, those with changes first; then what stays open.

    ``taken_at``: by frame, when it was taken by the computer's clock, as far as the evidence says.
    """

    faults: tuple[Fault, ...]
    open: tuple[OpenQuestion, ...]
    taken_at: Mapping[Key, datetime] = field(default_factory=dict, compare=False, repr=False)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change of every fault; no frame is in two of them."""
        return tuple(change for fault in self.faults for change in fault.changes)

    @property
    def certainty(self) -> Certainty:
        """Of the least certain change; ``SURE`` where nothing changes."""
        return max((fault.certainty for fault in self.faults), key=lambda c: c.rank, default=Certainty.SURE)
