"""A roster that is taken over moves the same numbers as its people one by one (issue 14, point 7; issue 18, section 2)."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from gradphoto.apps.api.changes import GUARD as CHANGES
from gradphoto.apps.api.models import CandidateChange
from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.core import bulk_triggers
from gradphoto.apps.core.bulk_rows import insert_encrypted_rows
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.guards import standing_triggers
from gradphoto.apps.roster.models import FACTS, Candidate, Standing, Total
from gradphoto.apps.roster.totals.keeping import GUARD
from gradphoto.apps.roster.totals.recount import differences, fold
from gradphoto.apps.schedule.models import CaptureSession
from world import World, add_candidate, build_world

pytestmark = [pytest.mark.django_db, pytest.mark.both]
FIELDS = (
    "campaign", "department", "season", "status", "student_no", "name", "sex", "birth_date", "id_number",
    "id_number_index", "major", "level", "same_person", "class_name", "political_status", "ethnic_group", "native_place",
    "direction", "length_of_study", "degree_category", "school_kind", "graduation_kind", "remarks", "candidate_no",
    "major_code", "study_form", "branch_school", "expected_graduation", "id_type", "status_reason", "origin",
    "added_reason",
)  # fmt: skip


class UndoneError(Exception):
    pass


def rows(world: World, count: int, first: int = 500, same_person: int | None = None) -> Iterator[tuple]:
    for n in range(first, first + count):
        number = f"99010120040305{n:03d}X"
        season, status = ("spring", "autumn")[n % 2], ("issued", "accepted", "removed")[n % 3]
        own = (
            world.campaign.pk, world.department.pk, season, status, f"S{n}", "测试甲", "male", "2004-03-05", number,
            str(blind_index(number)), f"专业{n}", "本科", same_person,
        )  # fmt: skip
        yield (*own, *[""] * (len(FIELDS) - len(own) - 2), "imported", "")


@pytest.fixture(autouse=True)
def _few_are_worth_it(monkeypatch):
    monkeypatch.setattr(bulk_triggers, "WORTH_IT", 2)


@contextmanager
def one_by_one(monkeypatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(bulk_triggers, "WORTH_IT", 10**9)
        yield


def numbers() -> tuple[list[tuple], list[tuple], int]:
    """The totals, where each person stands (by student number), and how many have a line of changes."""
    fold()
    places = ("campaign_id", "department_id", "season", "status")
    return (
        sorted(Total.objects.exclude(people=0).values_list(*places, "people", *FACTS)),
        sorted(Standing.objects.values_list("candidate__student_no", *places, *FACTS)),
        CandidateChange.objects.count(),
    )


def take_over(world: World) -> None:
    """People, and second programmes of somebody who is photographed already."""
    first = add_candidate(world, 1)
    session = CaptureSession.objects.create(campaign=world.campaign, date=timezone.localdate(), place="104")
    CheckIn.objects.create(
        session=session,
        campaign=world.campaign,
        candidate=first,
        shooting_number=1,
        method="manual",
        status="shot",
        nonce=uuid.uuid4(),
    )
    insert_encrypted_rows(Candidate, FIELDS, rows(world, 250), encrypted="id_number")
    insert_encrypted_rows(Candidate, FIELDS, rows(world, 5, 900, first.pk), encrypted="id_number")


def test_many_at_once_move_the_numbers_as_one_by_one_do(monkeypatch):
    world = build_world()
    with transaction.atomic(), one_by_one(monkeypatch):
        take_over(world)
        by_row = numbers()
        transaction.set_rollback(True)
    take_over(world)
    assert numbers() == by_row
    assert sum(place[4] for place in by_row[0]) == len(by_row[1]) == by_row[2] == 256
    assert sum(place[5] for place in by_row[0]) > 1, "second programmes are photographed with the first"
    assert differences() == []
    add_candidate(world, 2)  # by the row triggers, which are there again
    assert len(numbers()[1]) == numbers()[2] == 257
    assert differences() == []


def test_what_ends_it_early_leaves_every_trigger_and_no_number():
    """A refused row, an error of ours, or a lost machine: the transaction takes all of it back."""
    world = build_world()
    add_candidate(world, 1)
    before, standing = numbers(), standing_triggers(connection)

    def breaking() -> Iterator[tuple]:
        yield from rows(world, 150)
        raise UndoneError

    with pytest.raises(UndoneError):
        insert_encrypted_rows(Candidate, FIELDS, breaking(), encrypted="id_number")
    with pytest.raises(IntegrityError):
        insert_encrypted_rows(Candidate, FIELDS, [*rows(world, 120), *rows(world, 1)], encrypted="id_number")
    assert numbers() == before
    assert standing_triggers(connection) == standing
    assert GUARD.missing(connection) == CHANGES.missing(connection) == set()
    assert differences() == []


def test_a_trigger_of_which_nobody_says_how_stays_for_every_row():
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL's triggers never step aside")
    world = build_world()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE heard (id INTEGER)")
        cursor.execute(
            "CREATE TRIGGER a_later_room AFTER INSERT ON roster_candidate BEGIN INSERT INTO heard VALUES (NEW.id); END"
        )
        insert_encrypted_rows(Candidate, FIELDS, rows(world, 12), encrypted="id_number")
        cursor.execute("SELECT COUNT(*) FROM heard")
        assert cursor.fetchone()[0] == 12
    assert differences() == []


def test_others_see_the_triggers_all_the_while(tmp_path):
    """Another connection of the file, and one after the writer was lost in the middle."""
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL's triggers never step aside")

    def opened() -> sqlite3.Connection:
        made = sqlite3.connect(tmp_path / "db", isolation_level=None)
        made.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF")
        return made

    writer, other = opened(), opened()
    connection.ensure_connection()
    writer.executescript(f"BEGIN; {_schema()} COMMIT")
    look = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    standing = set(other.execute(look))
    assert {name for name, _ in standing} >= GUARD.names()
    writer.execute("BEGIN IMMEDIATE")
    aside = stepping_aside(writer)
    aside.__enter__()
    assert len(set(writer.execute(look))) == len(standing) - 5
    assert set(other.execute(look)) == standing
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("PRAGMA busy_timeout=0").execute("BEGIN IMMEDIATE")
    writer.close()  # as when the machine goes away: nothing was committed
    assert set(opened().execute(look)) == standing


def stepping_aside(writer: sqlite3.Connection):
    return bulk_triggers.followed_together(_Stand(writer), "roster_candidate", "id", range(1, 1001))


def _schema() -> str:
    """The tables and triggers of this database, without rows; a copy of it would be kept by the test's own transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%%'")
        return ";\n".join(words for (words,) in cursor.fetchall()) + ";"


class _Stand:
    """As much of Django's connection as stepping aside asks for."""

    vendor, in_atomic_block = "sqlite", True

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw, self.ops = raw, connection.ops

    @contextmanager
    def cursor(self) -> Iterator[sqlite3.Cursor]:
        yield self.raw.cursor()
