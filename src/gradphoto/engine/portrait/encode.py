"""Pixels to the file that will be registered: JPEG, 24 bits, dpi in JFIF, no EXIF, within the profile's size window."""

from __future__ import annotations

import hashlib
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
    image = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), dtype=np.uint8)
    ceiling = profile.size_max_bytes
    if ceiling is None:
        return _finish(image, profile, profile.jpeg_quality_start, "4:4:4")
    for subsampling in _SUBSAMPLINGS:
        quality = _highest_that_fits(image, profile, subsampling, profile.jpeg_quality_start, _QUALITY_MAX)
        if quality is not None:
            return _finish(image, profile, quality, subsampling)
    coarsest = list(_SUBSAMPLINGS)[-1]
    quality = _highest_that_fits(image, profile, coarsest, profile.jpeg_quality_min, profile.jpeg_quality_start - 1)
    return _finish(image, profile, quality or profile.jpeg_quality_min, coarsest)


def encode_as(rgb: Rgb, profile: PhotoProfile, quality: int, subsampling: str) -> Encoded:
    """The JPEG at a known quality and colour sampling (``4:4:4``, ``4:2:2``, ``4:2:0``): a portrait made again."""
    return _finish(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), dtype=np.uint8), profile, quality, subsampling)


def _highest_that_fits(image: Bgr, profile: PhotoProfile, subsampling: str, lowest: int, highest: int) -> int | None:
    """Bisection over the quality, on the size of the file; ``None`` when even ``lowest`` is too large."""
    ceiling = profile.size_max_bytes
    assert ceiling is not None
    if len(_jpeg(image, lowest, subsampling, profile.dpi)) > ceiling:
        return None
    found, lowest = lowest, lowest + 1
    while lowest <= highest:
        middle = (lowest + highest) // 2
        if len(_jpeg(image, middle, subsampling, profile.dpi)) <= ceiling:
            found, lowest = middle, middle + 1
        else:
            highest = middle - 1
    return found


def _finish(image: Bgr, profile: PhotoProfile, quality: int, subsampling: str) -> Encoded:
    data = _jpeg(image, quality, subsampling, profile.dpi)
    floor, ceiling = profile.size_min_bytes, profile.size_max_bytes
    fits = (floor is None or len(data) >= floor) and (ceiling is None or len(data) <= ceiling)
    return Encoded(data, quality, subsampling, len(data), fits)


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
