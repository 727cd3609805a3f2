"""Consents to comparing faces on their way between laptop and centre: whoever took theirs back is compared nowhere (facts 5.1)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.core.models import AuditEntry, Blob
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing.consents_carried import (
    CarriedConsent,
    Heard,
    ended_of,
    hear_consent,
    hear_end,
    key_of,
    payload_of,
)
from gradphoto.apps.pairing.face_consent import note_consents, withdraw_consent
from gradphoto.apps.pairing.models import FaceConsent
from gradphoto.apps.pairing.providers import references_of
from gradphoto.apps.selfphoto.models import Reference
from gradphoto.engine.steady_clock import boot_id, seconds_since_boot
from repair_world import photographed
from review_world import open_session
from selfphoto.selfphoto_world import rule
from world import add_candidate, save

pytestmark = pytest.mark.django_db
PACKETS = Actor.system("packets")
KIT = datetime(2026, 11, 2, 8, tzinfo=UTC)
"""The kit was made then; the laptop's clock may say anything."""


@pytest.fixture
def person(world):
    return add_candidate(world, 1)


def at(hours: float) -> datetime:
    return KIT + timedelta(hours=hours)


def carried(given: float, taken_back: float | None = None) -> CarriedConsent:
    return CarriedConsent("现场册", at(given), None if taken_back is None else at(taken_back), "photographer")


def hear(person, consent: CarriedConsent) -> Heard:
    return hear_consent(PACKETS, person, carried=consent, kit_made_at=KIT)


def here(person, given: float, taken_back: float | None = None) -> FaceConsent:
    ended = None if taken_back is None else at(taken_back)
    return FaceConsent.objects.create(candidate=person, paper="中心册", given_at=at(given), withdrawn_at=ended)


def stands(person) -> list[str]:
    return list(FaceConsent.objects.filter(candidate=person, withdrawn_at=None).values_list("paper", flat=True))


def test_what_was_signed_at_a_laptop_counts_at_the_centre_once(world, person):
    assert [hear(person, carried(1)) for _ in range(2)] == [Heard.ENTERED, Heard.KNOWN]
    [kept] = FaceConsent.objects.all()
    assert (kept.paper, kept.given_at, kept.by) == ("现场册", at(1), world.people[Role.PHOTOGRAPHER])
    assert AuditEntry.objects.filter(action="pairing.hear_consent").count() == 2
    with pytest.raises(PermissionRefusal):
        hear_consent(world.actor(Role.PHOTOGRAPHER), person, carried=carried(2), kit_made_at=KIT)


@pytest.mark.parametrize(
    ("centre", "laptop", "heard", "standing"),
    [
        ((1,), (2,), Heard.STANDS, ["中心册"]),
        ((-2, 3), (1,), Heard.ENDED_HERE, []),
        ((-2, -1), (1,), Heard.ENTERED, ["现场册"]),
        ((-2,), (-2, 1), Heard.WITHDRAWN, []),
        ((-1,), (-2, -1.5), Heard.WITHDRAWN, []),
        ((0.5,), (-1, 1), Heard.WITHDRAWN, []),
        ((2,), (-1, 1), Heard.WITHDRAWN, ["中心册"]),
    ],
    ids=[
        "another sheet here", "taken back here since", "signed again after that", "taken back there",
        "the laptop's clock is slow", "given here before that", "signed here after that",
    ],
)  # fmt: skip
def test_what_was_taken_back_wins_over_what_was_given_before_it(person, centre, laptop, heard, standing):
    here(person, *centre)
    for _ in range(2):
        assert hear(person, carried(*laptop)) in (heard, Heard.KNOWN)
        assert stands(person) == standing


def test_packets_in_any_order_come_to_the_same_and_an_older_laptop_brings_nothing_back(person):
    assert hear(person, carried(1, 3)) is Heard.WITHDRAWN
    assert hear(person, carried(2)) is Heard.ENDED_HERE, "signed at another laptop before that"
    assert hear(person, carried(1)) is Heard.ENDED_HERE, "as an earlier packet said"
    assert stands(person) == []
    assert hear(person, carried(4)) is Heard.ENTERED


def test_a_clock_that_was_set_back_before_it_was_taken_back_undoes_nothing(person):
    """The laptop's clock said 10 when it was signed, and 9 when it was taken back; an older packet comes again."""
    assert hear(person, carried(3)) is Heard.ENTERED
    assert hear(person, carried(3, 2)) is Heard.WITHDRAWN
    assert (hear(person, carried(3)), hear(person, carried(2.5))) == (Heard.ENDED_HERE, Heard.ENDED_HERE)
    assert stands(person) == []
    assert hear(person, carried(4)) is Heard.ENTERED


