"""The face brought to one size and held level, so that every heuristic looks at the same place in every picture.

Only for looking: no output is ever made from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait import landmarks as mark
from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.landmarks import FaceMesh
from gradphoto.engine.portrait.ranks import middle_colour
from gradphoto.engine.portrait.segment import Mask
from gradphoto.engine.portrait.tone import Lab, to_lab

WIDTH_PX, HEIGHT_PX = 256, 416
EYES_PX = 80.0
"""Distance of the eyes' centres on the canvas: every length below is told in units of it."""
_EYE_MIDDLE = np.array([WIDTH_PX / 2, 132.0])
_CHEEKS = (50, 280, 205, 425)
_CHEEK_RADIUS = 9
_SKIN_AB, _SKIN_L = 11.0, 28.0

Bools = npt.NDArray[np.bool_]
Box = tuple[slice, slice]
_WHOLE: Box = (slice(0, HEIGHT_PX), slice(0, WIDTH_PX))


@dataclass(frozen=True, slots=True)
class FaceCanvas:
    """``rgb`` uint8, ``lab`` float32 and ``person`` float32 (0 to 1), HEIGHT_PX x WIDTH_PX; ``points`` 478 x 2 on it.

    ``skin`` is the median L*, a*, b* of the cheeks; ``inside`` tells where the canvas lies within the picture;
    ``off_hue`` and ``off_l`` are each pixel's distance from the skin in the a*b* plane and in L*.
    """

    rgb: Rgb
    lab: Lab
    person: Mask
    inside: Bools
    points: npt.NDArray[np.float64]
    skin: npt.NDArray[np.float32]
    off_hue: npt.NDArray[np.float32]
    off_l: npt.NDArray[np.float32]

    def like_skin(self, box: Box = _WHOLE, *, widen: float = 1.0) -> Bools:
        """Which pixels of ``box`` have the cheeks' colour, give or take light and shade."""
        return np.asarray((self.off_hue[box] < _SKIN_AB * widen) & (self.off_l[box] < _SKIN_L * widen))

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Whole pixels of a rectangle, cut to the canvas."""
        x0, x1 = (min(max(round(float(edge)), 0), WIDTH_PX) for edge in (left, right))
        y0, y1 = (min(max(round(float(edge)), 0), HEIGHT_PX) for edge in (top, bottom))
        return slice(y0, max(y0, y1)), slice(x0, max(x0, x1))

    def around(self, *points: npt.NDArray[np.float64], margin: int) -> Box:
        """The rectangle of all ``points`` (N x 2 each) with ``margin`` pixels on every side, cut to the canvas."""
        low = np.min([part.min(axis=0) for part in points], axis=0) - margin
        high = np.max([part.max(axis=0) for part in points], axis=0) + margin
        return self.box(low[0], low[1], high[0] + 1, high[1] + 1)

    def polygon(self, numbers: tuple[int, ...], box: Box = _WHOLE) -> Bools:
        """The area enclosed by numbered landmarks, as far as it lies in ``box``."""
        return drawn(self.points[list(numbers)], box).view(np.bool_)


def drawn(corners: npt.NDArray[np.float64], box: Box = _WHOLE) -> npt.NDArray[np.uint8]:
    """1 inside the polygon of ``corners`` (N x 2, canvas pixels), 0 outside; only the pixels of ``box``."""
    rows, columns = box
    area = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    if area.size:
        cv2.fillPoly(area, [np.rint(corners).astype(np.int32)], (1,), offset=(-columns.start, -rows.start))
    return area


def face_canvas(rgb: Rgb, mesh: FaceMesh, mask: Mask) -> FaceCanvas:
    """Lay the eyes of ``mesh`` on their places; ``rgb`` and ``mask`` are of the same size."""
    right, left = mesh.middle(mark.RIGHT_EYE_CORNERS), mesh.middle(mark.LEFT_EYE_CORNERS)
    across = (left - right) / max(float(np.linalg.norm(left - right)), 1e-6)
    zoom = max(float(np.linalg.norm(left - right)), 1e-6) / EYES_PX
    rotation = np.array([[across[0], -across[1]], [across[1], across[0]]]) * zoom
    origin = (left + right) / 2 - rotation @ _EYE_MIDDLE
    to_picture = np.column_stack([rotation, origin])
    size = (WIDTH_PX, HEIGHT_PX)
    seen_by, corner = _smoothed(rgb, to_picture, 0.5 * zoom) if zoom > 1.5 else (rgb, np.zeros(2))
    to_smooth = to_picture - np.column_stack([np.zeros((2, 2)), corner])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = np.asarray(cv2.warpAffine(seen_by, to_smooth, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    person = np.asarray(
        cv2.warpAffine(mask, to_picture, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )
    points = (mesh.points[:, :2] - origin) @ np.linalg.inv(rotation).T
    lab = to_lab(seen)
    skin = _cheeks(lab, points)
    lightness, a, b = cv2.split(lab)
    off_hue = np.asarray(cv2.magnitude(a - skin[1], b - skin[2]), dtype=np.float32)
    return FaceCanvas(
        seen, lab, person, _inside(rgb.shape, to_picture), points, skin, off_hue, np.abs(lightness - skin[0])
    )


def _smoothed(rgb: Rgb, to_picture: npt.NDArray[np.float64], sigma: float) -> tuple[Rgb, npt.NDArray[np.int_]]:
    """The part of ``rgb`` where the canvas will look, smoothed, and where it begins (x, y)."""
    corners = np.array([[0, 0, 1], [WIDTH_PX, 0, 1], [0, HEIGHT_PX, 1], [WIDTH_PX, HEIGHT_PX, 1]]) @ to_picture.T
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 2, 0)
    high = np.maximum(np.ceil(corners.max(axis=0)).astype(int) + 2, low)
    part = rgb[low[1] : high[1], low[0] : high[0]]
    if not part.size:
        return rgb, np.zeros(2, np.int_)
    return np.asarray(cv2.GaussianBlur(part, (0, 0), sigma), np.uint8), low


def _inside(shape: tuple[int, ...], to_picture: npt.NDArray[np.float64]) -> Bools:
    """Where the canvas lies within a picture of ``shape``: its four edges are straight lines on the canvas."""
    corners = np.array([[0, 0, 1], [WIDTH_PX, 0, 1], [0, HEIGHT_PX, 1], [WIDTH_PX, HEIGHT_PX, 1]]) @ to_picture.T
    if (corners >= 0).all() and (corners <= [shape[1] - 1, shape[0] - 1]).all():
        return np.ones((HEIGHT_PX, WIDTH_PX), bool)
    columns, rows = np.arange(WIDTH_PX)[None, :], np.arange(HEIGHT_PX)[:, None]
    inside = np.ones((HEIGHT_PX, WIDTH_PX), bool)
    for (a, b, c), size in zip(to_picture, (shape[1], shape[0]), strict=True):
        place = a * columns + (b * rows + c)
        inside &= (place >= 0) & (place <= size - 1)
    return inside


def _cheeks(lab: Lab, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    places = np.rint(points[list(_CHEEKS)]).astype(int)
    x0, y0 = np.clip(places.min(axis=0) - _CHEEK_RADIUS, 0, [WIDTH_PX, HEIGHT_PX]).tolist()
    x1, y1 = np.clip(places.max(axis=0) + _CHEEK_RADIUS + 1, 0, [WIDTH_PX, HEIGHT_PX]).tolist()
    covered = np.zeros((y1 - y0, x1 - x0), np.uint8)
    if covered.size:
        for x, y in places.tolist():
            cv2.circle(covered, (x - x0, y - y0), _CHEEK_RADIUS, (1,), -1)
    if not covered.any():
        return np.array([60.0, 15.0, 18.0], np.float32)
    return middle_colour(lab[y0:y1, x0:x1][covered.view(np.bool_)])
