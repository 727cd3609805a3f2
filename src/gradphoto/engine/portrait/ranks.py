"""Medians and percentiles of measured pixels, as numpy defines them, without the detours that cost more than the sorting."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.floating] | npt.NDArray[np.integer]

_MANY = 4096


def at_percents(values: Numbers, *percents: float) -> list[float]:
    """The percentiles of all ``values`` (at least one), linear between neighbours."""
    flat = values.flatten()
    places = [(flat.size - 1) * percent / 100.0 for percent in percents]
    lower = [int(place) for place in places]
    upper = [min(place + 1, flat.size - 1) for place in lower]
    if flat.dtype == np.uint8 and flat.size > _MANY:
        # Counting 256 values is quicker than ordering many.
        below = np.cumsum(np.bincount(flat, minlength=256))
        ends = [
            (float(low), float(high))
            for low, high in np.searchsorted(below, [*zip(lower, upper, strict=True)], "right")
        ]
    else:
        flat.partition(sorted({*lower, *upper}))
        ends = [(float(flat[low]), float(flat[high])) for low, high in zip(lower, upper, strict=True)]
    return [low + (high - low) * (place % 1.0) for (low, high), place in zip(ends, places, strict=True)]


def middle(values: Numbers) -> float:
    """The median of all ``values`` (at least one)."""
    return at_percents(values, 50.0)[0]


def middle_colour(pixels: Numbers) -> npt.NDArray[np.float32]:
    """The median of each channel of ``pixels`` (N x channels, at least one)."""
    return np.array([middle(channel) for channel in np.ascontiguousarray(pixels.T)], np.float32)
