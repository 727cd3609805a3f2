"""How much of a mixed pixel is the person, and what colour that part has.

A mixed pixel is C = a F + (1 - a) B in linear light. B is read from the surface. F is tried as the mean of the solid
colours near by, at several widths, and as the dark and the pale ones among them (hair and collars differ from the skin
beside them); the one whose line from B passes nearest to C is taken, and a is the place on that line. Where F and B are
too alike for that, the segmentation decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.matte.light import Float32, to_light
from gradphoto.engine.portrait.matte.regions import Regions
from gradphoto.engine.portrait.matte.surface import BackdropModel, Bools

# Windows over the solid colours, in cells of a grid half as fine as the middle one; the last only fills gaps.
_WINDOWS = (5, 11, 27, 61)
_TONE_WINDOW, _TONE_CELLS = 41, 12
# Linear light (mean of the channels) below which a colour is dark like hair and above which it is pale like a collar.
_DARK, _PALE = 0.06, 0.45
# F and B are told apart by colour when they differ by much more than this (linear light).
_ALIKE = 0.05
_ALIKE_NOISE = 6.0
# Most pixels are one or the other: a line that makes C a mixture must pass so much nearer (square of linear light).
_MIXED_COST = 1e-3
# Between lines as near as each other the segmentation chooses (a pale collar's line is near to all noise of a pale wall).
_PRIOR_COST = 1e-3
# Half unexplained: this far from the nearest line (square of linear light).
_MISS = 1e-2
# What noise of one code value moves in linear light at the bright end, times two and a half.
_DEAD = 4.0
# A thin share of the person tells little of its colour: at this alpha the unmixed colour and F have equal say.
_THIN = 0.14
_ROOM = np.float32(0.5)
_SPILL = 0.85
# Cells of the middle grid with less alpha (0 to 255) are bare backdrop; so many cells from them nothing is seen through.
_BARE, _DEPTH = 40, (2.0, 4.0)
_ROW = 2048


@dataclass(frozen=True, slots=True)
class Unmixed:
    """For each of n pixels: ``alpha``; ``light``, the person's part of the colour times alpha (3 x n, linear);
    ``apart``, how surely the colours could be told apart, 0 to 1; ``spill``, backdrop's light taken out (linear).
    """

    alpha: Float32
    light: Float32
    apart: Float32
    spill: Float32


def unmix(rgb: Rgb, places: npt.NDArray[np.intp], regions: Regions, person: Float32, model: BackdropModel) -> Unmixed:
    """Unmix the pixels at ``places`` (flat indices, at least one)."""
    at = np.divmod(places, person.shape[1])
    seen = np.ascontiguousarray(to_light(rgb.reshape(-1, 3)[places]).T)
    behind = _Reader(at, person.shape, model.coded.shape)(model.light())
    prior = person.reshape(-1)[places]
    front, share = _nearest_line(seen, behind, prior, _solid_colours(rgb, regions.solid), at, person.shape)
    towards = front - behind
    apart = _squared(towards)
    told = apart / (apart + (_ALIKE + _ALIKE_NOISE * model.noise / 255.0) ** 2)
    alpha: Float32 = np.asarray(told * share + (1 - told) * prior, dtype=np.float32)
    # A colour on none of the lines is some other part of the person (where a shaded collar meets the neck).
    miss = _squared(seen - behind - share * towards)
    alpha += miss / (miss + _MISS) * np.clip(prior - alpha, 0.0, None)
    np.maximum(alpha, _hidden(seen, behind, model.noise), out=alpha)
    # Noise is no hair: what lies within it at either end counts as the end.
    dead = np.clip(np.float32(_DEAD * model.noise / 255.0) / np.sqrt(apart + 1e-4), 0.01, 0.1)
    alpha = np.asarray(np.clip((alpha - dead) / (1 - 2 * dead), 0.0, 1.0), dtype=np.float32)
    alpha = _closed(alpha, places, regions, prior)
    light, spill = _own_light(seen, behind, front, alpha)
    return Unmixed(alpha, light, told, spill)


def _hidden(seen: Float32, behind: Float32, noise: float) -> Float32:
    """No colour is darker than black or lighter than white: so much of the backdrop must be hidden at least."""
    change, margin = seen - behind, np.float32(5.0 * noise / 255.0)
    # A channel of the backdrop that is nearly black or white itself has no room to tell anything but noise.
    darker = ((-change - margin) / np.maximum(behind, _ROOM)).max(axis=0)
    lighter = ((change - margin) / np.maximum(1 - behind, _ROOM)).max(axis=0)
    return np.asarray(np.maximum(darker, lighter), dtype=np.float32)


def _closed(alpha: Float32, places: npt.NDArray[np.intp], regions: Regions, prior: Float32) -> Float32:
    """A gleam in the hair or the shade of a collar is no hole: the segmentation's person is opaque away from backdrop.

    Backdrop is what is bare and hangs together with the outside or with a pocket.
    """
    hidden = regions.core.astype(np.uint8) * np.uint8(255)
    hidden.reshape(-1)[places] = alpha * 255.0
    height, width = hidden.shape
    cells = regions.opened.shape
    bare = (cv2.resize(hidden, (cells[1], cells[0]), interpolation=cv2.INTER_AREA) < _BARE) | regions.opened
    count, pieces = cv2.connectedComponents(bare.astype(np.uint8), connectivity=4)
    real = np.bincount(pieces[regions.outside | regions.opened], minlength=count) > 0
    real[0] = False
    away = cv2.distanceTransform((~real[pieces]).astype(np.uint8), cv2.DIST_L2, 3)
    rows, columns = np.divmod(places, width)
    depth = away[rows * cells[0] // height, columns * cells[1] // width]
    opaque = np.clip((depth - _DEPTH[0]) / (_DEPTH[1] - _DEPTH[0]), 0.0, 1.0) * np.clip(4 * prior - 3, 0.0, 1.0)
    return np.asarray(np.maximum(alpha, opaque), dtype=np.float32)


def _nearest_line(
    seen: Float32,
    behind: Float32,
    prior: Float32,
    colours: list[Float32],
    at: tuple[npt.NDArray[np.intp], ...],
    shape: tuple[int, ...],
) -> tuple[Float32, Float32]:
    """The foreground colour whose line from the backdrop passes nearest, and the place on that line."""
    read, change = _Reader(at, shape, colours[0].shape), seen - behind
    best = np.full(len(at[0]), np.inf, np.float32)
    front, share = np.empty_like(seen), np.zeros_like(best)
    for colour in colours:
        tried = read(colour)
        towards = tried - behind
        place = np.clip(_dot(change, towards) / (_squared(towards) + np.float32(1e-6)), 0.0, 1.0)
        cost = _squared(change - place * towards)
        cost += _MIXED_COST * place * (1 - place) + _PRIOR_COST * np.square(place - prior)
        better = cost < best
        np.copyto(best, cost, where=better)
        np.copyto(share, place, where=better)
        np.copyto(front, tried, where=better)
    return front, share


def _own_light(seen: Float32, behind: Float32, front: Float32, alpha: Float32) -> tuple[Float32, Float32]:
    """The person's own light (times alpha), without what the backdrop throws on the outline; and how much that was."""
    own = np.clip(seen - (1 - alpha) * behind, 0.0, alpha)
    trust = alpha * alpha / (alpha * alpha + np.float32(_THIN**2))
    own = trust * own + (1 - trust) * alpha * front
    hue = behind - behind.mean(axis=0)
    hue = hue / (np.sqrt(_squared(hue)) + np.float32(1e-4))
    beyond = np.clip(_dot(own - alpha * front, hue), 0.0, None)
    spill = beyond * np.float32(_SPILL) * np.clip(8 * (1 - alpha), 0.0, 1.0)
    return np.clip(own - spill * hue, 0.0, alpha), spill


