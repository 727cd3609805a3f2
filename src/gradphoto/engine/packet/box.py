"""The receiving key of an installation: X25519, kept as PEM beside the data, and how public keys travel.

A laptop's own file holds two keys, one to receive with (X25519) and one to sign with (Ed25519); so does its public file.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from gradphoto.engine.packet.durable import write_durably
from gradphoto.engine.packet.envelope_errors import envelope_error


def raw_public(key: X25519PublicKey | Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def fingerprint(key: X25519PublicKey | Ed25519PublicKey) -> str:
    """16 hex digits in groups of four, to be compared by telephone."""
    digits = hashlib.sha256(raw_public(key)).hexdigest()[:16]
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def load_or_create_laptop(path: Path) -> tuple[X25519PrivateKey, Ed25519PrivateKey | None]:
    """The laptop's own keys in ``path``, made on first use; the public halves lie beside it, in one file.

    A file of an older version holds only the first: such a laptop signs with the key that its kit brings.
    Raises ``EnvelopeError`` ``packet.not_own_key`` for anything else.
    """
    if not path.exists():
        box, signing = X25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        write_durably(path, _private_pem(box) + _private_pem(signing), private=True)
        write_durably(path.with_suffix(".pub.pem"), box_pem(box.public_key()) + _public_pem(signing.public_key()))
    try:
        keys = [serialization.load_pem_private_key(one, password=None) for one in _blocks(path.read_bytes())]
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise envelope_error("not_own_key") from error
    boxes = [key for key in keys if isinstance(key, X25519PrivateKey)]
    signers = [key for key in keys if isinstance(key, Ed25519PrivateKey)]
    if len(boxes) != 1 or len(signers) > 1:
        raise envelope_error("not_own_key")
    return boxes[0], signers[0] if signers else None


def load_laptop_public(pem: bytes) -> tuple[X25519PublicKey, Ed25519PublicKey | None]:
    """What a laptop sends to the centre. Raises ``EnvelopeError`` ``packet.not_laptop_public`` for anything else."""
    try:
        keys = [serialization.load_pem_public_key(one) for one in _blocks(pem)]
    except (ValueError, UnsupportedAlgorithm) as error:
        raise envelope_error("not_laptop_public") from error
    boxes = [key for key in keys if isinstance(key, X25519PublicKey)]
    signers = [key for key in keys if isinstance(key, Ed25519PublicKey)]
    if len(boxes) != 1 or len(signers) > 1:
        raise envelope_error("not_laptop_public")
    return boxes[0], signers[0] if signers else None


def box_pem(key: X25519PublicKey) -> bytes:
    """The public half as PEM: what a station sends to the centre."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


_BLOCK = re.compile(rb"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----\s*", re.DOTALL)


def _blocks(pem: bytes) -> list[bytes]:
    return _BLOCK.findall(pem)


def _public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _private_pem(key: X25519PrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
