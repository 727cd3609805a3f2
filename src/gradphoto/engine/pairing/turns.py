"""Whose turn it was when a frame was exposed, and only where no other reading is possible (docs/pairing.md).

A frame is somebody's without being asked when its exposure, uncertainty included, lies wholly after that person could
have sat down and wholly before anything happened by which somebody else could claim it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gradphoto.engine.pairing.exposure import Exposure
from gradphoto.engine.pairing.model import CheckInMark, LaidInVain, PairingRules, Span

_SHOT_THEN_SWIPED = timedelta(seconds=10)
"""A frame of nobody this shortly before a swipe is most likely of the person who then swiped."""
_CLOSED_BY_SWIPE = timedelta(seconds=1)


class Doubt(StrEnum):
    """Why a frame is nobody's for the time being."""

    TWO_PERSONS = "two_persons"  # it may be either of two
    AFTER_ACCEPTANCE = "after_acceptance"  # one more of the person who was just accepted, most likely
    BEFORE_SWIPE = "before_swipe"  # shot, then swiped
    NOBODY = "nobody"  # nobody was in the chair
    OTHER_CHAIR = "other_chair"  # who was called queues at another chair: the readers may be exchanged
    OTHER_CARD = "other_card"  # another card was laid down in vain meanwhile: somebody else may sit there


