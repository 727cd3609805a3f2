"""The one place the secrets of this installation come from (docs/security.md)."""

from __future__ import annotations

import os
from pathlib import Path

from gradphoto.engine.keyring import KeyFile, KeyFolder, Keyring, KeyText, Source
from gradphoto.engine.packet.box import box_pem
from gradphoto.engine.packet.durable import write_durably
from gradphoto.engine.packet.keys import public_pem
from gradphoto.site.environment import KEYS, KEYS_DIR

KEY_FILE = "keys.json"


def key_source(data_dir: Path) -> Source:
    """What the settings name: a text, a file, a folder; else ``keys.json`` of the data directory, made at the first start.

    Losing the keys means losing every ID number: they belong into a backup of their own, apart from the database.
    """
    if folder := KEYS_DIR.read():
        return KeyFolder(folder)
    if text := KEYS.read():
        file = os.environ.get(f"{KEYS.name}_FILE", "").strip()
        return KeyFile(Path(file), create=False) if file else KeyText(text)
    return KeyFile(data_dir / KEY_FILE, create=True)


def publish_public_keys(ring: Keyring, data_dir: Path) -> None:
    """Lay the public halves beside the data, for receivers of packages, kits and packets (``gradphoto keys public``)."""
    halves = {
        "signing-key.pub.pem": public_pem(ring.signing().public_key()),
        "box-key.pub.pem": box_pem(ring.boxes()[0].public_key()),
    }
    for name, pem in halves.items():
        path = data_dir / name
        if not path.is_file() or path.read_bytes() != pem:
            write_durably(path, pem)


def load_keyring(data_dir: Path) -> Keyring:
    """The ring; a new data directory gets one of its own."""
    return Keyring(key_source(data_dir))
