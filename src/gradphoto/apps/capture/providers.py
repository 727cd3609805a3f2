"""What later rooms do for the capture room: the review hears its wishes, a station limits its numbers.

Each registers itself once, when the site starts; capture imports none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from gradphoto.apps.capture.models import Alarm, Frame
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.schedule.models import CaptureSession

HearsWish = Callable[[Actor, Frame], None]
LastNumber = Callable[[], int | None]
"""The last shooting number that this computer may give, or None where there is no such limit."""

OwnChairs = Callable[[], Collection[int] | None]
"""The chairs that this computer works, or None where it works all of them."""

InDoubt = Callable[[CaptureSession], Collection[int]]
"""Check-ins of a session that are not confirmed yet, as something proposes another photograph for them."""

LooksAt = Callable[[CaptureSession], Collection[int]]
"""Check-ins of a session whose photograph somebody must look at before it is confirmed, as something is asked about it."""

FollowsSettled = Callable[[Actor, Alarm], None]
"""Hears of an alarm that somebody settled, within the transaction that settled it."""
HAND_OVER = "stations.hand_over"
"""The step of a laptop that hands its sessions over, for ``campaigns.matters``: earlier rooms tell what is open."""

_HEARERS: list[HearsWish] = []
_LIMITS: list[LastNumber] = []
_CHAIRS: list[OwnChairs] = []
_DOUBTS: list[InDoubt] = []
_LOOKS: list[LooksAt] = []
_FOLLOWERS: list[FollowsSettled] = []


def tell_second_look(hears: HearsWish) -> None:
    """Register who hears the wish that somebody looks at a photograph again."""
    _HEARERS.append(hears)


def ask_second_look(actor: Actor, frame: Frame) -> None:
    """Put an accepted frame on hold for the review, within the caller's transaction."""
    for hears in _HEARERS:
        hears(actor, frame)


def tell_last_number(limit: LastNumber) -> None:
    """Register who knows how far this computer's shooting numbers go."""
    _LIMITS.append(limit)


def last_number() -> int | None:
    """The last shooting number of this computer (R97: a kit gives a station its own range)."""
    return min((last for limit in _LIMITS if (last := limit()) is not None), default=None)


def tell_own_chairs(chairs: OwnChairs) -> None:
    """Register who knows which chairs of a room this computer works."""
    _CHAIRS.append(chairs)


def own_chairs() -> list[int] | None:
    """The chairs of this computer (R86: several laptops may work in one room); None where it is all of them."""
    told = [set(own) for chairs in _CHAIRS if (own := chairs()) is not None]
    return sorted(set.intersection(*told)) if told else None


def tell_people_in_doubt(doubts: InDoubt) -> None:
    """Register who knows whose photograph may be another's."""
    _DOUBTS.append(doubts)


def is_in_doubt(session: CaptureSession, check_in: int) -> bool:
    """Whether something proposes another photograph for a check-in."""
    return any(check_in in doubts(session) for doubts in _DOUBTS)


def tell_settled(follows: FollowsSettled) -> None:
    """Register who has more to ask when an alarm is settled."""
    _FOLLOWERS.append(follows)


def alarm_settled(actor: Actor, alarm: Alarm) -> None:
    """Tell them, within the caller's transaction."""
    for follows in _FOLLOWERS:
        follows(actor, alarm)


def tell_people_to_look_at(looks: LooksAt) -> None:
    """Register who knows about whose photograph something is asked."""
    _LOOKS.append(looks)


def people_to_look_at(session: CaptureSession) -> frozenset[int]:
    """Check-ins that are never ticked for the checker beforehand."""
    return frozenset(pk for looks in _LOOKS for pk in looks(session))
