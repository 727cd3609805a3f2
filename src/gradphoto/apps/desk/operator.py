"""The operator's page: is somebody working off jobs, what waits, is there room, when was the last backup."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from gradphoto import __version__
from gradphoto.apps.core import heartbeats
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.probes import pending_migrations, readiness
from gradphoto.apps.core.queues import ALL, Queue, queue_of
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.engine.wording import Wording

LAST_BACKUP = "last-backup.json"
"""Written into the data directory by ``gradphoto backup``."""
BACKUP_IS_OLD = timedelta(days=2)
_LEAST_FREE_BYTES = 2_000_000_000

_CHECKS = {
    "database": Wording("数据库", "Database"),
    "schema": Wording("数据库结构", "Schema"),
    "storage": Wording("文件存储", "Storage"),
}
_QUEUES = {
    Queue.QUICK: Wording("即时：导入、排程、导出", "Quick: imports, timetables, exports"),
    Queue.BULK: Wording("成批：文件、交付包、消息", "Bulk: papers, packages, messages"),
    Queue.PICTURES: Wording("图像：制作、检测、比对", "Pictures: portraits, verdicts, comparison"),
}


@dataclass(frozen=True, slots=True)
class Backup:
    """The last backup of this data directory."""

    made_at: datetime
    missing: int

    @property
    def is_old(self) -> bool:
        return timezone.now() - self.made_at > BACKUP_IS_OLD


def last_backup() -> Backup | None:
    """What the last ``gradphoto backup`` noted, if any."""
    try:
        noted = json.loads((settings.DATA_DIR / LAST_BACKUP).read_bytes())
        return Backup(datetime.fromisoformat(noted["made_at"]), int(noted["missing"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue as the operator sees it: who takes it, its kinds of job with how many wait and run, and for how long."""

    title: Wording
    takers: int
    oldest: timedelta
    kinds: list[tuple[str, int, int]]


def _lines(backlog: heartbeats.Backlog, takers: dict[Queue, int]) -> list[QueueLine]:
    open_kinds = sorted({*backlog.waiting, *backlog.running})
    return [
        QueueLine(
            _QUEUES[queue], takers[queue], timedelta(seconds=round(backlog.oldest_of(queue))),
            [(kind, backlog.waiting.get(kind, 0), backlog.running.get(kind, 0)) for kind in open_kinds if queue_of(kind) is queue],
        )
        for queue in ALL
    ]  # fmt: skip


@page("desk.operations")
@require_GET
def operations(request: SignedInRequest) -> HttpResponse:
    """Workers, queue, readiness, disk, backup; asked again every ten seconds by htmx."""
    disk = shutil.disk_usage(settings.DATA_DIR)
    workers = heartbeats.alive()
    backlog = heartbeats.backlog()
    in_hand = Job.objects.in_bulk([worker.job for worker in workers if worker.job])
    context: dict[str, Any] = {
        "workers": [(worker, in_hand.get(worker.job)) for worker in workers],
        "backlog": backlog,
        "queues": _lines(backlog, heartbeats.takers(workers)),
        "checks": [(_CHECKS[one.name], one) for one in readiness()],
        "pending": pending_migrations(),
        "disk_free_gb": disk.free / 1e9,
        "disk_percent": round(100 * disk.used / disk.total),
        "disk_is_short": disk.free < _LEAST_FREE_BYTES,
        "backup": last_backup(),
        "version": __version__,
    }
    return render(request, "desk/operations_panels.html" if request.htmx else "desk/operations.html", context)
