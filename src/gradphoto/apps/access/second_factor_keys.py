"""The secrets of second factors in the rotation of keys: allauth keeps them in a JSON column, which no field type finds."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from django.db import transaction

from gradphoto.apps.access.adapters import SecondFactorAdapter
from gradphoto.apps.core.encryption import key_id_of, keyring
from gradphoto.apps.core.key_rotation import OtherPlace, takes_part
from gradphoto.engine.keyring import Key, Purpose

_SECRETS = ("secret", "seed")


def seal_anew() -> int:
    """Under the present key whatever an earlier one sealed; returns how many secrets."""
    return sum(_seal_one(pk) for pk in list(Authenticator.objects.values_list("pk", flat=True)))


def left_under(key: Key) -> int:
    """How many secrets still bear this key."""
    return sum(key_id_of(sealed) == key.key_id for row in Authenticator.objects.all() for _, sealed in _sealed(row))


@transaction.atomic
def _seal_one(pk: int) -> int:
    row = Authenticator.objects.select_for_update().filter(pk=pk).first()
    current, adapter, changed = keyring().current(Purpose.FIELD).key_id, SecondFactorAdapter(), 0
    for name, sealed in _sealed(row) if row is not None else ():
        if key_id_of(sealed) != current:
            row.data[name] = adapter.encrypt(adapter.decrypt(row.data[name]))
            changed += 1
    if row is not None and changed:
        row.save(update_fields=["data"])
    return changed


def _sealed(row: Authenticator) -> Iterator[tuple[str, bytes]]:
    for name in _SECRETS:
        if name in row.data:
            yield name, base64.b64decode(row.data[name])


takes_part(OtherPlace("mfa_authenticator.data", seal_anew, left_under))
