"""The synthetic people who sit for the demo camera; see scripts/synthetic_portraits for how they were made."""

from __future__ import annotations

import functools
from importlib import resources


@functools.cache
def picture(name: str) -> bytes:
    """A JPEG of ``demo/portraits`` by its name without suffix."""
    return resources.files(__package__).joinpath("portraits", f"{name}.jpg").read_bytes()


@functools.cache
def good_sitters() -> tuple[str, ...]:
    """The names of the pictures without a planted defect."""
    folder = resources.files(__package__).joinpath("portraits")
    names = (item.name.removesuffix(".jpg") for item in folder.iterdir() if item.name.startswith("person_"))
    return tuple(sorted(names))
