"""What every test stands on; the database and the data directory are chosen in settings_for_tests."""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import itertools
import os
import random
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.assertion import rewrite
from _pytest.unraisableexception import gc_collect_iterations_key
from hypothesis import HealthCheck
from hypothesis import settings as made_up_cases
from hypothesis.internal.conjecture import providers

import boundary
from budget import examples

gc.disable()  # until everything is loaded
made_up_cases.register_profile(
    # Never judged by the clock, for the machine may be busy; the same cases at every run but the nightly one.
    "here", max_examples=examples(50, 100), deadline=None, derandomize=examples(1) == 1,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
made_up_cases.load_profile("here")
if examples(1) == 1:
    # Numbers that stand in our own source are sought at night only: to gather them takes each worker five seconds.
    providers._get_local_constants = lambda: providers._local_constants

ON_BOTH = ("core", "test_access_throttling.py", "test_access_second_factor.py", "registration", "test_pages_exports.py")
"""What runs on PostgreSQL, too, with every test of transactions anywhere: actions, locks, leases, the trail, exports,
numbers and ledgers, attempts that are counted; the journey opens every page there. The rest asks nothing that a database could answer differently;
``make nightly`` runs it on PostgreSQL all the same."""


@functools.cache
def _whole_file_is(path: Path) -> frozenset[str]:
    """The markers that every test of a file has (its ``pytestmark``), found without importing it."""
    said = re.search(r"^pytestmark = (\[?pytest\.mark.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(re.findall(r"mark\.(\w+)", said[1])) if said else frozenset()


def _may_run_on_both(path: Path) -> bool:
    said = path.read_text(encoding="utf-8")
    return bool({path.parent.name, path.name} & {*ON_BOTH}) or "transaction=True" in said or "mark.both" in said


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file of which no test would be chosen is not even imported: a third of a run on one database was that."""
    chosen = config.option.markexpr
    if collection_path.suffix != ".py" or not collection_path.name.startswith("test_"):
        return None
    if any(f"not {marker}" in chosen for marker in _whole_file_is(collection_path)):
        return True
    return True if chosen.startswith("both ") and not _may_run_on_both(collection_path) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """In a fresh clone every assertion is rewritten once: each of several workers begins with a share of the files.

    Each of them collects everything, and side by side each rewrote everything: twelve seconds of processor a worker.
    Nothing is imported here: in whatever order modules are imported first, such is the order of what they gather.
    """
    share = getattr(session.config, "workerinput", None)
    if share is None:
        return
    place, of = int(share["workerid"].removeprefix("gw")), share["workercount"]
    asked = [Path(one.partition("::")[0]) for one in session.config.args]
    files = {
        file.resolve() for one in asked for file in (one.rglob("test_*.py") if one.is_dir() else [one]) if file.exists()
    }
    chosen = [path for path in sorted(files) if not pytest_ignore_collect(path, session.config)]
    for path in chosen[place::of]:
        with contextlib.suppress(Exception):  # what is wrong with a file is told when it is collected
            _rewrite(path, session.config)


def _rewrite(path: Path, config: pytest.Config) -> None:
    """Write the file with its assertions rewritten beside it, as pytest's own import hook would (pytest 8 and 9)."""
    compiled = rewrite.get_cache_dir(path) / (path.stem + rewrite.PYC_TAIL)
    if rewrite._read_pyc(path, compiled) is None and rewrite.try_makedirs(compiled.parent):
        digest, code = rewrite._rewrite_test(path, config)
        rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, digest, compiled)


def pytest_configure(config: pytest.Config) -> None:
    """The clock of ``boundary``, where one is named; at the end the collector goes once, not five times, through it all."""
    config.stash[gc_collect_iterations_key] = 1
    if boundary.AT:
        config.pluginmanager.register(boundary, "boundary")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A day of UTC or of Beijing does not end in the middle of a test: what would meet it begins behind it.

    Whether the product holds then is asked on purpose, by ``boundary``. Twice a day a run stands still for seconds.
    """
    if not boundary.AT:
        longest = 90 if item.path.name in LONGEST else 15
        left = boundary.seconds_of_the_day_left()
        if left < longest:
            time.sleep(left + 0.1)


LONGEST = (
    "test_pages_walk.py",
    "test_station_live.py",
    "test_documents_every_role.py",
    "test_site_backup.py",
    "test_site_new_database.py",
    "test_permissions_numbers.py",
    "test_station_survives.py",
    "test_orgs_setup.py",
    "test_core_jobs_survive_kill.py",
    "test_journey_first_day.py",
    "test_journey_whole.py",
    "test_site_processes.py",
    "test_site_own_tls.py",
)
"""Files with tests of ten seconds and more begin a run: at its end one worker walked every page for a minute, alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs on both databases; what takes longest comes first, or everything in the order of a throw of dice."""
    if thrown := os.environ.get("GRADPHOTO_TEST_ORDER"):
        of_file = {path: random.Random(f"{thrown} {path.name}").random() for path in {item.path for item in items}}
        own = {item.nodeid: random.Random(f"{thrown} {item.nodeid}").random() for item in items}
        items.sort(key=lambda item: (of_file[item.path], own[item.nodeid]))
    else:
        items.sort(key=lambda item: item.path.name not in LONGEST)
    for item in items:
        database = item.get_closest_marker("django_db")
        if item.get_closest_marker("engine") or item.get_closest_marker("slow") or database is None:
            continue
        if {item.path.parent.name, item.path.name} & {*ON_BOTH} or database.kwargs.get("transaction"):
            item.add_marker("both")


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: the collector need not go through it, neither now nor at every test."""
    gc.freeze()
    gc.enable()
    if "PYTEST_XDIST_WORKER" not in os.environ:  # a worker leaves at once (settings_for_tests)
        atexit.register(gc.unfreeze)  # else libraries in C++ say at the end that something of theirs is still there
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(autouse=True, scope="session")
def _no_waiting_for_the_disk() -> Iterator[None]:
    """What a test itself writes need not survive a power cut; the processes that tests kill wait for the disk as ever."""
    patch = pytest.MonkeyPatch()
    patch.setattr(os, "fsync", lambda descriptor: None)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _tokens_of_few_letters() -> Iterator[None]:
    """A form's token is 64 letters and figures by lot, in which "S1" or "42" stood once in fifty times: a test that wants a
    page without these words is not to find them there. Ours are of small letters up to "s".
    """
    from django.middleware import csrf
    from django.utils.crypto import get_random_string

    patch = pytest.MonkeyPatch()
    patch.setattr(csrf, "_get_new_csrf_string", lambda: get_random_string(csrf.CSRF_SECRET_LENGTH, "abcdefghij"))
    yield
    patch.undo()


_FOLDERS = itertools.count()


@pytest.fixture(autouse=True)
def _blobs_apart(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every test keeps its blobs and its checkpoints of the trail in folders of its own: a checkpoint that outlives its test
    calls the next one's empty trail cut short.
    """
    from django.core.files.storage import storages

    # Numbered by ourselves: pytest reads the whole folder for the next number, and it has thousands.
    folder = tmp_path_factory.getbasetemp() / f"blobs{next(_FOLDERS)}"
    folder.mkdir()
    settings.STORAGES = {**settings.STORAGES, "blobs": {**settings.STORAGES["blobs"], "OPTIONS": {"location": folder}}}
    settings.CHECKPOINT_DIR = folder.with_name(f"{folder.name}-checkpoints")
    storages._storages.clear()
    yield
    storages._storages.clear()


@pytest.fixture
def world() -> Any:
    """The school with its people (``tests/world.py``), new for each test; a module that stands on more has its own."""
    from world import build_world  # once Django is set up

    return build_world()


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """What a request leaves in the thread (its language, its words for the log) and what a room keeps in the memory of the
    process, with a timer that asks the database of whichever test runs by then, goes with the test.
    """
    yield
    import structlog
    from django.utils import translation

    translation.deactivate()
    structlog.contextvars.clear_contextvars()
    if faces := sys.modules.get("gradphoto.apps.pairing.face_memory"):
        for session in list(faces.MEMORY._kept):
            faces.MEMORY.forget(session)


@pytest.fixture
def still_clock() -> Iterator[None]:
    """Where frames and cards follow each other by seconds: a machine that stands still for two of them changes no order."""
    with boundary.hardly_moving(time.time()):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A test with transactions takes away what it wrote (``emptied``) instead of emptying and filling every table."""
    from django.db import connection
    from django.test import TransactionTestCase

    from emptied import Fresh

    with django_db_blocker.unblock():
        fresh = Fresh.of(connection)
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: fresh.restore(connection))
    yield
    patch.undo()
