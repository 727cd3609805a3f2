"""The form of one rule: which field its value needs, what was filled in, and the value that this means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict

from gradphoto.apps.campaigns import options
from gradphoto.apps.campaigns.settings_keys import Key, least_and_most, month_days, table, texts, yes_or_no

_LISTS = (texts, month_days, least_and_most)


@dataclass(frozen=True, slots=True)
class Line:
    """A choice of the form: a box to tick, an entry of a select, or a line of a table with its present code."""

    code: str
    label: str
    chosen: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """How a value is filled in: ``kind`` is checks, lines, table, choice, yes_no, date, number or text."""

    kind: str
    text: str
    choices: list[Line]
    table: list[Line]


def kind_of(key: Key[Any]) -> str:
    """Which field a setting needs."""
    if key.read is table:
        return "table"
    if key.read in _LISTS:
        return "checks" if options.values_of(key) else "lines"
    if key.read is str:
        return "choice" if options.values_of(key) else "text"
    return {yes_or_no: "yes_no", int: "number", date.fromisoformat: "date"}.get(key.read, "text")


def field_of(key: Key[Any], value: Any) -> Field:
    """The field with a stored value filled in (None: nothing yet). What is stored stays on offer, whatever it is."""
    kind, known = kind_of(key), options.values_of(key)
    held = (
        {str(one) for one in value}
        if isinstance(value, (list, tuple))
        else {str(value)}
        if value is not None
        else set()
    )
    if kind == "yes_no":
        choices = [
            Line(code, words, value is (code == "yes"))
            for code, words in (("yes", _word(key, True)), ("no", _word(key, False)))
        ]
    else:
        offered = known if kind == "table" else {**known, **{one: one for one in sorted(held) if one not in known}}
        choices = [Line(code, label, code in held) for code, label in offered.items()]
    lines = (
        [Line(code, label, value=str((value or {}).get(code, ""))) for code, label in options.lines_of(key).items()]
        if kind == "table"
        else []
    )
    text = "\n".join(map(str, value)) if kind == "lines" and value else str(value) if value is not None else ""
    return Field(kind, text, choices, lines)


def _word(key: Key[Any], value: bool) -> str:
    return options.in_words(key, value)[0]


def value_in(key: Key[Any], asked: QueryDict) -> Any:
    """The value that was filled in, as it is stored. Raises ValueError where it is none."""
    kind, text = kind_of(key), asked.get("value", "").strip()
    value: Any = text
    if kind == "checks":
        value = [code for code in asked.getlist("value") if code]
    elif kind == "lines":
        value = [line.strip() for line in text.splitlines() if line.strip()]
    elif kind == "table":
        value = {line: code for line in options.lines_of(key) if (code := asked.get(f"value.{line}", ""))}
    elif kind == "yes_no":
        value = {"yes": True, "no": False}.get(text)
    elif kind == "number":
        value = int(text)
    if value in ("", [], {}) or (kind == "number" and value < 0):
        raise ValueError(f"no value for {key.name}")
    _demand_known(key, kind, value)
    key.read(value)
    return value


def _demand_known(key: Key[Any], kind: str, value: Any) -> None:
    known = options.values_of(key)
    if kind in ("checks", "choice", "table") and known:
        codes = value.values() if kind == "table" else value if kind == "checks" else [value]
        if unknown := [code for code in codes if code not in known]:
            raise ValueError(f"{key.name} knows no {unknown}")


def filled(asked: QueryDict) -> list[tuple[str, str]]:
    """What was filled in for the value, field by field, to be sent along unseen when it is saved."""
    names = [name for name in asked if name == "value" or name.startswith("value.")]
    return [(name, text) for name in names for text in asked.getlist(name)]
