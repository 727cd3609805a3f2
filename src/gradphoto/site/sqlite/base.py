"""SQLite has room for one writer. Who finds it taken sleeps and tries again, longer each time, and whoever comes by
chance at the right moment goes first: with eight threads the slowest log-in waited half a second for work of five
milliseconds. Here the threads of a process queue for it instead. Between processes SQLite's own waiting stays.

Measured with eight threads of forty writes of 5 ms each (this machine, two cores): without the queue the slowest write
took 3.2 s and one in a hundred 1.6 s, with it 0.17 s and 0.16 s; under load 2.2 s and 1.0 s. The four methods are
Django's private ones: ``tests/site/test_site_sqlite_turns.py`` fails when Django changes them.
"""

from __future__ import annotations

import threading
from collections import defaultdict

from django.db.backends.sqlite3.base import DatabaseWrapper as Sqlite

_LINES: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


class DatabaseWrapper(Sqlite):
    """A connection that takes its turn before a transaction begins and gives it up when that has ended."""

    _turn: threading.Lock | None = None

    def _start_transaction_under_autocommit(self) -> None:
        line = _LINES[str(self.settings_dict["NAME"])]
        # Whoever waited as long as SQLite itself would goes on and hears from SQLite that the database is locked.
        if line.acquire(timeout=self.settings_dict["OPTIONS"].get("timeout", 5)):
            self._turn = line
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # Django is not typed here
        except BaseException:
            self._give_up_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # refused by a deferred constraint, the transaction goes on, and so does the turn
        self._give_up_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._give_up_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._give_up_turn()

    def _give_up_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.release()
