"""Pixels to the file that will be registered: JPEG, 24 bits, dpi in JFIF, no EXIF, within the profile's size window."""

from __future__ import annotations

import hashlib
import math
import struct
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.standards.profiles import PhotoProfile

# How finely colour is sampled, finest first.
_SUBSAMPLINGS = {
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    "4:2:2": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
}
_QUALITY_MAX = 100
# Around quality 92 a portrait grows by about seven percent with each step.
_LOG_SIZE_PER_QUALITY = 0.07
_JFIF_START = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"

Bgr = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A finished file. ``in_size_window`` is false when no allowed quality brings the file into the window."""

    data: bytes
    quality: int
    subsampling: str
    size_bytes: int
    in_size_window: bool

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def encode(rgb: Rgb, profile: PhotoProfile) -> Encoded:
    """The best JPEG inside the profile's size window; the same pixels always give the same bytes.

    The highest quality that fits is taken: with full colour if that reaches the profile's starting quality, else with
    coarser colour, and below the starting quality only when nothing else fits (never below ``jpeg_quality_min``).
    The size is reached by quality and colour sampling alone, never by padding.
    """
    trials = _Trials(rgb, profile)
    if profile.size_max_bytes is None:
        return trials.finish(profile.jpeg_quality_start, "4:4:4")
    for subsampling in _SUBSAMPLINGS:
        quality = trials.highest_that_fits(subsampling, profile.jpeg_quality_start, _QUALITY_MAX)
        if quality is not None:
            return trials.finish(quality, subsampling)
    coarsest = list(_SUBSAMPLINGS)[-1]
    quality = trials.highest_that_fits(coarsest, profile.jpeg_quality_min, profile.jpeg_quality_start - 1)
    return trials.finish(quality or profile.jpeg_quality_min, coarsest)


def encode_as(rgb: Rgb, profile: PhotoProfile, quality: int, subsampling: str) -> Encoded:
    """The JPEG at a known quality and colour sampling (``4:4:4``, ``4:2:2``, ``4:2:0``): a portrait made again."""
    return _Trials(rgb, profile).finish(quality, subsampling)


class _Trials:
    """The JPEGs of one picture; each that is asked for is made once."""

    def __init__(self, rgb: Rgb, profile: PhotoProfile) -> None:
        self._image: Bgr = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), dtype=np.uint8)
        self._profile = profile
        self._made: dict[tuple[int, str], bytes] = {}

    def highest_that_fits(self, subsampling: str, lowest: int, highest: int) -> int | None:
        """The highest quality whose file fits; ``None`` when even ``lowest`` is too large.

        The logarithm of the size grows almost evenly with the quality, so the next quality to try is read off a straight
        line; both neighbours of the answer are really encoded, so it is the same as trying them all.
        """
        ceiling = self._profile.size_max_bytes
        assert ceiling is not None
        aim = math.log(min(ceiling, self._profile.size_aim_bytes or ceiling))

        def size(quality: int) -> float:
            return math.log(len(self._jpeg(quality, subsampling)))

        fits, fits_size = lowest, size(lowest)
        if fits_size > aim:
            return None
        above, slope = highest + 1, _LOG_SIZE_PER_QUALITY
        while above - fits > 1:
            guess = fits + max(1, round((aim - fits_size) / max(slope, 1e-3)))
            tried = min(max(guess, fits + 1), above - 1)
            tried_size = size(tried)
            slope = (tried_size - fits_size) / (tried - fits) or _LOG_SIZE_PER_QUALITY
            if tried_size <= aim:
                fits, fits_size = tried, tried_size
            else:
                above = tried
                slope = max(slope, _LOG_SIZE_PER_QUALITY)
        return fits

    def finish(self, quality: int, subsampling: str) -> Encoded:
        data = self._jpeg(quality, subsampling)
        floor, ceiling = self._profile.size_min_bytes, self._profile.size_max_bytes
        fits = (floor is None or len(data) >= floor) and (ceiling is None or len(data) <= ceiling)
        return Encoded(data, quality, subsampling, len(data), fits)

    def _jpeg(self, quality: int, subsampling: str) -> bytes:
        asked = quality, subsampling
        if asked not in self._made:
            self._made[asked] = _jpeg(self._image, quality, subsampling, self._profile.dpi)
        return self._made[asked]


def _jpeg(image: Bgr, quality: int, subsampling: str, dpi: int) -> bytes:
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, _SUBSAMPLINGS[subsampling]]
    written, buffer = cv2.imencode(".jpg", image, options)
    data = bytearray(buffer.tobytes())
    assert written
    assert data[:11] == _JFIF_START, "OpenCV begins every JPEG with a JFIF header"
    # OpenCV has no option for the density: unit (1 = dots per inch), across and down stand at bytes 13 to 17.
    data[13:18] = struct.pack(">BHH", 1, dpi, dpi)
    return bytes(data)
