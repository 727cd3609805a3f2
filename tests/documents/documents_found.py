"""Which addresses make a paper or a workbook: read off the source, so that a new one is found without being named.

A view makes a document when it, or anything of the product that it names, calls one of ``MAKERS``. Followed are the
functions and classes of the product's own modules by the names they are imported under; methods of objects are not, but
for the makers' own names (``form.to_pdf()``).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import URLPattern, get_resolver

import gradphoto

SOURCE = Path(gradphoto.__file__).parent
MAKERS = frozenset({"typeset", "to_pdf", "to_xlsx", "workbook_of", "open_workbook", "write_file", "write_xlsx"})
Place = tuple[str, str]
"""A module and a name at its top."""


@dataclass(frozen=True)
class Module:
    """What a module imports of the product, and what each function and class at its top names and calls."""

    imports: dict[str, Place]
    named: dict[str, frozenset[Place]]
    makers: frozenset[str]


@cache
def _module(dotted: str) -> Module | None:
    path = SOURCE.parent.joinpath(*dotted.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not path.is_file():
        return None
    imports: dict[str, Place] = {}
    named: dict[str, frozenset[Place]] = {}
    makers = set()
    for top in ast.parse(path.read_text()).body:
        names: set[Place] = set()
        for node in ast.walk(top):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("gradphoto"):
                imports.update({alias.asname or alias.name: (node.module, alias.name) for alias in node.names})
            elif isinstance(node, ast.Name):
                names.add(("", node.id))
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                names.add((node.value.id, node.attr))
            elif isinstance(node, ast.Call) and isinstance(top, ast.FunctionDef | ast.ClassDef):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if called in MAKERS:
                    makers.add(top.name)
        if isinstance(top, ast.FunctionDef | ast.ClassDef):
            named[top.name] = frozenset(names)
    return Module(imports, named, frozenset(makers))


def _resolve(module: str, name: str) -> Place | None:
    for _ in range(5):
        found = _module(module)
        if found is None or name in found.named:
            return (module, name) if found else None
        if name not in found.imports:
            return None
        module, name = found.imports[name]
    return None


def _names(place: Place) -> Iterator[Place]:
    """What a function or class names of the product."""
    module = _module(place[0])
    assert module is not None
    for of, name in module.named[place[1]]:
        if not of:
            found = _resolve(place[0], name)
        elif of in module.imports:
            found = _resolve(".".join(module.imports[of]), name)
        else:
            continue
        if found is not None:
            yield found


@cache
def makes_documents(place: Place) -> bool:
    """Whether the function, or anything it names, calls a maker."""
    seen, waiting = {place}, [place]
    while waiting:
        here = waiting.pop()
        module = _module(here[0])
        if module is not None and here[1] in module.makers:
            return True
        new = set(_names(here)) - seen
        waiting += new
        seen |= new
    return False


def addresses() -> Iterator[tuple[str, Any]]:
    """Every named address of the site with the view that answers it."""
    yield from _below(get_resolver().url_patterns, "")


def _below(patterns: list[Any], namespace: str) -> Iterator[tuple[str, Any]]:
    for one in patterns:
        if not isinstance(one, URLPattern):
            yield from _below(one.url_patterns, one.namespace or namespace)
        elif one.name:
            yield f"{namespace}:{one.name}".removeprefix(":"), one.callback


def _place(view: Any) -> Place:
    while (inner := getattr(view, "__wrapped__", None) or getattr(view, "func", None)) is not None:
        view = inner  # a decorator's, or a partial's
    return view.__module__, view.__qualname__


def documents() -> set[str]:
    """The addresses that make a document; the files of declared lists are ``list_files``."""
    return {name for name, view in addresses() if _resolve(*_place(view)) and makes_documents(_place(view))}


def list_files() -> set[str]:
    """The addresses by which declared lists leave as files."""
    return {name for name, view in addresses() if _place(view)[1].startswith("Listing.export.")}


def roles_for(name: str) -> frozenset[str] | None:
    """The roles for which an address opens; None where it asks for none."""
    return getattr(dict(addresses())[name], "allowed_roles", None)
