"""Metrics beside django-prometheus's own: jobs, workers, disk. Counted when asked for, by a handful of questions."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from django.conf import settings
from django.db import Error
from prometheus_client import REGISTRY, CollectorRegistry, Metric, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily

from gradphoto.apps.core import heartbeats
from gradphoto.apps.core.queues import ALL, Queue, queue_of


def exposition() -> bytes:
    """What Prometheus reads: requests of all server processes together, then the installation."""
    requests = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # set by ``serve``: its processes count into files
        requests = CollectorRegistry()
        multiprocess.MultiProcessCollector(requests)
    installation = CollectorRegistry()
    installation.register(InstallationCollector())
    return generate_latest(requests) + generate_latest(installation)


class InstallationCollector:
    """What the database and the disk say at this moment; the same from every process, so no process counts by itself."""

    def describe(self) -> list[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One family after another; without a database only whether it answers, and the disk."""
        yield _gauge("gradphoto_disk_free_bytes", "Free space where the data directory lies",
                     shutil.disk_usage(settings.DATA_DIR).free)  # fmt: skip
        try:
            backlog, workers = heartbeats.backlog(), heartbeats.alive()
        except Error:
            yield _gauge("gradphoto_database_up", "Whether the database answers", 0)
            return
        yield _gauge("gradphoto_database_up", "Whether the database answers", 1)
        yield _gauge("gradphoto_workers", "Workers heard within half a minute", len(workers))
        yield _gauge("gradphoto_jobs_oldest_waiting_seconds", "How long the oldest queued job waits", backlog.oldest_s)
        yield _gauge("gradphoto_jobs_failed_last_day", "Jobs that failed within a day", backlog.failed_today)
        yield from _queues(backlog, heartbeats.takers(workers))
        by_kind = GaugeMetricFamily("gradphoto_jobs", "Jobs that are not over", labels=["state", "kind", "queue"])
        for state, counted in (("waiting", backlog.waiting), ("running", backlog.running)):
            for kind, number in counted.items():
                by_kind.add_metric([state, kind, queue_of(kind)], number)
        yield by_kind


def _queues(backlog: heartbeats.Backlog, takers: dict[Queue, int]) -> Iterator[GaugeMetricFamily]:
    """Of every queue: who takes it, how much waits, how long already."""
    for name, told, value in (
        ("gradphoto_queue_workers", "Living workers that take the queue", takers.__getitem__),
        ("gradphoto_queue_depth", "Jobs that wait in the queue", backlog.depth_of),
        ("gradphoto_queue_oldest_seconds", "How long the oldest job of the queue waits", backlog.oldest_of),
    ):
        family = GaugeMetricFamily(name, told, labels=["queue"])
        for queue in ALL:
            family.add_metric([queue], value(queue))
        yield family


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, value=value)
