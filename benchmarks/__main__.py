"""``make bench``: roster reading against calamine's bare read, portraits against a bare decode of the same files.

``python -m benchmarks roster`` runs one of them.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import simplejpeg

from benchmarks import pairing, roster
from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.portrait.pipeline import Pipeline
from gradphoto.engine.standards.profiles import load_profile

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


def portraits() -> None:
    pictures = [picture(name) for name in good_sitters()[:8]]
    profiles = [load_profile(code) for code in ("mb2017_99", "legacy_2009", "print_48x33")]
    pipeline = Pipeline()
    ours = median_s(lambda: [pipeline.make(data, profiles) for data in pictures]) / len(pictures)
    limit = median_s(lambda: [simplejpeg.decode_jpeg(data) for data in pictures]) / len(pictures)
    print(
        f"portraits, three outputs, one process: {1 / ours:.1f}/s, bare decode {1 / limit:.1f}/s, ratio {ours / limit:.1f}"
    )


BENCHMARKS: dict[str, Callable[[], None]] = {"roster": roster.run, "portraits": portraits, "pairing": pairing.run}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        if name not in BENCHMARKS:
            sys.exit(f"no benchmark {name}; there are: {', '.join(BENCHMARKS)}")
        BENCHMARKS[name]()
