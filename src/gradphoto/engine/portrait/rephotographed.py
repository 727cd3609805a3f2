"""Signs that a photograph was taken of a screen or a print: a regular pattern that no face and no wall has.

A screen's pixels and a print's dots, seen by a camera, make a grid of their own: narrow peaks in the spectrum of a
smooth surface, at one frequency and its mirror. Skin, hair, cloth and noise have broad spectra. The measure is how far
the strongest peak of the face's and the surroundings' patches stands above what its ring of the spectrum has; it is a
hint for a person and never decides. Periodic cloth may do the same, so patches lie on the face and beside the head only.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.float32]

_PATCH_PX = 192
_LOWEST, _HIGHEST = 0.08, 0.48
"""Cycles a pixel: below lies the face's own shape, above the sampling's edge."""
_JPEG_GRID = (0.125, 0.25, 0.375, 0.5)
_GRID_SLACK = 0.012
_RINGS = 24
HINT_FROM = 24.0
"""How many times the ring's median the peak is from here on told; see ``benchmarks/self_photo.py`` for the calibration."""


def regular_pattern(lightness: npt.NDArray[np.uint8], face: tuple[float, float, float, float]) -> float:
    """How far a regular pattern stands out, in multiples of its ring of the spectrum; 0 where there is no patch to look at.

    ``lightness``: height x width at full resolution; ``face``: left, top, right, bottom in its pixels. The middle of three
    patches counts: one patch on printed cloth says nothing.
    """
    found = sorted(_peak(patch) for patch in _patches(lightness, face))
    return found[len(found) // 2] if found else 0.0


def _patches(lightness: npt.NDArray[np.uint8], face: tuple[float, float, float, float]) -> Iterator[Grey]:
    left, top, right, bottom = face
    height, width = lightness.shape
    middle, half = (left + right) / 2, _PATCH_PX / 2
    centres = (
        (middle, top + (bottom - top) * 0.25),
        (left + (right - left) * 0.25, top + (bottom - top) * 0.62),
        (left + (right - left) * 0.75, top + (bottom - top) * 0.62),
        (left / 2, top + (bottom - top) * 0.3),
        ((right + width) / 2, top + (bottom - top) * 0.3),
    )
    for x, y in centres:
        x0, y0 = round(x - half), round(y - half)
        if x0 >= 0 and y0 >= 0 and x0 + _PATCH_PX <= width and y0 + _PATCH_PX <= height:
            yield lightness[y0 : y0 + _PATCH_PX, x0 : x0 + _PATCH_PX].astype(np.float32)


_WINDOW = np.outer(np.hanning(_PATCH_PX), np.hanning(_PATCH_PX)).astype(np.float32)
_FX = np.abs(np.fft.rfftfreq(_PATCH_PX))[None, :]
_FY = np.abs(np.fft.fftfreq(_PATCH_PX))[:, None]
_RADIUS = np.hypot(_FX, _FY)


def _on_grid(frequency: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    near = np.zeros(frequency.shape, bool)
    for line in _JPEG_GRID:
        near |= np.abs(frequency - line) < _GRID_SLACK
    return near


# A JPEG's blocks of eight pixels make lines of their own on the axes.
_AXES = (_FX < _GRID_SLACK) | (_FY < _GRID_SLACK)
_LOOKED_AT = (_RADIUS > _LOWEST) & (_RADIUS < _HIGHEST) & ~(_AXES & (_on_grid(_FX) | _on_grid(_FY)))
_RING = np.clip(((_RADIUS - _LOWEST) / (_HIGHEST - _LOWEST) * _RINGS).astype(int), 0, _RINGS - 1)
_MEMBERS = tuple(np.flatnonzero(_LOOKED_AT & (ring == _RING)) for ring in range(_RINGS))


def _peak(grey: Grey) -> float:
    """The strongest narrow peak over the median of its ring."""
    flat = grey - cv2.GaussianBlur(grey, (0, 0), 6.0)
    power = np.abs(np.fft.rfft2(flat * _WINDOW)).ravel()
    best = 0.0
    for members in _MEMBERS:
        if members.size:
            values = power[members]
            best = max(best, float(values.max() / (np.median(values) + 1e-3)))
    return best
