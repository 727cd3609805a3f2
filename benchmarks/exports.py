"""A long list as a file in the background: time and the peak of memory do not grow with the list.

``python -m benchmarks exports`` writes the journal of the fees (twelve columns) with 40,000 and with 400,000 entries of the
ledger, through its ``Listing``, its job, xlsxwriter and the encrypted store, each in a process of its own, and tells them
as a ratio.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from typing import Any

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
    from gradphoto.apps.fees.lists import JOURNAL
    from gradphoto.apps.orgs.models import Membership, Organisation, Role, User
    from gradphoto.apps.pages.exporting import request_export
    from gradphoto.apps.pages.models import Export, FileFormat

    school = Organisation.objects.create(kind="school", name="示范大学")
    user = User.objects.create(username="registrar")
    Membership.objects.create(user=user, organisation=school, role=Role.REGISTRAR)
    _fill(rows, school)
    export = request_export(Actor.of(user), school, listing=JOURNAL, query="", made_as=FileFormat.XLSX)
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


def _fill(rows: int, school: Any) -> None:
    """Charges of one graduate in the ledger, as tuples, ten thousand at a time; its triggers book the balances."""
    from django.db import connection, transaction
    from django.utils import timezone

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
    entry = (campaign.pk, "spring", "charge", owed.pk, revenue.pk, 2000, charge.pk, "", "2026-11-30",
             timezone.now().strftime("%Y-%m-%d %H:%M:%S"), "user:1", "王老师")  # fmt: skip
    names = ("campaign_id, season, kind, debit_id, credit_id, amount_fen, charge_id, reason, business_day, at, actor, "
             "actor_label")  # fmt: skip
    for first in range(0, rows, 10_000):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO fees_entry ({names}) VALUES ({', '.join(['%s'] * len(entry))})",
                [entry] * min(10_000, rows - first),
            )


def _peak() -> int:
    """The process's greatest resident memory so far, in bytes (``ru_maxrss`` is KiB on Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
