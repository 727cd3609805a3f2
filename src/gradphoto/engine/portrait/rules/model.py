"""What a rule is: what it looks at, which threshold it may not break, and what it tells the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gradphoto.engine.portrait.measure import FaceMeasures, Measurements
from gradphoto.engine.portrait.verdict import Outcome
from gradphoto.engine.wording import Wording

FAIL, REVIEW = Outcome.FAIL, Outcome.REVIEW


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule may look at; ``backdrop_distance`` is in units of the allowed colour's tolerance, ``backdrop_lean`` the
    colour (a*, b*) of a grey under the light that gives the backdrop its look, ``None`` where it has another colour or should have none;
    ``white_wall``: it should have none and has none.
    """

    picture: Measurements
    face: FaceMeasures
    backdrop_distance: float | None
    backdrop_lean: tuple[float, float] | None = None
    white_wall: bool = False


def _always(seen: Seen) -> bool:
    return True


_LOOK = Wording("请人工查看此项", "please look at this yourself")


@dataclass(frozen=True, slots=True)
class Trained:
    """The same rule as a face-parsing model reads it. ``measure`` gives ``None`` without a model, or with one that lacks the
    class. What it does not break, it vouches for. The other fields are those of :class:`Rule`.
    """

    measure: Callable[[Seen], float | None]
    limits: tuple[tuple[str, Outcome], ...]
    at_most: bool
    digits: int
    uncertainty: str = ""
    sentence: Wording | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """``limits``: (threshold name, outcome when it is broken), the severest first; ``at_most``: which way it breaks.

    ``measure`` gives ``None`` where nothing can be said: the rule is then not assessed. ``vouches`` tells whether a value
    inside its limits proves that the rule is kept; where it does not (a heuristic that knows some hats but not all), a rule
    that is not broken is not assessed either. ``applies`` leaves a rule out where it has no object (the source quality of a
    PNG). ``uncertainty`` names the threshold that says how far the value may be off: a value that near to a limit is
    reviewed, never refused and never passed over.
    ``trained`` is asked first. ``look`` is what a person has to look at when the rule cannot. ``heuristic``: no trained model and no exact measure
    stands behind it; such a rule may only ask for a review. ``source``: who asks for it.
    """

    code: str
    measure: Callable[[Seen], float | None]
    limits: tuple[tuple[str, Outcome], ...]
    at_most: bool
    unit: str
    digits: int
    sentence: Wording
    advice: Wording
    heuristic: bool = False
    source: str = "教毕指〔2017〕99号"
    uncertainty: str = ""
    look: Wording = _LOOK
    vouches: Callable[[Seen], bool] = _always
    applies: Callable[[Seen], bool] = _always
    trained: Trained | None = None
