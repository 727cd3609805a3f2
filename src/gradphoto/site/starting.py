"""Starting Django in a process of the product."""

from __future__ import annotations

import gc
import os


def start_django() -> None:
    """Set the site's applications up; a second call does nothing.

    Python's collector rests meanwhile and leaves what was loaded alone ever after: nothing of it becomes garbage, and to
    look through it again and again, and once more at the end, took every command a third of its time. (Nor is it taken
    down at the end: a library in C++ that minds is loaded late, ``engine.late_import``.)
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gradphoto.site.settings")
    import django
    from django.apps import apps

    if apps.ready:
        return
    gc.disable()
    try:
        django.setup()
    finally:
        gc.freeze()
        gc.enable()