@dataclass(frozen=True, slots=True)
class Claim:
    """``place``: whose it is without doubt. Else ``doubt``, and ``likely``: places of who it may be, the likeliest first."""

    place: int | None
    doubt: Doubt | None = None
    likely: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Turns:
    """Check-ins by time. ``shots``: place -> when that person's frames were exposed, as late as may be.

    ``shown``: place -> whether some frame was already told to be that person's. ``in_vain``: cards that were refused, held or
    not read; ``blind``: spans in which no card could be read; ``seen``: place -> frames after which somebody said who sits there.
    """

    people: Sequence[CheckInMark]
    begins: Sequence[datetime]
    shots: Callable[[int], Sequence[datetime]]
    shown: Callable[[int], bool]
    rules: PairingRules
    in_vain: Sequence[LaidInVain] = ()
    blind: Sequence[Span] = ()
    seen: Callable[[int], Sequence[datetime]] = lambda _: ()

    def claim(self, exposure: Exposure) -> Claim:
        """Whose frame this is."""
        place = bisect_right(self.begins, exposure.moment) - 1
        if place < 0:
            near = bool(self.begins) and self.begins[0] - exposure.moment <= _SHOT_THEN_SWIPED
            return Claim(None, Doubt.BEFORE_SWIPE, (0,)) if near else Claim(None, Doubt.NOBODY)
        mark, soonest = self.people[place], timedelta(seconds=self.rules.soonest_shot_s)
        if (back := self._called_back(place, exposure)) is not None:
            return back
        if mark.again_at is not None and exposure.earliest < mark.again_at + soonest:
            # When the first sitting ended is not on record: before the call it may be anybody's who sat there in between.
            return Claim(None, Doubt.AFTER_ACCEPTANCE, (place,))
        if place + 1 < len(self.people) and exposure.latest >= self.people[place + 1].at:
            return Claim(None, Doubt.TWO_PERSONS, (place, place + 1))
        before = [shot for shot in self.shots(place - 1) if shot <= exposure.by_clock_to] if place else []
        changed = max(before, default=mark.at) + timedelta(seconds=self.rules.change_s)
        if exposure.earliest < mark.at + soonest or exposure.by_clock_from < changed or self._contested(place):
            return (
                Claim(None, Doubt.TWO_PERSONS, (place, place - 1)) if place else Claim(None, Doubt.BEFORE_SWIPE, (0,))
            )
        if mark.closed_at is not None and self._is_over(mark.closed_at, exposure):
            return self._after(place, mark.closed_at, exposure)
        return self.doubted(place, exposure) or Claim(place)

    def doubted(self, place: int, exposure: Exposure) -> Claim | None:
        """Why somebody else may sit there though it is this person's turn, whatever the clock says."""
        mark = self.people[place]
        if mark.again_at is not None and exposure.earliest < mark.again_at + timedelta(
            seconds=self.rules.soonest_shot_s
        ):
            return Claim(None, Doubt.AFTER_ACCEPTANCE, (place,))
        if mark.elsewhere and not self.seen(place):
            return Claim(None, Doubt.OTHER_CHAIR, (place,))
        if self._somebody_else(place, exposure):
            return Claim(None, Doubt.OTHER_CARD, (place,))
        return None

    def _somebody_else(self, place: int, exposure: Exposure, again: datetime | None = None) -> bool:
        """Whether a card that was laid down in vain may be of who sits there by now; as long as no card can
        be read at all, nothing tells when somebody else sits down. Whoever looked at a frame has said who sat there then:
        the next sitting is asked about again, as the holder of that card waits beside. ``again``: when the person was called
        back, after others; no card was read then, and what was seen before says nothing."""
        soonest, called = timedelta(seconds=self.rules.soonest_shot_s), again or self.people[place].at
        shots = (shot for shot in self.seen(place) if shot <= exposure.by_clock_to and (again is None or shot >= again))
        said = max(shots, default=None)
        waits = [ready for ready in self._waiting(place, called) if ready <= exposure.latest]
        blind = any(since <= exposure.latest and (until is None or until >= called) for since, until in self.blind)
        if said is None:
            return bool(waits) or (blind and again is not None)
        return any(said < ready for ready in waits) or ((bool(waits) or blind) and said + soonest <= exposure.latest)

    def _waiting(self, place: int, called: datetime) -> list[datetime]:
        """From when on each of those who laid a card down in vain may sit there. Whoever did so shortly before this person
        was called, and was not called since, may have sat down already, believing that it was the own turn."""
        soonest = timedelta(seconds=self.rules.soonest_shot_s)
        before = any(self._waits_still(one, place, called) for one in self.in_vain if one.at <= called)
        dead = any(self._soon_after(until, called) for _, until in self.blind if until is not None and until < called)
        meanwhile = [one.at + soonest for one in self.in_vain if one.at > called]
        return [*meanwhile, *[called + soonest] * (before or dead)]

    def _waits_still(self, laid: LaidInVain, place: int, called: datetime) -> bool:
        """A card of nobody known was most likely read at the second try: only the first who is called after it is doubted."""
        late = called - laid.at > timedelta(seconds=self.rules.waits_s)
        if laid.elsewhere or late or (laid.until is not None and laid.until <= called):
            return False
        if laid.person is None:
            return self._soon_after(laid.at, called)
        since = slice(bisect_right(self.begins, laid.at), bisect_right(self.begins, called))
        came = {one.person for one in (*self.people[since], self.people[place])}
        return laid.person not in came

    def _soon_after(self, moment: datetime, called: datetime) -> bool:
        """Whether nobody was called between a moment and a call, and the call came shortly after it."""
        first = bisect_left(self.begins, called) <= bisect_right(self.begins, moment)
        return first and called - moment <= timedelta(seconds=self.rules.waits_s)

    def _after(self, place: int, closed_at: datetime, exposure: Exposure) -> Claim:
        following = self.people[place + 1] if place + 1 < len(self.people) else None
        if exposure.by_clock_from - closed_at <= timedelta(seconds=self.rules.grace_s):
            return Claim(None, Doubt.AFTER_ACCEPTANCE, (place,))
        if following is not None and following.at - exposure.moment <= _SHOT_THEN_SWIPED:
            return Claim(None, Doubt.BEFORE_SWIPE, (place + 1,))
        return Claim(None, Doubt.NOBODY, (place,))

    def _contested(self, place: int) -> bool:
        """The swipe ended somebody's turn before there was a photograph: the first frames may still be that person's."""
        if place == 0 or self.shown(place):
            return False
        before = self.people[place - 1]
        by_swipe = before.closed_at is None or before.closed_at >= self.people[place].at - _CLOSED_BY_SWIPE
        same = before.person is not None and before.person == self.people[place].person
        return by_swipe and not same and (before.unfinished or not self.shots(place - 1))

    def _called_back(self, place: int, exposure: Exposure) -> Claim | None:
        """Somebody who sat down again after others had checked in: open still, or closed after the next one's swipe."""
        for earlier in range(place - 1, max(-1, place - 20), -1):
            mark, others = self.people[earlier], self.people[earlier + 1 : place + 1]
            left = [other.closed_at for other in others if not _left_before(other, mark.again_at)]
            if mark.closed_at is not None and mark.closed_at <= max(self.begins[earlier + 1], exposure.by_clock_to):
                continue
            if any(moment is None for moment in left):
                continue
            free = max((moment for moment in (*left, mark.again_at) if moment is not None), default=mark.at)
            if exposure.latest < free:
                continue
            sure = exposure.earliest >= free + timedelta(seconds=self.rules.soonest_shot_s)
            after = place + 1 < len(self.people) and exposure.latest >= self.people[place + 1].at
            over = mark.closed_at is not None and self._is_over(mark.closed_at, exposure)
            if not sure or after or over:
                return Claim(None, Doubt.TWO_PERSONS, (earlier, place))
            if self._somebody_else(earlier, exposure, again=free):
                return Claim(None, Doubt.OTHER_CARD, (earlier,))
            return Claim(earlier)
        return None

    def _is_over(self, closed_at: datetime, exposure: Exposure) -> bool:
        return max(exposure.moment, exposure.until - timedelta(seconds=self.rules.leaves_s)) > closed_at


def _left_before(mark: CheckInMark, moment: datetime | None) -> bool:
    """Whether somebody who was called back later had left by a moment at which the chair was free."""
    return moment is not None and mark.again_at is not None and moment <= mark.again_at
