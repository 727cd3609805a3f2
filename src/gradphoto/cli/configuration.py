"""``gradphoto config``: the settings in force, and the page that tells them all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import click

from gradphoto.engine.environment import VARIABLES, Variable, unknown
from gradphoto.site.environment import GROUPS

_PREFACE = """# Settings

GradPhoto is configured by environment variables; without any it is an installation on one machine. This page is made of the
readers themselves (`gradphoto config --markdown`; a test holds it true): what is not listed here is not read.

- A wrong value is refused by the name of its setting before anything starts; all wrong ones are named at once. An empty value
  is no value. A name that begins with `GRADPHOTO_` and is not listed is told at the start: it may be a slip of the pen.
- A setting marked *secret* is also read from a file: `GRADPHOTO_DATABASE_FILE=/run/secrets/database` instead of
  `GRADPHOTO_DATABASE`. Secrets are never shown, neither by `gradphoto config` nor in a refusal.
- `gradphoto config` prints what is in force; `gradphoto doctor` tries it.
"""


def as_markdown() -> str:
    """The whole of docs/configuration.md."""
    return "\n".join([_PREFACE, *(line for group in GROUPS for line in _table(group))])


def _table(group: str) -> Iterator[str]:
    yield f"## {group}"
    yield "| setting | value | meaning | without it |"
    yield "|---|---|---|---|"
    for one in VARIABLES.values():
        if one.group == group:
            secret = " *secret*" if one.secret else ""
            yield f"| `{one.name}`{secret} | {one.accepts} | {one.meaning} | {one.shown} |"
    yield ""


def print_settings() -> None:
    """Every setting with the value in force; secrets are only said to be set. A wrong value is refused by name."""
    for one in VARIABLES.values():
        click.echo(f"{one.name:<26} {_in_force(one)}")
    warn_of_unknown()


def _in_force(one: Variable[Any]) -> str:
    value = one.read()
    given = bool(os.environ.get(one.name) or (one.secret and os.environ.get(f"{one.name}_FILE")))
    if not given:
        return f"- ({one.shown.replace('`', '')})"
    if one.secret:
        return "*** (set)"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def warn_of_unknown() -> None:
    """Name the settings that nobody reads."""
    for name in unknown():
        click.secho(f"没有这项设置，未生效 no such setting, it does nothing: {name}", fg="yellow", err=True)
