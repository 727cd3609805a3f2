"""docs/architecture.md and docs/contributing.md hold: modules tell a story of some length, and pages name what exists."""

from __future__ import annotations

import ast
import functools
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "gradphoto"
SMALL, LARGE = 40, 500
"""Lines. Below ``SMALL`` a module needs its reason, above ``LARGE`` none is good enough: it is split by its story."""

BY_NAME = frozenset({
    "__init__", "__main__", "apps", "celery", "errors", "following", "jobs", "lifecycle", "permissions", "providers",
    "receivers", "signals", "station_settings", "tasks", "totals", "triggers", "urls", "wsgi",
})  # fmt: skip
"""Names that Django, Celery or docs/contributing.md ask for, whatever their length."""
BY_FOLDER = ("/templatetags/", "/management/commands/", "/migrations/", "/bounded/tasks/", "/cli/", "/forms/")
"""One entry a file: a tag library, a command, a process; and ``forms/X.py`` beside ``views/X.py``."""
SHARED_BY = 3
"""So many modules of the product import a small one: joined to one of them it would tie the others to that one's story."""
WITH_REASON = {
    "apps/roster/papers/answers.py": "a correction's page answers with it, too, and the papers' page imports that one",
    "apps/selfphoto/parts.py": "uploads drop their parts and so does a consent taken back, which uploads import",
    "demo/sitters.py": "the pictures of nearly every test that photographs somebody",
    "site/private_data.py": "runs before there are settings",
}


@functools.cache
def texts() -> dict[str, str]:
    """Every Python file of the product by its path below ``src/gradphoto``."""
    return {path.relative_to(SOURCE).as_posix(): path.read_text("utf-8") for path in sorted(SOURCE.rglob("*.py"))}


def test_a_small_module_has_its_reason():
    importers: dict[str, set[str]] = defaultdict(set)
    for path, text in texts().items():
        for module, names in re.findall(r"from gradphoto\.([\w.]+) import (\([^)]*\)|[^\n#]+)", text):
            importers[module].add(path)
            for name in re.findall(r"\w+", names):
                importers[f"{module}.{name}"].add(path)
    alone = []
    for path, text in texts().items():
        module = path.removesuffix(".py").replace("/", ".")
        if text.count("\n") >= SMALL or Path(path).stem in BY_NAME or Path(path).stem.endswith("_urls"):
            continue
        if any(folder in f"/{path}" for folder in BY_FOLDER) or len(importers[module]) >= SHARED_BY:
            continue
        alone.append(path)
    assert sorted(alone) == sorted(WITH_REASON), "it joins the story of who imports it (docs/contributing.md)"


def test_no_file_is_longer_than_a_story():
    """Migrations are made, and stay as they were released."""
    folders = (SOURCE, ROOT / "tests", ROOT / "benchmarks")
    long = [
        str(path.relative_to(ROOT))
        for folder in folders
        for path in folder.rglob("*.py")
        if path.parent.name != "migrations" and path.read_text("utf-8").count("\n") > LARGE
    ]
    assert long == []


IMPORT = re.compile(r"^ *from gradphoto\.?([\w.]*) import (\([^)]*\)|[^\n#]+)", re.M)
FOR_TYPES = re.compile(r"^if TYPE_CHECKING:\n(?:(?: .*)?\n)+", re.M)


def _imports() -> dict[str, set[str]]:
    """Module -> the modules it imports, at its head or inside a function; what only a type checker reads ties nothing."""
    known = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): text for path, text in texts().items()
    }
    found: dict[str, set[str]] = {}
    for module, text in known.items():
        read = found[module] = set()
        for origin, names in IMPORT.findall(FOR_TYPES.sub("", text)):
            for name in re.findall(r"\w+", re.sub(r" as \w+", "", names)):
                read.add(inside if (inside := f"{origin}.{name}".lstrip(".")) in known else origin)
        read.discard(module)
    return {module: {one for one in read if one in known} for module, read in found.items()}


