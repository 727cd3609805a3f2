"""Signed notes in the form of transparency logs: a text anybody can read, and a line that only one key can write.

Text: lines that end in a line feed. Then an empty line and ``— name base64(key hash + Ed25519 signature)``; the key hash is
the first four bytes of SHA-256 of ``name``, a line feed, 0x01 and the public key (C2SP signed-note).
Source: https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gradphoto.engine.packet.box import raw_public

_DASH = "— "
_ALGORITHM = b"\x01"
_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 12


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """The note of a text that ends in a line feed; ``name`` holds no space and no plus."""
    signature = base64.b64encode(_key_hash(name, key.public_key()) + key.sign(text.encode())).decode()
    return f"{text}\n{_DASH}{name} {signature}\n"


def open_note(note: str, name: str, trusted: Iterable[Ed25519PublicKey]) -> str:
    """The text of a note that one of ``trusted`` signed as ``name``. ``ValueError`` for anything else."""
    text, separator, lines = note.rpartition("\n\n")
    if not separator:
        raise ValueError("not a signed note")
    text += "\n"
    keys = {_key_hash(name, key): key for key in trusted}
    for line in lines.splitlines():
        key, signature = _signature(line, name, keys)
        if key is None:
            continue
        try:
            key.verify(signature, text.encode())
        except InvalidSignature as error:
            raise ValueError("the text was altered") from error
        return text
    raise ValueError("not signed by a known key")


def short_code(text: str) -> str:
    """Twelve letters and figures of a text's SHA-256, in groups of four: 60 bits, to be printed and compared."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 4
    letters = "".join(_CODE_LETTERS[number >> (5 * at) & 31] for at in reversed(range(_CODE_LENGTH)))
    return "-".join(letters[at : at + 4] for at in range(0, _CODE_LENGTH, 4))


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """The root of RFC 6962 over the leaves: 32 bytes."""
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    if not level:
        return hashlib.sha256(b"").digest()
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = [*pairs, *(level[-1:] if len(level) % 2 else [])]
    return level[0]


def _key_hash(name: str, key: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ALGORITHM + raw_public(key)).digest()[:4]


def _signature(line: str, name: str, keys: dict[bytes, Ed25519PublicKey]) -> tuple[Ed25519PublicKey | None, bytes]:
    if not line.startswith(f"{_DASH}{name} "):
        return None, b""
    try:
        raw = base64.b64decode(line.rpartition(" ")[2], validate=True)
    except binascii.Error:
        return None, b""
    return keys.get(raw[:4]), raw[4:]
