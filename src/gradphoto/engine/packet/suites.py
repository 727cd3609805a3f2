"""The families of algorithms a packet may be written in; a setting, because some receivers ask for the national ones.

``gm`` uses SM4-GCM and SM3 where ``cryptography`` has them. SM2 is not in that library, so key agreement and signature
stay X25519 and Ed25519, and no claim of a formal commercial-cryptography assessment follows from it (facts 5.3).
"""

from __future__ import annotations

import os
from enum import StrEnum

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

NONCE_BYTES = 12
_TAG_BYTES = 16


class Suite(StrEnum):
    """``intl``: AES-256-GCM, SHA-256. ``gm``: SM4-GCM, SM3. Both: X25519, Ed25519."""

    INTL = "intl"
    GM = "gm"

    @property
    def key_bytes(self) -> int:
        return 32 if self is Suite.INTL else 16

    @property
    def limits(self) -> Wording:
        """What a person must know before choosing the suite."""
        if self is Suite.INTL:
            return Wording("AES-256-GCM、SHA-256、X25519、Ed25519。", "AES-256-GCM, SHA-256, X25519, Ed25519.")
        return Wording(
            "SM4-GCM、SM3；密码库没有 SM2，密钥协商和签名仍为 X25519、Ed25519，不构成密评合规。",
            "SM4-GCM, SM3; the library has no SM2: key agreement and signature stay X25519 and Ed25519, and this is no "
            "compliance with a commercial-cryptography assessment.",
        )


def require_available(suite: Suite) -> None:
    """Raises ``packet.suite_unavailable`` where this computer's library lacks the suite."""
    if suite is Suite.INTL:
        return
    try:
        seal(suite, bytes(suite.key_bytes), b"", b"")
        digest(suite, b"")
    except UnsupportedAlgorithm as error:
        raise GradPhotoError(
            "packet.suite_unavailable",
            Wording("本机的密码库没有 SM4-GCM 或 SM3。", "This computer's library has no SM4-GCM or no SM3."),
            Wording("请改用 intl 套件，或更换安装包。", "Use the suite intl, or another build of the library."),
        ) from error


def digest(suite: Suite, data: bytes) -> bytes:
    """32 bytes: SHA-256 or SM3."""
    taken = hashes.Hash(_hash(suite))
    taken.update(data)
    return taken.finalize()


def derive(suite: Suite, secret: bytes, salt: bytes, purpose: bytes) -> bytes:
    """A key of the suite's length out of a shared secret (HKDF)."""
    return HKDF(_hash(suite), suite.key_bytes, salt, purpose).derive(secret)


def seal(suite: Suite, key: bytes, data: bytes, bound: bytes) -> bytes:
    """``nonce + ciphertext + tag``; ``bound`` is authenticated with it."""
    nonce = os.urandom(NONCE_BYTES)
    if suite is Suite.INTL:
        return nonce + AESGCM(key).encrypt(nonce, data, bound)
    work = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    work.authenticate_additional_data(bound)
    return nonce + work.update(data) + work.finalize() + work.tag


def unseal(suite: Suite, key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """The data again; ``InvalidTag`` for another key or altered bytes."""
    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    if len(nonce) < NONCE_BYTES or len(body) < _TAG_BYTES:
        raise InvalidTag
    if suite is Suite.INTL:
        return AESGCM(key).decrypt(nonce, body, bound)
    work = Cipher(algorithms.SM4(key), modes.GCM(nonce, body[-_TAG_BYTES:])).decryptor()
    work.authenticate_additional_data(bound)
    return work.update(body[:-_TAG_BYTES]) + work.finalize()


def _hash(suite: Suite) -> hashes.HashAlgorithm:
    return hashes.SHA256() if suite is Suite.INTL else hashes.SM3()
