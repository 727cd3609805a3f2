"""The envelope of kits and packet parts: one file, signed by its maker, readable by its receivers only.

``MAGIC | header length (4 bytes, big endian) | header (JSON) | sealed body | Ed25519 signature (64 bytes)``. The
signature covers everything before it, so damage is told before any key is asked for; the body's seal covers the
header. Each receiver finds the content key wrapped for itself: by X25519 with a fresh pair, or by a passphrase
(scrypt). Whose signature is believed is the reader's decision, never the file's.
"""

from __future__ import annotations

import base64
import json
import os
import unicodedata
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from gradphoto.engine.bounded.strict_json import strict_json
from gradphoto.engine.packet import suites
from gradphoto.engine.packet.box import raw_public
from gradphoto.engine.packet.envelope_errors import envelope_error
from gradphoto.engine.packet.suites import Suite

FORMAT = "gradphoto-envelope/1"
MAGIC = b"GPENV1\r\n"  # the line end shows at once when a program copied the file as text
_SIGNATURE_BYTES = 64
_LENGTH_BYTES = 4
_MOST_HEADER_BYTES = 64 * 1024
_MOST_PAYLOAD_BYTES = 1 << 30
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 1 << 15, 8, 1
_MOST_SCRYPT_N = 1 << 18  # a header may not make the reader work for minutes
_CLOCK_TOLERANCE = timedelta(hours=26)  # a wrong time zone is no reason to refuse


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who may open: the holder of an X25519 key, or whoever knows a passphrase. Exactly one of the two is given."""

    public_key: X25519PublicKey | None = None
    passphrase: str | None = None


@dataclass(frozen=True, slots=True)
class Opener:
    """What the reader has in hand; both may be given."""

    private_key: X25519PrivateKey | None = None
    passphrase: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What an envelope says of itself in the clear; no personal data. ``about`` is the maker's own small note."""

    kind: str
    suite: Suite
    about: dict[str, Any]
    made_at: datetime
    expires_at: datetime | None
    sender: Ed25519PublicKey
    receivers: tuple[dict[str, Any], ...]
    body_size: int
    payload_size: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A whole envelope, opened."""

    header: Header
    payload: bytes


def write_envelope(
    payload: bytes,
    *,
    kind: str,
    about: dict[str, Any],
    signer: Ed25519PrivateKey,
    receivers: Sequence[Receiver],
    made_at: datetime,
    expires_at: datetime | None = None,
    suite: Suite = Suite.INTL,
    shrink: bool = True,
) -> bytes:
    """The bytes of an envelope. ``made_at`` and ``expires_at`` are aware. ``shrink``: compress (not for photographs).

    Raises ``packet.suite_unavailable``; ``ValueError`` without a receiver.
    """
    if not receivers:
        raise ValueError("an envelope needs a receiver")
    suites.require_available(suite)
    content_key = os.urandom(suite.key_bytes)
    packed = zlib.compress(payload, 6) if shrink else payload
    header = _canonical(
        {
            "format": FORMAT,
            "kind": kind,
            "suite": str(suite),
            "about": about,
            "made_at": made_at.isoformat(),
            "expires_at": expires_at.isoformat() if expires_at else None,
            "sender": _b64(raw_public(signer.public_key())),
            "receivers": [_wrap(suite, content_key, receiver) for receiver in receivers],
            "body_size": len(packed) + suites.NONCE_BYTES + 16,
            "payload_size": len(payload),
            "shrunk": shrink,
        }
    )
    front = MAGIC + len(header).to_bytes(_LENGTH_BYTES, "big") + header
    signed = front + suites.seal(suite, content_key, packed, front)
    return signed + signer.sign(_to_sign(suite, signed))


def read_header(data: bytes) -> Header:
    """The header of a whole, unaltered envelope; nothing is opened and nobody trusted yet.

    Raises ``EnvelopeError``: ``packet.not_ours``, ``packet.truncated``, ``packet.altered``, ``packet.too_new``.
    """
    return _take_apart(data)[0]


def open_envelope(
    data: bytes, *, kind: str, opener: Opener, now: datetime, trusted: Collection[Ed25519PublicKey] | None
) -> Opened:
    """Open an envelope. ``trusted``: whose signature is believed; ``None`` leaves that to a person comparing key ids.

    Raises ``EnvelopeError``: what :func:`read_header` raises, ``packet.wrong_kind``, ``packet.foreign_signer``,
    ``packet.expired``, ``packet.clock_behind``, ``packet.wrong_key``, ``packet.wrong_passphrase``.
    """
    header, front, body, shrunk = _take_apart(data)
    if header.kind != kind:
        raise envelope_error("wrong_kind")
    if trusted is not None and raw_public(header.sender) not in {raw_public(key) for key in trusted}:
        raise envelope_error("foreign_signer")
    if header.made_at - now > _CLOCK_TOLERANCE:
        raise envelope_error("clock_behind")
    if header.expires_at is not None and now > header.expires_at:
        raise envelope_error("expired")
    suites.require_available(header.suite)
    content_key = _unwrap(header, opener)
    try:
        packed = suites.unseal(header.suite, content_key, body, front)
    except InvalidTag as error:
        raise envelope_error("altered") from error
    return Opened(header, _inflate(packed, header.payload_size) if shrunk else packed)


def _take_apart(data: bytes) -> tuple[Header, bytes, bytes, bool]:
    """Header, signed front, sealed body, whether it is compressed."""
    if not data.startswith(MAGIC):
        raise envelope_error("truncated" if MAGIC.startswith(data) else "not_ours")
    start = len(MAGIC) + _LENGTH_BYTES
    length = int.from_bytes(data[len(MAGIC) : start], "big")
    if len(data) >= start and not 2 <= length <= _MOST_HEADER_BYTES:
        raise envelope_error("altered")
    if len(data) < start + length:
        raise envelope_error("truncated")
    front = data[: start + length]
    header, shrunk = _header(front[start:])
    end = len(front) + header.body_size
    if len(data) < end + _SIGNATURE_BYTES:
        raise envelope_error("truncated")
    if len(data) > end + _SIGNATURE_BYTES:
        raise envelope_error("altered")
    try:
        header.sender.verify(data[end:], _to_sign(header.suite, data[:end]))
    except InvalidSignature as error:
        raise envelope_error("altered") from error
    return header, front, data[len(front) : end], shrunk


def _header(text: bytes) -> tuple[Header, bool]:
    try:
        said = strict_json(text)
        if said["format"] != FORMAT:
            raise envelope_error("too_new")
        header = Header(
            kind=str(said["kind"]),
            suite=Suite(said["suite"]),
            about=dict(said["about"]),
            made_at=_moment(said["made_at"]),
            expires_at=_moment(said["expires_at"]) if said["expires_at"] else None,
            sender=Ed25519PublicKey.from_public_bytes(_raw(said["sender"])),
            receivers=tuple(dict(one) for one in said["receivers"]),
            body_size=int(said["body_size"]),
            payload_size=int(said["payload_size"]),
        )
        if not 0 <= header.payload_size <= _MOST_PAYLOAD_BYTES or header.body_size < 0:
            raise envelope_error("altered")
        return header, bool(said["shrunk"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise envelope_error("altered") from error


def _wrap(suite: Suite, content_key: bytes, receiver: Receiver) -> dict[str, Any]:
    if receiver.public_key is not None:
        fresh = X25519PrivateKey.generate()
        salt = raw_public(fresh.public_key()) + raw_public(receiver.public_key)
        key = suites.derive(suite, fresh.exchange(receiver.public_key), salt, b"gradphoto-envelope/1 wrap")
        return {
            "way": "x25519",
            "fresh": _b64(raw_public(fresh.public_key())),
            "wrapped": _b64(suites.seal(suite, key, content_key, b"wrap")),
        }
    if not receiver.passphrase:
        raise ValueError("a receiver has a key or a passphrase")
    salt = os.urandom(16)
    key = _stretch(suite, receiver.passphrase, salt, _SCRYPT_N)
    return {
        "way": "passphrase",
        "salt": _b64(salt),
        "n": _SCRYPT_N,
        "wrapped": _b64(suites.seal(suite, key, content_key, b"wrap")),
    }


def _unwrap(header: Header, opener: Opener) -> bytes:
    """The content key, by whichever way fits what the reader has in hand."""
    for one in header.receivers:
        try:
            key = _wrapping_key(header.suite, one, opener)
            if key is not None:
                return suites.unseal(header.suite, key, _raw(one["wrapped"]), b"wrap")
        except InvalidTag:
            continue
        except (ValueError, KeyError, TypeError) as error:
            raise envelope_error("altered") from error
    tried = opener.passphrase and any(one.get("way") == "passphrase" for one in header.receivers)
    raise envelope_error("wrong_passphrase" if tried else "wrong_key")


def _wrapping_key(suite: Suite, one: dict[str, Any], opener: Opener) -> bytes | None:
    if one["way"] == "x25519" and opener.private_key is not None:
        fresh = X25519PublicKey.from_public_bytes(_raw(one["fresh"]))
        salt = _raw(one["fresh"]) + raw_public(opener.private_key.public_key())
        return suites.derive(suite, opener.private_key.exchange(fresh), salt, b"gradphoto-envelope/1 wrap")
    if one["way"] == "passphrase" and opener.passphrase:
        if not 2 <= int(one["n"]) <= _MOST_SCRYPT_N:
            raise ValueError("unreasonable work")
        return _stretch(suite, opener.passphrase, _raw(one["salt"]), int(one["n"]))
    return None


def _stretch(suite: Suite, passphrase: str, salt: bytes, n: int) -> bytes:
    # Full-width letters of a Chinese input method and the plain ones are the same word to the person who types.
    said = unicodedata.normalize("NFKC", passphrase).strip().encode()
    return Scrypt(salt, suite.key_bytes, n, _SCRYPT_R, _SCRYPT_P).derive(said)


def _inflate(packed: bytes, size: int) -> bytes:
    try:
        work = zlib.decompressobj()
        payload = work.decompress(packed, size + 1)
    except zlib.error as error:
        raise envelope_error("altered") from error
    if len(payload) != size:
        raise envelope_error("altered")
    return payload


def _to_sign(suite: Suite, signed: bytes) -> bytes:
    return FORMAT.encode() + b"\0" + suites.digest(suite, signed)


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
