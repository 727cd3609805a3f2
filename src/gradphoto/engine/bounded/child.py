"""The child's side: take the limits upon itself, do one task, answer in frames.

On Windows there are no such limits of memory and processor time: there only the time that the parent waits holds.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

from gradphoto.engine.bounded import frames
from gradphoto.engine.errors import GradPhotoError

TASKS = {
    "table.outline": "gradphoto.engine.bounded.tasks.table:outline",
    "table.rows": "gradphoto.engine.bounded.tasks.table:rows",
    "archive.files": "gradphoto.engine.bounded.tasks.archive:files",
    "font.look": "gradphoto.engine.bounded.tasks.font:look",
    "font.prove": "gradphoto.engine.bounded.tasks.font:prove",
    "picture.prove": "gradphoto.engine.bounded.tasks.picture:prove",
    "scan.pages": "gradphoto.engine.bounded.tasks.scan:pages",
    "packet.prove": "gradphoto.engine.bounded.tasks.packet:prove",
}
"""What the reader can do: a function of the file and the request, which yields what it answers."""
OUT_OF_MEMORY = "file.too_much_memory"
_SPARE_BYTES = 4 * 1024 * 1024
_MOST_FILES = 64

Task = Callable[[BinaryIO, dict[str, Any]], Iterable[object]]


def main(request: dict[str, Any]) -> None:
    """Do what the request asks with the file that is standard input, and end the process."""
    out = _own_output()
    _limit(int(request["memory_bytes"]), float(request["cpu_s"]))
    spare: bytes | None = bytes(_SPARE_BYTES)
    module, _, name = TASKS[request["task"]].partition(":")
    try:
        task: Task = getattr(importlib.import_module(module), name)
        with os.fdopen(0, "rb", closefd=False) as source:
            for answer in task(source, request["asked"]):
                _send(out, answer)
        frames.write(out, b".", b"")
    except GradPhotoError as error:
        _send_error(out, error.code, [error.message.zh, error.message.en], [error.remedy.zh, error.remedy.en])
    except MemoryError:
        spare = None
        _send_error(out, OUT_OF_MEMORY, ["", ""], ["", ""])
    del spare
    with contextlib.suppress(BrokenPipeError):
        out.flush()
    os._exit(0)


def _own_output() -> BinaryIO:
    """Standard output for us alone: what a library prints must not get between the frames."""
    kept = os.dup(1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    return os.fdopen(kept, "wb", buffering=1 << 16)


def _limit(memory_bytes: int, cpu_s: float) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    seconds = math.ceil(cpu_s)
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _MOST_FILES),
    ):
        # macOS knows no limit of address space for some processes: the others still hold.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _send(out: BinaryIO, answer: object) -> None:
    if isinstance(answer, str):
        frames.write(out, b"T", frames.pack_text(answer))
    elif isinstance(answer, bytes):
        frames.write(out, b"B", answer)
    else:
        frames.write(out, b"J", json.dumps(answer, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"))


def _send_error(out: BinaryIO, code: str, message: list[str], remedy: list[str]) -> None:
    said = {"code": code, "message": message, "remedy": remedy}
    frames.write(out, b"E", json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
