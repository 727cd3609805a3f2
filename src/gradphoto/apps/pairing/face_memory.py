"""What was measured of the faces of a session that is under way: in the memory of the worker, for minutes.

Each new photograph is held against those before it, so their measurements are kept while the room works; nowhere else,
in no file, database, packet or log. They go when the session is closed, ``IDLE_S`` after its last comparison, and with the
process; those of somebody who takes the consent back go within ``CHECK_S``, in whichever worker they are (a server has
several). Whatever is missing is measured again from the photographs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from django.db import connections

from gradphoto.apps.core import jobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.pairing.models import FaceConsent
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.portrait.compare import Embedding
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)
IDLE_S = 600.0
CHECK_S = 10.0
FORGETTING = "pairing.forget_faces"
Agreed = Callable[[Collection[int]], Collection[int]]
"""Candidates -> those of them whose consent stands now."""


def whose_consent_stands(people: Collection[int]) -> Collection[int]:
    """One short question by a connection of its own, which is given back."""
    try:
        rows = FaceConsent.objects.filter(candidate__in=people, withdrawn_at=None)
        return frozenset(rows.values_list("candidate", flat=True))
    finally:
        connections.close_all()


@dataclass(slots=True)
class _Kept:
    measured: dict[str, Embedding]
    whose: dict[str, int]
    until: float
    timer: threading.Timer


class FaceMemory:
    """Measurements by session and photograph; each session's are looked after by a timer of its own, however busy the others are."""

    def __init__(self, idle_s: float = IDLE_S, check_s: float = CHECK_S, agreed: Agreed = whose_consent_stands) -> None:
        self._idle_s, self._check_s, self._agreed = idle_s, check_s, agreed
        self._lock = threading.Lock()
        self._kept: dict[int, _Kept] = {}

    def of(self, session: int) -> dict[str, Embedding]:
        """A copy of the measurements of a session: a comparison of many minutes loses none of them on the way."""
        with self._lock:
            kept = self._kept.get(session)
            return dict(kept.measured) if kept is not None else {}

    def keep(self, session: int, measured: Mapping[str, Embedding], whose: Mapping[str, int]) -> None:
        """These take the place of what was known of the session; ``whose``: the candidate of each."""
        self.forget(session)
        if measured:
            self._watch(session, dict(measured), dict(whose), time.monotonic() + self._idle_s)

    def forget(self, session: int) -> None:
        """Nothing of this session is left."""
        with self._lock:
            kept = self._kept.pop(session, None)
        if kept is not None:
            kept.timer.cancel()
            kept.measured.clear()

    def _watch(self, session: int, measured: dict[str, Embedding], whose: dict[str, int], until: float) -> None:
        pause = max(0.0, min(self._check_s, until - time.monotonic()))
        timer = threading.Timer(pause, self._look, (session,))
        timer.daemon = True
        with self._lock:
            self._kept[session] = _Kept(measured, whose, until, timer)
        timer.start()

    def _look(self, session: int) -> None:
        """Whoever has taken the consent back goes, and all of them when it cannot be asked, or is over."""
        with self._lock:
            kept = self._kept.get(session)
        if kept is None or kept.timer is not threading.current_thread():
            return
        try:
            agreed = set(self._agreed(set(kept.whose.values()))) if time.monotonic() < kept.until else set()
        except Exception:
            log.warning("faces.consent_unknown", exc_info=True)
            agreed = set()
        left = {key for key in kept.measured if kept.whose.get(key) in agreed}
        with self._lock:
            if self._kept.get(session) is not kept:
                return  # a comparison has put newer ones in its place meanwhile
            del self._kept[session]
        gone = [key for key in kept.measured if key not in left]
        for key in gone:
            del kept.measured[key]
        if left:
            self._watch(session, kept.measured, kept.whose, kept.until)

    def __len__(self) -> int:
        return sum(len(kept.measured) for kept in self._kept.values())


MEMORY = FaceMemory()


def ask_to_forget(session: CaptureSession) -> None:
    """What a worker still knows of the faces of a session goes."""
    title = Wording(f"清除人脸测量 {session}", f"Forget what was measured of faces {session}")
    actor = Actor.system("faces")
    jobs.enqueue(FORGETTING, actor, title, {"session": session.pk}, organisation_id=session.audit_organisation_id)


@handles(FORGETTING, Queue.PICTURES)
def run_forget_faces(run: JobRun) -> None:
    """In the worker's memory: nowhere else is anything kept."""
    run.start(1)
    MEMORY.forget(run.params["session"])
    run.advance(1)
