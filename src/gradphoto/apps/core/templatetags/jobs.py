"""What a page asks of a job beside its record."""

from __future__ import annotations

from django import template

from gradphoto.apps.core import heartbeats
from gradphoto.apps.core.models import Job

register = template.Library()


@register.filter
def waits_in_vain(job: Job) -> bool:
    """Whether no worker is running that could work on it."""
    return heartbeats.waits_in_vain(job)
