"""``make bench`` (or ``python -m benchmarks planning``): roster reading against calamine's bare read, portraits against a bare decode of the same files."""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import python_calamine
import simplejpeg

from benchmarks.planning import planning
from gradphoto.demo.people import TEST_REGION, DepartmentPlan, make_roster, write_roster_xlsx
from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.portrait.pipeline import Pipeline
from gradphoto.engine.roster import LintRules, check_bytes
from gradphoto.engine.standards.profiles import load_profile

ROWS = 900
RUNS = 5


def median_s(work: Callable[[], object]) -> float:
    """The median of a few runs after one that does not count."""
    work()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def roster() -> None:
    data = write_roster_xlsx(make_roster([DepartmentPlan("计算机学院", "计算机", "计科", 20, ROWS)]), "bench")
    rules = LintRules(datetime.now(UTC).date(), frozenset({TEST_REGION}))

    def bare() -> object:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()

    ours, limit = median_s(lambda: check_bytes(data, "bench.xlsx", rules)), median_s(bare)
    print(f"roster, {ROWS} rows: read and lint {ours:.3f} s, bare read {limit:.3f} s, ratio {ours / limit:.1f}")


def portraits() -> None:
    pictures = [picture(name) for name in good_sitters()[:8]]
    profiles = [load_profile(code) for code in ("mb2017_99", "legacy_2009", "print_48x33")]
    pipeline = Pipeline()
    ours = median_s(lambda: [pipeline.make(data, profiles) for data in pictures]) / len(pictures)
    limit = median_s(lambda: [simplejpeg.decode_jpeg(data) for data in pictures]) / len(pictures)
    print(
        f"portraits, three outputs, one process: {1 / ours:.1f}/s, bare decode {1 / limit:.1f}/s, ratio {ours / limit:.1f}"
    )


WORKS = {"roster": roster, "portraits": portraits, "planning": planning}

if __name__ == "__main__":
    for name in sys.argv[1:] or WORKS:
        WORKS[name]()
