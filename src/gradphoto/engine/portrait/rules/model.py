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
    """What a rule may look at; ``backdrop_distance`` is in units of the allowed colour's tolerance."""

    picture: Measurements
    face: FaceMeasures
    backdrop_distance: float | None


@dataclass(frozen=True, slots=True)
class Rule:
    """``limits``: (threshold name, outcome when it is broken), the severest first; ``at_most``: which way it breaks.

    ``heuristic``: no trained model and no exact measure stands behind it; such a rule may only ask for a review.
    ``source``: who asks for it.
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
