"""What the clock does: jobs are sent again whose worker died, and everything of ``UPKEEP``. A job itself is ``jobs.run_job``."""

from __future__ import annotations

import logging
from collections.abc import Callable

from celery import shared_task

from gradphoto.apps.core import checkpoints, jobs

log = logging.getLogger(__name__)


UPKEEP: list[Callable[[], object]] = [checkpoints.write_if_due]
"""What every sweeper does beside re-issuing jobs; rooms add theirs as they get ready."""


def upkeep() -> None:
    """Everything of ``UPKEEP``; what fails is logged and keeps nothing else from being done."""
    for work in UPKEEP:
        try:
            work()
        except Exception:
            log.exception("upkeep.failed", extra={"work": work.__qualname__})


@shared_task(name="core.sweep", ignore_result=True)
def sweep() -> None:
    """Re-issue jobs whose worker died; Celery beat calls it in production, the embedded worker by itself."""
    jobs.sweep()
    upkeep()
