"""Personal numbers at rest: AES-256-GCM under the data directory's key, found again by a keyed blind index."""

from __future__ import annotations

import functools
import hashlib
import hmac
import os
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

_NONCE_BYTES = 12


@functools.lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESGCM:
    """The cipher of a key: this installation's and those of the kits at hand."""
    return AESGCM(key)


class Sealed:
    """An encrypted text. Printing it, logging it or formatting it shows the mask; only ``reveal`` opens it."""

    __slots__ = ("token",)

    def __init__(self, token: bytes) -> None:
        self.token = token

    @classmethod
    def close(cls, text: str, key: bytes | None = None) -> Sealed:
        """Seal under this installation's key, or under ``key``: that of a station's kit."""
        nonce = os.urandom(_NONCE_BYTES)
        return cls(nonce + _cipher(key or settings.SEAL_KEY).encrypt(nonce, text.encode(), None))

    def reveal(self, key: bytes | None = None) -> str:
        """The plain text. Callers outside background work record an audit entry (``core.audit.reveal``)."""
        nonce, body = self.token[:_NONCE_BYTES], self.token[_NONCE_BYTES:]
        return _cipher(key or settings.SEAL_KEY).decrypt(nonce, body, None).decode()

    def __str__(self) -> str:
        text = self.reveal()
        if len(text) <= 7:
            return "*" * len(text)
        return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"

    def __repr__(self) -> str:
        return f"<Sealed {self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash(blind_index(self.reveal()))


def blind_index(text: str, key: bytes | None = None) -> str:
    """64 hex digits that are equal for equal texts and tell nothing without the key: for exact look-up."""
    return hmac.new(key or settings.BLIND_INDEX_KEY, text.strip().upper().encode(), hashlib.sha256).hexdigest()


class _SealsOnAssignment(DeferredAttribute):
    """A plain number given to a record is sealed at once, so that a fresh record shows no more than a stored one."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = Sealed.close(value) if isinstance(value, str) else value


if TYPE_CHECKING:
    _BytesColumn = models.BinaryField[str | Sealed, Sealed]
else:
    _BytesColumn = models.BinaryField


class SealedTextField(_BytesColumn):
    """A text column that is encrypted at rest and is ``Sealed`` in memory."""

    descriptor_class = _SealsOnAssignment

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def to_python(self, value: Any) -> Any:
        return Sealed.close(value) if isinstance(value, str) else value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            value = Sealed.close(value)
        if isinstance(value, Sealed):
            value = value.token
        return super().get_db_prep_value(value, connection, prepared)
