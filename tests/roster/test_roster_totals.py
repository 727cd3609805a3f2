"""The kept totals are what counting finds, whichever way rows are written (issue 18, section 2)."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from django.utils import timezone

from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core import blobs
from gradphoto.apps.core.lifecycle import writes_allowed
from gradphoto.apps.delivery.models import Package, PackageItem, Portrait
from gradphoto.apps.desk.stages import STAGES
from gradphoto.apps.registration.models import LedgerEntry, Review
from gradphoto.apps.roster.models import FACTS, Candidate, HourTotal, Standing, Total
from gradphoto.apps.roster.models.totals import HOUR, counted, listed
from gradphoto.apps.roster.totals.facts import CONDITIONS, SOURCES
from gradphoto.apps.roster.totals.keeping import GUARD
from gradphoto.apps.roster.totals.recount import differences, fold
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.apps.verification.notices.models import Notice
from gradphoto.cli import main
from world import add_candidate, build_world

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def stages_by_asking() -> Counter:
    """What the dashboard counted before there were totals: a condition a person."""
    people = Candidate.objects.exclude(status="removed")
    return Counter({stage.key: people.filter(stage.condition).count() for stage in STAGES})


def stages_kept() -> Counter:
    rows = listed(Total.objects.all())
    found = {fact: counted(rows, fact) for fact in ("shot", "delivered", "verified", "registered", "without_photo")}
    return Counter({
        "roster": counted(rows, "people"), "accepted": counted(rows.filter(status="accepted"), "people"), **found,
    })  # fmt: skip


def proven() -> None:
    assert differences() == []
    assert stages_kept() == stages_by_asking()


class Walk:
    """Random changes by every kind of write that the product uses."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.world = build_world()
        self.session = CaptureSession.objects.create(
            campaign=self.world.campaign, date=timezone.localdate(), place="104"
        )
        self.number = 0
        for _ in range(3):
            self.person()

    def photograph(self):
        return blobs.put_photograph(b"\xff\xd8\xff" + bytes([self.number % 256, self.number // 256]))

    def one(self, model):
        return self.dice.choice(list(model.objects.all()) or [None])

    def person(self) -> None:
        self.number += 1
        add_candidate(self.world, 100 + self.number)

    def moves(self) -> None:
        Candidate.objects.filter(pk=self.one(Candidate).pk).update(
            season=self.dice.choice(["spring", "autumn"]),
            status=self.dice.choice(["issued", "accepted", "removed", "deferred"]),
        )

    def second_programme(self) -> None:
        other, first = self.one(Candidate), self.one(Candidate)
        if other.pk != first.pk and first.same_person_id is None and not other.other_records.exists():
            Candidate.objects.filter(pk=other.pk).update(same_person=first)

    def photographed(self) -> None:
        person = self.one(Candidate)
        if person.check_ins.exclude(status="cancelled").exists():
            return
        self.number += 1
        check_in = CheckIn.objects.create(
            session=self.session, campaign=self.world.campaign, candidate=person, shooting_number=self.number,
            method="manual", status="shot", nonce=uuid.uuid4(),
        )  # fmt: skip
        frame = Frame.objects.create(
            session=self.session, blob=self.photograph(), check_in=check_in, file_name="x.jpg", status="accepted"
        )
        Portrait.objects.create(
            candidate=person, check_in=check_in, frame=frame, profile="mb2017_99", pipeline_version=str(self.number),
            blob=frame.blob, width_px=480, height_px=640, provenance={},
        )  # fmt: skip

    def taken_back(self) -> None:
        if check_in := self.one(CheckIn):
            check_in.status = self.dice.choice(["cancelled", "confirmed"])
            check_in.at += timedelta(hours=self.dice.randrange(3))
            CheckIn.objects.bulk_update([check_in], ["status", "at"])

    def told(self) -> None:
        Notice.objects.create(candidate=self.one(Candidate), channel="phone", state="told", at=timezone.now())
        Notice.objects.filter(pk=self.one(Notice).pk).update(state=self.dice.choice(["told", "failed"]))

    def packed(self) -> None:
        package = Package.objects.create(
            campaign=self.world.campaign, organisation=self.world.school, season="spring", number=self.number + 1000,
            status=self.dice.choice(["ready", "delivered"]),
        )  # fmt: skip
        self.number += 1
        free = list(Portrait.objects.filter(package_items=None)[:2])
        PackageItem.objects.bulk_create(
            PackageItem(package=package, portrait=one, shooting_number=one.check_in.shooting_number) for one in free
        )

    def delivered(self) -> None:
        Package.objects.all().update(status=self.dice.choice(["ready", "delivered", "checked"]))

    def verified(self) -> None:
        portrait = self.one(Portrait)
        if portrait and not VerificationCase.objects.filter(candidate=portrait.candidate).exists():
            VerificationCase.objects.create(candidate=portrait.candidate, portrait=portrait)
        if case := self.one(VerificationCase):
            status = self.dice.choice([one.value for one in CaseStatus])
            VerificationCase.objects.filter(pk=case.pk).update(
                status=status, confirmed_at=timezone.now() if status == CaseStatus.CONFIRMED else None
            )

    def reviewed(self) -> None:
        case = self.one(VerificationCase)
        if case and not hasattr(case, "review"):
            Review.objects.bulk_create([Review(case=case)])
        elif case and self.dice.random() < 0.5:
            Review.objects.filter(case=case).update(status=self.dice.choice(["applied", "returned", "head_approved"]))
        elif case:
            Review.objects.filter(case=case).delete()

    def registered(self) -> None:
        person = self.one(Candidate)
        kinds = set(person.ledger_entries.values_list("kind", flat=True))
        portrait = person.portraits.first()
        if kinds and (portrait is None or "photo_added" in kinds):
            return
        self.number += 1
        LedgerEntry.objects.create(
            campaign=self.world.campaign, number=self.number, candidate=person, name=person.name, id_number="1", facts={},
            kind="photo_added" if kinds else "without_photo", portrait=portrait if kinds else None,
        )  # fmt: skip

    def step(self) -> None:
        with writes_allowed():
            self.dice.choice([
                self.person, self.moves, self.second_programme, self.photographed, self.taken_back, self.packed,
                self.delivered, self.verified, self.reviewed, self.registered, self.told,
            ])()  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_totals_are_proven_after_every_kind_of_write(seed):
    walk = Walk(seed)
    proven()
    for _ in range(60):
        walk.step()
    proven()
    assert sum(stages_kept().values()) > 10, "the walk went somewhere"
    fold()
    assert not Total.objects.filter(base=None).exists()
    assert not HourTotal.objects.filter(base=None).exists()
    assert HourTotal.objects.filter(people__gt=0).exists()
    proven()


def test_a_change_that_is_undone_moves_no_number():
    walk = Walk(4)
    before = stages_kept()

    with pytest.raises(UndoneError):
        _add_one_and_think_better_of_it(walk)
    assert stages_kept() == before
    proven()


class UndoneError(Exception):
    pass


def _add_one_and_think_better_of_it(walk: Walk) -> None:
    before = stages_kept()
    with transaction.atomic():
        walk.person()
        walk.photographed()
        assert stages_kept() != before
        raise UndoneError


def test_what_somebody_wrote_past_the_triggers_is_told_by_place_and_mended():
    walk = Walk(5)
    walk.person()
    fold()  # PostgreSQL adds each change as a line of its own
    Total.objects.filter(people__gt=0).update(people=7)
    Standing.objects.all().update(shot=1, shot_hour=500_000)
    found = differences()
    assert {"people", "shot", "shot_hour 500000"} <= {one.column for one in found}
    assert all(one.campaign == walk.world.campaign.pk for one in found)
    told = CliRunner().invoke(main, ["totals"])
    assert (told.exit_code, "kept 7" in told.output) == (1, True)
    assert CliRunner().invoke(main, ["totals", "--mend"]).exit_code == 0
    assert CliRunner().invoke(main, ["totals"]).exit_code == 0
    proven()


def test_every_fact_has_a_condition_and_hangs_on_a_table():
    assert set(CONDITIONS) == set(FACTS)
    assert {fact for source in SOURCES for fact in source.facts} == {*FACTS, HOUR}
    assert GUARD.missing(connection) == set()


def test_a_trigger_that_does_something_else_is_missing_and_put_up_anew():
    """The name alone proves nothing: an upgrade brings new bodies, and somebody may have made one silent."""
    build_world()
    table, name = "roster_standing", "totals_roster_standing_insert"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            silent = "LANGUAGE plpgsql AS $body$ BEGIN RETURN NULL; END $body$"
            cursor.execute(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger {silent}")
        else:
            cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW BEGIN SELECT 1; END")
    assert GUARD.missing(connection) == {name}
    GUARD.stand_guard(connection.alias)
    assert GUARD.missing(connection) == set()
