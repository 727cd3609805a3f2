"""Which pixels are surely the person, surely backdrop, or to be unmixed; and the pockets of backdrop inside hair.

The segmentation knows the person but not the hairs (one of its cells covers several pixels); the distance from the
backdrop's surface knows hairs but not the person (a pale collar may be as pale as the wall). So the segmentation draws
a core and a band, and colour decides inside the band, and beyond it for what hangs together with the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.matte.light import Float32
from gradphoto.engine.portrait.matte.surface import BackdropModel, Bools, largest_difference

Bytes = npt.NDArray[np.uint8]

# Shares of the long side: how far inside the outline the segmentation is sure, its band outside, the longest stray hair.
_INSIDE, _OUTSIDE, _STRAY = 0.018, 0.022, 0.11
_PERSON, _SURELY = 0.5, 0.9
# A pocket is of the backdrop's very colour, above the shoulders, and no deeper inside the outline (share of the long
# side) than curls are thick, or, if it is large (cells), than hair hangs beside a neck.
_POCKET_CELLS, _POCKET_NOISE = 2, 3.0
_CURL_DEPTH, _NECK_DEPTH, _NECK_CELLS = 0.06, 0.14, 40
_BELOW_CHIN = 1.25
# Two cells beyond a pocket's edge nearly everything differs from the backdrop by this many tolerances.
_ABRUPT, _SOFT_SHARE = 4.0, 0.3
# Dark hair finer than the grid's cells, inside the outline: so much of the backdrop's hue shines through, unevenly.
# Hues with red in them are left alone: lips and skin have them too.
_TINT, _HUED, _TINT_DEPTH = 0.3, 40.0, 0.04
_DARK, _DARK_SHARE, _AROUND = 110, 0.35, 9
# Small pockets lie in hair, not in skin (where a gleam or a spectacle's glare may be as pale as the wall).
_SKIN_SHARE = 0.25
# The rim on which clothes and hair are compared with the backdrop: from, and how wide (shares of the long side); and the
# difference (code values) below which they are alike.
_RIM, _ALIKE = (0.01, 0.03), 12.0
# In code values: what is no backdrop at all, and how even the inside of something opaque is.
_FAR, _EVEN = 50, 24


@dataclass(frozen=True, slots=True)
class Regions:
    """``core``: surely the person, ``unknown``: to be unmixed (height x width; the rest is backdrop).

    On the middle grid: ``pocket``, pure backdrop found inside the person; ``opened``, where it shines through;
    ``outside``, what the segmentation calls backdrop; ``solid``, the inside of opaque things. ``alike_share``: of the
    person along the outline, what has the backdrop's colour.
    """

    core: Bools
    unknown: Bools
    pocket: Bools
    opened: Bools
    outside: Bools
    solid: Bools
    alike_share: float


@dataclass(frozen=True, slots=True)
class Look:
    """One picture as the division sees it: at full size and on the middle grid."""

    person: Float32
    far: Bytes
    picture: Rgb
    mask: Float32
    model: BackdropModel

    @property
    def tolerance(self) -> float:
        """The largest difference from the surface that is still its noise, code values."""
        return max(4.0, _POCKET_NOISE * self.model.noise)


def divide(look: Look, chin_y_px: float | None, keep: Bools | None) -> Regions:
    """Divide a picture. ``keep``: pixels that are the person's whatever their colour."""
    height, width = look.far.shape
    mask, size = look.mask, (look.mask.shape[1], look.mask.shape[0])
    away = np.asarray(cv2.resize(look.far, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    core = _eroded(mask > _SURELY, _INSIDE * max(size))
    near = _dilated(mask > 1 - _SURELY, _OUTSIDE * max(size))
    stray = _stray(look, near, away)
    solid = _solid(away)
    shoulders = _shoulders(mask) if chin_y_px is None else chin_y_px * size[1] / height * _BELOW_CHIN
    pocket = _pockets(look, near, solid, shoulders)
    opened = _dilated(pocket, 3.0)
    whole = _enlarged(core & ~opened, (width, height))
    asked = _enlarged(near | stray | opened, (width, height))
    if keep is not None:
        whole |= keep
    # Outside, what cannot be told from the backdrop needs no unmixing.
    plain = (look.far <= max(2.0, 1.5 * look.model.noise)) & (look.person < _PERSON)
    return Regions(
        core=whole,
        unknown=asked & ~whole & ~plain,
        pocket=pocket & (away < look.tolerance),
        opened=opened,
        outside=mask < _PERSON,
        solid=(core & ~opened) | (solid & (near | stray)),
        alike_share=_alike_share(look, away, opened),
    )


def difference(rgb: Rgb, model: BackdropModel) -> Bytes:
    """Each pixel's largest distance from the surface over the channels, in code values."""
    return largest_difference(rgb, model.whole())


def _stray(look: Look, near: Bools, away: Bytes) -> Bools:
    """Hair beyond the band: differs from the surface and hangs together with the person."""
    person = look.mask > _PERSON
    reach = _dilated(person, _STRAY * max(person.shape))
    hair = reach & (away > max(4.0, 2.0 * look.model.noise))
    count, pieces = cv2.connectedComponents((hair | person).astype(np.uint8), connectivity=8)
    mine = np.bincount(pieces[person], minlength=count) > 0
    mine[0] = False
    return _dilated(hair & mine[pieces], 1.5) & reach & ~near


def _alike_share(look: Look, away: Bytes, opened: Bools) -> float:
    long_side = max(away.shape)
    core = _eroded(look.mask > _SURELY, _RIM[0] * long_side)
    rim = core & ~_eroded(core, _RIM[1] * long_side) & ~opened
    return float((away[rim] < max(_ALIKE, 4.0 * look.model.noise)).mean()) if rim.any() else 0.0


def _solid(away: Bytes) -> Bools:
    """Far from the backdrop and even: the inside of something opaque, whatever the segmentation thinks of it."""
    window = np.ones((3, 3), np.uint8)
    even = cv2.subtract(cv2.dilate(away, window), cv2.erode(away, window)) < _EVEN
    return np.asarray(even & (away > _FAR))


def _pockets(look: Look, near: Bools, solid: Bools, shoulders: float) -> Bools:
    """Backdrop that the segmentation took for the person: inside curls, between hair and neck."""
    size = near.shape[1], near.shape[0]
    least = cv2.resize(cv2.erode(look.far, np.ones((2, 2), np.uint8)), size, interpolation=cv2.INTER_NEAREST)
    alike = (least < look.tolerance).astype(np.uint8)
    count, pieces, boxes, _ = cv2.connectedComponentsWithStats(alike, connectivity=4)
    cells = boxes[:, cv2.CC_STAT_AREA]
    inside = cells >= _POCKET_CELLS
    inside &= np.bincount(pieces[~near], minlength=count) == 0
    inside[0] = False
    inside &= boxes[:, cv2.CC_STAT_TOP] + boxes[:, cv2.CC_STAT_HEIGHT] <= shoulders
    sharp = _sharply_bounded(np.asarray(pieces), inside, np.asarray(least), look.tolerance)
    depth = cv2.distanceTransform((look.mask > _PERSON).astype(np.uint8), cv2.DIST_L2, 3) / max(size)
    large = cells >= _NECK_CELLS
    limit = np.where(large, _NECK_DEPTH, _CURL_DEPTH)
    hair = _in_dark_hair(look.picture)
    pocket = inside[pieces] & (depth <= limit[pieces]) & (large[pieces] | ~_in_skin(look.picture))
    pocket &= sharp[pieces] | (hair & ~large[pieces])
    through = _tinted(look) & hair & ~solid & (depth > 0) & (depth <= _TINT_DEPTH)
    through[max(0, int(shoulders)) :] = False
    return np.asarray(pocket | through)


def _sharply_bounded(pieces: npt.NDArray[Any], asked: Bools, least: npt.NDArray[Any], tolerance: float) -> Bools:
    """Which pieces end abruptly, as backdrop does at hair; a shaded collar's likeness to the wall ends by degrees."""
    if not asked.any():
        return asked
    numbered = np.where(asked, np.cumsum(asked), 0).astype(np.uint16)
    inner = numbered[pieces]
    rim = np.where(cv2.dilate(inner, np.ones((3, 3), np.uint8)) > 0, 0, cv2.dilate(inner, np.ones((5, 5), np.uint8)))
    kinds = int(numbered.max()) + 1
    around = np.bincount(rim.reshape(-1), minlength=kinds)
    soft = np.bincount(rim[least < _ABRUPT * tolerance], minlength=kinds)
    return np.asarray(asked & ((soft <= _SOFT_SHARE * around)[numbered]))


def _tinted(look: Look) -> Bools:
    """Where the hue of a blue or green backdrop is seen."""
    behind = look.model.coded.reshape(-1, 3).mean(axis=0) * 255.0
    hue = behind - behind.mean()
    strength = float(hue @ hue)
    if strength < _HUED**2 or hue.argmax() == 0:
        return np.zeros(look.mask.shape, bool)
    share = cv2.transform(look.picture.astype(np.float32), (hue / strength)[None].astype(np.float32))
    return np.asarray(share > _TINT)


def _in_dark_hair(picture: Rgb) -> Bools:
    red, green, blue = cv2.split(picture)
    return _mostly(np.asarray(cv2.max(cv2.max(red, green), blue) < _DARK), _DARK_SHARE)


def _in_skin(picture: Rgb) -> Bools:
    red, green, blue = cv2.split(picture)
    skin = (red > 130) & (red >= green) & (green >= blue) & (cv2.subtract(red, blue) > 20)
    return _mostly(skin, _SKIN_SHARE)


def _mostly(region: Bools, share: float) -> Bools:
    """Where more than ``share`` of the cells around are in the region."""
    around = cv2.blur(region.astype(np.uint8) * np.uint8(255), (_AROUND, _AROUND))
    return np.asarray(around > share * 255)


def _shoulders(mask: Float32) -> float:
    """The row of the shoulders: where the outline grows far beyond the width it has at the head."""
    widths = (mask > _PERSON).sum(axis=1)
    rows = np.flatnonzero(widths > 0.05 * mask.shape[1])
    if rows.size == 0:
        return 0.0
    top = int(rows[0])
    head = float(np.percentile(widths[top : top + max(1, int(0.3 * len(widths)))], 80))
    wide = np.flatnonzero(widths[top:] > 1.45 * head)
    return float(top + wide[0]) if wide.size else 0.75 * len(widths)


def _enlarged(region: Bools, size: tuple[int, int]) -> Bools:
    return np.asarray(cv2.resize(region.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0)


def _ball(radius: float) -> Bytes:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), dtype=np.uint8)


def _eroded(region: Bools, radius: float) -> Bools:
    # The person goes on beyond the picture's edge.
    return np.asarray(cv2.erode(region.astype(np.uint8), _ball(radius), borderValue=1) > 0)


def _dilated(region: Bools, radius: float) -> Bools:
    if radius > 8:  # a large ball is slow, and at this size a box does as well
        side = 2 * round(radius) + 1
        return np.asarray(cv2.dilate(region.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)
    return np.asarray(cv2.dilate(region.astype(np.uint8), _ball(radius)) > 0)
