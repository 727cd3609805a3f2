"""Which workers live, and what waits for them: for the operator's page, for metrics, and where people wait for a job.

Times are the database's: workers on machines whose clocks differ are compared by one clock.
"""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.db.models.functions import Now

from gradphoto import __version__
from gradphoto.apps.core.models import Job, JobState, Worker

SILENT = timedelta(seconds=30)
"""A worker that was not heard for so long is taken for dead; it is heard every five seconds."""
_FORGOTTEN = timedelta(days=1)


def own_name() -> str:
    """This process among all workers of an installation."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def beat(name: str, job: uuid.UUID | None = None) -> None:
    """Say that the worker lives, and what it works on; forget those that died long ago."""
    if not Worker.objects.filter(name=name).update(seen_at=Now(), job=job):
        Worker.objects.create(name=name, seen_at=Now(), started_at=Now(), job=job, version=__version__)
        Worker.objects.filter(seen_at__lt=Now() - _FORGOTTEN).delete()


def leave(name: str) -> None:
    """The worker ends, and says so."""
    Worker.objects.filter(name=name).delete()


def alive() -> list[Worker]:
    """Workers heard lately, by name."""
    return list(Worker.objects.filter(seen_at__gte=Now() - SILENT).order_by("name"))


def is_any_alive() -> bool:
    """Whether anybody works off jobs."""
    return Worker.objects.filter(seen_at__gte=Now() - SILENT).exists()


def waits_in_vain(job: Job) -> bool:
    """Whether a job is not over and nobody is there to work on it."""
    return not job.is_over and not is_any_alive()


@dataclass(frozen=True, slots=True)
class Queue:
    """How much waits and runs, by kind of job; since when the oldest waits, in seconds."""

    waiting: dict[str, int]
    running: dict[str, int]
    failed_today: int
    oldest_s: float

    @property
    def depth(self) -> int:
        return sum(self.waiting.values())


def queue() -> Queue:
    """The state of all jobs that are not over, by two questions whatever their number."""
    counted: dict[str, dict[str, int]] = {JobState.QUEUED: {}, JobState.RUNNING: {}}
    open_jobs = Job.objects.filter(state__in=counted).order_by()
    for state, kind, number in open_jobs.values_list("state", "kind").annotate(number=Count("pk")):
        counted[state][kind] = number
    first = Job.objects.filter(state=JobState.QUEUED).order_by("created_at").annotate(now=Now())
    oldest = first.values_list("created_at", "now").first()
    failed = Job.objects.filter(state=JobState.FAILED, finished_at__gte=Now() - timedelta(days=1)).count()
    waited = (oldest[1] - oldest[0]).total_seconds() if oldest else 0.0
    return Queue(counted[JobState.QUEUED], counted[JobState.RUNNING], failed, max(0.0, waited))
