"""The pages of a scan, drawn one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from gradphoto.engine.cards.pages import ScanLimits, draw_pages


def pages(source: BinaryIO, asked: dict[str, Any]) -> Iterator[object]:
    """For each page its shape (height, width and perhaps 3), then its bytes."""
    for picture in draw_pages(source.read(), ScanLimits(**asked)):
        yield list(picture.shape)
        yield picture.tobytes()
