"""Replacing the key of blind indexes while everything goes on.

An index tells nobody that its key is missing: it only finds nothing. Hence the order: the new key lies behind the
present one until every process has it and looks under both; then every index whose text is kept is counted anew in one
transaction; then the new key comes first; then what was written meanwhile is counted anew, too. Stopped anywhere, both
keys are on the ring, every look-up asks under both, and running it again goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import IntegrityError, connections, models, router, transaction

from gradphoto.apps.core import key_register
from gradphoto.apps.core.blind_indexes import BlindIndexField, index_columns, under
from gradphoto.apps.core.encryption import blind_index, keyring, opened
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.core.models import KnownKey
from gradphoto.engine.keyring import LOOKS_AGAIN_S, Key, Purpose

_BATCH = 2000
_PURPOSE = Purpose.BLIND_INDEX
NOTICED_WITHIN_S = 2 * LOOKS_AGAIN_S
"""Every process that reads the same key file knows a new key by then."""

Progress = Callable[[str, int], None]


def index_key() -> Key:
    """The key to rotate to: a new one, which only finds at first, or that of a rotation that was interrupted."""
    ring = keyring()
    ring.reload()
    newest = _newest()
    if newest == ring.current(_PURPOSE) and not any(_outdated(newest)):
        newest = ring.add(_PURPOSE, behind=True)
    key_register.require_known_keys()
    return newest


def index_anew(
    key: Key, progress: Progress = lambda place, rows: None, wait: Callable[[float], None] = time.sleep
) -> int:
    """Count every index anew whose text is kept; returns how many. ``key`` comes from :func:`index_key`.

    Raises ``keys.number_twice``.
    """
    wait(NOTICED_WITHIN_S)
    changed = _count_anew(key, progress)
    if keyring().current(_PURPOSE) != key:
        keyring().put_first(key)
    wait(NOTICED_WITHIN_S)
    return changed + _count_anew(key, progress)


def still_under(key: Key) -> dict[str, int]:
    """By column, how many rows can be found by this key only."""
    counted = {_label(model, field): under(key, model, field).count() for model, field in index_columns()}
    return {place: rows for place, rows in counted.items() if rows}


def retire_borne_by_none() -> list[Key]:
    """Take the earlier keys off the ring under which nothing stands any more; returns which."""
    if _newest() != keyring().current(_PURPOSE):
        return []  # the one behind is on its way to the front
    gone = [key for key in keyring().every(_PURPOSE)[1:] if not still_under(key)]
    for key in gone:
        key_register.retire(key)
        keyring().retire(_PURPOSE, key.fingerprint)
    return gone


def _newest() -> Key:
    """A key that the database does not know yet is newer than all it knows."""
    known = dict(KnownKey.objects.filter(purpose=str(_PURPOSE)).values_list("fingerprint", "known_since"))
    ours = keyring().every(_PURPOSE)
    fresh = [key for key in ours if key.fingerprint not in known]
    return fresh[0] if fresh else max(ours, key=lambda key: known[key.fingerprint])


def _outdated(key: Key) -> Iterator[models.QuerySet[Any]]:
    """Of each column that can be counted anew the rows that are not under ``key``, where there are any."""
    for model, field in index_columns():
        rows = model._base_manager.exclude(**{f"{field.attname}__startswith": key.key_id.hex()})
        if field.of and rows.exists():
            yield rows


@transaction.atomic
def _count_anew(key: Key, progress: Progress) -> int:
    """All of it at once, so that rows are compared with rows by one key, before and after."""
    changed = 0
    for model, field in index_columns():
        if not field.of:
            continue
        rows = model._base_manager.exclude(**{f"{field.attname}__startswith": key.key_id.hex()}).order_by("pk")
        while batch := list(opened(rows.select_for_update()[:_BATCH], field.of)):
            _write(model, field, [(_under(key, text), pk) for pk, text in batch])
            changed += len(batch)
            progress(_label(model, field), changed)
    return changed


def _under(key: Key, text: str) -> str:
    return str(blind_index(text, key.secret))


def _write(model: type[models.Model], field: BlindIndexField, rows: Sequence[tuple[str, Any]]) -> None:
    connection = connections[router.db_for_write(model)]
    names = (model._meta.db_table, field.column, model._meta.pk.column)
    table, column, pk = (connection.ops.quote_name(str(name)) for name in names)
    try:
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET {column} = %s WHERE {pk} = %s", rows)  # noqa: S608 - our own names
    except IntegrityError as error:
        raise _number_twice(_label(model, field)) from error


def _label(model: type[models.Model], field: BlindIndexField) -> str:
    return f"{model._meta.db_table}.{field.column}"


def _number_twice(place: str) -> Refusal:
    return refuse(
        "keys.number_twice",
        f"{place} 中有两条记录的号码相同，不能重新计算索引；没有改动任何记录。",
        f"Two rows of {place} bear one number; their indexes cannot be counted anew. Nothing was changed.",
        "请先在名册中合并或移出重复的人员，再运行一次。",
        "Remove the one that stands twice from the roster, then run this again.",
    )
