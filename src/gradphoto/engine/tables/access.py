"""The two ways to read a table: in a bounded child, as everything that somebody hands in, or in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from gradphoto.engine.bounded.frames import pack_text
from gradphoto.engine.bounded.limits import for_table, for_upload
from gradphoto.engine.bounded.reader import PackedBlock, reader_failed, run
from gradphoto.engine.tables import errors, reading
from gradphoto.engine.tables.model import Limits, SheetFacts, Wanted
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class WantedSheet:
    """A sheet to be read by its title (the first of that title, and the only one of a file without titles)."""

    title: str
    wanted: Wanted


class TableReader(Protocol):
    """Both ways."""

    def outline(self, data: bytes, limits: Limits, wanted: Wanted) -> list[SheetFacts | errors.RosterFileError]:
        """Every work sheet with its head and counts, or why it cannot be read."""
        ...

    def rows(self, data: bytes, limits: Limits, sheets: Sequence[WantedSheet]) -> Iterator[PackedBlock | SheetFacts]:
        """For each sheet its rows in blocks, then its facts."""
        ...


class InProcess:
    """For files that we made ourselves, and for tests of the readers."""

    def outline(self, data: bytes, limits: Limits, wanted: Wanted) -> list[SheetFacts | errors.RosterFileError]:
        return list(reading.outline(data, limits, wanted))

    def rows(self, data: bytes, limits: Limits, sheets: Sequence[WantedSheet]) -> Iterator[PackedBlock | SheetFacts]:
        for found in reading.read(data, limits, [(one.title, one.wanted) for one in sheets]):
            yield PackedBlock(pack_text(found)) if isinstance(found, str) else found


class Bounded:
    """For everything else."""

    def outline(self, data: bytes, limits: Limits, wanted: Wanted) -> list[SheetFacts | errors.RosterFileError]:
        _refuse_size(data, limits)
        asked = {"limits": asdict(limits), "wanted": _plain(wanted)}
        answers = run("table.outline", data, asked, for_upload(len(data)), errors.RosterFileError)
        return [_facts_or_error(said) for said in answers]

    def rows(self, data: bytes, limits: Limits, sheets: Sequence[WantedSheet]) -> Iterator[PackedBlock | SheetFacts]:
        _refuse_size(data, limits)
        asked = {"limits": asdict(limits), "sheets": [{"sheet": one.title, **_plain(one.wanted)} for one in sheets]}
        answers = run("table.rows", data, asked, for_table(len(data)), errors.RosterFileError)
        del data  # the reader has it; for as long as its rows are judged nobody else needs it
        for said in answers:
            if isinstance(said, PackedBlock):
                yield said
                continue
            found = _facts_or_error(said)
            if isinstance(found, errors.RosterFileError):
                raise found
            yield found


def _refuse_size(data: bytes, limits: Limits) -> None:
    if len(data) > limits.bytes:
        raise errors.too_large(limits.bytes)


def _plain(wanted: Wanted) -> dict[str, Any]:
    return {
        "headings": sorted(wanted.headings), "columns": sorted(wanted.columns), "dates": sorted(wanted.dates),
    }  # fmt: skip


def _facts_or_error(said: Any) -> SheetFacts | errors.RosterFileError:
    try:
        if "code" in said:
            message, remedy = (Wording(str(said[key][0]), str(said[key][1])) for key in ("message", "remedy"))
            return errors.RosterFileError(str(said["code"]), message, remedy)
        return SheetFacts.from_json(said)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise reader_failed() from error
