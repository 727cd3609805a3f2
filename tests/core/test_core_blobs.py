"""The store of files: photographs as evidence in the clear, everything else encrypted, every trouble of one kind."""

import errno
import hashlib
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, NoCredentialsError
from django.core.files.storage import storages

from gradphoto.apps.core import blobs
from gradphoto.apps.core.blobs import StoreRefusal
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import Blob

pytestmark = pytest.mark.django_db
NUMBER = b"990101200001011234"


def _path(blob: Blob) -> Path:
    return Path(storages["blobs"].path(blobs.name_of(blob.name)))


def test_a_photograph_is_written_once_under_its_hash_and_proven_when_read():
    first, second = blobs.put_photograph(b"photo"), blobs.put_photograph(b"photo")
    assert first.pk == second.pk == hashlib.sha256(b"photo").hexdigest()
    assert blobs.read(first) == _path(first).read_bytes() == b"photo"
    _path(first).write_bytes(b"other")
    with pytest.raises(Refusal) as caught:
        blobs.read(first)
    assert caught.value.code == "core.blob_damaged"


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 131072, 300_000])
def test_everything_else_is_encrypted_and_comes_back_whole(size):
    data = (NUMBER * (size // len(NUMBER) + 1))[:size]
    blob = blobs.put(data, "text/csv")
    assert blobs.read(blob) == data
    assert blob.size_bytes == size
    stored = _path(blob).read_bytes()
    assert size < 20 or NUMBER not in stored
    assert _path(blob).stat().st_mode & 0o777 == 0o600
    assert hashlib.sha256(data).hexdigest() not in (blob.name, blob.content_index), "a hash would tell a small content"


def test_the_same_content_is_kept_once_and_its_name_tells_nothing():
    first, second, other = blobs.put(b"one", "text/csv"), blobs.put(b"one", "text/csv"), blobs.put(b"two", "text/csv")
    assert first.pk == second.pk != other.pk
    blobs.forget([first.pk])
    anew = blobs.put(b"one", "text/csv")
    assert anew.pk != first.pk
    assert blobs.read(anew) == b"one"


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: data[:-1],
        lambda data: data[: 4 + 65536 + 16],  # cut where a chunk ends
        lambda data: data[:4] + data[4 + 65552 :] + data[4 : 4 + 65552],
        lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:],
        lambda data: data + b"x",
        lambda data: b"",
        lambda data: b"GP",
        lambda data: b"PK\x03\x04" + data[4:],
    ],
)
def test_an_encrypted_file_that_was_cut_reordered_or_altered_is_never_given(harm):
    blob = blobs.put(bytes(200_000), "application/zip")
    _path(blob).write_bytes(harm(_path(blob).read_bytes()))
    with pytest.raises(Refusal) as caught:
        blobs.read(blob)
    assert caught.value.code == "core.blob_damaged"


def test_the_file_of_one_record_opens_under_no_other():
    first, second = blobs.put(b"one", "text/csv"), blobs.put(b"two", "text/csv")
    _path(first).write_bytes(_path(second).read_bytes())
    with pytest.raises(Refusal):
        blobs.read(first)


def test_a_large_file_passes_in_pieces():
    pieces = [bytes([n]) * 100_000 for n in range(50)]
    blob = blobs.put_stream(iter(pieces), "application/zip")
    longest = 0
    digest = hashlib.sha256()
    for part in blobs.stream(blob):
        longest = max(longest, len(part))
        digest.update(part)
    assert digest.hexdigest() == hashlib.sha256(b"".join(pieces)).hexdigest()
    assert longest <= 65536


def test_what_was_removed_says_so_and_its_key_is_gone(django_capture_on_commit_callbacks):
    blob = blobs.put(b"one", "text/csv")
    copy = _path(blob).read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        blobs.forget([blob.pk])
    blob.refresh_from_db()
    assert not _path(blob).exists()
    _path(blob).write_bytes(copy)  # out of a backup of the store
    with pytest.raises(Refusal) as caught:
        blobs.read(blob)
    assert (caught.value.code, blob.file_key) == ("core.blob_removed", None)


def _client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "PutObject")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "full"), "core.disk_full"),
        (OSError(errno.EIO, "broken"), "core.disk_failed"),
        (PermissionError(errno.EACCES, "denied"), "core.disk_failed"),
        (EndpointConnectionError(endpoint_url="http://s3"), "core.store_away"),
        (ConnectTimeoutError(endpoint_url="http://s3"), "core.store_away"),
        (_client_error("SlowDown"), "core.store_away"),
        (_client_error("InternalError"), "core.store_away"),
        (_client_error("NoSuchBucket"), "core.store_wrong"),
        (_client_error("AccessDenied"), "core.store_denied"),
        (_client_error("SignatureDoesNotMatch"), "core.store_denied"),
        (NoCredentialsError(), "core.store_denied"),
    ],
)
def test_every_trouble_of_every_store_is_one_kind_of_refusal(error, code, monkeypatch):
    kept, photo = blobs.put(b"kept", "text/csv"), blobs.put_photograph(b"photo")

    def fail(*args, **kwargs):
        raise error

    for name in ("_save", "_open", "exists"):
        monkeypatch.setattr(storages["blobs"], name, fail)
    for work in (
        lambda: blobs.put(b"x", "text/csv"),
        lambda: blobs.put_photograph(b"x"),
        lambda: blobs.read(kept),
        lambda: blobs.read(photo),
    ):
        with pytest.raises(StoreRefusal) as caught:
            work()
        assert caught.value.code == code
        assert caught.value.remedy.zh
        assert caught.value.remedy.en
    assert Blob.objects.count() == 2
