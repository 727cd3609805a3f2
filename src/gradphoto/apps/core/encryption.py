"""Personal values at rest: AES-256-GCM, bound to their table, row and column, found again by a keyed blind index.

A sealed value is ``version (1) + key id (4) + nonce (12) + ciphertext and tag``. What it is bound to is authenticated
with it, so that the ciphertext of one person opens nowhere else.
"""

from __future__ import annotations

import functools
import hmac
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core import checks
from django.db import connections, models, router, transaction
from django.db.models.query_utils import DeferredAttribute

from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.engine.keyring import KEY_ID_BYTES, Key, Keyring, Purpose

_VERSION = b"\x01"
_NONCE_BYTES = 12
_NONCES_AT_ONCE = 256
_HEAD_BYTES = len(_VERSION) + KEY_ID_BYTES
_BODY_AT = _HEAD_BYTES + _NONCE_BYTES
_INDEX_DIGITS = 64 - 2 * KEY_ID_BYTES


def keyring() -> Keyring:
    """The keys of this installation."""
    ring: Keyring = settings.KEYRING
    return ring


@functools.lru_cache(maxsize=8)
def _cipher(secret: bytes) -> AESGCM:
    """The cipher of a key: this installation's and those of the kits at hand."""
    return AESGCM(secret)


def encrypt(data: bytes, bound_to: str, secret: bytes | None = None) -> bytes:
    """Seal ``data`` for one place only, under this installation's key or under ``secret``: that of a station's kit."""
    key = Key(Purpose.FIELD, secret) if secret else keyring().current(Purpose.FIELD)
    nonce = os.urandom(_NONCE_BYTES)
    head = _VERSION + key.key_id
    return head + nonce + _cipher(key.secret).encrypt(nonce, data, _associated(head, bound_to))


def decrypt(sealed: bytes, bound_to: str, secret: bytes | None = None) -> bytes:
    """The data again. Raises ``core.sealed_elsewhere`` for a value of another place or altered, ``keys.unknown``."""
    head, nonce, body = sealed[:_HEAD_BYTES], sealed[_HEAD_BYTES:][:_NONCE_BYTES], sealed[_HEAD_BYTES + _NONCE_BYTES :]
    if not secret:
        secret = keyring().find(Purpose.FIELD, key_id_of(sealed)).secret
    try:
        return _cipher(secret).decrypt(nonce, body, _associated(head, bound_to))
    except (InvalidTag, ValueError) as error:
        raise _sealed_elsewhere() from error


def key_id_of(sealed: bytes) -> bytes:
    """The id of the key that a value was sealed with."""
    return bytes(sealed[len(_VERSION) : _HEAD_BYTES])


def _associated(head: bytes, bound_to: str) -> bytes:
    return b"gradphoto\0" + head + b"\0" + bound_to.encode()


def _sealed_elsewhere() -> Refusal:
    return refuse(
        "core.sealed_elsewhere",
        "加密的数据已被改动，或不属于这条记录。",
        "An encrypted value was altered, or belongs to another record.",
        "请不要继续办理，并告知管理员核查数据库；可从备份恢复。",
        "Do not go on; tell the administrator to look into the database, and restore it from a backup.",
    )


def row_context(table: str, column: str | None, pk: object) -> str:
    """What the value of one column of one row is bound to."""
    return f"{table}\0{column}\0{pk}"


class EncryptedText:
    """An encrypted text. Printing it, logging it or formatting it shows the mask; only ``decrypt`` opens it.

    As loaded it is sealed and knows its row. A text just given to a record waits unsealed for the record's key.
    """

    __slots__ = ("_bound_to", "_owner", "_sealed", "_text")

    def __init__(self, *, text: str | None = None, sealed: bytes = b"", bound_to: str = "") -> None:
        self._text, self._sealed, self._bound_to = text, sealed, bound_to
        self._owner: tuple[EncryptedTextField, models.Model] | None = None

    @classmethod
    def of(cls, text: str) -> EncryptedText:
        """A text that belongs to no record yet: for its mask, or to be given to one."""
        return cls(text=text)

    @classmethod
    def sealed_for(cls, table: str, column: str | None, pk: object, sealed: bytes) -> EncryptedText:
        """A value that arrives sealed for the row it is going to stand in: out of a kit, or poured into a table."""
        return cls(sealed=sealed, bound_to=row_context(table, column, pk))

    def decrypt(self) -> str:
        """The plain text. Callers outside background work stand behind an action that is audited."""
        if self._text is not None:
            return self._text
        if not self._bound_to:
            raise RuntimeError("An encrypted value out of values() knows no row; load the record.")
        return decrypt(self._sealed, self._bound_to).decode()

    def sealed(self) -> bytes:
        """The bytes for the database. Raises ``TypeError`` where no record with a key holds it."""
        if self._text is None:
            return self._sealed
        if self._owner is None:
            raise TypeError("An encrypted value is saved with its record, never by update().")
        field, row = self._owner
        bound_to = field.context_of(row)
        return encrypt(self._text.encode(), bound_to)

    def held_by(self, field: EncryptedTextField, row: models.Model) -> EncryptedText:
        """The same value for a field of a record: as it is where it belongs there, sealed anew where it does not."""
        if self._text is None:
            here = field.context_of(row) if row.pk is not None else ""
            if not self._bound_to and here:
                return EncryptedText(sealed=self._sealed, bound_to=here)
            if self._bound_to == here:
                return self
        mine = EncryptedText(text=self.decrypt())
        mine._owner = (field, row)
        return mine

    def __str__(self) -> str:
        text = self.decrypt()
        if len(text) <= 7:
            return "*" * len(text)
        return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"

    def __repr__(self) -> str:
        if not self._knows_its_row:
            return "<EncryptedText>"
        return f"<EncryptedText {self}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EncryptedText):
            return False
        if not (self._knows_its_row and other._knows_its_row):
            return self._sealed == other._sealed
        return self.decrypt() == other.decrypt()

    def __hash__(self) -> int:
        return hash(blind_index(self.decrypt()) if self._knows_its_row else self._sealed)

    @property
    def _knows_its_row(self) -> bool:
        """A value out of ``values()`` does not, and cannot be opened."""
        return self._text is not None or bool(self._bound_to)