def _dot(a: Float32, b: Float32) -> Float32:
    return np.asarray(np.einsum("cn,cn->n", a, b))


def _squared(a: Float32) -> Float32:
    return _dot(a, a)


class _Reader:
    """Reads a field of a small grid at scattered pixels of the picture, between its points: 3 x n."""

    def __init__(self, at: tuple[npt.NDArray[np.intp], ...], shape: tuple[int, ...], grid: tuple[int, ...]) -> None:
        self._count = len(at[0])
        y, x = (self._on_grid(index, grid[axis] / shape[axis]) for axis, index in enumerate(at))
        self._x, self._y = x, y

    def _on_grid(self, index: npt.NDArray[np.intp], scale: float) -> Float32:
        # cv2.remap wants a picture of coordinates, and none of its sides may be long.
        places = np.zeros((-(-self._count // _ROW), _ROW), np.float32)
        places.reshape(-1)[: self._count] = (index + 0.5) * scale - 0.5
        return places

    def __call__(self, field: Float32) -> Float32:
        found = cv2.remap(field, self._x, self._y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.ascontiguousarray(found.reshape(-1, 3)[: self._count].T)


def _solid_colours(rgb: Rgb, solid: Bools) -> list[Float32]:
    """Fields of the solid pixels' mean colour in linear light: narrow windows first, then the dark and the pale ones."""
    size = max(1, solid.shape[1] // 2), max(1, solid.shape[0] // 2)
    weight = cv2.resize(solid.astype(np.uint8), size, interpolation=cv2.INTER_AREA).astype(np.float32)
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    light = to_light(small) * cv2.merge([weight] * 3)
    fields, wider = [], _mean_colour(light, weight)
    for side in reversed(_WINDOWS):
        wider = _windowed(light, weight, side, wider)
        fields.append(wider)
    fields = fields[:0:-1]
    tone = cv2.transform(light, np.full((1, 3), 1 / 3, np.float32))
    for kind in (tone < _DARK, tone > _PALE):
        some = weight * kind
        if some.sum() >= _TONE_CELLS:
            part = light * cv2.merge([some] * 3)
            fields.append(_windowed(part, some, _TONE_WINDOW, _mean_colour(part, some)))
    return fields


def _mean_colour(light: Float32, weight: Float32) -> Float32:
    mean = np.array(cv2.mean(light)[:3], np.float32) / max(cv2.mean(weight)[0], 1e-6)
    return np.asarray(np.broadcast_to(mean, light.shape))


def _windowed(light: Float32, weight: Float32, side: int, wider: Float32) -> Float32:
    """Local means; where a window holds nothing, the wider field's."""
    window, little = (side, side), np.float32(1e-3)
    count = cv2.blur(weight, window) + little
    return np.asarray((cv2.blur(light, window) + little * wider) / cv2.merge([count] * 3))
