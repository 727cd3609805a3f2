"""A long list as a file in the background: time and the peak of memory do not grow with the list.

    python -m benchmarks.exports [--postgresql] [--rows 400000]

writes the journal of the fees (twelve columns) with 50,000 and with 400,000 entries of the ledger, as xlsx and as csv,
through its ``Listing``, its job, xlsxwriter and the encrypted store. Each file is written by a process of its own, whose
start has been paid for by a short list, and the peaks are told as a ratio to the smaller run of the same hour (issue 12:
constant memory). ``python -m benchmarks exports`` does both databases.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.postgresql import database

SMALL, LARGE = 50_000, 400_000
FORMATS = ("xlsx", "csv")
_MIB = 1024 * 1024
_TOLD_OF_A_FAULT = 8000


def run() -> None:
    """Both databases at full size."""
    for more in ([], ["--postgresql"]):
        subprocess.run([sys.executable, "-m", "benchmarks.exports", *more], check=True)


def main() -> None:
    """Print rows, seconds, size and peak memory of each file, and the ratio of the peaks."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--postgresql", action="store_true")
    options.add_argument("--rows", type=int, default=LARGE)
    options.add_argument("--write", choices=FORMATS, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.write:
        print(json.dumps(measure(asked.rows, asked.write)))
        return
    print(f"{'PostgreSQL' if asked.postgresql else 'SQLite'}\n")
    print(
        "| file | rows | seconds | rows/s | file MiB | peak MiB | peak above start MiB |\n|---|---|---|---|---|---|---|"
    )
    ratios = []
    for made_as in FORMATS:
        both = [_in_its_own_process(rows, made_as, asked.postgresql) for rows in (SMALL, asked.rows)]
        for one in both:
            print(
                f"| {made_as} | {one['rows']:,} | {one['seconds']:.1f} | {one['rows'] / one['seconds']:,.0f} | "
                f"{one['file']:.1f} | {one['peak']:.0f} | {one['grown']:.1f} |",
                flush=True,
            )
        ratios.append(f"{made_as} x {both[1]['peak'] / both[0]['peak']:.2f}")
    print(f"\npeak memory, {asked.rows / SMALL:.0f} times the rows: {', '.join(ratios)}")


def _in_its_own_process(rows: int, made_as: str, is_postgresql: bool) -> dict[str, float]:
    kind = "postgresql" if is_postgresql else "sqlite"
    with tempfile.TemporaryDirectory(prefix="gradphoto-bench-") as folder, database(kind) as address:
        known = {**os.environ, "GRADPHOTO_DATA": folder, "DJANGO_SETTINGS_MODULE": "gradphoto.site.settings"}
        known["GRADPHOTO_DATABASE"] = address
        command = [sys.executable, "-m", "benchmarks.exports", "--rows", str(rows), "--write", made_as]
        told = subprocess.run(command, env=known, check=False, capture_output=True, text=True)
        if told.returncode:
            sys.exit(f"{kind}, {made_as}, {rows} rows: ended with {told.returncode}\n{told.stderr[-_TOLD_OF_A_FAULT:]}")
    answer: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return answer


def measure(rows: int, made_as: str) -> dict[str, float]:
    """Fill a table, have it exported by the job, and tell what it took."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from gradphoto.apps.core import jobs
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.fees.lists import JOURNAL
    from gradphoto.apps.orgs.models import Membership, Organisation, Role, User
    from gradphoto.apps.pages.exporting import request_export
    from gradphoto.apps.pages.models import Export, FileFormat

    school = Organisation.objects.create(kind="school", name="示范大学")
    user = User.objects.create(username="registrar")
    Membership.objects.create(user=user, organisation=school, role=Role.REGISTRAR)
    actor, kind = Actor.of(user), FileFormat(made_as)
    owed = _world(school)
    _fill(1_000, *owed)
    first = request_export(actor, school, listing=JOURNAL, query="", made_as=kind)
    assert first.job is not None
    assert jobs.run(first.job.pk)  # what is imported and built once
    _fill(rows - 1_000, *owed)
    export = request_export(actor, school, listing=JOURNAL, query="", made_as=kind)
    before, began = _start_peak_anew(), time.perf_counter()
    assert export.job is not None
    assert jobs.run(export.job.pk)
    seconds, peak = time.perf_counter() - began, _peak()
    export = Export.objects.get(pk=export.pk)
    if export.row_count != rows:
        told = {name: getattr(export.job, name) for name in ("state", "attempts", "done", "error_code", "waiting_for")}
        sys.exit(f"{export.row_count} rows written; the job: {told}")
    return {
        "rows": rows,
        "seconds": seconds,
        "file": export.size_bytes / _MIB,
        "peak": peak / _MIB,
        "grown": (peak - before) / _MIB,
    }


def _world(school: Any) -> tuple[int, int, int, int]:
    """A campaign with one graduate who owes: the keys of the campaign, of both accounts and of the charge."""
    from gradphoto.apps.campaigns.models import Campaign, RuleSet
    from gradphoto.apps.core.encryption import blind_index
    from gradphoto.apps.fees.lifecycle import CHARGE
    from gradphoto.apps.fees.models import Account, Charge
    from gradphoto.apps.roster.models import Candidate

    rules = RuleSet.objects.create(name="benchmark")
    campaign = Campaign.objects.create(
        cohort_year=2026, title="2026届", school=school, centre=school, rule_set=rules, status="collecting"
    )
    number = "990101200403050018"
    person = Candidate.objects.create(
        campaign=campaign, department=school, season="spring", student_no="2022000001", name="测试甲", sex="female",
        birth_date=date(2004, 3, 5), id_number=number, id_number_index=blind_index(number), status="accepted",
    )  # fmt: skip
    owed = Account.objects.create(campaign=campaign, kind="student", candidate=person)
    revenue = Account.objects.create(campaign=campaign, kind="revenue")
    charge = Charge(candidate=person, item="photo", unit_fen=2000, amount_fen=2000, price_source="-",
                    price_effective_from=date(2026, 1, 1))  # fmt: skip
    CHARGE.begin(charge)
    return campaign.pk, owed.pk, revenue.pk, charge.pk


def _fill(rows: int, campaign: int, debit: int, credit: int, charge: int) -> None:
    """Charges of one graduate in the ledger, as tuples, ten thousand at a time; its triggers book the balances."""
    from django.db import connection, transaction
    from django.utils import timezone

    entry = (campaign, "spring", "charge", debit, credit, 2000, charge, "", "2026-11-30",
             timezone.now().strftime("%Y-%m-%d %H:%M:%S"), "user:1", "王老师")  # fmt: skip
    names = ("campaign_id, season, kind, debit_id, credit_id, amount_fen, charge_id, reason, business_day, at, actor, "
             "actor_label")  # fmt: skip
    for first in range(0, rows, 10_000):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO fees_entry ({names}) VALUES ({', '.join(['%s'] * len(entry))})",
                [entry] * min(10_000, rows - first),
            )


def _start_peak_anew() -> int:
    """Forget the greatest resident memory so far (Linux, ``/proc/self/clear_refs``) and tell what is held now, in bytes."""
    Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> int:
    """The process's greatest resident memory since then, in bytes."""
    status = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    return int(status.split()[0]) * 1024


if __name__ == "__main__":
    main()
