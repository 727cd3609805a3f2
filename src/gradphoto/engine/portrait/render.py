"""The crop, at the output's size. Only cropping and one uniform scale: no turning, no mirroring, no retouching."""

from __future__ import annotations

import math

import cv2
import numpy as np

from gradphoto.engine.portrait.crop import Crop
from gradphoto.engine.portrait.decode import Photo, Rgb

# From so many times the output's pixels on, pairs of pixels are averaged first.
_PAIRS_FROM = 4.0
# Variance (squared pixels) of a good shrinking filter over the square of the shrinking, of interpolating linearly, and of averaging
# pairs: what is left to the first is smoothed away before. Fitted to the response of Pillow's Hamming-windowed filter to stripes of
# every width, which it meets within a twentieth up to the finest detail of the output.
_WANTED, _INTERPOLATED, _AVERAGED = 0.115, 0.15, 0.06
# A smaller one would not change a byte.
_LEAST = 0.09
_WIDE, _WIDER = 0.6, 1.0


def render(photo: Photo, crop: Crop) -> Rgb:
    """The portrait: uint8, output height x output width x 3.

    The crop begins at the decoded picture's nearest whole pixel; its scale is exact and the same across and down. Whole numbers
    are all that is added and multiplied, so that every processor gives the same bytes.
    """
    scale = crop.scale * photo.reduction
    width, height = crop.output_width_px, crop.output_height_px
    left, top = round(crop.x / photo.reduction), round(crop.y / photo.reduction)
    cut = photo.rgb[top : top + math.ceil(height / scale) + 2, left : left + math.ceil(width / scale) + 2]
    factor = 1
    while 1.0 / scale >= _PAIRS_FROM:
        factor, scale = factor * 2, scale * 2.0
    if factor > 1:
        cut = _average_blocks(cut, factor)
    smooth = _smoothed(cut, 1.0 / scale, averaged=factor > 1)
    resized = cv2.resize(smooth, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    missing = max(0, height - resized.shape[0]), max(0, width - resized.shape[1])
    if any(missing):
        # Less than a pixel is missing where the crop ends at the picture's edge.
        resized = cv2.copyMakeBorder(resized, 0, missing[0], 0, missing[1], cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(resized[:height, :width], np.uint8)


def _smoothed(cut: Rgb, shrinking: float, *, averaged: bool) -> Rgb:
    """Without detail that is finer than the output's pixels, ``shrinking`` times as large, and would show as stairs."""
    variance = _WANTED * shrinking**2 - _INTERPOLATED - (_AVERAGED if averaged else 0.0)
    if variance < _LEAST:
        return cut
    sigma = math.sqrt(variance)
    side = 3 if sigma < _WIDE else 5 if sigma < _WIDER else 7
    return np.asarray(cv2.GaussianBlur(cut, (side, side), sigma), np.uint8)


def _average_blocks(cut: Rgb, factor: int) -> Rgb:
    """Average whole blocks of pixels (INTER_AREA by a whole factor): exact, and much faster on 24 megapixels."""
    height, width = -(-cut.shape[0] // factor), -(-cut.shape[1] // factor)
    # A last, incomplete block is filled up with the edge's own pixels, so that the crop keeps its exact scale.
    missing_rows, missing_columns = height * factor - cut.shape[0], width * factor - cut.shape[1]
    whole = cv2.copyMakeBorder(cut, 0, missing_rows, 0, missing_columns, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
