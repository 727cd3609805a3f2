"""The database knows its keys; a key is replaced while everything goes on, killed half-way or not (issues 11, 5 and 18, 1)."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import signing
from django.db import connection

from forked import forge
from gradphoto.apps.core import blobs, key_register, key_rotation
from gradphoto.apps.core.encryption import key_id_of, keyring
from gradphoto.apps.core.key_register import KeysDifferRefusal, require_known_keys
from gradphoto.apps.core.models import AuditEntry, KnownKey
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.keyring import KeyFile, Keyring, Purpose
from world import add_candidate, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def ring(settings, tmp_path) -> Keyring:
    """A ring of this test's own, registered."""
    settings.KEYRING = Keyring(KeyFile(tmp_path / "keys.json", create=True))
    require_known_keys()
    return settings.KEYRING


def _key_ids() -> set[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM roster_candidate UNION ALL SELECT file_key FROM core_blob")
        return {key_id_of(bytes(one)) for (one,) in cursor.fetchall() if one is not None}


def test_a_start_with_other_keys_is_refused_and_each_missing_key_is_named(ring, settings, tmp_path):
    require_known_keys()
    assert KnownKey.objects.count() == len(Purpose)
    other = tmp_path / "second-server" / "keys.json"
    settings.KEYRING = Keyring(KeyFile(other, create=True))
    with pytest.raises(KeysDifferRefusal) as caught:
        require_known_keys()
    for purpose in Purpose:
        assert f"{purpose} {ring.current(purpose).fingerprint}" in caught.value.message.zh
    assert not other.exists(), "keys that were made for nothing are not left lying about"


@pytest.mark.parametrize("purpose", list(Purpose))
def test_one_key_of_another_database_is_enough_to_be_refused(ring, settings, tmp_path, purpose):
    given = json.loads((tmp_path / "keys.json").read_text("utf-8"))
    given[purpose] = json.loads(KeyFileText.fresh(tmp_path))[purpose]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(given), "utf-8")
    settings.KEYRING = Keyring(KeyFile(other, create=False))
    with pytest.raises(KeysDifferRefusal, match=r".") as caught:
        require_known_keys()
    assert ring.current(purpose).fingerprint in caught.value.message.en
    assert caught.value.message.en.count(str(purpose)) >= 1


class KeyFileText:
    @staticmethod
    def fresh(folder: Path) -> str:
        path = folder / "fresh" / "keys.json"
        KeyFile(path, create=True).read()
        return path.read_text("utf-8")


def test_a_rotation_that_stops_half_way_loses_nothing_and_is_finished_by_running_it_again(ring, monkeypatch):
    world = build_world()
    people = [add_candidate(world, n) for n in range(1, 8)]
    file = blobs.put(b"ledger", "text/csv")
    old = ring.current(Purpose.FIELD)
    monkeypatch.setattr(key_rotation, "_BATCH", 2)
    new = key_rotation.begin(Purpose.FIELD)

    def stop(place: str, done: int, total: int) -> None:
        if place.startswith("roster_candidate") and done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        key_rotation.seal_anew(stop)
    assert _key_ids() == {old.key_id, new.key_id}
    for person in people:
        assert Candidate.objects.get(pk=person.pk).id_number.decrypt() == person.id_number.decrypt()
    assert key_rotation.finish() == [], "a key that something bears is not given up"
    extra = add_candidate(world, 20)

    assert key_rotation.begin(Purpose.FIELD) == new, "it goes on with the same key"
    assert key_rotation.seal_anew() > 0
    assert _key_ids() == {new.key_id}
    assert [one.fingerprint for one in key_rotation.finish()] == [old.fingerprint]
    assert [one.fingerprint for one in Keyring(ring.source).every(Purpose.FIELD)] == [new.fingerprint]
    assert blobs.read(file) == b"ledger"
    assert Candidate.objects.get(pk=extra.pk).id_number.decrypt()
    require_known_keys()
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"core.register_keys", "core.retire_key"}


