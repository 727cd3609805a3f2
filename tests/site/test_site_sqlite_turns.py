"""The queue of SQLite's writers hangs on four private methods of Django: a change of theirs is seen here."""

from __future__ import annotations

import threading
from contextlib import nullcontext

import pytest
from django.db import connections, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper as Sqlite

from gradphoto.site.sqlite.base import DatabaseWrapper
from patience import THREAD_S

pytestmark = pytest.mark.engine


@pytest.fixture
def connection(tmp_path, django_db_blocker):
    """A connection to a file of its own, registered with Django for ``atomic``."""
    settings = {**connections.settings["default"], "NAME": str(tmp_path / "a.sqlite3"), "OPTIONS": {"timeout": 5}}
    made = DatabaseWrapper({**settings, "TIME_ZONE": None, "TEST": {}}, alias="turns")
    connections.databases["turns"] = made.settings_dict
    connections["turns"] = made
    with django_db_blocker.unblock():
        yield made
        made.close()
    del connections["turns"]
    del connections.databases["turns"]


def test_django_still_has_the_four_methods():
    for name in ("_start_transaction_under_autocommit", "_commit", "_rollback", "_close"):
        assert callable(getattr(Sqlite, name, None)), f"Django has no {name} any more: look at site/sqlite/base.py"


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_a_transaction_takes_its_turn_and_gives_it_up(connection, end):
    with pytest.raises(ZeroDivisionError) if end == "rollback" else nullcontext(), transaction.atomic(using="turns"):
        assert connection._turn is not None, "Django began a transaction without asking for a turn"
        assert connection._turn.locked()
        held = connection._turn
        if end == "rollback":
            raise ZeroDivisionError
    if end == "close":
        connection.close()
    assert connection._turn is None
    assert not held.locked()


def test_a_second_thread_waits_for_the_first(connection):
    order = []
    begun = threading.Event()

    def second():
        other = DatabaseWrapper(connection.settings_dict, alias="turns")
        begun.set()
        other.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        order.append("second")
        other.rollback()
        other.close()

    with transaction.atomic(using="turns"):
        thread = threading.Thread(target=second)
        thread.start()
        begun.wait(THREAD_S)
        order.append("first")
    thread.join(THREAD_S)
    assert order == ["first", "second"]
