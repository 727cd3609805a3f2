"""docs/security.md stays true: every item of the standard once, every test it names is there, every action docs name exists."""

import re
from pathlib import Path

from django.urls import get_resolver

from gradphoto.apps.core.actions import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
LEVEL_2 = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16}
"""Items of levels 1 and 2 in each chapter of ASVS 5.0.0; chapters 10 and 17 stand there as a whole."""


def test_every_item_of_the_standard_stands_there_once():
    found = []
    for line in PAGE.splitlines():
        if re.match(r"\| \d", line):
            for section, first, last in re.findall(r"(\d+\.\d+)\.(\d+)(?:-\d+\.\d+\.(\d+))?", line.split("|")[1]):
                found += [f"{section}.{n}" for n in range(int(first), int(last or first) + 1)]
    counts = {chapter: sum(item.startswith(f"{chapter}.") for item in found) for chapter in LEVEL_2}
    assert counts == LEVEL_2
    assert len(found) == len(set(found))


def test_every_test_that_is_named_is_there():
    rows = [line.split("|")[4] for line in PAGE.splitlines() if re.match(r"\| \d", line)]
    named = {name for row in rows for name in re.findall(r"\b([a-z_]+/(?:test_[a-z_0-9]+)?)", row)}
    assert len(named) > 20
    missing = [n for n in named if not (ROOT / "tests" / (n if n.endswith("/") else f"{n}.py")).exists()]
    assert missing == []


def test_every_action_that_the_page_on_privacy_names_exists():
    assert get_resolver().url_patterns, "every room is imported"
    page = (ROOT / "docs" / "privacy.md").read_text("utf-8")
    named = set(re.findall(r"`((?:roster|registration|errata)\.[a-z_]+)`", page))
    assert named
    assert named <= set(REGISTRY)
