"""The secrets of one installation: from the environment, or made once and kept in the data directory."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from gradphoto.site.environment import KEYS

_NAMES = ("session", "seal", "blind_index", "audit")


def load_keys(data_dir: Path) -> dict[str, bytes]:
    """32-byte keys by name. ``GRADPHOTO_KEYS`` or ``GRADPHOTO_KEYS_FILE`` (JSON of base64 values) wins over ``keys.json`` in the data directory.

    Losing the file means losing every ID number: it belongs into the backup, apart from the database.
    """
    given = KEYS.read() or None
    path = data_dir / "keys.json"
    if given is None and not path.exists():
        _write_new(path)
    encoded = json.loads(given if given is not None else path.read_text(encoding="utf-8"))
    return {name: base64.b64decode(encoded[name]) for name in _NAMES}


def _write_new(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in _NAMES}
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(keys, stream)
    try:
        # Two processes starting at once must agree on one set of keys: the first link wins.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)
