"""Replacing a key while everything goes on: what an earlier key sealed is sealed anew, batch by batch.

Which values are done stands in the values themselves (each carries its key's id), so a rotation that was killed is simply
run again and goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction

from gradphoto.apps.core import index_rotation, key_register
from gradphoto.apps.core.encryption import (
    EncryptedText,
    EncryptedTextField,
    decrypt,
    encrypt,
    key_id_of,
    keyring,
    row_context,
)
from gradphoto.engine.keyring import Key, Purpose

_BATCH = 500

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """A column with sealed values."""

    model: type[models.Model]
    field: EncryptedTextField

    @property
    def label(self) -> str:
        return f"{self.model._meta.db_table}.{self.field.column}"


@dataclass(frozen=True, slots=True)
class OtherPlace:
    """Sealed values that stand in no ``EncryptedTextField``: how they are sealed anew, and how many still bear a key."""

    label: str
    seal_anew: Callable[[], int]
    left_under: Callable[[Key], int]


_others: dict[str, OtherPlace] = {}


def takes_part(place: OtherPlace) -> None:
    """A room that calls ``encrypt`` itself says so here, or a rotation takes away the key of its values."""
    _others[place.label] = place


def places() -> Iterator[Place]:
    """Every column with sealed values, of every model."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield Place(model, field)


def begin(purpose: Purpose) -> Key:
    """The key to rotate to: a new one, or that of a rotation that was interrupted."""
    if purpose is Purpose.BLIND_INDEX:
        return index_rotation.index_key()
    ring = keyring()
    ring.reload()
    if purpose is not Purpose.FIELD or len(ring.every(purpose)) == 1:
        ring.add(purpose)
    key_register.require_known_keys()
    return ring.current(purpose)


def seal_anew(progress: Progress = lambda place, done, total: None) -> int:
    """Seal under the current key whatever an earlier one sealed; returns how many values."""
    changed = 0
    for place in places():
        total, done, last = place.model._base_manager.count(), 0, None
        while batch := _next(place, last):
            last = batch[-1]
            changed += _seal_batch(place, batch)
            done += len(batch)
            progress(place.label, done, total)
    for other in _others.values():
        fresh = other.seal_anew()
        changed += fresh
        progress(other.label, fresh, fresh)
    return changed


def left_under(key: Key) -> int:
    """How many values still bear this key."""
    return sum(other.left_under(key) for other in _others.values()) + sum(
        key_id_of(value.sealed()) == key.key_id
        for place in places()
        for (value,) in place.model._base_manager.exclude(**{place.field.attname: None})
        .values_list(place.field.attname)
        .iterator(5000)
    )


def finish() -> list[Key]:
    """Take the earlier field keys off the ring once no value bears them; returns which."""
    ring = keyring()
    gone = [key for key in ring.every(Purpose.FIELD)[1:] if not left_under(key)]
    for key in gone:
        key_register.retire(key)
        ring.retire(Purpose.FIELD, key.fingerprint)
    return gone


def _next(place: Place, last: object) -> list[object]:
    rows = place.model._base_manager.order_by("pk")
    rows = rows if last is None else rows.filter(pk__gt=last)
    return list(rows.values_list("pk", flat=True)[:_BATCH])


@transaction.atomic
def _seal_batch(place: Place, pks: list[object]) -> int:
    """One short transaction: who works on the same rows meanwhile waits for it, or it for them."""
    current = keyring().current(Purpose.FIELD).key_id
    table, column = place.model._meta.db_table, place.field.column
    rows = place.model._base_manager.select_for_update().filter(pk__in=pks).exclude(**{place.field.attname: None})
    changed = 0
    for pk, value in rows.values_list("pk", place.field.attname):
        sealed = value.sealed()
        if key_id_of(sealed) == current:
            continue
        bound_to = row_context(table, column, pk)
        fresh = EncryptedText.sealed_for(table, column, pk, encrypt(decrypt(sealed, bound_to), bound_to))
        place.model._base_manager.filter(pk=pk).update(**{place.field.attname: fresh})
        changed += 1
    return changed
