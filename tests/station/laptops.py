"""Laptops for the tests: each a data directory of its own and processes of the real command (``forked``)."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forked import forge

HERE = Path(__file__).parent
SOURCES = [str(HERE.parents[1] / "src"), str(HERE.parent), str(HERE)]
PASSPHRASE = "桥 下 流 水 2026 abc"


def environment(data: Path) -> dict[str, str]:
    """What a process of this laptop sees: nothing of the test's own installation."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GRADPHOTO_", "DJANGO_", "PG"))}
    if "GRADPHOTO_MODELS" in os.environ:
        kept["GRADPHOTO_MODELS"] = os.environ["GRADPHOTO_MODELS"]
    return kept | {"GRADPHOTO_DATA": str(data), "PYTHONPATH": os.pathsep.join(SOURCES)}


def command(data: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """``gradphoto station ...`` as somebody types it."""
    done = forge().run(["station", *arguments], environment(data))
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@dataclass(frozen=True, slots=True)
class Laptop:
    """A station that was opened from a kit."""

    data: Path

    def room(self, task: str, *values: int | str) -> Any:
        """Somebody works in the room; see ``station_room``."""
        given = environment(self.data) | {"DJANGO_SETTINGS_MODULE": "gradphoto.site.station_settings"}
        done = forge().run([task, *map(str, values)], given, script=HERE / "station_room.py")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def hand_over(self, stick: Path, *more: str) -> Path:
        """Write a packet to ``stick``; returns the packet's folder."""
        stick.mkdir(exist_ok=True)
        command(self.data, "packet", "--to", str(stick), *more)
        return max(stick.iterdir())


def open_laptop(kit: Path, data: Path, *more: str) -> Laptop:
    """Open a kit by the passphrase."""
    secret = kit.with_suffix(".words")
    secret.write_text(PASSPHRASE, encoding="utf-8")
    command(data, "open", str(kit), "--data", str(data), "--passphrase-file", str(secret), *more)
    return Laptop(data)