def opened(rows: models.QuerySet[Any], encrypted: str, *others: str) -> Iterator[tuple[Any, ...]]:
    """Key, other values and the opened text of each row, without making records of them."""
    field = rows.model._meta.get_field(encrypted)
    table, column = rows.model._meta.db_table, str(field.column)
    start = row_context(table, column, "")
    sql, params = rows.values_list("pk", encrypted, *others).query.sql_with_params()
    with connections[rows.db].cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchall()
    # Values in a row mostly bear one key: cipher and head are put together once.
    ciphers: dict[bytes, tuple[Callable[[bytes, bytes, bytes], bytes], bytes]] = {}
    for pk, value, *more in found:
        sealed = bytes(value)
        head = sealed[:_HEAD_BYTES]
        known = ciphers.get(head)
        if known is None:
            opens = _cipher(keyring().find(Purpose.FIELD, key_id_of(sealed)).secret).decrypt
            known = ciphers[head] = opens, _associated(head, start)
        try:
            text = known[0](sealed[_HEAD_BYTES:_BODY_AT], sealed[_BODY_AT:], known[1] + b"%d" % pk)
        except (InvalidTag, ValueError) as error:
            raise _sealed_elsewhere() from error
        yield (pk, *more, text.decode())


def sealer(table: str, column: str) -> Callable[[int, str], bytes]:
    """A function of a row's key and a text that seals as :func:`encrypt` does, for many rows of one column."""
    key = keyring().current(Purpose.FIELD)
    head = _VERSION + key.key_id
    close, next_nonce = _cipher(key.secret).encrypt, _nonces().__next__
    start = _associated(head, row_context(table, column, ""))

    def seal(pk: int, text: str) -> bytes:
        nonce = next_nonce()
        return head + nonce + close(nonce, text.encode(), start + b"%d" % pk)

    return seal


def _nonces() -> Iterator[bytes]:
    """Random bytes for one value after the other, fetched for many: asking the system for each took as long as sealing."""
    while True:
        random = os.urandom(_NONCES_AT_ONCE * _NONCE_BYTES)
        for at in range(0, len(random), _NONCE_BYTES):
            yield random[at : at + _NONCE_BYTES]


class BlindIndex(str):
    """The index of a text under the current key; ``earlier``: under each earlier key, while one is being replaced."""

    earlier: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        """Under each key on the ring, the current one first: any of them may stand in the database."""
        return (str(self), *self.earlier)


def blind_index(text: str, key: bytes | None = None) -> BlindIndex:
    """64 hex digits that are equal for equal texts and tell nothing without the key: for exact look-up.

    The first eight are the key's id, so that every stored index tells its key. A ``BlindIndexField`` compared with it
    finds what stands under any key of the ring. ``key``: that of a station's kit.
    """
    return _indexer([Key(Purpose.BLIND_INDEX, key)] if key else keyring().every(Purpose.BLIND_INDEX))(text)


def indexer() -> Callable[[str], BlindIndex]:
    """:func:`blind_index` for many texts in a row: the keys are looked for once."""
    return _indexer(keyring().every(Purpose.BLIND_INDEX))


def _indexer(keys: Sequence[Key]) -> Callable[[str], BlindIndex]:
    (name, secret), *others = [(key.key_id.hex(), key.secret) for key in keys]
    digest = hmac.digest

    def index(text: str) -> BlindIndex:
        plain = text.strip().upper().encode()
        found = BlindIndex(name + digest(secret, plain, "sha256").hex()[:_INDEX_DIGITS])
        if others:
            found.earlier = tuple(key + digest(old, plain, "sha256").hex()[:_INDEX_DIGITS] for key, old in others)
        return found

    return index


