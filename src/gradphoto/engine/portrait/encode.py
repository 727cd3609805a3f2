"""Pixels to the file that will be registered: JPEG, 24 bits, dpi in JFIF, no EXIF, within the profile's size window."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from PIL import Image

from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.standards.profiles import PhotoProfile

# Pillow's names for how finely colour is sampled, finest first.
_SUBSAMPLINGS = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}
_QUALITY_MAX = 100


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
    image = Image.fromarray(rgb)
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


def _highest_that_fits(
    image: Image.Image, profile: PhotoProfile, subsampling: str, lowest: int, highest: int
) -> int | None:
    """Bisection over the quality, on the size of the file; ``None`` when even ``lowest`` is too large."""
    ceiling = profile.size_max_bytes
    assert ceiling is not None
    found = None
    while lowest <= highest:
        middle = (lowest + highest) // 2
        if len(_jpeg(image, middle, subsampling, profile.dpi)) <= ceiling:
            found, lowest = middle, middle + 1
        else:
            highest = middle - 1
    return found


def _finish(image: Image.Image, profile: PhotoProfile, quality: int, subsampling: str) -> Encoded:
    data = _jpeg(image, quality, subsampling, profile.dpi)
    floor, ceiling = profile.size_min_bytes, profile.size_max_bytes
    fits = (floor is None or len(data) >= floor) and (ceiling is None or len(data) <= ceiling)
    return Encoded(data, quality, subsampling, len(data), fits)


def _jpeg(image: Image.Image, quality: int, subsampling: str, dpi: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling=_SUBSAMPLINGS[subsampling], dpi=(dpi, dpi), optimize=True)
    return out.getvalue()
