"""The directory of branches (新华社各省分社) as printed, and as it should read (R69, D8, B16)."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch: ``printed`` is the source's text to the letter, ``corrected`` is empty where it needs no correction.

    ``telephone`` is the office's as the notice prints it: whoever goes there telephones first (R142).
    """

    name: str
    region: str
    telephone: str
    printed: str
    corrected: str

    @property
    def first_number(self) -> str:
        """The number to dial where several are printed."""
        return self.telephone.partition("、")[0].replace("-", "")

    @property
    def address(self) -> str:
        """The address to send somebody to."""
        return self.corrected or self.printed


@functools.cache
def branches() -> tuple[Branch, ...]:
    """The thirty rows in the order of the source."""
    return tuple(Branch(*row) for row in csv.reader(_lines()[2:]) if row)


@functools.cache
def directory_source() -> str:
    """The document that the directory is copied from."""
    return _lines()[0].removeprefix("#").strip()


def _lines() -> list[str]:
    return resources.files(__package__).joinpath("branches.csv").read_text(encoding="utf-8").splitlines()
