"""Bringing a database to the present schema: one process at a time, however many start at once."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pkgutil
import time
from collections.abc import Callable, Iterator

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from gradphoto.apps.core.guards import all_stand
from gradphoto.engine.file_locks import locked

_LOCK_NUMBER = 0x6772_6164_7068  # "gradph": one number for all installations; the lock belongs to one database
_POLL_S = 0.2


def migrate(waiting: Callable[[], None] | None = None) -> None:
    """Migrate under a lock that other processes and machines wait for. ``waiting`` is told once when somebody holds it."""
    lock = _in_database if connection.vendor == "postgresql" else _in_folder
    with lock(waiting or (lambda: None)):
        if _is_up_to_date():
            return
        call_command("migrate", verbosity=0, interactive=False)


def _is_up_to_date() -> bool:
    """No migration is due and the triggers are this release's own: so it is at all starts but the first after an update.

    ``migrate`` would all the same take every trigger down and put it up anew, count everybody of the roster and make all
    models of the history: 0.7 s of processor with nobody on the roster, at each command.
    """
    return _on_disk() <= set(MigrationRecorder(connection).applied_migrations()) and all_stand(connection)


def _on_disk() -> set[tuple[str, str]]:
    """App and name of every migration of this release, without loading them."""
    found: set[tuple[str, str]] = set()
    for app in apps.get_app_configs():
        name, _ = MigrationLoader.migrations_module(app.label)
        if name is not None and importlib.util.find_spec(name) is not None:
            places = importlib.import_module(name).__path__
            modules = (one.name for one in pkgutil.iter_modules(places) if not one.ispkg)
            found.update((app.label, module) for module in modules if module[0] not in "_~")
    return found


@contextlib.contextmanager
def _in_database(waiting: Callable[[], None]) -> Iterator[None]:
    """An advisory lock of the session: PostgreSQL lets it go by itself when the process is killed."""

    def taken() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK_NUMBER])
            return bool(cursor.fetchone()[0])

    _until(taken, waiting)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK_NUMBER])


@contextlib.contextmanager
def _in_folder(waiting: Callable[[], None]) -> Iterator[None]:
    """A locked file beside the SQLite file; the system lets it go by itself when the process is killed."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.DATA_DIR / "migrate.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _until(lambda: locked(descriptor) is not False, waiting)  # where nobody can hold it, nobody is waited for
        yield
    finally:
        os.close(descriptor)


def _until(taken: Callable[[], bool], waiting: Callable[[], None]) -> None:
    if taken():
        return
    waiting()
    while not taken():
        time.sleep(_POLL_S)
