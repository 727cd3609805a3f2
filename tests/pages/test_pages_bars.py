"""What docs/contributing.md asks of every page, held by counting: one way in, one list, one workbook."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from pages.test_pages_templates import LONE_SENTENCE

SOURCE = Path(__file__, "../../../src/gradphoto").resolve()
READS_A_POST = re.compile(r"\brequest\.(POST|FILES)\b")
CUTS_INPUT = re.compile(
    r"\b(POST|GET|FILES|cleaned_data)\b[^#\n]*\[:\w+\]"
    r"|\.(strip|split)\(\)\)*\[:\w+\]|\b(note|reason|place|title|name|source|text|words|why|code)\[:(\d{2,}|[A-Z_]+)\]"
)

BY_HAND = {"access": 7, "core": 3, "pages": 1, "schedule": 1}
"""Lines of a room that read a POST outside its forms. The numbers only shrink: whoever takes one away lowers its room."""
CUT_BY_HAND: dict[str, int] = {"core": 1, "stations": 1}
"""Places that shorten text and say nothing (``core.errors.within`` refuses, ``shortened`` shows it): the name of a blob,
a part of the key by which a station's notice is told from its like."""


def _lines(pattern: re.Pattern[str], *, outside: tuple[str, ...] = ()):
    """Path and line of every line of the product that fits."""
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        if name in outside:
            continue
        for line in path.read_text(encoding="utf-8").split("\n"):
            if pattern.search(line):
                yield name, line.strip()


def _by_room(found) -> dict[str, int]:
    return dict(Counter(name.split("/")[1] for name, _ in found))


def _grown(found: dict[str, int], allowed: dict[str, int]) -> dict[str, int]:
    """The rooms that hold more than they may."""
    return {room: count for room, count in found.items() if count > allowed.get(room, 0)}


def test_a_post_is_read_by_forms():
    found = list(_lines(READS_A_POST, outside=("apps/pages/forms.py",)))
    assert all(name.startswith("apps/") for name, _ in found), found
    assert _grown(_by_room(found), BY_HAND) == {}, "a new page takes an ActionForm"
    assert sum(_by_room(found).values()) < 40


def test_a_list_is_paged_by_its_listing():
    found = _lines(re.compile(r"\bPaginator\("), outside=("apps/pages/listing.py",))
    assert list(found) == [], "a list is a Listing; rows that are worked out are paged by page_of"


def test_one_place_opens_a_workbook():
    assert {name for name, _ in _lines(re.compile(r"\bWorkbook\("))} == {"engine/workbooks.py"}


def test_a_file_to_keep_is_answered_in_one_way():
    """Bytes by ``pages.downloads``; what flows from the store, or is shown as what it is, by its own view."""
    flows = {
        "apps/delivery/views.py",
        "apps/errata/views.py",
        "apps/pages/exporting.py",
        "apps/roster/views/corrections.py",
    }
    found = {name for name, _ in _lines(re.compile(r"Content-Disposition"))}
    assert found - flows == {"apps/pages/downloads.py"}


def test_what_is_typed_is_not_cut():
    found = _by_room(one for one in _lines(CUTS_INPUT) if one[0].startswith("apps/"))
    assert _grown(found, CUT_BY_HAND) == {}, "too long is an error: a form's max_length, or core.errors.within"


def test_a_template_line_is_no_longer_than_a_screen():
    found: Counter[str] = Counter()
    for path in sorted(SOURCE.rglob("*.html")):
        long = [one for one in path.read_text(encoding="utf-8").split("\n") if len(one) > 160]
        found[path.relative_to(SOURCE).parts[1]] += sum(not LONE_SENTENCE.fullmatch(one) for one in long)
    assert +found == Counter(), "break the line between attributes; a badge's look is {% state_css %}"
