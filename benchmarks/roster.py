"""Reading and checking 100,000 rows of 20 columns, as a ratio to calamine's bare read of the same bytes in the same run."""

from __future__ import annotations

import io
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import python_calamine
import xlsxwriter

from gradphoto.demo.people import TEST_REGION, DepartmentPlan, make_roster
from gradphoto.engine.roster import LintRules, apply_fixes, diff_rosters, lint, read_table
from gradphoto.engine.roster.layout import TITLES
from gradphoto.engine.standards.identity import check_digit

ROWS = 100_000
DIRTY_SHARE = 0.02
RUNS = 3
LIMIT = 4.0
"""Issue 4: read, checked and ready to be stored in less than this many bare reads."""


def made_up_file(rows: int = ROWS) -> bytes:
    """A roster of 20 columns with faults spread over it, as xlsx."""
    rng = random.Random(4)
    plan = make_roster([DepartmentPlan("计算机学院", "计算机", "计科", rows // 60, rows)])
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = workbook.add_worksheet("名册")
    for column, heading in enumerate((*TITLES.values(), "考生号")):
        sheet.write_string(0, column, heading)
    for line, row in enumerate(plan.rows, start=1):
        born = date(2003, 9, 1) + timedelta(days=line // 900)
        first17 = f"{TEST_REGION}{born:%Y%m%d}{line % 900:03d}"
        row.update(id_number=first17 + check_digit(first17), birth_date=f"{born:%Y%m%d}", sex="女男"[line % 2])
        if rng.random() < DIRTY_SHARE:
            name = rng.choice(("name", "sex", "birth_date", "id_number", "ethnic_group"))
            row[name] = rng.choice((f" {row[name]}", row[name][:-1], f"{row[name]}\u200b"))
        row["student_no"] = f"2022{line:08d}"
        for column, name in enumerate(TITLES):
            sheet.write_string(line, column, row[name] or "无")
        sheet.write_string(line, len(TITLES), f"26430600{line:06d}")
    workbook.close()
    return out.getvalue()


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def run() -> None:
    """Print the parts, their sum and the ratio; each is the median of a few runs that take turns with the bare read."""
    data = made_up_file()
    rules = LintRules(datetime.now(UTC).date(), frozenset({TEST_REGION}))
    times: dict[str, list[float]] = {name: [] for name in ("bare", "read", "lint", "records")}
    for _ in range(RUNS):
        times["bare"].append(timed(lambda: bare_read(data)))
        start = time.perf_counter()
        table = read_table(data, "bench.xlsx")
        times["read"].append(time.perf_counter() - start)
        start = time.perf_counter()
        result = lint(table, rules)
        times["lint"].append(time.perf_counter() - start)
        start = time.perf_counter()
        records = [row.record for row in result.good if row.record is not None]
        times["records"].append(time.perf_counter() - start)
    bare, read, check, make = (statistics.median(values) for values in times.values())
    ours = read + check + make
    fixing = timed(lambda: apply_fixes(table.rows, result.findings))
    diffing = timed(lambda: diff_rosters(records, records))
    print(
        f"roster, {len(table.rows)} rows x {len(table.header.titles)} columns, {len(result.findings)} findings: "
        f"read {read:.2f} s, lint {check:.2f} s, records {make:.2f} s; bare read {bare:.2f} s, "
        f"ratio {ours / bare:.2f} (limit {LIMIT:g}); fixes {fixing:.2f} s, difference of two states {diffing:.2f} s"
    )


def bare_read(data: bytes) -> object:
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def run_whole() -> None:
    """This module's own parts, and the whole way through the app on both databases, each in a process of its own."""
    rows = sys.argv[1:] if sys.argv[1:] and sys.argv[1].isdecimal() else []
    for more in ([], ["--postgresql"]):
        subprocess.run([sys.executable, "-m", "benchmarks.roster_app", *rows, *more], check=True)
    if not rows:
        run()


if __name__ == "__main__":
    run_whole()
