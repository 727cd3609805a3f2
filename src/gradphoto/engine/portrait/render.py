"""The crop, at the output's size. Only cropping and one uniform scale: no turning, no mirroring, no retouching."""

from __future__ import annotations

import math

import cv2
import numpy as np
from PIL import Image

from gradphoto.engine.portrait.crop import Crop
from gradphoto.engine.portrait.decode import Photo, Rgb


def render(photo: Photo, crop: Crop) -> Rgb:
    """The portrait: uint8, output height x output width x 3.

    Shrinking averages areas over the crop's exact, fractional box: rounding the box to whole pixels, as OpenCV's
    INTER_AREA would need, would scale width and height by different factors.
    """
    left, top = crop.x / photo.reduction, crop.y / photo.reduction
    right, bottom = left + crop.width / photo.reduction, top + crop.height / photo.reduction
    height, width = photo.rgb.shape[:2]
    x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
    x1, y1 = min(width, math.ceil(right)), min(height, math.ceil(bottom))
    cut = photo.rgb[y0:y1, x0:x1]
    box = (left - x0, top - y0, min(right, x1) - x0, min(bottom, y1) - y0)
    factor = _whole_reduction(crop.scale * photo.reduction)
    if factor > 1:
        cut, box = _average_blocks(cut, box, factor)
    size = crop.output_width_px, crop.output_height_px
    resized = Image.fromarray(np.ascontiguousarray(cut)).resize(size, Image.Resampling.HAMMING, box=box)
    return np.asarray(resized)


def _whole_reduction(scale: float) -> int:
    """The largest whole factor that still leaves the final resampling twice the pixels it needs."""
    return max(1, int(1.0 / (2.0 * scale)))


def _average_blocks(
    cut: Rgb, box: tuple[float, float, float, float], factor: int
) -> tuple[Rgb, tuple[float, float, float, float]]:
    """Average whole blocks of pixels first (INTER_AREA by a whole factor): exact, and much faster on 24 megapixels."""
    height, width = -(-cut.shape[0] // factor), -(-cut.shape[1] // factor)
    # A last, incomplete block is filled up with the edge's own pixels, so that the box keeps its exact place.
    missing_rows, missing_columns = height * factor - cut.shape[0], width * factor - cut.shape[1]
    whole = cv2.copyMakeBorder(cut, 0, missing_rows, 0, missing_columns, cv2.BORDER_REPLICATE)
    reduced = np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    left, top, right, bottom = (edge / factor for edge in box)
    return reduced, (left, top, right, bottom)
