"""The one place the secrets of this installation come from (docs/security.md)."""

from __future__ import annotations

import os
from pathlib import Path

from gradphoto.engine.keyring import KeyFile, KeyFolder, Keyring, KeyText, Source

KEY_FILE = "keys.json"


def key_source(data_dir: Path) -> Source:
    """``GRADPHOTO_KEYS`` (JSON), ``GRADPHOTO_KEYS_FILE``, ``GRADPHOTO_KEYS_DIR``; else ``keys.json`` of the data directory.

    Losing the keys means losing every ID number: they belong into a backup of their own, apart from the database.
    """
    if text := os.environ.get("GRADPHOTO_KEYS"):
        return KeyText(text)
    if file := os.environ.get("GRADPHOTO_KEYS_FILE"):
        return KeyFile(Path(file), create=False)
    if folder := os.environ.get("GRADPHOTO_KEYS_DIR"):
        return KeyFolder(Path(folder))
    return KeyFile(data_dir / KEY_FILE, create=True)


def load_keyring(data_dir: Path) -> Keyring:
    """The ring; a new data directory gets one of its own."""
    return Keyring(key_source(data_dir))
