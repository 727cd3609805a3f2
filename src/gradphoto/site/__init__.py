"""The top floor: settings, addresses, and the starts of server and worker."""

from gradphoto.site.celery import app as celery_app

__all__ = ["celery_app"]
