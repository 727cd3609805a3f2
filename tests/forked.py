"""Processes of the command line that do not import the product anew: each is forked from one that has done so.

``Forge`` keeps one process a test session that has imported everything and looked at nothing. Every run is a child of
it with its own environment, data directory, settings, database connections and exit status, as if it had been typed;
only the two seconds of importing are spared. What is about starting, signals or kills uses real starts (``serving``).
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SOURCES = [str(HERE.parent / "src"), str(HERE), str(HERE / "station")]


class Forge:
    """The process that forks; ended with the session (its standard input closes)."""

    def __init__(self) -> None:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GRADPHOTO_", "DJANGO_", "PG"))}
        self._folder = tempfile.TemporaryDirectory()
        environment = kept | {"GRADPHOTO_DATA": self._folder.name, "PYTHONPATH": os.pathsep.join(SOURCES)}
        self._process = subprocess.Popen(
            [sys.executable, __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(
        self, argv: Sequence[str], environment: Mapping[str, str], *, script: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """``gradphoto ARGV``, or ``script`` with these arguments."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wanted = {"argv": list(argv), "environment": dict(environment), "script": str(script) if script else None}
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        return subprocess.CompletedProcess(list(argv), told["status"], told["out"], told["err"])

    def close(self) -> None:
        self._process.communicate(timeout=300)
        self._folder.cleanup()


_FORGES: list[Forge] = []


def forge() -> Forge:
    """The one of this test session."""
    if not _FORGES:
        import atexit

        _FORGES.append(Forge())
        atexit.register(_FORGES[0].close)
    return _FORGES[0]


_HOME = os.environ.get("GRADPHOTO_DATA", "")


def _import_all() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "gradphoto.site.station_settings"
    import django

    django.setup()
    import django.core.management.commands.migrate
    import django.test

    import gradphoto.cli.server
    import gradphoto.cli.station_opening
    import gradphoto.cli.station_work
    import gradphoto.site.station_urls
    import gradphoto.site.urls  # noqa: F401


def _forget_the_settings() -> None:
    """As at the start of a process: settings, connections, storages, caches and templates are made at their first use."""
    from asgiref.local import Local
    from django.conf import settings
    from django.core.cache import caches
    from django.core.files.storage import storages
    from django.db import connections
    from django.template import engines
    from django.urls import clear_url_caches
    from django.utils.functional import empty

    for name in [name for name in sys.modules if name.startswith("gradphoto.site.") and name.endswith("settings")]:
        del sys.modules[name]
    settings._wrapped = empty
    for handler in (connections, caches):
        handler.__dict__.pop("settings", None)
        handler._settings = None
        handler._connections = Local(handler.thread_critical)
    storages.__dict__.pop("backends", None)
    storages._backends, storages._storages = None, {}
    engines.__dict__.pop("templates", None)
    engines._engines = {}
    clear_url_caches()


_EMPTY = "empty.sqlite3"
"""A database with every table and nothing in it, beside the forging process's own data: made once."""


def _begin_from_the_empty_one() -> None:
    """A new SQLite database starts as a copy of the empty one: building its tables is what most of a kit's opening costs."""
    import shutil

    from django.conf import settings

    from gradphoto.site import migrating

    whole = migrating.migrate
    empty = Path(_HOME) / _EMPTY

    def migrate(tell: Any = None) -> None:
        database = settings.DATABASES["default"]
        place = Path(str(database["NAME"]))
        if "sqlite" in database["ENGINE"] and not place.exists():
            if not empty.exists():
                from django.db import connection

                from at_once import make_tables

                make_tables()
                whole(tell)
                connection.cursor().execute("VACUUM INTO %s", [str(empty)])
                return
            shutil.copyfile(empty, place)
        whole(tell)

    migrating.migrate = migrate  # type: ignore[assignment]


def _child(wanted: dict[str, Any], out: int, err: int) -> int:
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    try:
        _forget_the_settings()
        _begin_from_the_empty_one()
        if wanted["script"]:
            sys.argv = [wanted["script"], *wanted["argv"]]
            runpy.run_path(wanted["script"], run_name="__main__")
        else:
            from gradphoto.cli import main

            sys.argv = ["gradphoto", *wanted["argv"]]
            main()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _serve() -> None:
    told = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _import_all()
    for line in sys.stdin:
        wanted = json.loads(line)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    status = _child(wanted, out.fileno(), err.fileno())
                finally:
                    sys.stdout.flush()
                    sys.stderr.flush()
                    os._exit(status)
            _, status = os.waitpid(child, 0)
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read().decode())
        answer = {"status": os.waitstatus_to_exitcode(status), "out": texts[0], "err": texts[1]}
        told.write(json.dumps(answer) + "\n")
        told.flush()


if __name__ == "__main__":
    _serve()
