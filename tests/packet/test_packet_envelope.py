"""The envelope of kits and packets: whole, signed by whom one trusts, readable by the receiver only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget import examples
from gradphoto.engine.packet.box import load_laptop_public, load_or_create_laptop
from gradphoto.engine.packet.envelope import Opener, Receiver, open_envelope, read_header, write_envelope
from gradphoto.engine.packet.envelope_errors import EnvelopeError
from gradphoto.engine.packet.receipt import Receipt
from gradphoto.engine.packet.suites import Suite

pytestmark = pytest.mark.engine
CENTRE, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
STATION, STRANGER = X25519PrivateKey.generate(), X25519PrivateKey.generate()
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SECRET = "名单 the approved list 张三".encode() * 50


def make(payload: bytes = SECRET, **changes) -> bytes:
    given = {
        "kind": "kit",
        "about": {"station": "A1"},
        "signer": CENTRE,
        "receivers": [Receiver(public_key=STATION.public_key()), Receiver(passphrase="春暖花开 2026")],
        "made_at": NOW,
        "expires_at": NOW + timedelta(days=7),
    }
    return write_envelope(payload, **{**given, **changes})


def opened(data: bytes, opener: Opener | None = None, **changes) -> bytes:
    given = {"kind": "kit", "now": NOW, "trusted": [CENTRE.public_key()]}
    return open_envelope(data, opener=opener or Opener(private_key=STATION), **{**given, **changes}).payload


def refusal(data: bytes, opener: Opener | None = None, **changes) -> str:
    with pytest.raises(EnvelopeError) as caught:
        opened(data, opener, **changes)
    assert caught.value.remedy.zh
    assert caught.value.remedy.en
    return caught.value.code


@pytest.mark.parametrize("suite", list(Suite))
@pytest.mark.parametrize("shrink", [True, False])
def test_a_passphrase_or_the_stations_own_key_opens_it(suite, shrink):
    data = make(suite=suite, shrink=shrink)
    assert opened(data) == SECRET
    assert opened(data, Opener(passphrase="春暖花开 2026")) == SECRET
    assert opened(data, Opener(passphrase=" 春暖花开　２０２６ ")) == SECRET, "full-width digits of an input method"
    assert "张三".encode() not in data
    assert read_header(data).suite is suite


def test_each_way_of_being_wrong_has_its_own_code():
    data = make()
    assert refusal(data, Opener(private_key=STRANGER)) == "packet.wrong_key"
    assert refusal(data, Opener(passphrase="夏日")) == "packet.wrong_passphrase"
    assert refusal(data, now=NOW + timedelta(days=8)) == "packet.expired"
    assert refusal(data, now=NOW - timedelta(days=400)) == "packet.clock_behind"
    assert refusal(make(signer=OTHER)) == "packet.foreign_signer"
    assert refusal(data, kind="packet") == "packet.wrong_kind"
    assert refusal(b"%PDF-1.7 something else") == "packet.not_ours"
    assert refusal(data.replace(b"gradphoto-envelope/1", b"gradphoto-envelope/2")) == "packet.too_new"
    assert refusal(data + b"\0") == "packet.altered"


def test_a_file_cut_anywhere_is_told_as_cut():
    data = make(b"x" * 40)
    assert {refusal(data[:length]) for length in range(len(data))} == {"packet.truncated"}


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_no_altered_byte_goes_unnoticed(place, flip):
    data = bytearray(DATA)
    data[place % len(data)] ^= flip
    with pytest.raises(EnvelopeError):
        opened(bytes(data))


DATA = make(b"ID numbers live here")


def test_who_is_trusted_is_the_readers_choice():
    data = make(signer=OTHER)
    found = open_envelope(data, kind="kit", opener=Opener(private_key=STATION), now=NOW, trusted=None)
    assert found.header.sender.public_bytes_raw() == OTHER.public_key().public_bytes_raw()


def test_the_gm_suite_says_plainly_that_sm2_is_missing():
    assert "SM2" in Suite.GM.limits.zh
    assert "no SM2" in Suite.GM.limits.en


def test_a_wrong_key_file_is_a_sentence(tmp_path):
    own = tmp_path / "laptop.pem"
    load_or_create_laptop(own)
    for read, code in (
        (lambda: load_laptop_public(own.read_bytes()), "packet.not_laptop_public"),
        (lambda: load_laptop_public(b"words"), "packet.not_laptop_public"),
        (lambda: load_or_create_laptop(own.with_suffix(".pub.pem")), "packet.not_own_key"),
        (lambda: Receipt.from_bytes(b"words", Ed25519PrivateKey.generate().public_key()), "packet.not_a_receipt"),
    ):
        with pytest.raises(EnvelopeError) as wrong:
            read()
        assert wrong.value.code == code