def test_a_sheet_out_of_the_future_was_signed_at_any_moment_since_the_kit_was_made(person):
    here(person, -2, 1)
    ahead = (timezone.now() - KIT).total_seconds() / 3600 + 1
    assert hear(person, carried(ahead)) is Heard.ENDED_HERE
    assert stands(person) == []
    here(person, ahead)
    assert hear(person, carried(1, 2)) is Heard.WITHDRAWN
    assert stands(person) == [], "it is later than nothing"


def test_at_a_station_it_is_signed_and_taken_back_by_the_clock_that_nobody_sets(world, settings, tmp_path):
    rule(world, keys.COMPARE_FACES, True)
    session = open_session(world)
    person = photographed(world, session, 1)[0][0].candidate
    ahead = timezone.now() + timedelta(hours=2)
    settings.ROOM_CLOCK = tmp_path / "room-clock.json"
    said = {"boot": boot_id(), "since_boot_s": seconds_since_boot(), "wall": ahead.isoformat()}
    settings.ROOM_CLOCK.write_text(json.dumps(said))
    crew = world.actor(Role.PHOTOGRAPHER)
    note_consents(crew, session, paper="现场册")
    withdraw_consent(crew, session, candidate=person)
    kept = FaceConsent.objects.get()
    assert ahead <= kept.given_at <= kept.withdrawn_at


def test_a_moment_without_a_zone_is_none():
    with pytest.raises(ValueError, match="2026"):
        CarriedConsent.of({"paper": "", "by": "", "given_at": "2026-11-02T08:00:00", "withdrawn_at": None})


def test_one_person_of_two_programmes_is_one(world, person):
    second = add_candidate(world, 2)
    second.same_person = person
    save(second, "same_person")
    hear(second, carried(1))
    assert stands(person) == ["现场册"]
    assert hear(person, carried(1, 2)) is Heard.WITHDRAWN
    assert not FaceConsent.objects.filter(withdrawn_at=None).exists()


def test_the_photograph_on_file_goes_with_the_consent_and_out_of_the_store(world, person, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    other = add_candidate(world, 2)
    for who, data in ((person, b"\xff\xd8\xff one"), (other, b"\xff\xd8\xff two")):
        here(who, 0)
        Reference.objects.create(candidate=who, blob=blobs.put(data, "image/jpeg"), origin="录取")
    gone = references_of([person.pk])[person.pk]
    hear(person, carried(0, 1))
    assert set(references_of([person.pk, other.pk])) == {other.pk}
    assert Blob.objects.get(pk=gone.pk).removed_at is not None
    assert Reference.objects.get(candidate=person).origin == "录取", "that there was one stays on record"


def test_the_same_file_in_another_name_is_not_taken_from_them(world, person, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    other = add_candidate(world, 2)
    for who in (person, other):
        here(who, 0)
        Reference.objects.create(candidate=who, blob=blobs.put(b"\xff\xd8\xff both", "image/jpeg"), origin="录取")
    hear(person, carried(0, 1))
    assert blobs.read(references_of([other.pk])[other.pk]) == b"\xff\xd8\xff both"


def test_the_receipt_tells_the_laptop_what_does_not_stand_here(world, person):
    """Both sides in one database: the rows are the centre's as they travelled, then the laptop's."""
    other = add_candidate(world, 2)
    mine, theirs = here(person, 0), here(other, 0)
    sent = [(key_of(one), json.loads(json.dumps(payload_of(one)))) for one in (mine, theirs)]
    assert ended_of(world.campaign, sent) == []
    FaceConsent.objects.filter(pk=mine.pk).update(withdrawn_at=at(1))
    assert ended_of(world.campaign, sent) == [key_of(mine)]
    assert ended_of(world.campaign, [("k", {"candidate": [7]}), ("l", {})]) == ["k", "l"], "what cannot be read"
    FaceConsent.objects.filter(pk=mine.pk).update(withdrawn_at=None)
    assert hear_end(PACKETS, world.campaign, keys=[key_of(mine)], at=at(2)) == 1
    assert (stands(person), stands(other)) == ([], ["中心册"])
    assert hear_end(PACKETS, world.campaign, keys=[key_of(mine)], at=at(3)) == 0, "the same receipt twice is one"
