"""How many made-up cases a property is tried on: few at every run, many in the nightly one (``GRADPHOTO_EXAMPLES=10``)."""

from __future__ import annotations

import os


def examples(number: int, by_night: int | None = None) -> int:
    """``number`` of made-up cases, times ``GRADPHOTO_EXAMPLES``; ``by_night`` instead where the day has less than a share."""
    times = int(os.environ.get("GRADPHOTO_EXAMPLES", "1"))
    return (number if by_night is None or times == 1 else by_night) * times
