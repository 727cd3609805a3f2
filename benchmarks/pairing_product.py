"""Rooms by hazards, played by the product itself: the fifth generator, of another structure than the four before it.

Nothing is scheduled but the files on the cable: what may happen next in the room, people, crew, camera and devices alike, is
a list of moves with a rate each, and an exponential race decides which comes first and when. The moves are the product's own
actions on a database (``StationRunner``, check-ins, holds, refusals, calling back, undo, choosing, leaving, cancelling, the
answers to its questions), so that whatever its rows leave out of the machine shows itself here. Only the engine's verdict
is made up: a face passes nine times in ten, the empty chair never.

The truth is who sits before the camera at the moment of exposure. Taken as given (docs/pairing.md): nobody is shot sooner
than 4 s after the own card or call, nor later than 3.9 s after the next one's.

``python -m benchmarks.pairing_product [FIRST] [SESSIONS]``
"""

from __future__ import annotations

import heapq
import os
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.pairing_product_station import Camera, Sitter, Station

_SOONEST_S, _LATEST_S = 4.0, 3.9
_MOVES = 900


@dataclass(frozen=True, slots=True)
class Played:
    """One session. ``silent``: frames given by the machine to somebody whom they do not show, without an alarm that names
    them; ``silent_after``: the same when every change of the repair that does not ask was taken."""

    frames: int
    asked: int
    in_vain: int
    silent: tuple[int, ...]
    silent_after: tuple[int, ...]


