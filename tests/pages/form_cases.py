"""What the one test of all forms needs to know of each: where it stands, who sends it, what is right, wrong, foreign."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from gradphoto.apps.pages.forms import ActionForm
from world import World


@dataclass(frozen=True)
class Stage:
    """A form ready to be sent: its address, the person's browser, a right post, and posts that are wrong or foreign.

    ``wrong``: field -> (value, the code it must be refused with). ``foreign``: field -> the id of a record that belongs
    to another school, to which the same holds.
    """

    url: str
    client: Client
    good: Mapping[str, Any]
    wrong: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    foreign: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FormCase:
    form: type[ActionForm]
    stage: Callable[[World], Stage]

    def __str__(self) -> str:
        return self.form.__name__


CASES: list[FormCase] = []


def load_cases() -> None:
    """Import what every room says of its forms: ``tests/<room>/<room>_forms.py`` and ``.._forms_cases.py``."""
    tests = Path(__file__).parents[1]
    for room in sorted([*tests.glob("*/*_forms.py"), *tests.glob("*/*_forms_cases.py")]):
        if not room.name.startswith("test_"):
            importlib.import_module(f"{room.parent.name}.{room.stem}")


def form_case(*forms: type[ActionForm]) -> Callable[[Callable[[World], Stage]], Callable[[World], Stage]]:
    """Let the room's stage be tried: ``@form_case(SendCase)`` above a function of the world."""

    def register(stage: Callable[[World], Stage]) -> Callable[[World], Stage]:
        CASES.extend(FormCase(one, stage) for one in forms)
        return stage

    return register


def pdf(data: bytes = b"%PDF-1.7 x") -> SimpleUploadedFile:
    return SimpleUploadedFile("scan.pdf", data)


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        name = known.get("name", "")
        if tag == "button" and name:
            self.values.setdefault(name, []).append(known.get("value", ""))
        elif tag == "input":
            if known.get("type") not in ("checkbox", "radio") or "checked" in known:
                self.values.setdefault(name, []).append(known.get("value", "on" if "checked" in known else ""))
            else:
                self.values.setdefault(name, []).append("")  # a box left empty stays empty
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in known:
            self.values.setdefault(self._select, []).append(known.get("value", ""))
        elif tag == "textarea":
            self._area = name
            self.values.setdefault(name, []).append("")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def typed(answer: HttpResponse) -> dict[str, list[str]]:
    """What stands in the fields of a page, by name."""
    parser = _Fields()
    parser.feed(answer.content.decode())
    return {name: [value.strip() for value in values] for name, values in parser.values.items()}
