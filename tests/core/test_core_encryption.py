"""Encrypted values: bound to table, row and column, under keys with an id, opened by nobody else's row."""

import json

import pytest
from django.db import connection, transaction

from gradphoto.apps.core.encryption import EncryptedText, decrypt, encrypt, key_id_of, keyring
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.roster.models import Candidate, CorrectionCase
from gradphoto.engine.keyring import KeyFile, KeyFolder, Keyring, KeyringError, KeyText, Purpose, encoded, new_keys
from world import add_candidate, build_world, made_up_id_number


def _raw(sql: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.django_db
def test_the_ciphertext_of_one_row_opens_on_no_other():
    world = build_world()
    first, second = add_candidate(world, 1), add_candidate(world, 2)
    (sealed,) = _raw("SELECT id_number FROM roster_candidate WHERE id = %s", second.pk)[0]
    _raw("UPDATE roster_candidate SET id_number = %s WHERE id = %s", bytes(sealed), first.pk)
    with pytest.raises(Refusal) as caught:
        Candidate.objects.get(pk=first.pk).id_number.decrypt()
    assert caught.value.code == "core.sealed_elsewhere"
    assert Candidate.objects.get(pk=second.pk).id_number.decrypt() == second.id_number.decrypt()


@pytest.mark.django_db
def test_a_value_given_to_another_record_is_sealed_anew_for_it():
    world = build_world()
    person = Candidate.objects.get(pk=add_candidate(world, 1).pk)
    case = CorrectionCase.objects.create(
        candidate=person, field="id_number", source="student", claimed=person.id_number, noted_by="test"
    )  # fmt: skip
    assert CorrectionCase.objects.get(pk=case.pk).claimed.decrypt() == person.id_number.decrypt()
    mine = _raw("SELECT id_number FROM roster_candidate WHERE id = %s", person.pk)[0][0]
    theirs = _raw("SELECT claimed FROM roster_correctioncase WHERE id = %s", case.pk)[0][0]
    assert bytes(mine) != bytes(theirs)


@pytest.mark.django_db
def test_many_rows_at_once_have_keys_of_their_own_and_every_value_opens():
    world = build_world()
    like = add_candidate(world, 1)
    same = {
        name: getattr(like, name)
        for name in ("campaign", "department", "season", "class_name", "sex", "birth_date", "major", "level")
    }

    def people(start: int, count: int) -> list[Candidate]:
        return [
            Candidate(
                **same, name="测试", student_no=f"N{n}", id_number=made_up_id_number(n), id_number_index=f"i{n}",
                degree_category=like.degree_category, school_kind=like.school_kind,
            )
            for n in range(start, start + count)
        ]  # fmt: skip

    with transaction.atomic():
        Candidate.objects.bulk_create(people(100, 30))
        transaction.set_rollback(True)  # undone: the keys that were taken must not come back to somebody else's row
    Candidate.objects.bulk_create(people(200, 40))
    people(300, 1)[0].save()
    Candidate.objects.bulk_create(people(400, 3))
    found = {one.student_no: one.id_number.decrypt() for one in Candidate.objects.filter(student_no__startswith="N")}
    assert found == {f"N{n}": made_up_id_number(n) for n in [*range(200, 240), 300, *range(400, 403)]}


@pytest.mark.django_db
def test_an_encrypted_value_is_never_written_without_its_row():
    add_candidate(build_world(), 1)
    for value in ("990101200001011234", EncryptedText.of("990101200001011234")):
        with pytest.raises(TypeError):
            Candidate.objects.update(id_number=value)


def test_a_sealed_value_names_its_key_and_an_altered_one_opens_nothing():
    sealed = encrypt(b"text", "here")
    assert key_id_of(sealed) == keyring().current(Purpose.FIELD).key_id
    assert decrypt(sealed, "here") == b"text"
    assert sealed != encrypt(b"text", "here")
    for broken in (sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:12]):
        with pytest.raises(Refusal, match=r"."):
            decrypt(broken, "here")


def test_what_an_earlier_key_sealed_still_opens_and_a_missing_key_is_named(settings, tmp_path):
    settings.KEYRING = ring = Keyring(KeyFile(tmp_path / "keys.json", create=True))
    old = encrypt(b"old", "here")
    other = Keyring(KeyFile(tmp_path / "keys.json", create=True))  # another process that goes on meanwhile
    fresh = ring.add(Purpose.FIELD)
    new = encrypt(b"new", "here")
    assert key_id_of(new) == fresh.key_id != key_id_of(old)
    settings.KEYRING = other
    assert (decrypt(new, "here"), decrypt(old, "here")) == (b"new", b"old"), "it looks once more at the file"
    ring.retire(Purpose.FIELD, ring.every(Purpose.FIELD)[1].fingerprint)
    settings.KEYRING = Keyring(KeyFile(tmp_path / "keys.json", create=True))
    with pytest.raises(KeyringError) as caught:
        decrypt(old, "here")
    assert caught.value.code == "keys.unknown"
    assert key_id_of(old).hex() in caught.value.message.en


def _folder(path, keys) -> KeyFolder:
    path.mkdir()
    for name, held in json.loads(encoded(keys)).items():
        (path / name).write_text("\n".join(held) + "\n", encoding="utf-8")
    return KeyFolder(path)


def test_the_same_keys_come_from_a_file_a_folder_or_the_environment(tmp_path):
    keys = new_keys()
    file = tmp_path / "keys.json"
    file.write_text(encoded(keys), encoding="utf-8")
    rings = [Keyring(one) for one in (
        KeyFile(file, create=False), KeyText(encoded(keys)), _folder(tmp_path / "folder", keys),
    )]  # fmt: skip
    assert len({tuple(ring.current(p).fingerprint for p in Purpose) for ring in rings}) == 1
    for ring in rings[1:]:
        with pytest.raises(KeyringError) as caught:
            ring.add(Purpose.FIELD)
        assert caught.value.code == "keys.not_ours_to_write"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "keys.not_json"),
        ("[]", "keys.not_json"),
        ("{}", "keys.incomplete"),
        (json.dumps({p: ["AAAA"] for p in Purpose}), "keys.incomplete"),
        (json.dumps({p: [] for p in Purpose}), "keys.incomplete"),
    ],
)
def test_keys_that_are_none_are_refused_by_name(text, code):
    with pytest.raises(KeyringError) as caught:
        Keyring(KeyText(text))
    assert caught.value.code == code


def test_a_new_purpose_is_added_to_an_embedded_file_and_the_others_stay(tmp_path):
    keys = new_keys()
    file = tmp_path / "keys.json"
    file.write_text(encoded({p: held for p, held in keys.items() if p != Purpose.BOX}), encoding="utf-8")
    ring = Keyring(KeyFile(file, create=True))
    assert ring.current(Purpose.FIELD).secret == keys[Purpose.FIELD][0]
    assert Keyring(KeyFile(file, create=True)).current(Purpose.BOX) == ring.current(Purpose.BOX)
    assert file.stat().st_mode & 0o777 == 0o600
