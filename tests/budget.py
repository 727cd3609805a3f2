"""How many made-up cases a property is tried on: few at every run, many in the nightly one (``GRADPHOTO_EXAMPLES=10``)."""

from __future__ import annotations

import os


def examples(number: int) -> int:
    """``number`` of made-up cases, times ``GRADPHOTO_EXAMPLES``."""
    return number * int(os.environ.get("GRADPHOTO_EXAMPLES", "1"))
