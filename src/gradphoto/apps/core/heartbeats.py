"""Which workers live, and what waits for them: for the operator's page, for metrics, and where people wait for a job.

Times are the database's: workers on machines whose clocks differ are compared by one clock.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Min
from django.db.models.functions import Now

from gradphoto import __version__
from gradphoto.apps.core.models import Job, JobState, Worker
from gradphoto.apps.core.queues import ALL, Queue, queue_of, read, written

SILENT = timedelta(seconds=30)
"""A worker that was not heard for so long is taken for dead; it is heard every five seconds."""
_FORGOTTEN = timedelta(days=1)


def own_name() -> str:
    """This process among all workers of an installation."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def beat(name: str, job: uuid.UUID | None = None, queues: Sequence[Queue] = ALL) -> None:
    """Say that the worker lives, which queues it takes and what it works on; forget those that died long ago."""
    if not Worker.objects.filter(name=name).update(seen_at=Now(), job=job):
        Worker.objects.create(
            name=name, seen_at=Now(), started_at=Now(), job=job, version=__version__, queues=written(queues)
        )
        Worker.objects.filter(seen_at__lt=Now() - _FORGOTTEN).delete()


def leave(name: str) -> None:
    """The worker ends, and says so."""
    Worker.objects.filter(name=name).delete()


def alive() -> list[Worker]:
    """Workers heard lately, by name."""
    return list(Worker.objects.filter(seen_at__gte=Now() - SILENT).order_by("name"))


def takers(workers: Iterable[Worker]) -> dict[Queue, int]:
    """How many of the workers take each queue; all queues are named."""
    counted = Counter(queue for worker in workers for queue in read(worker.queues))
    return {queue: counted[queue] for queue in ALL}


def waits_in_vain(job: Job) -> bool:
    """Whether a job is not over and nobody is there who takes its queue."""
    return not job.is_over and not takers(alive())[queue_of(job.kind)]


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits and runs, by kind of job; how long the oldest of each kind waits, in seconds."""

    waiting: dict[str, int]
    running: dict[str, int]
    failed_today: int
    oldest: dict[str, float]

    @property
    def depth(self) -> int:
        return sum(self.waiting.values())

    @property
    def oldest_s(self) -> float:
        """How long the oldest of all waits."""
        return max(self.oldest.values(), default=0.0)

    def depth_of(self, queue: Queue) -> int:
        return sum(number for kind, number in self.waiting.items() if queue_of(kind) is queue)

    def oldest_of(self, queue: Queue) -> float:
        """How long the oldest of a queue waits, in seconds."""
        return max((age for kind, age in self.oldest.items() if queue_of(kind) is queue), default=0.0)


def backlog() -> Backlog:
    """The state of all jobs that are not over, by two questions whatever their number."""
    counted: dict[str, dict[str, int]] = {JobState.QUEUED: {}, JobState.RUNNING: {}}
    oldest: dict[str, float] = {}
    by_kind = Job.objects.filter(state__in=counted).order_by().values("state", "kind")
    for row in by_kind.annotate(number=Count("pk"), first=Min("created_at"), now=Max(Now())):
        counted[row["state"]][row["kind"]] = row["number"]
        if row["state"] == JobState.QUEUED:
            oldest[row["kind"]] = max(0.0, (row["now"] - row["first"]).total_seconds())
    failed = Job.objects.filter(state=JobState.FAILED, finished_at__gte=Now() - timedelta(days=1)).count()
    return Backlog(counted[JobState.QUEUED], counted[JobState.RUNNING], failed, oldest)
