"""What comes from a station: taken apart once where it can do no harm, before any key of ours is near it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from gradphoto.engine.bounded.strict_json import strict_json
from gradphoto.engine.packet.envelope import read_header
from gradphoto.engine.packet.envelope_errors import envelope_error

_MOST_JSON_BYTES = 8 * 1024 * 1024


def prove(source: BinaryIO, asked: dict[str, Any]) -> Iterator[object]:
    """``{"about": ...}`` of an envelope whose signature is whole, or the JSON value of a list or a receipt."""
    data = source.read()
    if asked["what"] == "envelope":
        yield {"about": read_header(data).about}
        return
    try:
        said = strict_json(data, most_bytes=_MOST_JSON_BYTES)
    except ValueError as error:
        raise envelope_error("altered") from error
    yield said
