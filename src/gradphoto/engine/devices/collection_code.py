"""The collection code (采集码) behind an adapter.

CHSI's own code is encrypted for approved collectors and its format is not public (facts 0.2, 1.2): nothing here reads a
real one. ``TrialCodec`` is GradPhoto's own format for rehearsals and tests; an approved collector adds its adapter by
implementing :class:`CollectionCodec`.

Trial format: ``GPTEST1.`` and base32 without padding of ``nonce (12 bytes) | AES-256-GCM of JSON``, where the JSON object
holds ``u`` unique number, ``n`` name, ``i`` document number, ``s`` student number, and the key is SHA-256 of the words
agreed for the rehearsal. Capital letters and digits only, so that every wedge scanner types it right.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gradphoto.engine.devices.errors import DeviceError
from gradphoto.engine.wording import Wording

TRIAL_PREFIX = "GPTEST1."
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class CodeHolder:
    """Whom a collection code names; kept out of ``repr``, so that no log ever holds it."""

    unique_number: str
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    student_no: str = field(repr=False)


class CollectionCodec(Protocol):
    """What an adapter for collection codes can do."""

    def knows(self, text: str) -> bool:
        """Whether the text looks like a code of this adapter's format."""

    def read(self, text: str) -> CodeHolder:
        """Whom the code names. Raises :class:`DeviceError` ``code.unreadable``."""


class TrialCodec:
    """GradPhoto's own codes, for rehearsals; see the module's text for the format."""

    def __init__(self, words: str) -> None:
        self._key = hashlib.sha256(words.encode()).digest()

    def knows(self, text: str) -> bool:
        return text.upper().startswith(TRIAL_PREFIX)

    def read(self, text: str) -> CodeHolder:
        body = text.upper().removeprefix(TRIAL_PREFIX)
        try:
            raw = base64.b32decode(body + "=" * (-len(body) % 8))
            said = json.loads(AESGCM(self._key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], TRIAL_PREFIX.encode()))
            return CodeHolder(str(said["u"]), str(said["n"]), str(said["i"]), str(said["s"]))
        except (ValueError, InvalidTag, KeyError, TypeError) as error:
            raise DeviceError(
                "code.unreadable",
                Wording("采集码无法识别。", "The collection code cannot be read."),
                Wording(
                    "请让学生出示保存的原图（不要截屏），或改用其他识别方式。",
                    "Have the student show the saved picture, no screenshot, or use another way.",
                ),
            ) from error

    def write(self, holder: CodeHolder) -> str:
        """A code for rehearsals."""
        said = {"u": holder.unique_number, "n": holder.name, "i": holder.id_number, "s": holder.student_no}
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self._key).encrypt(nonce, json.dumps(said).encode(), TRIAL_PREFIX.encode())
        return TRIAL_PREFIX + base64.b32encode(nonce + sealed).decode().rstrip("=")


def codec_of(setting: str) -> CollectionCodec | None:
    """The adapter that a rule set names: ``trial:<words>``; ``None`` where it names none that is installed."""
    name, _, words = setting.partition(":")
    return TrialCodec(words) if name == "trial" and words else None
