"""The same person twice: in one file, or in the rosters of several schools.

One person may study two programmes (辅修, 双学位): two rows of one ID number and one name with different programmes are
two records of one person. Everything else that stands twice is a double.
"""

from __future__ import annotations

import functools
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gradphoto.engine.roster import faults
from gradphoto.engine.roster.findings import Fault, Finding
from gradphoto.engine.roster.layout import FIELD_TITLES
from gradphoto.engine.roster.records import CheckedRow
from gradphoto.engine.roster.table import Table
from gradphoto.engine.standards.characters import half_width
from gradphoto.engine.standards.names import same_key

_ONCE = ("id_number", "student_no", "candidate_no")
PROGRAMME = ("major", "level")
"""What tells a person's programmes apart."""
_FEW_LETTERS = 0.05
_LOOK_ALIKE = frozenset("OoIl")
_MOST_ODD = 10_000
_NOTHING = 0


@functools.lru_cache(4096)
def written_plainly(programme: str | None) -> str:
    """A major or level without what only typing makes different: 法学（辅修） and 法学(辅修) are one programme."""
    return "".join(half_width(programme or "").split()).casefold()


class Duplicates:
    """Collects, block by block, what may stand only once. Kept are 64 bits a value, so that memory hardly grows; that
    two different values of a file share them is less likely than one in a thousand million."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._keys = {name: array("q") for name in (*_ONCE, "programme")}
        self._names = array("q")
        self._people = array("q")
        self._odd: list[tuple[int, str]] = []
        self._odd_count = 0
        self._seen = {name: _Seen() for name in self._keys}

    def add(self, numbers: Sequence[int], values: Mapping[str, Sequence[Any]]) -> set[int]:
        """Take a block of rows; ``values`` are its columns, an ID number of 15 digits as its 18. Returns the numbers of
        the rows in which something stands that stood in a row before, and may stand only once."""
        self._numbers.extend(numbers)
        keys = {name: [hash(text) or 1 if text else _NOTHING for text in values[name]] for name in _ONCE}
        programmes = zip(keys["id_number"], *(map(written_plainly, values[name]) for name in PROGRAMME), strict=True)
        keys["programme"] = [hash(one) or 1 if one[0] else _NOTHING for one in programmes]
        names = [hash(same_key(name)) for name in values["name"]]
        # An ID number is one name's, the other numbers are one ID number's; a programme stands once.
        rows = list(numbers)
        people = [key or row for key, row in zip(keys["id_number"], rows, strict=True)]
        owners = {"id_number": names, "programme": rows, "student_no": people, "candidate_no": people}
        again: set[int] = set()
        for name, column in keys.items():
            self._keys[name].extend(column)
            again.update(numbers[place] for place in self._seen[name].again(column, owners[name]))
        self._names.extend(names)
        born = zip(values["name"], values["birth_date"], strict=True)
        self._people.extend([hash(one) or 1 if all(one) else _NOTHING for one in born])
        for number, text in zip(numbers, values["student_no"], strict=True):
            if text and not text.isdigit():
                self._odd_count += 1
                if len(self._odd) < _MOST_ODD and set(text) & _LOOK_ALIKE:
                    self._odd.append((number, text))
        return again

    def findings(self, table: Table) -> Iterator[Finding]:
        """Numbers that stand twice, the same name with the same birth date, and student numbers with an O in them."""
        ids, names = self._keys["id_number"], self._names
        doubles = {again for _, again in _repeated(self._keys["programme"])}
        for first, again in _repeated(ids):
            is_double = again in doubles or names[first] != names[again]
            fault = faults.duplicate if is_double else faults.second_programme
            yield self._at(table, again, "id_number", fault(table.place(self._numbers[first])))
        for name in _ONCE[1:]:
            for first, again in _repeated(self._keys[name]):
                if not ids[first] or ids[first] != ids[again]:
                    yield self._at(table, again, name, faults.duplicate(table.place(self._numbers[first])))
        for first, again in _repeated(self._people):
            if ids[first] and ids[again] and ids[first] != ids[again]:
                yield self._at(table, again, "name", faults.duplicate_person(table.place(self._numbers[first])))
        if self._odd_count <= len(self._numbers) * _FEW_LETTERS:
            for number, text in self._odd:
                title = table.part_of(number).header.title_of("student_no")
                yield faults.STUDENT_NO_LOOK_ALIKE.at(number, "student_no", title, text)

    def _at(self, table: Table, place: int, name: str, fault: Fault) -> Finding:
        number = self._numbers[place]
        part = table.part_of(number)
        column = part.header.columns.get(name)
        text = part.row(number)[column].strip() if column is not None else ""
        return fault.at(number, name, part.header.title_of(name), text)


class _Seen:
    """Keys that stood in earlier rows, each with the owner that it had first."""

    __slots__ = ("_keys", "_owners")

    def __init__(self) -> None:
        self._keys: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._owners: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def again(self, column: Sequence[int], owners: Sequence[int]) -> list[int]:
        """The places of a block at which a key stands that was another owner's before; the block is remembered."""
        keys, mine = np.array(column, np.int64), np.array(owners, np.int64)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        is_first = np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(ordered)]
        first = order[np.maximum.accumulate(np.where(is_first, np.arange(len(ordered)), 0))]
        owner = np.empty_like(mine)
        owner[order] = mine[first]
        if len(self._keys):
            places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            known = self._keys[places] == keys
            owner[known] = self._owners[places[known]]
        fresh = order[is_first & (ordered != _NOTHING)]
        all_keys = np.concatenate((self._keys, keys[fresh]))
        all_owners = np.concatenate((self._owners, owner[fresh]))
        self._keys, where = np.unique(all_keys, return_index=True)
        self._owners = all_owners[where]
        return np.flatnonzero((owner != mine) & (keys != _NOTHING)).tolist()


def _repeated(keys: array[int]) -> list[tuple[int, int]]:
    """Pairs of places with the same key: the first and each that follows it."""
    values: npt.NDArray[np.int64] = np.frombuffer(keys, dtype=np.int64) if len(keys) else np.empty(0, np.int64)
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    is_again = np.concatenate(([False], (ordered[1:] == ordered[:-1]) & (ordered[1:] != _NOTHING)))[: len(ordered)]
    starts = np.maximum.accumulate(np.where(is_again, 0, np.arange(len(ordered))))
    again = np.flatnonzero(is_again)
    pairs = zip(order[starts[again]].tolist(), order[again].tolist(), strict=True)
    return sorted(pairs, key=lambda pair: pair[1])


def across(
    rows: Iterable[CheckedRow], others: Mapping[str, Collection[str]], key: Callable[[str], str] = str
) -> tuple[Finding, ...]:
    """Who of these rows stands in the roster of another school.

    ``others`` holds, by a school's name, keys of its people's ID numbers; ``key`` makes the same kind of key of a number
    of 18 characters (the app's blind index), so that no school sees another's numbers. Without it they are plain numbers.
    """
    found = []
    for row in rows:
        if row.record is None:
            continue
        mine = key(row.record.id_number)
        for school, keys in others.items():
            if mine in keys:
                fault = faults.elsewhere(school)
                found.append(fault.at(row.row_number, "id_number", FIELD_TITLES["id_number"], row.record.id_number))
    return tuple(found)
