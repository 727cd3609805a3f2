"""What was done to the pixels before they came here: noise, shake, enlargement, compression."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait import landmarks as mark
from gradphoto.engine.portrait.decode import Photo, Rgb
from gradphoto.engine.portrait.ranks import middle
from gradphoto.engine.portrait.view import HeadView

_DELIVERED_FACE_PX = 240
_DIRECTIONS = 8
_BLOCK = 8
Grey = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Texture:
    """``noise``: standard deviation of grain on the cheeks, in grey levels (0 to 255).

    ``blur_direction``: 0 when fine detail is alike in all directions, towards 1 when one direction has lost it (shake).
    ``detail``: strength of the finest detail of the face against the next coarser one; an enlarged picture has none.
    ``blockiness``: how much stronger the steps at the borders of 8 x 8 blocks are than elsewhere; ``None`` where the
    picture was decoded at a reduced size, which hides them.
    """

    noise: float
    blur_direction: float
    detail: float
    blockiness: float | None


def texture(photo: Photo, view: HeadView, points: npt.NDArray[np.float64]) -> Texture:
    """Look at the face in ``view`` (``points`` on it), and at the whole ``photo`` for its blocks."""
    patch = _face_patch(view.rgb, points)
    return Texture(
        noise=_noise(patch),
        blur_direction=_blur_direction(_at_delivered_size(patch)),
        detail=_detail(patch),
        blockiness=_blockiness(photo, view) if photo.file_format == "JPEG" and photo.reduction == 1 else None,
    )


def _face_patch(rgb: Rgb, points: npt.NDArray[np.float64]) -> Grey:
    outline = points[list(mark.FACE_OVAL), :2]
    low, high = outline.min(axis=0), outline.max(axis=0)
    margin = (high - low) * [0.12, 0.15]
    left, top = np.maximum(np.floor(low + margin), 0).astype(int)
    right, bottom = np.maximum(np.ceil(high - margin), 0).astype(int)
    patch = rgb[top:bottom, left:right]
    if min(patch.shape[:2]) < 16:
        return np.zeros((16, 16), np.float32)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(patch), cv2.COLOR_RGB2GRAY), dtype=np.float32)


def _at_delivered_size(patch: Grey) -> Grey:
    # The patch leaves out 12 % at each side: its width stands for 76 % of the face's.
    zoom = _DELIVERED_FACE_PX * 0.76 / patch.shape[1]
    if zoom >= 1.0:
        return patch
    size = max(16, round(patch.shape[1] * zoom)), max(16, round(patch.shape[0] * zoom))
    return np.asarray(cv2.resize(patch, size, interpolation=cv2.INTER_AREA))


def _noise(patch: Grey) -> float:
    """Immerkaer's fast estimate (1996) on the calmest half of the face."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(patch, cv2.CV_32F, kernel))[1:-1, 1:-1]
    slopes = cv2.magnitude(cv2.Sobel(patch, cv2.CV_32F, 1, 0), cv2.Sobel(patch, cv2.CV_32F, 0, 1))
    steep = np.asarray(cv2.GaussianBlur(slopes, (0, 0), 3), np.float32)
    calm = steep[1:-1, 1:-1] <= middle(steep)
    return float(math.sqrt(math.pi / 2.0) * response[calm].mean() / 6.0)


def _blur_direction(patch: Grey) -> float:
    """1 minus the weakest over the median of the fine detail's energy along eight directions."""
    fine = patch - cv2.GaussianBlur(patch, (0, 0), 1.5)
    x, y = cv2.Sobel(fine, cv2.CV_32F, 1, 0), cv2.Sobel(fine, cv2.CV_32F, 0, 1)
    xx, yy, xy = float((x * x).mean()), float((y * y).mean()), float((x * y).mean())
    energies = [
        xx * math.cos(angle) ** 2 + yy * math.sin(angle) ** 2 + 2 * xy * math.cos(angle) * math.sin(angle)
        for angle in (math.pi * n / _DIRECTIONS for n in range(_DIRECTIONS))
    ]
    return 1.0 - min(energies) / max(max(energies), 1e-6)


def _detail(patch: Grey) -> float:
    half = cv2.pyrDown(patch)
    finest = patch - cv2.pyrUp(half, dstsize=(patch.shape[1], patch.shape[0]))
    quarter = cv2.pyrDown(half)
    coarser = half - cv2.pyrUp(quarter, dstsize=(half.shape[1], half.shape[0]))
    return float(finest.std() / max(float(coarser.std()), 0.05))


def _blockiness(photo: Photo, view: HeadView) -> float:
    """Steps across the borders of the JPEG's blocks against steps one pixel beside them, around the head."""
    left, top = round(view.left / photo.reduction), round(view.top / photo.reduction)
    bottom = min(photo.rgb.shape[0], top + round(view.rgb.shape[0] / view.scale))
    right = min(photo.rgb.shape[1], left + round(view.rgb.shape[1] / view.scale))
    grey = cv2.cvtColor(np.ascontiguousarray(photo.rgb[top:bottom, left:right]), cv2.COLOR_RGB2GRAY).astype(np.int16)
    ratios = []
    for axis, offset in ((1, left), (0, top)):
        # A profile step that continues on both sides is an edge of the scene: subtract its neighbours' mean.
        steps = np.abs(np.diff(grey, axis=axis)).mean(axis=1 - axis)
        if steps.size < 4 * _BLOCK:
            continue
        excess = steps[1:-1] - (steps[:-2] + steps[2:]) / 2
        at_border = (np.arange(1, steps.size - 1) + 1 + offset) % _BLOCK == 0
        ratios.append(float(excess[at_border].mean() / max(float(steps.mean()), 0.2)))
    return max(0.0, max(ratios, default=0.0))
