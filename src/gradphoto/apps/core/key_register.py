"""The database knows the fingerprint of every key, so that nobody works on it with others.

A second server with an empty data directory used to make new keys without a word; its first action then broke an audit
chain for ever. Now the start is refused, and the keys that are missing are named.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from gradphoto.apps.core import audit
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import keyring
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import KnownKey
from gradphoto.engine.keyring import Key, KeyFile, Purpose
from gradphoto.engine.wording import Wording

_LOCK = 0x67726164  # of PostgreSQL's advisory locks; "grad"
_REGISTRAR = Actor.system("keys")


class KeysDifferRefusal(Refusal):
    """These are not the keys of this database."""


def require_known_keys() -> None:
    """Register the keys of a new database; refuse to go on with a database of other keys.

    Raises ``KeysDifferRefusal`` (``core.keys_differ``) that names every key that is missing. Keys that are new beside all
    known ones are a rotation that somebody began, and are registered.
    """
    with transaction.atomic():
        _take_turn()
        known = {(row.purpose, row.fingerprint): row for row in KnownKey.objects.all()}
        ours = {(str(key.purpose), key.fingerprint): key for purpose in Purpose for key in keyring().every(purpose)}
        missing = [row for pair, row in known.items() if pair not in ours and row.retired_at is None]
        if missing:
            raise _differ(missing)
        fresh = [key for pair, key in ours.items() if pair not in known]
        if fresh:
            register(fresh)


def register(keys: list[Key]) -> None:
    """Write down the fingerprints of keys that this database has not seen."""
    now = timezone.now()
    KnownKey.objects.bulk_create(
        KnownKey(purpose=str(key.purpose), fingerprint=key.fingerprint, known_since=now) for key in keys
    )
    audit.record(_REGISTRAR, "core.register_keys", None, {str(key.purpose): key.fingerprint for key in keys})


def retire(key: Key) -> None:
    """From now on the database is content without this key."""
    KnownKey.objects.filter(purpose=str(key.purpose), fingerprint=key.fingerprint).update(retired_at=timezone.now())
    audit.record(_REGISTRAR, "core.retire_key", None, {str(key.purpose): key.fingerprint})


def _take_turn() -> None:
    """Two first starts at once must agree on whose keys these are; SQLite's transaction itself keeps the other out."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _differ(missing: list[KnownKey]) -> KeysDifferRefusal:
    source = keyring().source
    if isinstance(source, KeyFile) and source.made_now:
        source.path.unlink(missing_ok=True)  # made a moment ago for nothing; the next start should not find it
    named = "、".join(f"{row.purpose} {row.fingerprint}" for row in missing)
    return KeysDifferRefusal(
        "core.keys_differ",
        Wording(
            f"{source.place} 中的密钥不是这个数据库的密钥，缺少：{named}。",
            f"The keys in {source.place} are not those of this database; missing: {named.replace('、', ', ')}.",
        ),
        Wording(
            "请把第一台服务器的 keys.json 复制过来（或用 GRADPHOTO_KEYS_FILE、GRADPHOTO_KEYS_DIR 指定同一份），再启动。",
            "Copy keys.json of the first server, or name the same keys with GRADPHOTO_KEYS_FILE or GRADPHOTO_KEYS_DIR, "
            "and start again.",
        ),
    )
