"""The same person twice: in one file, or in the rosters of several schools."""

from __future__ import annotations

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

_ONCE = ("id_number", "student_no", "candidate_no")
_FEW_LETTERS = 0.05
_LOOK_ALIKE = frozenset("OoIl")
_MOST_ODD = 10_000
_NOTHING = 0


class Duplicates:
    """Collects, block by block, what may stand only once. Kept are 64 bits a value, so that memory hardly grows; that
    two different values of a file share them is less likely than one in a thousand million."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._keys = {name: array("q") for name in _ONCE}
        self._people = array("q")
        self._odd: list[tuple[int, str]] = []
        self._odd_count = 0
        self._seen = {name: np.empty(0, np.int64) for name in _ONCE}

    def add(self, numbers: Sequence[int], values: Mapping[str, Sequence[Any]]) -> set[int]:
        """Take a block of rows; ``values`` are its columns, an ID number of 15 digits as its 18. Returns the numbers of
        the rows in which something stands that stood in a row before."""
        self._numbers.extend(numbers)
        again: set[int] = set()
        for name in _ONCE:
            keys = [hash(text) or 1 if text else _NOTHING for text in values[name]]
            self._keys[name].extend(keys)
            again.update(numbers[place] for place in self._again(name, np.array(keys, np.int64)))
        people = zip(values["name"], values["birth_date"], strict=True)
        self._people.extend([hash(one) or 1 if all(one) else _NOTHING for one in people])
        for number, text in zip(numbers, values["student_no"], strict=True):
            if text and not text.isdigit():
                self._odd_count += 1
                if len(self._odd) < _MOST_ODD and set(text) & _LOOK_ALIKE:
                    self._odd.append((number, text))
        return again

    def _again(self, name: str, keys: npt.NDArray[np.int64]) -> list[int]:
        seen = self._seen[name]
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        is_again = np.zeros(len(keys), dtype=bool)
        is_again[order[1:]] = ordered[1:] == ordered[:-1]
        places = np.searchsorted(seen, keys)
        inside = places < len(seen)
        is_again[inside] |= seen[places[inside]] == keys[inside]
        self._seen[name] = np.sort(np.concatenate((seen, np.unique(ordered[ordered != _NOTHING]))), kind="stable")
        return np.flatnonzero(is_again & (keys != _NOTHING)).tolist()

    def findings(self, table: Table) -> Iterator[Finding]:
        """Numbers that stand twice, the same name with the same birth date, and student numbers with an O in them."""
        for name in _ONCE:
            for first, again in _repeated(self._keys[name]):
                yield self._at(table, again, name, faults.duplicate(table.place(self._numbers[first])))
        ids = self._keys["id_number"]
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
