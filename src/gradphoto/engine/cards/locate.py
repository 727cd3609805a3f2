"""Finding the card in a picture, whichever way it lies, and laying it flat.

Four corner squares give a first guess for every way the page may be turned; the timing marks at both edges decide
which is right, correct the guess, and at last say for each row how far the paper has stretched.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.cards.layout import (
    FIDUCIAL_MM,
    PAGE_HEIGHT_MM,
    PAGE_WIDTH_MM,
    TIMING_HEIGHT_MM,
    TIMING_WIDTH_MM,
    Box,
    Layout,
    card_layout,
)
from gradphoto.engine.cards.pages import Picture

Plane = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]
Image = npt.NDArray[Any]  # as OpenCV hands it over

PX_PER_MM = 8.0
_SEARCH_SIDE_PX = 1600
_DARK = 0.55  # of the paper around it: what counts as printed black while searching
_SQUARE_SIDE = (0.007, 0.05)  # of the picture's long side
_STROKE_PX = 5
_CANDIDATES, _QUADS = 12, 80
_LARGEST_AREA_RATIO = 3.0
_SMALLEST_QUAD = 0.12  # of the picture
_ACCEPTED, _ACCEPTED_OF_THREE = 0.55, 0.7
_FEWEST_TIMING = 0.7
_TURNS = (0, 270, 180, 90)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A card laid flat, 8 pixels a millimetre.

    ``darkness`` is 0 for paper and 1 for printed black, after uneven light has been taken out; ``picture`` is the same area in
    grey for people to look at. ``turned`` is how far the page had to be turned clockwise to stand upright, in degrees.
    ``stretch`` are offsets in pixels, rows x (left, right) x (x, y). ``timing_found`` is the share of timing marks seen.
    """

    darkness: Plane
    picture: Picture
    turned: int
    stretch: Points
    timing_found: float

    def place(self, x: Points, y: Points) -> tuple[Points, Points]:
        """Pixels of places in millimetres, with the stretch of the paper."""
        layout = card_layout()
        rows = np.array([left[1] for left, _ in layout.timing])
        (left, _), (right, _) = layout.timing[0]
        share = (x - left) / (right - left)
        moved = [
            np.interp(y, rows, self.stretch[:, 0, axis]) * (1 - share)
            + np.interp(y, rows, self.stretch[:, 1, axis]) * share
            for axis in (0, 1)
        ]
        return x * PX_PER_MM + moved[0], y * PX_PER_MM + moved[1]

    def cut(self, box: Box, margin_mm: float = 0.0) -> tuple[slice, slice]:
        """The rows and columns of a box, widened (or narrowed by a negative margin)."""
        x = np.array([box.x - margin_mm, box.x + box.width + margin_mm])
        y = np.array([box.y - margin_mm, box.y + box.height + margin_mm])
        px, py = self.place(x, y)
        height, width = self.darkness.shape
        left, right = (int(np.clip(round(v), 0, width)) for v in px)
        top, bottom = (int(np.clip(round(v), 0, height)) for v in py)
        return slice(top, max(bottom, top + 1)), slice(left, max(right, left + 1))