class Room(Station):
    """One session at work: what its people and its crew do, and how often."""

    def moves(self) -> list[tuple[float, Callable[[], object]]]:
        habits, seated = self.habits, self.open
        works = self.time.now_s >= self.down_until_s
        found: list[tuple[float, Callable[[], object]]] = []
        waiting = [one for one in self.people if one.called_s is None]
        if waiting and works:
            found.append((0.02 * habits.eager if seated else 0.25, lambda: self.lays_card(waiting[0])))
        ready = [one for one in self.people if one.may_sit and not one.done]
        if self.sits is None and ready:
            found.append((0.5, lambda: self.sits_down(ready[0])))
        if self.sits is None:
            found.append((0.004, lambda: self.exposes(None)))
        else:
            found += self.before_the_camera(self.sits)
        if works:
            found += self.crew_moves(seated)
        camera = self.rng.choice(self.cameras)
        found.append((0.002 * habits.steps, lambda: self.sets(camera)))
        found.append((0.001 * habits.dead, self.reader_dies))
        found.append((0.001 * habits.down, self.goes_down))
        return found

    def lays_card(self, sitter: Sitter) -> None:
        """On the reader, or, where it is dead, looked up by hand. Refused, some go and sit down all the same."""
        from gradphoto.apps.capture import actions
        from gradphoto.apps.capture.models import Identification

        if self.time.now_s < self.dead_until_s and self.rng.random() < 0.5:
            sitter.may_sit = sitter.may_sit or self.rng.random() < 0.2 * self.habits.unsigned
            if sitter.may_sit:
                sitter.called_s = self.time.now_s
            return
        by_hand = self.time.now_s < self.dead_until_s

        def swipes() -> None:
            actions.check_in(
                self.crew, self.session, candidate=sitter.candidate, method=Identification.MANUAL, nonce=uuid.uuid4()
            )

        done = self.tries(swipes) if by_hand else self.swiped(swipes, sitter)
        self.say(f"card of {sitter.candidate.pk}: {done}")
        if done or self.rng.random() < 0.3 * self.habits.unsigned:
            sitter.called_s, sitter.may_sit = self.time.now_s, True

    def swiped(self, swipes: Callable[[], None], sitter: Sitter) -> bool:
        """As the runner does with a card: what is refused is told."""
        from gradphoto.apps.capture import actions
        from gradphoto.apps.capture.room.notices import READER, works_again
        from gradphoto.engine.errors import GradPhotoError

        try:
            swipes()
        except GradPhotoError as error:
            of = sitter.candidate
            actions.tell_room(self.devices, self.session, source=READER, error=error, passing=True, of=of)
            return False
        works_again(self.devices, self.session, READER)
        return True

    def sits_down(self, sitter: Sitter) -> None:
        self.sits, sitter.seated_s = sitter, self.time.now_s
        self.say(f"sits {sitter.candidate.pk}")

    def before_the_camera(self, sitter: Sitter) -> list[tuple[float, Callable[[], object]]]:
        row = self.session.check_ins.filter(candidate=sitter.candidate).exclude(status="cancelled").first()
        shot = row is not None and row.status in ("shot", "confirmed")
        now, found = self.time.now_s, list[tuple[float, Callable[[], object]]]()
        others = [one.called_s for one in self.people if one is not sitter and one.called_s is not None]
        after = max((at for at in others if at > (sitter.called_s or 0)), default=None)
        if now - (sitter.called_s or 0) >= _SOONEST_S and (
            after is None or now - after <= _LATEST_S or self.alone(sitter)
        ):
            rate = 0.3 * self.habits.safety if shot else 0.25
            found.append((rate, lambda: self.releases(sitter)))
        gone = 0.4 if shot else 0.01 + 0.03 * self.habits.unsigned
        found.append((gone, lambda: self.stands_up(sitter, shot=shot)))
        return found

    def alone(self, sitter: Sitter) -> bool:
        """Who was called later was refused: this one is still the one who is called."""
        seated = self.open
        return seated is not None and seated.candidate_id == sitter.candidate.pk

    def releases(self, sitter: Sitter) -> None:
        self.exposes(sitter)
        while self.rng.random() < self.habits.burst:
            self.time.now_s += self.rng.uniform(0.2, 0.5)
            self.exposes(sitter)

    def stands_up(self, sitter: Sitter, *, shot: bool) -> None:
        self.sits, sitter.may_sit = None, False
        sitter.done = True
        self.say(f"stands {sitter.candidate.pk}")

    def crew_moves(self, seated: Any) -> list[tuple[float, Callable[[], object]]]:
        from gradphoto.apps.capture import actions

        habits, found = self.habits, list[tuple[float, Callable[[], object]]]()
        asked = self.session.frames.filter(check_in=None, status="unbound").order_by("pk").first()
        if asked is not None:
            found.append((0.25, lambda: self.answers(asked)))
        if seated is not None:
            person = next(one for one in self.people if one.candidate.pk == seated.candidate_id)
            if person.done and self.sits is not person:
                found.append((0.1, lambda: self.tries(lambda: actions.leave_chair(self.crew, seated))))
            bound = seated.frames.filter(status="bound").first()
            if bound is not None:
                found.append((0.3, lambda: self.decides(seated, bound)))
        else:
            recent = list(self.session.check_ins.filter(status="shot").order_by("-at")[:3])
            if recent:
                found.append((0.01 * habits.recalls, lambda: self.calls_back(self.rng.choice(recent))))
                found.append((0.01 * habits.recalls, lambda: self.chooses(self.rng.choice(recent))))
        found.append((0.006 * habits.undoes, self.undoes))
        drifted = self.session.alarms.filter(kind="clock_drift", settled_at=None).first()
        if drifted is not None:
            found.append((0.03, lambda: self.answers_drift(drifted)))
        return found

    def answers(self, frame: Any) -> None:
        """Somebody looks at the picture: whose it is, or a frame of nobody."""
        from gradphoto.apps.capture import actions

        truth = self.shows[frame.file_name]
        owner = self.session.check_ins.filter(candidate=truth, status__in=("open", "shot")).first() if truth else None
        self.say(f"answered {frame.file_name}: {owner and owner.candidate_id}")
        if owner is None:
            self.tries(lambda: actions.reject_frame(self.crew, frame, reason="试拍"))
        else:
            self.tries(lambda: actions.bind_frame(self.crew, frame, check_in=owner, reason="看过照片"))
        for alarm in self.session.alarms.filter(frame=frame, settled_at=None):
            self.tries(lambda alarm=alarm: actions.settle_alarm(self.crew, alarm, note="看过照片"))

    def decides(self, seated: Any, frame: Any) -> None:
        """Looks at the frame in the chair's name: another person's is not accepted."""
        from gradphoto.apps.capture import actions

        if self.shows[frame.file_name] == seated.candidate_id:
            self.tries(lambda: actions.accept_frame(self.crew, seated, frame=frame))
        else:
            self.tries(lambda: actions.reject_frame(self.crew, frame, reason="不是本人"))

    def calls_back(self, row: Any) -> None:
        from gradphoto.apps.capture import actions

        person = next(one for one in self.people if one.candidate.pk == row.candidate_id)
        if self.tries(lambda: actions.retake(self.crew, row, reason="再拍一张")):
            self.say(f"called back {row.candidate_id}")
            person.called_s, person.may_sit, person.done = self.time.now_s, True, False
            if self.sits is person:
                person.seated_s = self.time.now_s

    def chooses(self, row: Any) -> None:
        from gradphoto.apps.capture import actions

        own = [one for one in row.frames.all() if self.shows[one.file_name] == row.candidate_id]
        if own:
            self.tries(lambda: actions.choose_frame(self.crew, row, frame=self.rng.choice(own)))

    def undoes(self) -> None:
        from gradphoto.apps.capture import actions

        self.tries(lambda: actions.undo_step(self.crew, self.session))
        seated = self.open
        self.say(f"undo; open now {seated and seated.candidate_id}")
        for person in self.people:
            if seated is not None and person.candidate.pk == seated.candidate_id and person.done:
                person.called_s, person.may_sit, person.done = self.time.now_s, True, False
            elif person.done and not person.candidate.check_ins.exclude(status="cancelled").exists():
                person.called_s, person.done = None, False

    def answers_drift(self, alarm: Any) -> None:
        """The code is photographed again, or somebody only reads the alarm."""
        from gradphoto.apps.capture import actions

        if self.rng.random() < 0.6:
            for camera in self.cameras:
                self.measures(camera)
        self.tries(lambda: actions.settle_alarm(self.crew, alarm, note="看过"))

    def sets(self, camera: Camera) -> None:
        by = self.rng.choice((self.rng.gauss(0, 2), self.rng.gauss(0, 12), self.rng.choice((-3600.0, 3600.0))))
        camera.ahead_s += by
        self.say(f"camera {camera.serial} set by {by:+.1f}")

    def reader_dies(self) -> None:
        """Told within 5 s, and again when it answers."""
        from gradphoto.apps.capture import actions
        from gradphoto.apps.capture.room.notices import READER
        from gradphoto.engine.devices.errors import ReaderError
        from gradphoto.engine.wording import Wording

        self.dead_until_s = self.time.now_s + self.rng.uniform(20, 90)
        gone = ReaderError("reader.unplugged", Wording("断开", "gone"), Wording("插好", "plug in"))
        actions.tell_room(self.devices, self.session, source=READER, error=gone)
        self.say(f"reader dead until {self.dead_until_s:.1f}")

    def goes_down(self) -> None:
        self.down_until_s = self.time.now_s + self.rng.uniform(5, 40)
        self.say(f"down until {self.down_until_s:.1f}")

    def comes_back(self) -> None:
        from dataclasses import replace

        self.down_until_s = -1.0
        self.folder.here = [replace(one, meanwhile=True) for one in self.folder.here]
        self.starts()
        self.looks()

    # The play.

    def plays(self) -> Played:
        with self.time.running():
            self.opens()
            for _ in range(_MOVES):
                if all(one.done for one in self.people) and not self.cable and self.open is None:
                    break
                self.goes_on()
            return self.counts()

    def goes_on(self) -> None:
        """The next of everything that may happen, or the next file that is there."""
        found = [one for one in self.moves() if one[0] > 0]
        total = sum(rate for rate, _ in found)
        at = self.time.now_s + self.rng.expovariate(total) if total else float("inf")
        for begins, what in ((self.down_until_s, self.comes_back),):
            if 0 <= begins <= min(at, self.cable[0][0] if self.cable else at):
                self.time.now_s = max(self.time.now_s, begins)
                what()
                return
        # A card may be laid down, or a shot fall, only as the state then allows: nothing is drawn further than a second.
        if self.cable and self.cable[0][0] <= min(at, self.time.now_s + 1):
            self.time.now_s = max(self.time.now_s, self.cable[0][0])
            self.arrives(heapq.heappop(self.cable)[2])
        elif at > self.time.now_s + 1:
            self.time.now_s += 1
        else:
            self.time.now_s = at
            self.rng.choices([what for _, what in found], [rate for rate, _ in found])[0]()
        if 0 < self.dead_until_s <= self.time.now_s:
            from gradphoto.apps.capture.room.notices import READER, works_again

            works_again(self.devices, self.session, READER)
            self.dead_until_s = -1.0

    def counts(self) -> Played:
        from gradphoto.apps.capture.models import CheckIn, Frame
        from gradphoto.apps.pairing.board import board_of

        rows = {one.pk: one for one in Frame.objects.filter(session=self.session)}
        people = dict(CheckIn.objects.filter(session=self.session).values_list("pk", "candidate"))
        shows = {pk: self.shows[one.file_name] for pk, one in rows.items()}
        told = set(self.session.alarms.exclude(frame=None).values_list("frame", flat=True))
        wrong = [pk for pk, owner in self.machine.items() if shows[pk] not in (None, people[owner])]
        bound = {pk: one.check_in_id for pk, one in rows.items() if one.check_in_id is not None}
        proposal = board_of(self.session).proposal
        named = {one.frame_key for one in proposal.open} | told
        for change in proposal.changes:
            if str(change.certainty) == "ask":
                named.add(change.frame_key)
            else:
                bound[int(change.frame_key)] = None if change.to_check_in is None else int(change.to_check_in)
        whole = any(one.check_in_key is None and one.frame_key is None for one in proposal.open)
        after = [
            pk
            for pk, owner in bound.items()
            if owner is not None and shows[pk] not in (None, people[owner]) and pk not in named and not whole
        ]
        return Played(len(rows), self.asked, self.in_vain, tuple(pk for pk in wrong if pk not in told), tuple(after))


