"""Between sRGB code values and linear light, by table (IEC 61966-2-1)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

# Steps of linear light: fine enough that every one of the darkest code values has steps of its own.
_STEPS = 1 << 14


def _light_of(coded: npt.NDArray[np.floating[Any]]) -> Float32:
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LIGHT = _light_of(np.arange(256) / 255.0)
_ramp = np.arange(_STEPS) / (_STEPS - 1)
_CODE = np.rint(255.0 * np.where(_ramp <= 0.0031308, _ramp * 12.92, 1.055 * _ramp ** (1 / 2.4) - 0.055)).astype(
    np.uint8
)


def to_light(rgb: Bytes) -> Float32:
    """Linear light, 0 to 1, of code values; any shape."""
    return np.asarray(_LIGHT[rgb])


def coded_to_light(coded: Float32) -> Float32:
    """Linear light of code values given as floats from 0 to 1."""
    return _light_of(np.clip(coded, 0.0, 1.0))


def to_code(light: Float32) -> Bytes:
    """The nearest code values of linear light; what lies outside 0 to 1 is clipped."""
    steps = np.clip(light, 0.0, 1.0) * np.float32(_STEPS - 1) + np.float32(0.5)
    return np.asarray(_CODE[steps.astype(np.int16)])
