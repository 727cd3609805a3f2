"""``make bench``: roster, portraits, verdicts on phone photographs, timetable, pairing, the path through a station and long exports, each against a bare limit in the same run.

``python -m benchmarks roster`` runs one of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks import exports, pairing, portrait, roster, self_photo, station
from benchmarks.planning import planning

BENCHMARKS: dict[str, Callable[[], object]] = {
    "roster": roster.run,
    "portraits": portrait.run,
    "self_photo": self_photo.run,
    "planning": planning,
    "pairing": pairing.run,
    "station": station.run,
    "exports": exports.run,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        if name not in BENCHMARKS:
            sys.exit(f"no benchmark {name}; there are: {', '.join(BENCHMARKS)}")
        BENCHMARKS[name]()