@contextmanager
def product() -> Iterator[tuple[Any, list[Any]]]:
    """A database with a world in it, of which every session is played and taken back."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as data:
        os.environ |= {"GRADPHOTO_DATA": data, "DJANGO_SETTINGS_MODULE": "gradphoto.site.settings"}
        sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
        import django

        django.setup()
        from django.core.management import call_command

        from gradphoto.apps.capture import actions
        from gradphoto.apps.stations import runner
        from world import add_candidate, build_world

        call_command("migrate", verbosity=0)
        world = build_world()
        candidates = [add_candidate(world, n) for n in range(1, 16)]
        made_up = {"read_code": lambda data: None, "make_previews": lambda frame: None}
        with patch.multiple(runner, **made_up), patch.object(actions, "record_assessment", lambda *a, **k: None):
            yield world, candidates


def play_product(seed: int, world: Any, candidates: list[Any]) -> tuple[Played, Room]:
    """One session, taken back afterwards; the same seed gives the same."""
    from django.db import transaction

    with transaction.atomic():
        room = Room(seed, world, candidates)
        played = room.plays()
        transaction.set_rollback(True)
    return played, room


def run(first: int, sessions: int) -> None:
    """Print the sum, and each session that left something silent."""
    total = [0, 0, 0, 0, 0]
    with product() as (world, candidates):
        for seed in range(first, first + sessions):
            one, _ = play_product(seed, world, candidates)
            counted = (one.frames, one.asked, one.in_vain, len(one.silent), len(one.silent_after))
            total = [a + b for a, b in zip(total, counted, strict=True)]
            if one.silent or one.silent_after:
                print(f"seed {seed}: silent {one.silent}, after the repair {one.silent_after}", flush=True)
    names = ("frames", "asked", "in vain", "silent live", "silent after the repair")
    print(f"{sessions} sessions from {first}:", ", ".join(f"{n} {v}" for n, v in zip(names, total, strict=True)))


if __name__ == "__main__":
    run(*(int(one) for one in [*sys.argv[1:], "0", "50"][:2]))
