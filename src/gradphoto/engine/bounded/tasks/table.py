"""Tables: what sheets there are, and the rows of some."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from gradphoto.engine.tables.errors import RosterFileError
from gradphoto.engine.tables.model import Limits, Wanted
from gradphoto.engine.tables.reading import outline as outline_of
from gradphoto.engine.tables.reading import read


def outline(source: BinaryIO, asked: dict[str, Any]) -> Iterator[object]:
    """One value a sheet: its facts, or the error for it."""
    for found in outline_of(source.read(), Limits(**asked["limits"]), _wanted(asked["wanted"])):
        if isinstance(found, RosterFileError):
            message, remedy = found.message, found.remedy
            yield {"code": found.code, "message": [message.zh, message.en], "remedy": [remedy.zh, remedy.en]}
        else:
            yield found.to_json()


def rows(source: BinaryIO, asked: dict[str, Any]) -> Iterator[object]:
    """For each asked sheet its rows in packed blocks, then its facts."""
    wanted = [(str(one["sheet"]), _wanted(one)) for one in asked["sheets"]]
    for found in read(source.read(), Limits(**asked["limits"]), wanted):
        yield found if isinstance(found, str) else found.to_json()


def _wanted(said: dict[str, Any]) -> Wanted:
    return Wanted(frozenset(said["headings"]), frozenset(said["columns"]), frozenset(said["dates"]))
