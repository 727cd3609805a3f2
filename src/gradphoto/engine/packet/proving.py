"""Files from a station, taken apart by the bounded reader before anything else touches them."""

from __future__ import annotations

from typing import Any

from gradphoto.engine.bounded.limits import for_upload
from gradphoto.engine.bounded.reader import run
from gradphoto.engine.packet.envelope_errors import EnvelopeError, envelope_error

_MEMORY_MB = 2_000
"""A part may hold one frame of hundreds of megabytes, which stands in memory a few times over."""


def proven(data: bytes, what: str) -> dict[str, Any]:
    """What a file says of itself: ``envelope`` (kits and parts) or ``list`` (a packet's list, a receipt).

    A file that does the reader no harm does us none. Raises ``EnvelopeError`` and ``BoundedError``.
    """
    limits = for_upload(len(data), memory_mb=_MEMORY_MB)
    said = next(run("packet.prove", data, {"what": what}, limits, EnvelopeError), None)
    if not isinstance(said, dict):
        raise envelope_error("altered")
    return said
