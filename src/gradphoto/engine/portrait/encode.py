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
# By how much (logarithm) a portrait grows from a quality to the next: the tables of quantisation (ITU-T T.81 annex K as the usual encoders
# scale it) are rounded, so the steps are uneven. Means of 70 real portraits, qualities 66 to 98; none grew by less than two thirds of
# its step from 78 on. Below and above, a power of the table's scale.
_GROWTH_FROM = 66
_GROWTH = (
    0.018, 0.027, 0.018, 0.026, 0.024, 0.016, 0.030, 0.038, 0.004, 0.027, 0.044, 0.034, 0.022, 0.035, 0.042, 0.030, 0.050,
    0.035, 0.034, 0.057, 0.036, 0.062, 0.044, 0.074, 0.058, 0.052, 0.095, 0.103, 0.110, 0.133, 0.135, 0.146,
)  # fmt: skip
# Beyond the table it is not known how little a portrait may grow: there the quality above is always tried.
# Of ten kinds of other pictures at 67 limits only copies saved before at this very size came out a quality lower (14 of 469).
_SURE, _SURE_SHARE = range(78, _GROWTH_FROM + len(_GROWTH)), 0.6
_SIZE_POWER = 0.72
# What Huffman tables of the picture's own leave of the size with the usual ones (logarithm; portraits: -0.04 to -0.01).
_OWN_TABLES = -0.022
# What coarser colour leaves of the size at least (portraits: 0.80 to 0.95).
_LEAST_SHARE = {"4:4:4": 1.0, "4:2:2": 0.7}
# How far below the starting quality most portraits of a camera end, with the coarsest colour.
_USUALLY_BELOW = 4
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
    start, coarsest = profile.jpeg_quality_start, list(_SUBSAMPLINGS)[-1]
    if profile.size_max_bytes is None:
        return trials.finish(start, "4:4:4")
    # With the coarsest colour first: where that does not reach the starting quality, finer colour does not either.
    lowest = min(profile.jpeg_quality_min, start)
    likely = trials.likely(coarsest, max(start - _USUALLY_BELOW, lowest))
    quality = trials.highest_that_fits(coarsest, lowest, _QUALITY_MAX, likely)
    if quality is None or quality < start:
        return trials.finish(quality or profile.jpeg_quality_min, coarsest)
    full = trials.beyond_aim("4:4:4", start)
    for subsampling, least_share in _LEAST_SHARE.items():
        # This colour cannot save enough: no need to try.
        if full + math.log(least_share) > 0.0:
            continue
        finer = trials.highest_that_fits(subsampling, start, _QUALITY_MAX, start)
        if finer is not None:
            return trials.finish(finer, subsampling)
    return trials.finish(quality, coarsest)


def encode_as(rgb: Rgb, profile: PhotoProfile, quality: int, subsampling: str) -> Encoded:
    """The JPEG at a known quality and colour sampling (``4:4:4``, ``4:2:2``, ``4:2:0``): a portrait made again."""
    return _Trials(rgb, profile).finish(quality, subsampling)


class _Trials:
    """The JPEGs of one picture; each that is asked for is made once."""

    def __init__(self, rgb: Rgb, profile: PhotoProfile) -> None:
        self._image: Bgr = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), dtype=np.uint8)
        self._profile = profile
        self._made: dict[tuple[int, str], bytes] = {}

    def highest_that_fits(self, subsampling: str, lowest: int, highest: int, guess: int) -> int | None:
        """The highest quality whose file fits; ``None`` when even ``lowest`` is too large.

        The next quality to try is predicted from the last size. The answer is really encoded, and the quality above it too unless
        no portrait grows as little as it would have to: the same as trying them all, mostly with one or two encodes.
        """
        fits, above = lowest - 1, highest + 1
        while above - fits > 1:
            tried = min(max(guess, fits + 1), above - 1)
            beyond = self.beyond_aim(subsampling, tried)
            if beyond > 0.0:
                above = tried
            elif tried in _SURE and beyond + _SURE_SHARE * _growth(tried) > 0.0:
                return tried
            else:
                fits = tried
            guess = _quality_for(beyond, tried)
        return fits if fits >= lowest else None

    def likely(self, subsampling: str, quality: int) -> int:
        """The quality that probably just fits, from one quick encode at ``quality``."""
        data = _jpeg(self._image, quality, subsampling, self._profile.dpi, own_tables=False)
        return _quality_for(self._beyond(len(data)) + _OWN_TABLES, quality)

    def beyond_aim(self, subsampling: str, quality: int) -> float:
        """Logarithm of the file's size over the size aimed at: above 0 it does not fit."""
        return self._beyond(len(self._jpeg(quality, subsampling)))

    def _beyond(self, size: int) -> float:
        ceiling = self._profile.size_max_bytes
        assert ceiling is not None
        return math.log(size / min(ceiling, self._profile.size_aim_bytes or ceiling))

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


def _quality_for(beyond: float, quality: int) -> int:
    """The quality at which a file that is ``beyond`` (log) the size aimed at would just fit, going by its quality now."""
    while beyond > 0.0 and quality > 1:
        quality -= 1
        beyond -= _growth(quality)
    while quality < _QUALITY_MAX and beyond + _growth(quality) <= 0.0:
        beyond += _growth(quality)
        quality += 1
    return quality


def _growth(quality: int) -> float:
    """Logarithm of the usual size at the next quality over that at ``quality``."""
    if 0 <= quality - _GROWTH_FROM < len(_GROWTH):
        return _GROWTH[quality - _GROWTH_FROM]
    return _SIZE_POWER * math.log(_scale(quality) / _scale(quality + 1))


def _scale(quality: int) -> float:
    return max(5000 / quality if quality < 50 else 200 - 2 * quality, 1.0)


def _jpeg(image: Bgr, quality: int, subsampling: str, dpi: int, *, own_tables: bool = True) -> bytes:
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, int(own_tables)]
    options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, _SUBSAMPLINGS[subsampling]]
    written, buffer = cv2.imencode(".jpg", image, options)
    data = bytearray(buffer.tobytes())
    assert written
    assert data[:11] == _JFIF_START, "OpenCV begins every JPEG with a JFIF header"
    # OpenCV has no option for the density: unit (1 = dots per inch), across and down stand at bytes 13 to 17.
    data[13:18] = struct.pack(">BHH", 1, dpi, dpi)
    return bytes(data)
