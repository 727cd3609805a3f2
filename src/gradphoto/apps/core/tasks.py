"""What the broker carries: the id of a job, nothing else."""

from __future__ import annotations

from celery import shared_task

from gradphoto.apps.core import checkpoints, jobs


@shared_task(name="core.run_job", ignore_result=True)
def run_job(job_pk: str) -> None:
    """Run one job; a second delivery of the same id finds it taken and does nothing."""
    jobs.run(job_pk)


@shared_task(name="core.sweep", ignore_result=True)
def sweep() -> None:
    """Re-issue jobs whose worker died; Celery beat calls it in production, the embedded worker by itself."""
    jobs.sweep()
    checkpoints.write_if_due()
