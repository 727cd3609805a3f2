"""The key of blind indexes is replaced while everything goes on; stopped anywhere, every look-up still finds (issue 11, 5)."""

import pytest
from django.db import IntegrityError, transaction

from gradphoto.apps.access.models import AccessAttempt
from gradphoto.apps.core import blobs, index_rotation, key_rotation
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.blind_indexes import index_columns, present_indexes
from gradphoto.apps.core.encryption import BlindIndex, blind_index, keyring
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.key_register import require_known_keys
from gradphoto.apps.core.models import KnownKey
from gradphoto.apps.delivery.models import ImageCard
from gradphoto.apps.roster import persons, queries
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.keyring import LOOKS_AGAIN_S, KeyFile, Keyring, Purpose
from gradphoto.site.settings_trail import note_settings
from world import add_candidate, build_world

pytestmark = pytest.mark.django_db

CODE = "QWERTYUIOP"


@pytest.fixture
def ring(settings, tmp_path) -> Keyring:
    settings.KEYRING = Keyring(KeyFile(tmp_path / "keys.json", create=True))
    require_known_keys()
    return settings.KEYRING


@pytest.fixture
def world(ring):
    made = build_world()
    made.people = [add_candidate(made, n) for n in range(1, 7)]
    ImageCard.objects.create(candidate=made.people[0], code=None, code_index=blind_index(CODE))
    return made


class _StopError(Exception):
    pass


def _stopping_at(moment: str, monkeypatch):
    """``index_anew`` that is killed there; every database write of the open transaction is lost, as in a crash."""
    seen = iter(["behind", "put_first"])

    def wait(_seconds: float) -> None:
        if next(seen) == moment:
            raise _StopError

    def progress(_place: str, _rows: int) -> None:
        if moment == "counting":
            raise _StopError

    if moment == "counted":
        monkeypatch.setattr(Keyring, "put_first", lambda *_: (_ for _ in ()).throw(_StopError))
    return progress, wait


def _everything_is_found(world, number: int) -> None:
    first, *_ = world.people
    campaign = world.campaign
    for person in world.people:
        plain = person.id_number.decrypt()
        assert list(queries.by_id_number(campaign.candidates.all(), plain)) == [person]
        assert persons.at_the_camera(campaign.candidates.all(), blind_index(plain)) == person
        assert not campaign.candidates.exclude(id_number_index=blind_index(plain)).filter(pk=person.pk).exists()
    assert ImageCard.objects.get(code_index=blind_index(CODE)).candidate == first
    assert ImageCard.objects.get(code_index__in=[blind_index(CODE)]).candidate == first
    # A new row meanwhile is found, and nobody gets onto the list twice.
    added = add_candidate(world, number)
    assert Candidate.objects.get(id_number_index=blind_index(added.id_number.decrypt())) == added
    with pytest.raises(Refusal, match=r"(?s)."):
        persons.belongs_to(
            campaign.pk, index=blind_index(first.id_number.decrypt()), name=first.name, major=first.major,
            level=first.level, student_no="another",
        )  # fmt: skip
    current = dict(present_indexes(campaign.candidates.all(), "id_number_index"))
    assert current == {one.pk: str(blind_index(one.id_number.decrypt())) for one in campaign.candidates.all()}
    assert persons.is_somebody_else(added) is False
    world.people.append(added)


@pytest.mark.parametrize("moment", ["behind", "counting", "counted", "put_first"])
def test_a_rotation_stopped_anywhere_finds_everybody_and_is_finished_by_running_it_again(
    ring, world, moment, monkeypatch
):
    old = ring.current(Purpose.BLIND_INDEX)
    blob = blobs.put(b"a roster", "text/csv")
    note_settings()
    with monkeypatch.context() as patch:
        new = key_rotation.begin(Purpose.BLIND_INDEX)
        assert ring.current(Purpose.BLIND_INDEX) == old, "at first the new key only finds"
        with pytest.raises(_StopError):
            index_rotation.index_anew(new, *_stopping_at(moment, patch))
    _everything_is_found(world, 20)
    assert index_rotation.retire_borne_by_none() == [], "a key by which something is found is not given up"

    if moment != "put_first":  # by then everything was counted and the new key was first
        assert key_rotation.begin(Purpose.BLIND_INDEX) == new, "it goes on with the same key"
    index_rotation.index_anew(new, wait=lambda _: None)
    assert ring.current(Purpose.BLIND_INDEX) == new
    marks = {index[:8] for index in Candidate.objects.values_list("id_number_index", flat=True)}
    assert marks == {new.key_id.hex()}, "no ID number is found by the earlier key any more"
    assert index_rotation.still_under(old)["delivery_imagecard.code_index"] == 1, (
        "a printed code cannot be counted anew"
    )
    _everything_is_found(world, 21)
    assert blobs.put(b"a roster", "text/csv") == blob, "equal contents are known again"
    assert note_settings() == (), "a new key is no changed setting"

    ImageCard.objects.all().delete()
    blobs.forget([blob.name])
    assert [key.fingerprint for key in index_rotation.retire_borne_by_none()] == [old.fingerprint]
    assert KnownKey.objects.get(fingerprint=old.fingerprint).retired_at is not None
    require_known_keys()


