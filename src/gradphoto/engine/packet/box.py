"""The receiving key of an installation: X25519, kept as PEM beside the data, and how public keys travel."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from gradphoto.engine.packet.durable import write_durably


def raw_public(key: X25519PublicKey | Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def fingerprint(key: X25519PublicKey | Ed25519PublicKey) -> str:
    """16 hex digits in groups of four, to be compared by telephone."""
    digits = hashlib.sha256(raw_public(key)).hexdigest()[:16]
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def load_or_create_box(path: Path) -> X25519PrivateKey:
    """The receiving key in ``path``, made on first use, readable by its owner only; the public half lies beside it.

    ``ValueError`` for another kind of key.
    """
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, X25519PrivateKey):
            raise ValueError(f"{path.name} is not an X25519 key")
        return key
    fresh = X25519PrivateKey.generate()
    write_durably(path, _private_pem(fresh), private=True)
    write_durably(path.with_suffix(".pub.pem"), box_pem(fresh.public_key()))
    return fresh


def save_signing_key(path: Path, key: Ed25519PrivateKey) -> None:
    """Keep a signing key as PEM, readable by its owner only."""
    write_durably(path, _private_pem(key), private=True)


def box_pem(key: X25519PublicKey) -> bytes:
    """The public half as PEM: what a station sends to the centre."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def load_box_public(pem: bytes) -> X25519PublicKey:
    """Read a public receiving key; ``ValueError`` for anything else."""
    key = serialization.load_pem_public_key(pem)
    if not isinstance(key, X25519PublicKey):
        raise ValueError("not an X25519 public key")
    return key


def _private_pem(key: X25519PrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
