"""What monitoring asks: ``/healthz``, ``/readyz`` and ``/metrics`` (docs/deploy.md).

Answered before the host name is checked, because a probe comes by an inner name, and without a session. ``/healthz`` says that
this process answers; ``/readyz`` that it can work: database, schema, storage. Details and metrics only for the addresses of
``GRADPHOTO_METRICS_FROM``; everybody else finds no such page.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse

from gradphoto.apps.core.client_address import client_address, comes_directly
from gradphoto.apps.core.error_pages import NOT_FOUND, show

log = logging.getLogger(__name__)
PROBE = "probe"
"""A name that is looked for in the blob store; whether it is there does not matter, only that the store answers."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must work for this process to be of use."""

    name: str
    passed: bool
    took_ms: int


class Probes:
    """Answers the three addresses; everything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._answers = {"/healthz": _healthz, "/readyz": _readyz, "/metrics": _metrics}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._answers.get(request.path)
        if answer is None or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        response = answer(request)
        response.headers["Cache-Control"] = "no-store"
        return response


def _healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def _readyz(request: HttpRequest) -> HttpResponse:
    checks = list(readiness())
    ready = all(check.passed for check in checks)
    status = 200 if ready else 503
    if not _is_allowed(request):
        return HttpResponse("ok\n" if ready else "not ready\n", status=status, content_type="text/plain")
    return JsonResponse({one.name: {"passed": one.passed, "took_ms": one.took_ms} for one in checks}, status=status)


def _metrics(request: HttpRequest) -> HttpResponse:
    if not _is_allowed(request):
        return show(request, NOT_FOUND)
    from gradphoto.apps.core.metrics import exposition

    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _is_allowed(request: HttpRequest) -> bool:
    address = client_address(request)
    if not address or not comes_directly(request):
        return False
    parsed = ip_address(address)
    return any(parsed.version == network.version and parsed in network for network in settings.METRICS_FROM)


def readiness() -> Iterator[Check]:
    """Ask each part that this process cannot work without."""
    for name, works in (("database", _database_answers), ("schema", _schema_is_current), ("storage", _storage_answers)):
        began = time.monotonic()
        try:
            passed = works()
        except Exception:
            log.exception("probe.failed", extra={"check": name})
            passed = False
        yield Check(name, passed, round(1000 * (time.monotonic() - began)))


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _schema_is_current() -> bool:
    return not pending_migrations()


def pending_migrations() -> list[str]:
    """Migrations of this program that the database has not seen. Where there are none, one question tells."""
    if _of_this_program() <= MigrationRecorder(connection).applied_migrations().keys():
        return []
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


@functools.cache
def _of_this_program() -> frozenset[tuple[str, str]]:
    """Read from disk once a process, which takes half a second: the files of a running program stay what they are."""
    return frozenset(MigrationLoader(None).graph.nodes)


def _storage_answers() -> bool:
    storages["blobs"].exists(PROBE)
    return True