def find_card(image: Picture) -> Sheet | None:
    """The card in a grey or RGB picture; ``None`` when there is none, or too much of its edges is missing."""
    layout = card_layout()
    plane = _ink_plane(image)
    scale = min(1.0, _SEARCH_SIDE_PX / max(plane.shape))
    small = cv2.resize(plane, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else plane
    mask = (small < _DARK * _paper(small, 8)).astype(np.uint8)
    first = _first_guess(mask, layout)
    if first is None:
        return None
    refined = _refine(first, mask, layout)
    if refined is None:
        return None
    to_image = np.diag([1 / scale, 1 / scale, 1.0]) @ refined
    return _flatten(plane, to_image, layout)


def _ink_plane(image: Picture) -> Picture:
    """What a scanner with a red lamp would see: the form's red print fades, pencil and ink stay."""
    if image.ndim == 2:
        return image
    return np.ascontiguousarray(image[..., 0])


def _paper(plane: Image, step: int) -> Plane:
    """How bright the bare paper is at every place."""
    small = cv2.resize(plane, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    bright = cv2.dilate(small, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15)))
    # Dilation alone takes the brightest speck of noise; closing and a wide blur bring it back to the paper.
    bright = cv2.erode(bright, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9)))
    smooth = cv2.GaussianBlur(cv2.medianBlur(bright, 5), (0, 0), 4)
    wide = cv2.resize(smooth, (plane.shape[1], plane.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.maximum(wide.astype(np.float32), 1.0)


def _squares(mask: Picture) -> Points:
    """Centres and areas (n x 3) of solid squares, the largest first."""
    # Opening takes away text and strokes, also a stroke that touches a corner.
    solid = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((_STROKE_PX, _STROKE_PX), np.uint8))
    _, labels, stats, centres = cv2.connectedComponentsWithStats(solid, connectivity=8)
    low, high = (side * max(mask.shape) for side in _SQUARE_SIDE)
    found = []
    for label in np.flatnonzero((stats[:, cv2.CC_STAT_AREA] > low**2) & (stats[:, cv2.CC_STAT_AREA] < high**2)):
        x, y, width, height, area = stats[label]
        if label == 0 or max(width, height) > 2.2 * min(width, height):
            continue
        spots = cv2.findNonZero((labels[y : y + height, x : x + width] == label).astype(np.uint8))
        (_, (long, short), _) = cv2.minAreaRect(spots)
        long, short = max(long, short) + 1, min(long, short) + 1
        if area >= 0.8 * long * short and long <= 1.45 * short:
            found.append((*centres[label], area))
    found.sort(key=lambda square: -square[2])
    return np.array(found[:_CANDIDATES], dtype=np.float64).reshape(-1, 3)


def _first_guess(mask: Picture, layout: Layout) -> Points | None:
    """The homography from millimetres to the searched picture that shows the timing marks best."""
    squares = _squares(mask)
    samples = _Samples(mask, layout)
    best = _ACCEPTED
    matrix: Points | None = None
    for corners in _quads(squares, mask.size):
        for turn in range(4):
            turned = np.roll(corners, turn, axis=0).astype(np.float32)
            guess = np.asarray(cv2.getPerspectiveTransform(np.array(layout.fiducials, np.float32), turned), np.float64)
            score = samples.score(guess)
            if score > best:
                best, matrix = score, guess
    return matrix if matrix is not None else _guess_of_three(squares, samples, layout)


def _quads(squares: Points, pixels: int) -> list[Points]:
    """Sets of four squares that may be the corners, clockwise, the largest first."""
    found = []
    for four in itertools.combinations(squares, 4):
        areas = [square[2] for square in four]
        if max(areas) > _LARGEST_AREA_RATIO * min(areas):
            continue
        points = np.array([square[:2] for square in four])
        middle = points - points.mean(axis=0)
        points = points[np.argsort(np.arctan2(middle[:, 1], middle[:, 0]))]
        size = cv2.contourArea(points.astype(np.float32))
        if size > _SMALLEST_QUAD * pixels and cv2.isContourConvex(points.astype(np.float32)):
            found.append((size, points))
    found.sort(key=lambda quad: -quad[0])
    return [points for _, points in found[:_QUADS]]


def _guess_of_three(squares: Points, samples: _Samples, layout: Layout) -> Points | None:
    """The same when one corner is torn off or covered: flat pages only, for three points say nothing of perspective."""
    best, matrix = _ACCEPTED_OF_THREE, None
    corners = np.array(layout.fiducials, np.float32)
    for three in itertools.permutations(squares[:8, :2].astype(np.float32), 3):
        for missing in range(4):
            kept = np.delete(corners, missing, axis=0)
            affine = cv2.getAffineTransform(kept, np.array(three))
            if np.linalg.det(affine[:, :2]) <= 0:
                continue
            guess = np.vstack([affine, [0.0, 0.0, 1.0]])
            score = samples.score(guess)
            if score > best:
                best, matrix = score, guess
    return matrix


class _Samples:
    """Places that must be dark, and places between them that must not."""

    def __init__(self, mask: Picture, layout: Layout) -> None:
        self._mask = mask
        bar = layout.upright_bar
        dark = [point for row in layout.timing for point in row]
        middle = (bar.x + bar.width / 2, bar.y + bar.height / 2)
        light = [
            (x, (here[1] + below[1]) / 2)
            for above, after in itertools.pairwise(layout.timing)
            for here, below, x in ((above[0], after[0], above[0][0]), (above[1], after[1], above[1][0]))
        ]
        light += [
            (PAGE_WIDTH_MM - middle[0], middle[1]),
            (middle[0], PAGE_HEIGHT_MM - middle[1]),
            (PAGE_WIDTH_MM - middle[0], PAGE_HEIGHT_MM - middle[1]),
        ]
        self._dark_count = len(dark) + 1
        self._points = np.array([*dark, middle, *light], np.float64).reshape(-1, 1, 2)

    def score(self, to_picture: Points) -> float:
        """1 when every mark is where the guess says, about 0 by chance."""
        places = cv2.perspectiveTransform(self._points, to_picture).reshape(-1, 2)
        height, width = self._mask.shape
        inside = (places >= 0).all(axis=1) & (places[:, 0] < width - 1) & (places[:, 1] < height - 1)
        at = np.where(inside[:, None], places, 0).round().astype(int)
        seen = np.where(inside, self._mask[at[:, 1], at[:, 0]], 0)
        return float(seen[: self._dark_count].mean() - seen[self._dark_count :].mean())


def _refine(guess: Points, mask: Picture, layout: Layout) -> Points | None:
    """Fit all marks instead of four corners; ``None`` when too few of them are there."""
    dark = mask.astype(np.float32)
    matrix = guess
    for _ in range(2):
        nominal, seen = [], []
        sizes = {(FIDUCIAL_MM, FIDUCIAL_MM): layout.fiducials}
        sizes[(TIMING_WIDTH_MM, TIMING_HEIGHT_MM)] = tuple(p for row in layout.timing for p in row)
        for size, points in sizes.items():
            for point in points:
                centre = _centre_near(dark, matrix, point, size)
                if centre is not None:
                    nominal.append(point)
                    seen.append(centre)
        if len(nominal) < _FEWEST_TIMING * 2 * len(layout.timing):
            return None
        scale = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
        fitted, _ = cv2.findHomography(np.array(nominal), np.array(seen), cv2.RANSAC, max(1.0, 0.5 * scale))
        if fitted is None:
            return None
        matrix = np.asarray(fitted, np.float64)
    return matrix


def _centre_near(
    dark: Plane, to_picture: Points, point: tuple[float, float], size: tuple[float, float]
) -> tuple[float, float] | None:
    """The centre of a mark near where it should be, in pixels; ``None`` unless about its size of ink is there."""
    (x, y), (width, height) = point, size
    reach_x, reach_y = width / 2 + 1.4, height / 2 + 1.4
    ring = np.array([[x - reach_x, y - reach_y], [x + reach_x, y - reach_y], [x + reach_x, y + reach_y],
                     [x - reach_x, y + reach_y]])  # fmt: skip
    places = cv2.perspectiveTransform(ring.reshape(-1, 1, 2), to_picture).reshape(-1, 2)
    left, top = np.maximum(np.floor(places.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(places.max(axis=0)).astype(int)
    patch = dark[top:bottom, left:right]
    if patch.size == 0:
        return None
    per_mm2 = cv2.contourArea(places.astype(np.float32)) / (4 * reach_x * reach_y)
    mass = float(patch.sum())
    if not 0.55 <= mass / (width * height * per_mm2) <= 1.6:
        return None
    ys, xs = np.indices(patch.shape)
    return float((xs * patch).sum() / mass) + left, float((ys * patch).sum() / mass) + top


def _flatten(plane: Picture, to_image: Points, layout: Layout) -> Sheet | None:
    size = (int(PAGE_WIDTH_MM * PX_PER_MM), int(PAGE_HEIGHT_MM * PX_PER_MM))
    from_px = to_image @ np.diag([1 / PX_PER_MM, 1 / PX_PER_MM, 1.0])
    flat = cv2.warpPerspective(
        plane, from_px, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    ink = 1 - cv2.GaussianBlur(flat.astype(np.float32), (0, 0), 1.0) / _paper(flat, 8)
    blackness = _blackness(ink, layout)
    if blackness <= 0.3:
        return None
    darkness = np.clip(ink / blackness, 0.0, 1.2).astype(np.float32)
    stretch, found = _stretch(darkness, layout)
    if found < _FEWEST_TIMING:
        return None
    return Sheet(darkness, flat.astype(np.uint8), _turned(to_image), stretch, found)


def _blackness(ink: Plane, layout: Layout) -> float:
    half = int(TIMING_HEIGHT_MM * PX_PER_MM / 4)
    values = []
    for x, y in (point for row in layout.timing for point in row):
        px, py = int(x * PX_PER_MM), int(y * PX_PER_MM)
        values.append(float(np.median(ink[py - half : py + half, px - 2 * half : px + 2 * half])))
    return float(np.median(values))


def _stretch(darkness: Plane, layout: Layout) -> tuple[Points, float]:
    """How far each timing mark lies from where it should; missing ones follow their neighbours."""
    to_px = np.diag([PX_PER_MM, PX_PER_MM, 1.0])
    solid = (darkness > 0.5).astype(np.float32)
    offsets = np.full((len(layout.timing), 2, 2), np.nan)
    for row, points in enumerate(layout.timing):
        for side, point in enumerate(points):
            centre = _centre_near(solid, to_px, point, (TIMING_WIDTH_MM, TIMING_HEIGHT_MM))
            if centre is not None:
                # Pixel centres stand half a pixel inside the grid of millimetres.
                offsets[row, side] = np.array(centre) + 0.5 - np.array(point) * PX_PER_MM
    found = float(np.isfinite(offsets[..., 0]).mean())
    rows = np.arange(len(layout.timing))
    for side, axis in itertools.product(range(2), range(2)):
        known = np.isfinite(offsets[:, side, axis])
        offsets[:, side, axis] = np.interp(rows, rows[known], offsets[known, side, axis]) if known.any() else 0.0
    return offsets, found


def _turned(to_image: Points) -> int:
    """How far the page must be turned clockwise to stand upright, as a quarter of a circle."""
    corners = np.array([[[0.0, 0.0]], [[PAGE_WIDTH_MM, 0.0]]])
    start, end = cv2.perspectiveTransform(corners, to_image).reshape(-1, 2)
    angle = np.degrees(np.arctan2(end[1] - start[1], end[0] - start[0]))
    return _TURNS[round(angle / 90) % 4]
