"""The queues of background work: what a person waits for never stands behind hours of photographs.

A kind of job names its queue where its handler is registered (``jobs.handles``). A worker takes one or several queues, in
this order; what runs where for a school and for a province is in docs/scale.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Queue(StrEnum):
    """From the most urgent: somebody waits before a page; papers, packages, messages; the processor for hours."""

    QUICK = "quick"
    BULK = "bulk"
    PICTURES = "pictures"


ALL = tuple(Queue)
_OF_KIND: dict[str, Queue] = {}


def assign(kind: str, queue: Queue) -> None:
    """A kind of job goes through this queue."""
    _OF_KIND[kind] = queue


def queue_of(kind: str) -> Queue:
    """The queue of a kind of job; a kind that nobody handles would wait among the papers."""
    return _OF_KIND.get(kind, Queue.BULK)


def written(queues: Iterable[Queue]) -> str:
    """For a worker's command line and its heartbeat: ``quick,bulk``."""
    return ",".join(queues)


def read(text: str) -> tuple[Queue, ...]:
    """The queues that a text names, most urgent first. Raises ``ValueError`` for a name that is none."""
    named = {Queue(name.strip()) for name in text.split(",") if name.strip()}
    return tuple(queue for queue in ALL if queue in named)
