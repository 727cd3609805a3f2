"""The Celery application: it carries job ids and nothing else (see apps.core.jobs)."""

from __future__ import annotations

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gradphoto.site.settings")
TRANSPORT_ALIASES["filesystem"] = "gradphoto.site.folder_broker:Transport"  # imported only where a folder is the broker
app = Celery("gradphoto")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
