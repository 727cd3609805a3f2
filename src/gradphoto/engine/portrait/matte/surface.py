"""The backdrop as one smooth surface: colour with its gradient and soft shadow, known behind the person too.

Fitted in code values, where shading looks smooth: first a second-order polynomial of the place, robustly, then what it
leaves over as a local mean of the backdrop's own pixels. The mean follows a soft shadow up to the outline; where no
backdrop is seen it fades, so that behind the person the polynomial stands alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.matte.light import Float32, coded_to_light
from gradphoto.engine.portrait.tone import colour_distance, to_lab

Bools = npt.NDArray[np.bool_]

# Long sides: the surface's grid, and the middle grid on which its pixels are told from hair.
_GRID_PX, _MIDDLE_PX = 80, 320
_FIT_ROUNDS = 5
# With fewer cells nothing is fitted (and the work is refused anyway).
_FEW_CELLS = 24
# Windows of the local mean, in cells of the grid: wide ones bridge gaps, the narrow one follows a shadow's edge.
_LOCAL_CELLS = (19, 7, 3)
_GROW_ROUNDS = 2
# How far from the first fit a pixel may be (share of full scale), and how far from the hint (code values).
_ROUGH, _HINT = 0.10, 90
# A shadow takes light and leaves the colour: which share of the surface may be left, and how far the colour may miss.
_SHADOW = (0.45, 1.12)
_SHADOW_COLOUR = 0.05
_CLOSE = 0.045
# Code values: every JPEG has some noise near an edge, and what is farther off than this is something else.
_NOISE_FLOOR, _OUTLIER = 1.0, 12.0
_SUM = np.ones(3, np.float32)


@dataclass(frozen=True, slots=True)
class BackdropModel:
    """The surface on a small grid: ``coded``, rows x columns x 3, code values 0 to 1; ``shape`` of the whole picture.

    ``residual_delta_e``: 90th percentile of the surely-backdrop cells' distance from the surface (CIE 1976).
    ``inlier_share``: how many of them belong to it. ``hue_spread``: 95th percentile of their distance from their
    middle chromaticity (shares of r, g, b in linear light), which no shadow changes. ``seen_share``: how much of the
    picture is surely backdrop. ``noise``: standard deviation of one pixel, code values 0 to 255.
    """

    coded: Float32
    shape: tuple[int, int]
    residual_delta_e: float
    inlier_share: float
    hue_spread: float
    seen_share: float
    noise: float

    def whole(self) -> Rgb:
        """The surface at the picture's size, rounded to code values."""
        height, width = self.shape
        return np.asarray(
            cv2.resize(as_code(self.coded), (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8
        )

    def light(self) -> Float32:
        """The small grid in linear light."""
        return coded_to_light(self.coded)


class SurfaceFit:
    """Fits the surface of one picture; ``extend`` takes in backdrop that is found later (pockets).

    ``picture`` and ``person`` are the picture and its mask on the middle grid.
    """

    def __init__(self, rgb: Rgb, person: Float32, hint: tuple[int, int, int] | None) -> None:
        self._rgb = rgb
        self.middle = grid_size(rgb, _MIDDLE_PX)
        self._grid = grid_size(rgb, _GRID_PX)
        self.picture: Rgb = np.asarray(cv2.resize(rgb, self.middle, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        shrunk = cv2.resize(person, self.middle, interpolation=cv2.INTER_AREA)
        self.person: Float32 = np.asarray(shrunk, dtype=np.float32)
        reach = 2 * max(1, round(max(self.middle) / 40)) + 1
        sure = cv2.dilate(self.person, np.ones((reach, reach), np.uint8)) < 0.1
        if hint is not None:
            sure &= np.abs(self.picture.astype(np.int16) - np.array(hint, np.int16)).max(axis=2) < _HINT
        self._sure = sure
        self._cells = cv2.resize(self.picture, self._grid, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
        self._seeds = cv2.resize(sure.astype(np.uint8) * 255, self._grid, interpolation=cv2.INTER_AREA) == 255
        self._basis = _basis(self._grid)

    def seen_share(self) -> float:
        """How much of the picture is surely backdrop, 0 to 1."""
        return float(self._seeds.mean())

    def fit(self) -> BackdropModel:
        """The surface, grown from the surely-backdrop pixels up to the person's outline."""
        self._flat = self._polynomial()
        even = self._even()
        # The segmentation overlooks locks of hair: they are far from the polynomial, or not even.
        members = self._sure & even & (self._away(self._flat) < _ROUGH * 255)
        surface = self._with_local(members)
        open_ = np.flatnonzero(even & (self.person < 0.5) & ~members)
        for _ in range(_GROW_ROUNDS):
            members.reshape(-1)[open_] = self._like(surface, open_)
            surface = self._with_local(members)
        self._members, self._model = members, self._measured(surface)
        return self._model

    def extend(self, found: Bools) -> BackdropModel:
        """The surface again, with ``found`` (on the middle grid) as backdrop too."""
        self._members |= found
        return replace(self._model, coded=self._with_local(self._members))

    def _polynomial(self) -> Float32:
        rows, seen = self._basis[self._seeds][::2], self._cells[self._seeds][::2]
        if len(rows) < _FEW_CELLS:
            return np.full_like(self._cells, seen.mean() if len(rows) else 0.0)
        weight = np.ones(len(rows), np.float32)
        for _ in range(_FIT_ROUNDS):
            weighted = rows * weight[:, None]
            # A touch of ridge on the second order keeps a backdrop seen on one side from running away on the other.
            ridge = np.diag(np.array([0, 1e-3, 1e-3, 0.02, 0.02, 0.02], np.float32)) * max(1, len(rows))
            factors = np.linalg.solve(weighted.T @ rows + ridge, weighted.T @ seen)
            miss = np.abs(seen - rows @ factors).max(axis=1)
            scale = max(0.012, 2.5 * float(np.median(miss)))
            weight = np.square(np.clip(1.0 - np.square(miss / scale), 0.01, 1.0)).astype(np.float32)
        return np.asarray((self._basis.reshape(-1, 6) @ factors).reshape(self._cells.shape), dtype=np.float32)

    def _with_local(self, members: Bools) -> Float32:
        """The polynomial plus the members' local mean distance from it."""
        flags = members.astype(np.uint8)
        masked = cv2.copyTo(self.picture, flags).astype(np.float32) / 255.0
        weight = np.asarray(cv2.resize(flags.astype(np.float32), self._grid, interpolation=cv2.INTER_AREA), np.float32)
        seen = np.asarray(cv2.resize(masked, self._grid, interpolation=cv2.INTER_AREA), np.float32)
        surface = self._flat
        for side in _LOCAL_CELLS:
            left_over = _mean(seen - surface * cv2.merge([weight] * 3), side)
            surface = surface + left_over / cv2.merge([_mean(weight, side) + 0.02] * 3)
        return np.asarray(np.clip(surface, 0.0, 1.0), dtype=np.float32)

    def _away(self, surface: Float32) -> npt.NDArray[np.uint8]:
        """The middle grid's largest distance from a surface over the channels, in code values."""
        there = cv2.resize(as_code(surface), self.middle, interpolation=cv2.INTER_LINEAR)
        return largest_difference(self.picture, np.asarray(there, dtype=np.uint8))

    def _even(self) -> Bools:
        """Where the picture is as even as its backdrop: thin hair before it has a shadow's colour, but not its calm."""
        green, window = np.ascontiguousarray(self.picture[..., 1]), np.ones((3, 3), np.uint8)
        spread = cv2.subtract(cv2.dilate(green, window), cv2.erode(green, window))
        usual = float(np.percentile(spread[self._sure][::7], 90)) if self._sure.any() else 0.0
        return np.asarray(spread <= usual + 3.0)

    def _like(self, surface: Float32, places: npt.NDArray[np.intp]) -> Bools:
        """Which of the places on the middle grid are the surface, or the surface with less light."""
        there = cv2.resize(surface, self.middle, interpolation=cv2.INTER_LINEAR).reshape(-1, 3)[places]
        seen = self.picture.reshape(-1, 3)[places].astype(np.float32) / 255.0
        near = _largest(seen - there) < _CLOSE
        share = seen @ _SUM / np.maximum(there @ _SUM, 1e-3)
        shade = (share > _SHADOW[0]) & (share < _SHADOW[1])
        return np.asarray(near | (shade & (_largest(seen - there * share[:, None]) < _SHADOW_COLOUR * share)))

    def _measured(self, surface: Float32) -> BackdropModel:
        sure = self._seeds if self._seeds.any() else np.ones_like(self._seeds)
        seen, fitted = self._cells[sure], surface[sure]
        lab_seen, lab_fitted = (to_lab(part[None] * 255.0)[0] for part in (seen, fitted))
        light = coded_to_light(fitted) + np.float32(1e-4)
        hue = light / light.sum(axis=1, keepdims=True)
        return BackdropModel(
            coded=surface,
            shape=(self._rgb.shape[0], self._rgb.shape[1]),
            residual_delta_e=float(np.percentile(colour_distance(lab_seen, lab_fitted), 90)),
            inlier_share=float((np.abs(seen - fitted).max(axis=1) < _CLOSE).mean()),
            hue_spread=float(np.percentile(np.linalg.norm(hue - np.median(hue, axis=0), axis=1), 95)),
            seen_share=self.seen_share(),
            noise=self._noise(seen, sure),
        )

    def _noise(self, seen: Float32, sure: Bools) -> float:
        """Of single pixels: the picture's own at the cells' places against the cells' averages."""
        rows, columns = np.nonzero(sure)
        height, width = self._rgb.shape[:2]
        y = ((rows + 0.5) * (height / self._grid[1])).astype(int)
        x = ((columns + 0.5) * (width / self._grid[0])).astype(int)
        miss = np.minimum(np.abs(self._rgb[y, x] - seen * 255.0), _OUTLIER)
        return max(_NOISE_FLOOR, float(miss.mean()) * math.sqrt(math.pi / 2))


def grid_size(rgb: Rgb, long_side_px: int) -> tuple[int, int]:
    """Width and height of a grid over the picture, its long side as given (or the picture's own when smaller)."""
    height, width = rgb.shape[:2]
    zoom = min(1.0, long_side_px / max(height, width))
    return max(2, round(width * zoom)), max(2, round(height * zoom))


def _largest(change: Float32) -> Float32:
    a, b, c = np.abs(change).T
    return np.asarray(np.maximum(np.maximum(a, b), c), dtype=np.float32)


def _basis(size: tuple[int, int]) -> Float32:
    x, y = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=2).astype(np.float32)


def largest_difference(a: Rgb, b: Rgb) -> npt.NDArray[np.uint8]:
    """Each pixel's largest difference over the channels, in code values."""
    red, green, blue = cv2.split(cv2.absdiff(a, b))
    return np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8)


def as_code(surface: Float32) -> Rgb:
    """Code values 0 to 255 of code values 0 to 1."""
    return np.asarray(np.clip(surface * 255.0 + 0.5, 0, 255), dtype=np.uint8)


def _mean(field: Float32, side: int) -> Float32:
    return np.asarray(cv2.blur(field, (side, side), borderType=cv2.BORDER_ISOLATED))
