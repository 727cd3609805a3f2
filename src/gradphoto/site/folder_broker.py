"""The broker of an installation without Redis: a folder in which every message is a file (``filesystem://``).

kombu's own transport writes a message, and the table of what is bound to an exchange, into a file that others see already.
A worker that looked in that moment read nothing, took that for a broken message and ended; so did two workers that began
together in a new data directory, and every worker after a power cut in the middle of it. Here a file has another name
until it is whole, and what cannot be read all the same is left out: the sweeper sends its job again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, time
from typing import Any, ClassVar

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

from gradphoto.engine.file_locks import locked

log = logging.getLogger(__name__)
_UNFINISHED = ".new"
"""Behind the name of a file that is being written: nobody's queue ends so."""
_ABANDONED_S = 600.0


class Channel(filesystem.Channel):
    """kombu's channel; whatever it writes appears whole."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # kombu names it in two ways
        # Names sort by age however long the machine has run: they are taken in this order.
        name = f"{round(monotonic() * 1000):015d}_{uuid.uuid4()}.{queue}.msg"
        try:
            _write(Path(self.data_folder_out) / name, payload)
        except OSError as error:
            raise ChannelError(f"Cannot add {name} to the folder") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        while True:
            try:
                return super()._get(queue)
            except ValueError:  # cut short by a full disk or an earlier release; it is out of the folder by now
                log.warning("broker.unreadable_message", extra={"queue": queue})

    def get_table(self, exchange: str) -> list[Any]:
        """What is bound to an exchange; a table cut short counts for none and is made anew at the next binding."""
        try:
            told = loads(self._exchange_file(exchange).read_bytes().decode())
        except (FileNotFoundError, ValueError):
            return []
        except OSError as error:
            raise ChannelError(f"Cannot read what is bound to {exchange}") from error
        return [filesystem.exchange_queue_t(*one) for one in told]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        bound = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._turn():
            table = self.get_table(exchange)
            if bound not in table:
                _write(self._exchange_file(exchange), [bound, *table])

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *_: Any, **__: Any) -> None:
        self._purge(queue)
        gone = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._turn():
            table = self.get_table(exchange)
            if gone in table:
                _write(self._exchange_file(exchange), [one for one in table if one != gone])

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time changes the tables, or two would each leave out what the other bound."""
        self.control_folder.mkdir(exist_ok=True)
        with (self.control_folder / ".lock").open("wb") as turn:
            if os.name == "nt":
                filesystem.lock(turn, filesystem.LOCK_EX)
            else:
                locked(turn.fileno(), wait=True)  # where the file system knows no locks nobody waits for one
            yield  # closing the file ends the turn


def _write(path: Path, content: Any) -> None:
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4()}{_UNFINISHED}")
    try:
        unfinished.write_bytes(dumps(content).encode())
        os.replace(unfinished, path)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


class Transport(filesystem.Transport):
    """What ``filesystem://`` means in this program."""

    Channel = Channel
    default_connection_params: ClassVar[dict[str, Any]] = {}
    """A folder has no host: kombu would warn at every start that it takes the local one."""

    def establish_connection(self) -> Any:
        """Sweep first what a power cut left half-written; nobody writes one message for so long."""
        assert self.client is not None
        options = self.client.transport_options
        for folder in {options[name] for name in ("data_folder_out", "control_folder") if name in options}:
            for left in Path(folder).glob(f"*{_UNFINISHED}"):
                with contextlib.suppress(OSError):  # another process sweeps, too
                    if time() - left.stat().st_mtime > _ABANDONED_S:
                        left.unlink()
        return super().establish_connection()
