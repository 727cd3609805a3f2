"""What docs/contributing.md asks of every page, held by counting: one way in, one list, one workbook."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from django.utils import translation

from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.listing import LISTINGS

SOURCE = Path(__file__, "../../../src/gradphoto").resolve()
READS_A_POST = re.compile(r"\brequest\.(POST|FILES)\b")
CUTS_INPUT = re.compile(
    r"\b(POST|GET|FILES|cleaned_data)\b[^#\n]*\[:\w+\]"
    r"|\.(strip|split)\(\)\)*\[:\w+\]|\b(note|reason|place|title|name|source|text|words|why|code)\[:(\d{2,}|[A-Z_]+)\]"
)

BY_HAND = {"access": 3, "core": 3, "pages": 1, "schedule": 1}
"""Lines of a room that read a POST outside its forms. The numbers only shrink: whoever takes one away lowers its room.
``access`` keeps whatever any page's form sent when a session ends; docs/contributing.md says what the others read."""
CUT_BY_HAND: dict[str, int] = {"core": 1, "stations": 1}
"""Places that shorten text and say nothing (``core.errors.within`` refuses, ``shortened`` shows it): the name of a blob,
a part of the key by which a station's notice is told from its like."""
SHOWS = re.compile(r"\brender\(|\bshow\(|\bPageForms\(|@fills\(|\bcontext\b")
CUTS_ROWS = re.compile(r"\[:\s*(?:(?:\w+\.)*[A-Z_]{2,}\w*|[3-9]|\d\d+)\]")
CUTS_DRAWN_ROWS = re.compile(r"""\|slice:["']:\d+["']""")
CUT_AND_TOLD = {
    'shown = "、".join(numbers[:_SHOWN_BAD_ROWS]) + ("……" if len(numbers) > _SHOWN_BAD_ROWS else "")': "the number and dots",
    "for bad in found[:_SHOWN_BAD_ROWS]:": "how many more rows were not taken is told",
    '"alarms_shown": room.alarms[:_MOST_ALARMS],': "alarms_left",
    '"due": listed[:_DUE_AT_ONCE],': "due_later, folded",
    '"faults": rows[:FAULTS],': "more_faults",
    '"people": [(f"{number:05d}", name) for *_, number, name in rows[:PAGE]],': "the number, and that these are the first 60",
    '"queue": queue[:_QUEUE],': "who comes next",
    "shown = most_urgent_first(asking)[:_BEFORE_CHECKER]": "left",
    "return {pk: _drawn(hints[:_IN_A_DIALOG], request, left=len(hints[_IN_A_DIALOG:])) for pk, hints in shown.items()}": "left",
    'last = list(own.collections.prefetch_related("receipts__cancellation")[:8]) if own else []': "taken just now; all on “My day”",
    "lambda session, chair: CameraClock.objects.filter(session=session, chair=chair)[:4]": "the last measures of a clock",
    'return list(full.order_by("portrait__candidate__student_no")[:CARDS_AT_ONCE])': "what is printed at once; the rest waits on the page",
    'for campaign in running.select_related("rule_set", "school")[:_MOST_CAMPAIGNS_READ]:': "read, not shown",
    "for person in people.filter(running, student_no=plain(student_no), status__in=APPROVED)[:20]:": "read, not shown",
    'return findings[0]["sentence"]["zh"][:200] if findings else say(Wording("现场重拍", "Retake on site"))': "a text",
    "int(asked) if asked.isdecimal() and 0 < int(asked[:9]) <= len(sheets) else first_to_see(sheets, seen.read())": "a text",
    'parts.append(say(Wording(f"未到：{title.zh}", f"Not yet: {title.en}") if wanted.stage[:4] == "not_" else title))': "a text",
    'attempt = record_attempt(EntryPoint.STAFF, subject=f"invitation|{key[:5]}", client=staff_client(request))': "a text",
    '{% for g in board.waiting|slice:":40" %}': "the number, and that these are the first 40",
    '{% for c in away|slice:":40" %}': "the number and dots",
    'v{{ one.pipeline_version|default:"—" }}/{{ one.rules_version|slice:":6"|default:"—" }}': "a text",
    '{% if room.chair and banner.event|slice:":6" == "frame-" or banner.event|slice:":8" == "judging-" %}': "a text",
}
"""Lines of pages that show the first of many, and how the reader learns of the others. A new one takes ``first_rows``."""


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
    found = list(_lines(READS_A_POST, outside=("apps/pages/forms.py", "apps/core/sent_forms.py")))
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


def test_no_page_shows_the_first_of_many_rows_and_says_nothing():
    """A hundred shooting lists and no more, without a word: ``first_rows`` with ``pages/more.html``, or a ``Listing``."""
    pages = [path for path in (SOURCE / "apps").rglob("*.py") if SHOWS.search(path.read_text(encoding="utf-8"))]
    cut = {
        line.strip()
        for paths, pattern in ((pages, CUTS_ROWS), (SOURCE.rglob("*.html"), CUTS_DRAWN_ROWS))
        for path in paths
        for line in path.read_text(encoding="utf-8").split("\n")
        if pattern.search(line)
    }
    assert cut - CUT_AND_TOLD.keys() == set()
    assert CUT_AND_TOLD.keys() - cut == set(), "gone: take it off"


def test_a_page_that_shows_the_first_rows_says_so():
    """Whoever calls ``first_rows`` hands what it gives to a template that tells of the others."""
    told, given = (
        {
            (path.relative_to(SOURCE).parts[1], name.rpartition(".")[2])
            for path in (SOURCE / "apps").rglob(kind)
            for name in re.findall(pattern, path.read_text(encoding="utf-8"))
        }
        for kind, pattern in (("*.html", r"few=([\w.]+)"), ("*.py", r"\"(\w+)\": first_rows\("))
    )
    assert given - told == set()
    assert len(given) > 12


def test_first_rows_reads_one_more_and_counts_nothing():
    assert first_rows(range(5), 5) == [0, 1, 2, 3, 4]
    assert not first_rows(range(5), 5).is_more
    drawn = first_rows(range(6), 5).drawn(str)
    assert (drawn, drawn.is_more, drawn.most) == (["0", "1", "2", "3", "4"], True, 5)


def test_what_is_listed_is_divided_as_the_readers_language_does():
    """``|listed``: a Chinese comma stood on English pages where a template joined by hand."""
    joined = re.compile(r"\|join:[\"'][^\"']*[、，]")
    assert [path.name for path in (SOURCE / "apps").rglob("*.html") if joined.search(path.read_text("utf-8"))] == []


def test_one_word_for_the_season():
    """毕业季; another word stands only where a roster's own headings are known."""
    found = {
        path.relative_to(SOURCE).as_posix()
        for kind in ("*.py", "*.html", "*.md", "*.toml")
        for path in SOURCE.rglob(kind)
        if "季别" in path.read_text("utf-8") and "migrations" not in path.parts
    }
    assert found == {"engine/roster/layout.py"}


def test_every_filter_has_a_name_in_both_languages():
    """Hidden ones, too: a wrong value of theirs is told by that name (``pages/filter.html``)."""
    unnamed = []
    for listing in LISTINGS.values():
        for name, one in listing.filters.base_filters.items():
            label = one.extra.get("label") or one.label
            with translation.override("zh-hans"):
                chinese = re.search(r"[\u4e00-\u9fff]", str(label))
            with translation.override("en"):
                english = re.fullmatch(r"[ -~’]+", str(label))
            if label is None or not chinese or not english:
                unnamed.append(f"{listing.name}.{name}")
    assert len(LISTINGS) > 40
    assert not unnamed
