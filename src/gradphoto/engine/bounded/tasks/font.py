"""A font file as it is handed in: its family and the characters that it draws, and whether a paper can be set with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from gradphoto.engine.font_file import family_of, map_of


def look(source: BinaryIO, asked: dict[str, Any]) -> Iterator[object]:
    """Family and character map. Raises ``FontError``."""
    data = source.read()
    yield {"family": family_of(data), "ranges": [list(one) for one in map_of(data)]}


def prove(source: BinaryIO, asked: dict[str, Any]) -> Iterator[object]:
    """Set the trial paper that lies in the folder ``folder``. Raises ``FontError`` (``documents.font_unusable``)."""
    from gradphoto.engine.documents.fonts import set_proof

    set_proof(Path(asked["folder"]))
    yield {"usable": True}
