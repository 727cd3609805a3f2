"""The same person twice: in one file, or in the rosters of several schools."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from gradphoto.engine.roster import faults
from gradphoto.engine.roster.findings import Finding
from gradphoto.engine.roster.layout import FIELD_TITLES
from gradphoto.engine.roster.read import Table
from gradphoto.engine.roster.records import CheckedRow

_ONCE = ("id_number", "student_no", "candidate_no")
_FEW_LETTERS = 0.05


def within(table: Table, values: Mapping[str, Sequence[Any]]) -> Iterator[Finding]:
    """Numbers that stand twice in a file, the same name with the same birth date, and student numbers with an O in it.

    ``values`` are the columns in the order of ``table.numbers``; an ID number of 15 digits equals its 18 digits.
    """
    for name in _ONCE:
        yield from _repeated(table, name, values[name])
    yield from _same_person(table, values)
    yield from _letters_among_digits(table, values["student_no"])


def _repeated(table: Table, name: str, column: Sequence[str | None]) -> Iterator[Finding]:
    given = [text for text in column if text]
    if len(set(given)) == len(given):
        return
    first: dict[str, int] = {}
    for number, text in zip(table.numbers, column, strict=True):
        if text and first.setdefault(text, number) != number:
            yield faults.duplicate(first[text]).at(number, name, table.header.title_of(name), text)


def _same_person(table: Table, values: Mapping[str, Sequence[Any]]) -> Iterator[Finding]:
    people = list(zip(values["name"], values["birth_date"], strict=True))
    if len(set(people)) == len(people):
        return
    ids = values["id_number"]
    first: dict[tuple[Any, Any], int] = {}
    for place, person in enumerate(people):
        if not all(person):
            continue
        earlier = first.setdefault(person, place)
        if earlier != place and ids[earlier] and ids[place] and ids[earlier] != ids[place]:
            row = table.numbers[place]
            yield faults.duplicate_person(table.numbers[earlier]).at(
                row, "name", table.header.title_of("name"), person[0]
            )


def _letters_among_digits(table: Table, column: Sequence[str | None]) -> Iterator[Finding]:
    odd = [place for place, text in enumerate(column) if text and not text.isdigit()]
    if len(odd) > len(column) * _FEW_LETTERS:
        return
    for place in odd:
        text = column[place] or ""
        if set(text) & set("OoIl"):
            title = table.header.title_of("student_no")
            yield faults.STUDENT_NO_LOOK_ALIKE.at(table.numbers[place], "student_no", title, text)


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
