"""Opening the installation for a command: Django, and the keys that belong to its database."""

from __future__ import annotations

import os


def open_installation() -> None:
    """Set Django up and refuse to work with keys that are not those of the database (``core.keys_differ``)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gradphoto.site.settings")
    import django

    django.setup()
    from gradphoto.apps.core.key_register import require_known_keys

    require_known_keys()
