"""Background work without a worker: what a test asked for is done here and now."""

from __future__ import annotations

from django.db.models import Q

from gradphoto.apps.core import jobs
from gradphoto.apps.core.models import Job, JobState


def run_queued() -> int:
    """Run every queued job that waits for nothing, in order; returns how many."""
    count = 0
    due = Q(not_before=None) | Q(not_before__lte=jobs.database_now())
    while (job := Job.objects.filter(due, state=JobState.QUEUED).order_by("created_at").first()) is not None:
        if not jobs.run(job.pk):
            break
        count += 1
    return count
