"""How long a test waits for what comes by itself.

A green run waits for nothing to the end, so these are long: the machine may be half as fast as ours and do three other
things. Whether the product is quick enough is measured on a quiet machine (``benchmarks/``), never here.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PROCESS_S = 300.0
"""For another process: it starts, answers, does its work, ends."""
THREAD_S = 90.0
"""For another thread of this process, and for a page of a browser."""


def until(holds: Callable[[], object], seconds: float = PROCESS_S, *, told: Callable[[], object] = lambda: "") -> None:
    """Wait for something that comes to hold by itself; ``told``: what an ``AssertionError`` then says."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, f"it did not come to hold. {told()}"
        time.sleep(0.02)
