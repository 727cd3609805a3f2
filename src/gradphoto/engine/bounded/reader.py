"""The product's side: start the reader, hear its answers, end it, and say what became of it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO, Any, BinaryIO

if sys.platform == "linux":
    import fcntl

import gradphoto
from gradphoto.engine.bounded import frames
from gradphoto.engine.bounded.child import OUT_OF_MEMORY
from gradphoto.engine.bounded.limits import ChildLimits
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_BOOT = (
    "import sys,json;request=json.loads(sys.argv[1]);sys.path[:]=request['path'];"
    "from gradphoto.engine.bounded.child import main;main(request)"
)
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "OMP_THREAD_LIMIT"), "1")
"""Number libraries lay out memory for every thread: the limit would be gone before the file is read."""
_KEPT = ("SYSTEMROOT", "LD_LIBRARY_PATH", "LANG", "TZ")
_LONGEST_SENTENCE = 2_000
_AHEAD_BYTES = 1 << 20


class BoundedError(GradPhotoError):
    """The reader had to be ended, or broke."""


def run(
    task: str,
    source: bytes | BinaryIO,
    asked: dict[str, Any],
    limits: ChildLimits,
    error: type[GradPhotoError] = BoundedError,
) -> Iterator[Any]:
    """The answers of a task one by one: text as :class:`PackedBlock`, bytes as they are, other values from JSON.

    ``source`` is the file's bytes or an open file of its own on disk. Raises ``error`` with the reader's own code, or
    :class:`BoundedError` ``file.too_slow``, ``file.too_much_memory``, ``file.reader_failed``. Leaving the loop early
    ends the reader.
    """
    request = {
        "task": task, "asked": asked, "path": _path(), "memory_bytes": limits.memory_bytes, "cpu_s": limits.cpu_s,
    }  # fmt: skip
    with contextlib.ExitStack() as stack:
        given = stack.enter_context(_as_file(source)) if isinstance(source, bytes) else source
        del source  # who hears the answers may take long over them
        given.seek(0)
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-I", "-S", "-X", "utf8", "-c", _BOOT, json.dumps(request)],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ONE_THREAD | {name: os.environ[name] for name in _KEPT if name in os.environ},
            close_fds=True,
            **_apart(),
        )
        stack.callback(_end, child)
        _widen(child.stdout)
        yield from _Answers(child, limits, error)


class PackedBlock:
    """A block of text as it came, compressed: unpacked when it is needed."""

    __slots__ = ("body",)

    def __init__(self, body: bytes) -> None:
        self.body = body

    @property
    def text(self) -> str:
        """The text; raises :class:`BoundedError` for what is none."""
        try:
            return frames.unpack_text(self.body)
        except ValueError as error:
            raise reader_failed() from error


class _Answers:
    """The frames of one child, read within its limits."""

    def __init__(self, child: subprocess.Popen[bytes], limits: ChildLimits, error: type[GradPhotoError]) -> None:
        self._child, self._error = child, error
        self._left_s, self._left_bytes = limits.wall_s, limits.answer_bytes
        self._too_slow = False

    def __iter__(self) -> Iterator[Any]:
        while True:
            head = self._read(frames.HEAD.size)
            kind, size = frames.HEAD.unpack(head)
            if size > min(frames.MOST_FRAME_BYTES, self._left_bytes):
                raise reader_failed()
            self._left_bytes -= size
            body = self._read(size)
            if kind == b".":
                return
            yield self._value(kind, body)

    def _value(self, kind: bytes, body: bytes) -> Any:
        if kind == b"T":
            return PackedBlock(body)
        if kind == b"B":
            return body
        try:
            said = frames.unpack_json(body)
            if kind == b"J":
                return said
            code, message, remedy = str(said["code"]), _wording(said["message"]), _wording(said["remedy"])
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise reader_failed() from error
        if code == OUT_OF_MEMORY:
            raise too_much_memory()
        raise self._error(code[:80], message, remedy)

    def _read(self, size: int) -> bytes:
        """So many bytes, or the reason why they do not come."""
        stream = self._child.stdout
        assert stream is not None
        before = time.monotonic()
        watch = threading.Timer(max(self._left_s, 0.01), self._give_up)
        watch.daemon = True
        watch.start()
        try:
            data = stream.read(size) if size else b""
        finally:
            watch.cancel()
            self._left_s -= time.monotonic() - before
        if len(data) < size:
            raise self._ended()
        return data

    def _give_up(self) -> None:
        self._too_slow = True
        self._child.kill()

    def _ended(self) -> BoundedError:
        code = self._child.wait(timeout=10)
        if self._too_slow or (os.name == "posix" and code in (-signal.SIGXCPU, -signal.SIGKILL)):
            return too_slow()
        if os.name == "posix" and code == -signal.SIGABRT:
            # Native code that gets no memory aborts.
            return too_much_memory()
        return reader_failed()


def _wording(pair: Any) -> Wording:
    zh, en = pair
    return Wording(str(zh)[:_LONGEST_SENTENCE], str(en)[:_LONGEST_SENTENCE])


def _widen(pipe: IO[bytes] | None) -> None:
    """Let the child run ahead by some blocks, where the system can: what hears it also judges and stores what it hears."""
    if pipe is not None and sys.platform == "linux":
        with contextlib.suppress(OSError):  # a limit of this user's pipes: it then waits for us
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _AHEAD_BYTES)


@contextlib.contextmanager
def _as_file(data: bytes) -> Iterator[IO[bytes]]:
    """The bytes as a file without a name: in memory where the system can, so that no ID number touches a disk."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("upload"), "w+b") as stream:
            stream.write(data)
            stream.flush()
            del data
            yield stream
        return
    with tempfile.TemporaryFile() as stream:
        stream.write(data)
        stream.flush()
        del data
        yield stream


def _apart() -> dict[str, Any]:
    """A group of its own: Ctrl+C at the terminal ends the product, and the product ends its readers."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"process_group": 0}


@cache
def _path() -> list[str]:
    """Where the child finds what we have: it starts without looking at site packages, which costs half of its start."""
    own = str(Path(gradphoto.__file__).resolve().parents[1])
    return [own, *dict.fromkeys(entry for entry in sys.path if entry and entry != own)]


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.kill()
    if child.stdout is not None:
        child.stdout.close()
    child.wait()


def too_slow() -> BoundedError:
    """The time was over."""
    return BoundedError(
        "file.too_slow",
        Wording("读取这个文件用时过长，已停止。", "Reading this file took too long and was stopped."),
        Wording(
            "文件内容异常或过大：请用原软件打开后另存，或拆分后再上传。",
            "Something in it is unusual, or it is too large: open it, save it anew, or split it.",
        ),
    )


def too_much_memory() -> BoundedError:
    """The memory was used up."""
    return BoundedError(
        "file.too_much_memory",
        Wording("读取这个文件占用内存过多，已停止。", "Reading this file took too much memory and was stopped."),
        Wording(
            "文件内容异常或过大：请用原软件打开后另存，或拆分后再上传。",
            "Something in it is unusual, or it is too large: open it, save it anew, or split it.",
        ),
    )


def reader_failed() -> BoundedError:
    """The reader broke, or answered what it never answers."""
    return BoundedError(
        "file.reader_failed",
        Wording("文件无法读取，读取程序因它中断。", "The file cannot be read; the reader broke on it."),
        Wording("请用原软件打开后另存，再上传。", "Open it with the program that made it, save it anew and try again."),
    )