def test_the_old_key_put_back_alone_is_refused(ring, settings, tmp_path):
    before = (tmp_path / "keys.json").read_bytes()
    key_rotation.begin(Purpose.FIELD)
    key_rotation.seal_anew()
    key_rotation.finish()
    old = tmp_path / "old.json"
    old.write_bytes(before)
    settings.KEYRING = Keyring(KeyFile(old, create=False))
    with pytest.raises(KeysDifferRefusal):
        require_known_keys()


def test_every_encrypted_column_of_every_model_takes_part():
    named = {place.label for place in key_rotation.places()}
    assert named >= {
        "roster_candidate.id_number", "registration_ledgerentry.id_number", "core_blob.file_key", "capture_hold.id_number",
        "verification_contactpoint.address", "delivery_imagecard.code", "stations_stationkit.secrets",
    }  # fmt: skip


def test_who_is_signed_in_stays_so_under_a_new_session_key(ring, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = ring.current(Purpose.SESSION).secret.hex(), []
    cookie = signing.dumps({"user": 1})
    key_rotation.begin(Purpose.SESSION)
    first, *others = [key.secret.hex() for key in keyring().every(Purpose.SESSION)]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = first, others
    assert signing.loads(cookie) == {"user": 1}
    found = keyring().every(Purpose.SESSION)[1]
    key_register.retire(found)
    ring.retire(Purpose.SESSION, found.fingerprint)
    require_known_keys()
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(signing.BadSignature):
        signing.loads(cookie)


def test_keys_that_a_secret_store_gives_are_rotated_there_and_the_rest_follows(ring, settings, tmp_path):
    from gradphoto.engine.keyring import KeyringError, KeyText

    add_candidate(build_world(), 1)
    settings.KEYRING = Keyring(KeyText((tmp_path / "keys.json").read_text("utf-8")))
    with pytest.raises(KeyringError) as caught:
        key_rotation.begin(Purpose.FIELD)
    assert caught.value.code == "keys.not_ours_to_write"
    ring.add(Purpose.FIELD)  # as the operator does it in the store
    settings.KEYRING = Keyring(KeyText((tmp_path / "keys.json").read_text("utf-8")))
    new = key_rotation.begin(Purpose.FIELD)
    key_rotation.seal_anew()
    assert _key_ids() == {new.key_id}


@pytest.mark.nightly
@pytest.mark.slow
def test_a_rotation_killed_by_the_system_is_finished_by_the_next(tmp_path):
    """The real command on a real database, SIGKILL in the middle of its batches."""
    data = tmp_path / "data"
    environment = {**os.environ, "GRADPHOTO_DATA": str(data), "DJANGO_SETTINGS_MODULE": "gradphoto.site.settings"}
    environment.pop("GRADPHOTO_DATABASE", None)
    run = [sys.executable, "-m", "gradphoto.cli"]
    fill = Path(__file__).with_name("rotation_world.py")
    assert forge().run(["fill"], environment, script=fill).returncode == 0
    rotating = subprocess.Popen([*run, "keys", "rotate"], env=environment, stdout=subprocess.PIPE, text=True)
    assert rotating.stdout is not None
    for line in rotating.stdout:
        if "verification_" in line or "orgs_" in line or " 500/" in line:
            rotating.send_signal(signal.SIGKILL)
            break
    rotating.wait()
    assert rotating.returncode == -signal.SIGKILL
    half = json.loads(forge().run(["look"], environment, script=fill).stdout)
    assert half["unreadable"] == 0
    assert half["keys"] == 2, "some are sealed anew and some are not"
    assert forge().run(["keys", "rotate"], environment).returncode == 0
    whole = json.loads(forge().run(["look"], environment, script=fill).stdout)
    assert (whole["unreadable"], whole["keys"], whole["people"]) == (0, 1, half["people"])
    for path in (data, *data.glob("*.sqlite3*"), data / "keys.json"):
        assert path.stat().st_mode & 0o077 == 0, f"{path.name} is its owner's alone"