def is_same_index(stored: str, index: str) -> bool:
    """Whether an index out of the database is this one, under whichever key it was made."""
    return stored in index.every if isinstance(index, BlindIndex) else stored == index


class _HeldByItsRow(DeferredAttribute):
    """Whatever is given to a record's field becomes that record's own value."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        field: Any = self.field
        if isinstance(value, str):
            value = EncryptedText.of(value)
        instance.__dict__[field.attname] = value.held_by(field, instance) if isinstance(value, EncryptedText) else value


if TYPE_CHECKING:
    _BytesColumn = models.BinaryField[str | EncryptedText, EncryptedText]
    _BigAuto = models.BigAutoField[int, int]
else:
    _BytesColumn, _BigAuto = models.BinaryField, models.BigAutoField


class EncryptedTextField(_BytesColumn):
    """A text column that is encrypted at rest and is ``EncryptedText`` in memory."""

    descriptor_class = _HeldByItsRow

    def context_of(self, row: models.Model) -> str:
        """What a value of this field is bound to in ``row``. ``TypeError`` before the row has its key."""
        if row.pk is None:
            raise TypeError(f"{row._meta.label} needs its primary key before {self.name} can be sealed.")
        return row_context(self.model._meta.db_table, self.column, row.pk)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> EncryptedText | None:
        return None if value is None else EncryptedText(sealed=bytes(value))

    def to_python(self, value: Any) -> Any:
        return value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, EncryptedText):
            value = value.held_by(self, model_instance)  # a record copied under another key
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            raise TypeError("An encrypted value is saved with its record, never by update().")
        if isinstance(value, EncryptedText):
            value = value.sealed()
        return super().get_db_prep_value(value, connection, prepared)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        problems = super().check(**kwargs)
        key = self.model._meta.pk
        if isinstance(key, models.AutoField | models.BigAutoField) and not isinstance(key, RowKeyField):
            problems.append(
                checks.Error(
                    "A model with an encrypted field needs a RowKeyField as its key.", obj=self, id="core.E001"
                )
            )
        return problems


class RowKeyField(_BigAuto):
    """A key that is known before the row is written, so that its encrypted values can be bound to it.

    The numbers come from the table's own sequence. Within a transaction they are taken in growing stretches, because a
    roster of 20,000 would ask 20,000 times; what is left over at the end is a gap.
    """

    _MOST = 500

    def has_default(self) -> bool:
        """So that a record with its new key is inserted at once instead of being looked for first."""
        return True

    def get_default(self) -> None:
        return None

    def get_pk_value_on_save(self, instance: models.Model) -> int:
        using = instance._state.db or router.db_for_write(type(instance), instance=instance)
        connection = connections[using]
        stretches = connection.__dict__.setdefault("_row_key_stretches", {})
        # A savepoint may be undone, and the block of a decorated function is the same at each call of it: Django begins
        # another list of what follows the commit whenever a transaction ends or a savepoint is undone.
        block = (connection.atomic_blocks[-1], connection.run_on_commit) if connection.atomic_blocks else None
        stretch = stretches.get(self.model._meta.db_table)
        if stretch is None or block is None or not stretch.is_of(block):
            stretch = stretches[self.model._meta.db_table] = _Stretch(block)
        if not stretch.waiting:
            stretch.waiting = self._take(connection, using, stretch.size)
            stretch.size = min(self._MOST, stretch.size * 2)
        return stretch.waiting.pop()

    def take(self, count: int) -> list[int]:
        """So many new keys, rising: for rows that are written together as ready tuples."""
        using = router.db_for_write(self.model)
        return self._take(connections[using], using, count)[::-1]

    def _take(self, connection: Any, using: str, count: int) -> list[int]:
        """The next keys of the table's sequence, the greatest first."""
        table = self.model._meta.db_table
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                    [connection.ops.quote_name(table), self.column, count],
                )
                return [row[0] for row in cursor.fetchall()][::-1]
            # Within a transaction the writer's place is taken: a savepoint would keep nothing apart.
            with nullcontext() if connection.in_atomic_block else transaction.atomic(using=using):
                last = self._reserve_in_sqlite(cursor, table, count)
        return list(range(last, last - count, -1))

    def _reserve_in_sqlite(self, cursor: Any, table: str, count: int) -> int:
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s", [count, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, count])
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        return int(cursor.fetchone()[0])


class _Stretch:
    """Keys of one table that this connection has taken within one transaction."""

    __slots__ = ("block", "size", "waiting")

    def __init__(self, block: Any) -> None:
        self.block, self.size, self.waiting = block, 1, list[int]()

    def is_of(self, block: tuple[Any, Any]) -> bool:
        return self.block is not None and all(mine is its for mine, its in zip(self.block, block, strict=True))