def test_no_modules_import_each_other_in_a_circle():
    """Not inside functions either: what two modules need of each other belongs into one of them, or into a third."""
    left = _imports()
    assert len(left) > 700
    assert sum(map(len, left.values())) > 4000
    while left:
        within = {module: read & left.keys() for module, read in left.items()}
        ends = {module for module, read in within.items() if not read} | (left.keys() - set().union(*within.values()))
        if not ends:
            break
        left = {module: read for module, read in within.items() if module not in ends}
    assert left == {}


PAGES = sorted(page.name for page in (ROOT / "docs").glob("*.md") if page.name != "requirements.md")
"""The requirements' page is made from its sources, and checked as it is made."""
FILE = re.compile(r"([\w/.-]+/[\w.-]+\.(?:py|toml|html|js|typ|csv))(?:: ?(\w+(?:, \w+)*))?")
DOTTED = re.compile(r"([a-z_]+(?:\.\w+)+)(?:\(.*\))?")


def _file(name: str, beside: Path | None) -> Path | None:
    """A file as pages name it: from the root, from the product, its floors, its tests or templates, or beside the last one."""
    folders = [ROOT, SOURCE, SOURCE / "apps", SOURCE / "engine", ROOT / "tests"]
    folders += [] if beside is None else [beside.parent, *beside.parents[1:3]]
    if name.endswith(".html"):
        folders += SOURCE.glob("apps/*/templates")
    return next((folder / name for folder in folders if (folder / name).exists()), None)


@functools.cache
def _defined(path: Path) -> frozenset[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.rpartition(".")[2])
    return frozenset(names)


def _module(parts: list[str]) -> tuple[Path | None, list[str]]:
    """The module that a dotted name begins with, and what of it is left; a room alone is none."""
    for floor in (SOURCE / "apps", SOURCE / "engine", SOURCE):
        folder = floor
        for at, part in enumerate(parts):
            if (folder / f"{part}.py").is_file():
                return folder / f"{part}.py", parts[at + 1 :]
            if not (folder / part).is_dir():
                break
            folder /= part
    return None, parts


@functools.cache
def _words() -> frozenset[str]:
    """What stands between quotes: actions, permissions, keys of rules, codes of refusals; and ``room.Model``."""
    words: set[str] = set()
    for path, text in texts().items():
        words.update(re.findall(r"[\"`]([a-z_]+\.[a-z_0-9]+)", text))
        if "/models" in path:
            words.update(f"{path.split('/')[1]}.{name}" for name in re.findall(r"^class (\w+)", text, re.M))
    return frozenset(words)


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_names_exists(name: str):
    """Files, ``file.py: function``, ``module.function``, and the dotted names of actions, permissions, rules and codes."""
    rooms = {folder.name for floor in ("apps", "engine") for folder in (SOURCE / floor).iterdir()}
    last, lost = None, []
    for code in re.findall(r"`([^`\n]+)`", (ROOT / "docs" / name).read_text("utf-8")):
        if match := FILE.fullmatch(code):
            found = _file(match[1], last)
            wanted = set(match[2].split(", ")) if match[2] else set()
            if found is None or (found.suffix == ".py" and not wanted <= _defined(found)):
                lost.append(code)
            last = found or last
        elif (match := DOTTED.fullmatch(code)) and match[1].split(".")[0] in rooms:
            path, rest = _module(match[1].split("."))
            if match[1] in _words() or code.endswith((".js", ".json")):
                continue
            if path is None or (rest and rest[0] not in _defined(path)):
                lost.append(code)
    assert lost == []


def test_no_module_looks_at_the_clock_while_it_is_imported():
    """A run begins on one day and may end on the next: what is read when files are gathered is yesterday's by then."""
    at_import = re.compile(
        r"^(?! |.*= lambda).*\b(?:now|utcnow|today|localdate|localtime|TODAY|time\.time)\((?!\w*:)", re.MULTILINE
    )
    processes = {"tests/devices/tether_child.py"}  # a script: it runs when it is started
    found = {
        str(path.relative_to(ROOT)): looks
        for folder in (SOURCE, ROOT / "tests", ROOT / "benchmarks")
        for path in folder.rglob("*.py")
        if (
            looks := [
                line
                for line in at_import.findall(path.read_text("utf-8"))
                if not line.startswith(("def ", "class ", '"', "#"))
            ]
        )
    }
    assert set(found) == processes, found