def test_the_next_rotation_makes_another_key(ring, world):
    keys = []
    for _ in range(2):
        key = key_rotation.begin(Purpose.BLIND_INDEX)
        index_rotation.index_anew(key, wait=lambda _: None)
        keys.append(key)
    assert keys[0] != keys[1] == ring.current(Purpose.BLIND_INDEX)
    _everything_is_found(world, 30)


def test_a_server_learns_of_a_key_that_was_laid_behind_by_another_process(ring, tmp_path, monkeypatch):
    beside = Keyring(KeyFile(tmp_path / "keys.json", create=False))
    added = ring.add(Purpose.BLIND_INDEX, behind=True)
    assert added not in beside.every(Purpose.BLIND_INDEX), "it does not ask the disk at every look-up"
    beside._looked -= LOOKS_AGAIN_S + 0.1
    assert beside.every(Purpose.BLIND_INDEX)[1] == added
    assert beside.current(Purpose.BLIND_INDEX) != added
    ring.put_first(added)
    beside._looked -= LOOKS_AGAIN_S + 0.1
    assert beside.current(Purpose.BLIND_INDEX) == added


def test_two_rows_of_one_number_are_told_and_nothing_is_changed(ring, world):
    first, second = world.people[:2]
    with transaction.atomic():
        other = Keyring(KeyFile(ring.source.path.with_name("other.json"), create=True))
        stray = other.current(Purpose.BLIND_INDEX).secret
        second.id_number = first.id_number.decrypt()
        second.id_number_index = str(blind_index(second.id_number.decrypt(), stray))
        second.save(update_fields=["id_number", "id_number_index"])
    before = list(Candidate.objects.order_by("pk").values_list("id_number_index", flat=True))
    with pytest.raises(Refusal) as caught, transaction.atomic():
        index_rotation.index_anew(key_rotation.begin(Purpose.BLIND_INDEX), wait=lambda _: None)
    assert caught.value.code == "keys.number_twice"
    assert list(Candidate.objects.order_by("pk").values_list("id_number_index", flat=True)) == before
    with pytest.raises(IntegrityError), transaction.atomic():
        Candidate.objects.filter(pk=second.pk).update(id_number_index=str(blind_index(first.id_number.decrypt())))


def test_failures_counted_under_the_earlier_key_still_slow_down(ring, world):
    from gradphoto.apps.access.client import Client
    from gradphoto.apps.access.models import EntryPoint
    from gradphoto.apps.access.throttling import TooManyAttempts, record_attempt

    stranger = Client("203.0.113.7", "a browser")
    for _ in range(3):
        record_attempt(EntryPoint.PORTAL, subject="10001|1", client=stranger)
    index_rotation.index_anew(key_rotation.begin(Purpose.BLIND_INDEX), wait=lambda _: None)
    with pytest.raises(TooManyAttempts):
        record_attempt(EntryPoint.PORTAL, subject="10001|1", client=stranger)
    assert AccessAttempt.objects.count() == 4


def test_every_column_that_holds_a_blind_index_is_declared_as_one():
    """A plain text column would find nothing under the earlier key."""
    from django.apps import apps

    declared = {f"{model._meta.label}.{field.name}" for model, field in index_columns()}
    named = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name.endswith("_index") and field.get_internal_type() == "CharField"
    }
    assert named <= declared
    assert isinstance(blind_index("x"), BlindIndex)
    assert len(blind_index("x")) == 64
    assert keyring().current(Purpose.BLIND_INDEX).key_id.hex() == blind_index("x")[:8]


def test_no_correction_makes_a_double_while_rows_stand_under_two_keys(ring, world):
    """The database's own constraint compares columns: an old row and a new one of one number differ there."""
    from gradphoto.apps.errata.records import _write as mended
    from gradphoto.apps.registration.entering import _refuse_double
    from gradphoto.apps.roster.actions import write_values

    first, second = world.people[:2]
    ring.put_first(ring.add(Purpose.BLIND_INDEX, behind=True))
    number = first.id_number.decrypt()
    new = {"id_number": number, "id_number_index": blind_index(number)}
    assert new["id_number_index"] != first.id_number_index, "else the constraint alone would tell"
    with pytest.raises(Refusal, match="already_listed"), transaction.atomic():
        write_values(Actor.system("test"), Candidate.objects.get(pk=second.pk), new, None)
    with pytest.raises(Refusal, match="collides"), transaction.atomic():
        mended(Candidate.objects.get(pk=second.pk), {"id_number": number})
    double = Candidate.objects.get(pk=second.pk)
    double.id_number = number
    with pytest.raises(Refusal, match="collides"):
        _refuse_double(double)
    assert Candidate.objects.get(pk=second.pk).id_number.decrypt() != number
