"""What the table of permissions means, worked out once more by hand and in plain Python.

Read from the printed table (``docs/permissions.md``) and from where a record hangs, found by walking its attributes:
no filter, no query of the product takes part.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import models

from gradphoto.apps.core.actors import Actor

TABLE = Path(__file__).parents[2] / "docs" / "permissions.md"


def printed_table() -> dict[str, frozenset[str]]:
    """Permission name -> roles, as the documentation prints them."""
    found = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 3 and "." in cells[0]:
            found[cells[0].strip("`")] = frozenset(role.strip(" `") for role in cells[1].split(","))
    return found


def owners(record: models.Model, lookups: tuple[str, ...]) -> set[str]:
    """The paths on which a record hangs by these look-ups (``candidate__department__path``)."""
    return {path for lookup in lookups for path in _walk(record, lookup.split("__"))}


def _walk(value: Any, parts: list[str]) -> Iterator[str]:
    if value is None:
        return
    if not parts:
        yield value
        return
    following = getattr(value, parts[0])
    for one in following.all() if hasattr(following, "all") else [following]:
        yield from _walk(one, parts[1:])


def changes(actor: Actor, roles: frozenset[str], record: models.Model) -> bool:
    """At or above one of the record's owners, with one of the roles."""
    paths = owners(record, type(record).SCOPE)  # type: ignore[attr-defined]
    return any(path.startswith(home) for home in _homes(actor, roles) for path in paths)


def sees(actor: Actor, roles: frozenset[str], record: models.Model) -> bool:
    """Whoever changes it, and below an owner whoever it is shared down to."""
    shared = owners(record, getattr(type(record), "SHARED_DOWN", ()))
    below = any(home.startswith(path) for home in _homes(actor, roles) for path in shared)
    return below or changes(actor, roles, record)


def _homes(actor: Actor, roles: frozenset[str]) -> list[str]:
    return [held.organisation.path for held in actor.user.held if held.role in roles]
