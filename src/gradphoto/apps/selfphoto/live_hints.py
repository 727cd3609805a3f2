"""Where the phone's browser finds the files for live hints, if this installation has them (docs/self-photo.md)."""

from __future__ import annotations

import functools

from django.templatetags.static import static

from gradphoto.engine.portrait import live_hints


@functools.cache
def hints_address() -> str:
    """The folder's address with a slash at its end; empty where the files are not installed.

    Looked at once a process: static files are read at its start, too.
    """
    return static(f"{live_hints.FOLDER}/") if live_hints.is_installed(live_hints.folder_in()) else ""
