"""What the clock does for exports."""

from __future__ import annotations

from celery import shared_task

from gradphoto.apps.pages import exporting


@shared_task(name="pages.expire_exports", ignore_result=True)
def expire_exports() -> None:
    """Remove the files whose day has come."""
    exporting.expire()
