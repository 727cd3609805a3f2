"""What was measured of the faces of a session that is under way: in the memory of the worker, for minutes.

Each new photograph is held against those before it, so their measurements are kept while the room works; nowhere else,
in no file, database, packet or log. They go when the session is closed or somebody of it takes the consent back,
``IDLE_S`` after its last comparison, and with the process; whatever is missing is measured again from the photographs.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from gradphoto.apps.core import jobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.portrait.compare import Embedding
from gradphoto.engine.wording import Wording

IDLE_S = 600.0
FORGETTING = "pairing.forget_faces"


class FaceMemory:
    """Measurements by session and photograph; each session's go by a timer of its own, however busy the others are."""

    def __init__(self, idle_s: float = IDLE_S) -> None:
        self._idle_s, self._lock = idle_s, threading.Lock()
        self._kept: dict[int, dict[str, Embedding]] = {}
        self._timers: dict[int, threading.Timer] = {}

    def of(self, session: int) -> dict[str, Embedding]:
        """A copy of the measurements of a session: a comparison of many minutes loses none of them on the way."""
        with self._lock:
            return dict(self._kept.get(session, {}))

    def keep(self, session: int, measured: Mapping[str, Embedding]) -> None:
        """These take the place of what was known of the session."""
        self.forget(session)
        timer = threading.Timer(self._idle_s, self.forget, (session,))
        timer.daemon = True
        with self._lock:
            self._kept[session], self._timers[session] = dict(measured), timer
        timer.start()

    def forget(self, session: int) -> None:
        """Nothing of this session is left."""
        with self._lock:
            self._kept.pop(session, {}).clear()
            timer = self._timers.pop(session, None)
        if timer is not None:
            timer.cancel()

    def __len__(self) -> int:
        return sum(len(measured) for measured in self._kept.values())


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
