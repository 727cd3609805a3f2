"""Long lists: every row once whichever way it is paged, numbers counted only as far as anybody reads (issue 18, section 2)."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from gradphoto.apps.core.lifecycle import writes_allowed
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages import paging
from gradphoto.apps.roster import lists
from gradphoto.apps.roster.models import Candidate
from world import add_candidate, build_world

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def world():
    world = build_world()
    dice = random.Random(7)
    for n in range(23):
        add_candidate(world, n)
    with writes_allowed():
        for person in Candidate.objects.all():
            Candidate.objects.filter(pk=person.pk).update(
                class_name=dice.choice(["", "1", "2"]), season=dice.choice(["spring", "autumn"]),
                deferred_to=dice.choice([None, None, 2027, 2028]),
            )  # fmt: skip
    return world


@pytest.fixture
def far(monkeypatch):
    monkeypatch.setattr(paging, "SEEK_FROM", 1)


def walked(rows: QuerySet, ordering: list, *, back: bool = False) -> list[int]:
    """The keys of all pages, each reached from the one before it."""
    found, number = [], 1
    page = paging.long_page(rows.order_by(*ordering), ordering, 4, "99" if back else "1")
    while True:
        keys = [row.pk for row in page.object_list]
        found = [*keys, *found] if back else [*found, *keys]
        if not (page.has_previous() if back else page.has_next()):
            return found
        number = page.number + (-1 if back else 1)
        way = {"before": str(page.first_key)} if back else {"after": str(page.last_key)}
        page = paging.long_page(rows.order_by(*ordering), ordering, 4, str(number), **way)


ORDERINGS = {
    "by keys": [F("campaign").asc(), F("season").desc(), F("class_name").asc(), F("pk").asc()],
    "nulls as the database has them": [F("deferred_to").asc(), F("pk").desc()],
    "nulls last": [F("deferred_to").asc(nulls_last=True), F("class_name").desc(), F("pk").asc()],
    "nulls first, turned": [F("deferred_to").desc(nulls_first=True), F("pk").asc()],
    "by another table": [F("department__path").asc(), F("student_no").desc(), F("pk").desc()],
}


@pytest.mark.parametrize("back", [False, True], ids=["forward", "back"])
@pytest.mark.parametrize("ordering", ORDERINGS.values(), ids=ORDERINGS)
def test_far_pages_hold_every_row_once_and_in_order(world, far, ordering, back):
    rows = Candidate.objects.all()
    assert walked(rows, ordering, back=back) == [row.pk for row in rows.order_by(*ordering)]


def test_a_far_page_reads_from_its_row_on_and_not_the_rows_before_it(world, far):
    ordering = [F("campaign").asc(), F("season").asc(), F("pk").asc()]
    rows = Candidate.objects.order_by(*ordering)
    last = paging.long_page(rows, ordering, 4, "1").last_key
    with CaptureQueriesContext(connection) as asked:
        paging.long_page(rows, ordering, 4, "2", after=str(last), known=23)
    assert not any("OFFSET" in query["sql"] for query in asked)


@pytest.mark.parametrize("key", ["999999", "x", "-1", "9" * 30, "１"])
def test_a_row_that_went_away_leads_to_the_page_of_the_number(world, far, key):
    ordering = [F("pk").asc()]
    rows = Candidate.objects.order_by("pk")
    page = paging.long_page(rows, ordering, 4, "2", after=key)
    assert [row.pk for row in page.object_list] == list(rows.values_list("pk", flat=True)[4:8])


@pytest.mark.parametrize(
    ("wanted", "number"), [("0", 1), ("-3", 1), ("x", 1), ("", 1), ("2", 2), ("77", 6), ("9" * 40, 1)]
)
def test_a_number_that_is_none_gives_the_nearest_page(world, wanted, number):
    assert paging.long_page(Candidate.objects.order_by("pk"), [F("pk").asc()], 4, wanted).number == number


def test_nobody_counts_beyond_what_is_read(world, monkeypatch):
    monkeypatch.setattr(paging, "MOST", 10)
    monkeypatch.setattr(paging.counted, "__defaults__", (10,))
    paginator = paging.LongPaginator(Candidate.objects.order_by("pk"), 4)
    assert (paginator.count, paginator.number, paginator.is_more) == (10, "10+", True)
    page = paging.long_page(Candidate.objects.order_by("pk"), [F("pk").asc()], 4, "3")
    assert page.has_next(), "the rows go on where the number ends"


@pytest.mark.parametrize("ordering", ORDERINGS.values(), ids=ORDERINGS)
def test_a_page_of_a_long_list_joins_what_it_shows_to_its_own_rows_only(world, monkeypatch, ordering):
    """All 400,000 are sorted by their keys; joined before that, the roster of all schools by name took 438 ms."""
    monkeypatch.setattr(paging, "MOST", 10)
    rows = Candidate.objects.select_related("department", "campaign").annotate(twice=F("pk") * 2)
    every = list(rows.order_by(*ordering))
    with CaptureQueriesContext(connection) as asked:
        pages = [paging.long_page(rows.order_by(*ordering), ordering, 4, str(n), known=23) for n in (1, 3, 6)]
    assert [list(page.object_list) for page in pages] == [every[:4], every[8:12], every[20:]]
    assert pages[0].object_list[0].twice == every[0].pk * 2
    for query in asked:
        sorted_rows = query["sql"][query["sql"].index(" IN (SELECT") :]
        assert "INNER JOIN" not in sorted_rows or ordering is ORDERINGS["by another table"]
    assert len(asked) == 3


def shown(world, query: str = "") -> tuple[int, str, list[str]]:
    """Number, its words, and the statements that counted persons."""
    listing = lists.CANDIDATES.asked(world.actor(Role.REGISTRAR), QueryDict(query))
    with CaptureQueriesContext(connection) as asked:
        page = listing.page
        count = page.paginator.count
    counts = [query["sql"] for query in asked if "COUNT(" in query["sql"]]
    return count, page.paginator.number, counts


def test_the_totals_say_how_many_rows_a_list_has_and_nobody_counts_them(world):
    for query in ("", "season=spring", f"campaign={world.campaign.pk}&status=accepted", "status=issued"):
        count, words, counts = shown(world, query)
        listing = lists.CANDIDATES.asked(world.actor(Role.REGISTRAR), QueryDict(query))
        assert (count, words) == (listing.rows.count(), str(listing.rows.count())), query
        assert counts == [], query


def test_what_the_totals_do_not_know_is_counted(world):
    count, _, counts = shown(world, "class_name=1")
    assert count == Candidate.objects.filter(class_name="1").count() > 0
    assert len(counts) == 1


def test_a_file_sorts_keys_and_reads_rows_by_them_a_block_at_a_time(world):
    """400,000 joined rows sorted at once filled memory and disk (issue 12): what is sorted is one column."""
    listing = lists.CANDIDATES.asked(world.actor(Role.REGISTRAR), QueryDict("sort=name"))
    with CaptureQueriesContext(connection) as asked:
        written = list(listing.file_rows(chunk=5))
    column = [one.name for one in listing.file_columns].index("file_student_no")
    assert [line[column] for line in written] == list(listing.rows.values_list("student_no", flat=True))
    read = [one["sql"] for one in asked if '"roster_candidate"."id"' in one["sql"].partition(" FROM ")[0]]
    whole = [sql for sql in read if '"roster_candidate"."id" IN (' not in sql]
    assert len(whole) == 1
    assert whole[0].partition(" FROM ")[0].endswith('"roster_candidate"."id" AS "pk"'), "keys alone are sorted"
    blocks = [sql for sql in read if sql not in whole and "student_no" in sql.partition(" FROM ")[0]]
    assert len(blocks) == 5, "23 people, five at a time"
    assert not any(" ORDER BY " in sql for sql in blocks)
