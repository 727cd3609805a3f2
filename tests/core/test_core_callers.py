"""Every function of the product is named by somebody: what only a test calls is missing its call, or is dead."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__, "../../..").resolve()
SOURCE = ROOT / "src/gradphoto"
WORD = re.compile(r"[A-Za-z_]\w*")
TELLS = re.compile(r'"""(?s:.*?)"""|(?:^|\s)#.*$|^\s*(?:from [\w.]+ )?import (?:\([^)]*\)|.*)$|\bdef \w+', re.MULTILINE)
"""What names a function and does not call it: docstrings, comments, imports, its own head."""
DEFINED = re.compile(r"(?<![^\n])(?P<before>[^\n]*)\n(?:async )?def (?P<name>\w+)\(")
"""A function of a module itself, with the line before: a decorator hands it to somebody (an action, a page, a handler)."""

NOBODY_NAMES: dict[str, str] = {}
"""Functions that nobody in the product names, and why they stay."""


def _unnamed() -> dict[str, str]:
    """Function and file of each whose name stands nowhere in the product but where it is defined, imported or told of."""
    named: Counter[str] = Counter()
    defined: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "migrations" not in path.parts:
            heads = (one for one in DEFINED.finditer(text) if not one["before"].startswith(("@", ")")))
            defined |= {one["name"]: path.relative_to(SOURCE).as_posix() for one in heads}
        named.update(WORD.findall(TELLS.sub(" ", text)))
    others = [*SOURCE.rglob("*.html"), *SOURCE.rglob("*.toml"), ROOT / "pyproject.toml"]
    others += [path for folder in ("scripts", "benchmarks") for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in others:
        if path.suffix in ("", ".py", ".html", ".toml"):
            named.update(WORD.findall(path.read_text(encoding="utf-8", errors="replace")))
    return {name: where for name, where in defined.items() if not named[name]}


def test_every_function_is_named_by_somebody():
    unnamed = _unnamed()
    found = {name: where for name, where in unnamed.items() if name not in NOBODY_NAMES}
    assert found == {}, "give the call that is missing, or delete it with its test"
    assert set(NOBODY_NAMES) <= set(unnamed), "somebody calls it now: take it out of the list"
