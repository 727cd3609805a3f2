"""JSON from outside: no NaN and no Infinity, no nesting without end, no number without bound, no key twice."""

from __future__ import annotations

import json
import math
from typing import Any

_MOST_DIGITS = 40
_MOST_DEPTH = 60


def strict_json(data: bytes | str, *, most_bytes: int = 64 * 1024 * 1024) -> Any:
    """The value; ``ValueError`` for whatever is no plain JSON within bounds."""
    if len(data) > most_bytes:
        raise ValueError("too large")
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        _refuse_depth(text)
        return json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
            object_pairs_hook=_once,
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse_depth(text: str) -> None:
    """Count brackets outside of strings, before anything recurses."""
    if text.count("[") + text.count("{") <= _MOST_DEPTH:
        return
    depth, place, inside = 0, 0, False
    while place < len(text):
        letter = text[place]
        if inside:
            if letter == "\\":
                place += 1
            elif letter == '"':
                inside = False
            else:
                ends = [end for end in (text.find('"', place), text.find("\\", place)) if end >= 0]
                place = min(ends, default=len(text)) - 1
        elif letter == '"':
            inside = True
        elif letter in "[{":
            depth += 1
            if depth > _MOST_DEPTH:
                raise ValueError("nested too deeply")
        elif letter in "]}":
            depth -= 1
        place += 1


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number without bound")
    return number


def _bounded(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError("a number without bound")
    return int(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found
