"""A long list as a file in the background: time and the peak of memory do not grow with the list.

``python -m benchmarks exports`` writes 40,000 and 400,000 rows of twelve columns, as a fee ledger has them, through a
``Listing``, its job, xlsxwriter and the encrypted store, each in a process of its own, and tells them as a ratio.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta

SIZES = (40_000, 400_000)
_MIB = 1024 * 1024


def run() -> None:
    """Print rows, seconds, size and peak memory of each, and the ratio of the peaks."""
    made = [_in_its_own_process(rows) for rows in SIZES]
    print("| rows | seconds | rows/s | file MiB | peak above start MiB |\n|---|---|---|---|---|")
    for one in made:
        speed = one["rows"] / one["seconds"]
        print(f"| {one['rows']:,} | {one['seconds']:.1f} | {speed:,.0f} | {one['file']:.1f} | {one['grown']:.1f} |")
    print(f"peak memory, ten times the rows: x {made[1]['peak'] / made[0]['peak']:.2f}")


def _in_its_own_process(rows: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        known = {**os.environ, "GRADPHOTO_DATA": folder, "DJANGO_SETTINGS_MODULE": "gradphoto.site.settings"}
        known.pop("GRADPHOTO_DATABASE", None)
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.exports", str(rows)],
            env=known,
            check=True,
            capture_output=True,
            text=True,
        )
    answer: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return answer


def measure(rows: int) -> dict[str, float]:
    """Fill a table, have it exported by the job, and tell what it took."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from gradphoto.apps.core import jobs
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.core.models import AuditEntry
    from gradphoto.apps.orgs.models import Membership, Organisation, Role, User
    from gradphoto.apps.pages.exporting import request_export
    from gradphoto.apps.pages.filters import ListFilter
    from gradphoto.apps.pages.listing import Column, Listing
    from gradphoto.apps.pages.models import Export, FileFormat
    from gradphoto.engine.wording import Wording

    school = Organisation.objects.create(kind="school", name="示范大学")
    user = User.objects.create(username="registrar")
    Membership.objects.create(user=user, organisation=school, role=Role.REGISTRAR)
    _fill(rows)
    names = ("number", "at", "action", "actor", "actor_label", "target_type", "target_key", "correlation", "previous",
             "digest", "chain", "pk")  # fmt: skip
    listing = Listing(
        name="benchmark.ledger",
        title=Wording("台账", "Ledger"),
        permission="desk.open",
        rows=lambda actor: AuditEntry.objects.filter(chain=99),
        filters=ListFilter,
        columns=tuple(Column(name, Wording(name, name), name) for name in names),
        order=("pk",),
    )
    export = request_export(Actor.of(user), school, listing=listing, query="", made_as=FileFormat.XLSX)
    before, began = _peak(), time.perf_counter()
    assert jobs.run_queued() == 1
    seconds, peak = time.perf_counter() - began, _peak()
    export = Export.objects.get(pk=export.pk)
    assert export.row_count == rows, export.job
    return {
        "rows": rows,
        "seconds": seconds,
        "file": export.size_bytes / _MIB,
        "peak": peak / _MIB,
        "grown": (peak - before) / _MIB,
    }


def _fill(rows: int) -> None:
    """Ledger-like rows in bulk, ten thousand at a time."""
    import uuid

    from django.utils import timezone

    from gradphoto.apps.core.models import AuditEntry

    now = timezone.now()
    for first in range(1, rows + 1, 10_000):
        AuditEntry.objects.bulk_create(
            AuditEntry(
                chain=99, number=n, at=now + timedelta(seconds=n), action="fees.collect", actor=f"user:{n % 50}",
                actor_label="王老师", target_type="fees.charge", target_key=str(n), detail={}, correlation=uuid.uuid4(),
                previous=f"{n:064x}", digest=f"{n + 1:064x}",
            )
            for n in range(first, min(first + 10_000, rows + 1))
        )  # fmt: skip


def _peak() -> int:
    """The process's greatest resident memory so far, in bytes (``ru_maxrss`` is KiB on Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
