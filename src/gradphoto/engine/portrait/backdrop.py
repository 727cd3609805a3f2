"""The backdrop, the clothes before it, and the shoulders: read on a small copy of the head's surroundings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait import landmarks as mark
from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.landmarks import FaceMesh
from gradphoto.engine.portrait.ranks import at_percents, middle, middle_colour
from gradphoto.engine.portrait.segment import Mask
from gradphoto.engine.portrait.shrink import shrink
from gradphoto.engine.portrait.tone import Lab, colour_away, colour_distance, to_lab
from gradphoto.engine.portrait.view import HeadView

Bools = npt.NDArray[np.bool_]

# Colours are read on a small copy: a third of the view's side says the same in a tenth of the time.
_COLOUR_LONG_SIDE_PX = 320
_PERSON, _SURELY_PERSON, _SURELY_BACKDROP = 0.5, 0.9, 0.05
# Distance in a*b* below which a pixel under the chin counts as skin.
_LIKE_SKIN = 8.0
# Where a shadow lies and where the free backdrop begins, in eye distances from the outline. A hard shadow may be narrow, so the band is.
_NEAR_FROM, _NEAR_TO, _FAR = 0.1, 0.25, 0.7
# Stray hairs are darker than a shadow and thinner than this (eye distances; the filter's widest side in pixels): they fall out first.
_HAIR_WIDE, _FILTER_PX = 0.1, 5
# A shadow falls to one side and down: most of the band may be free of it.
_SHADOW_PERCENT = 80
# Half a face beside the middle begin the shoulders, one and a quarter is where they still are in the picture.
_SHOULDER_FROM, _SHOULDER_TO = 0.75, 1.25


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A small copy of the view in L*a*b*, and which of its pixels are skin, surely backdrop, surely clothes."""

    rgb: Rgb
    lab: Lab
    person: Mask
    points: npt.NDArray[np.float64]
    skin: Bools
    backdrop: Bools
    clothes: Bools


@dataclass(frozen=True, slots=True)
class BackdropMeasures:
    """Colour differences are CIE 1976 delta E in L*a*b*; ``None`` when there was too little to measure on.

    ``spread_delta_e``: 95th percentile of the distance from the median. ``gradient_delta_e``: difference between the ends
    of the plane that fits best. ``shadow_l``: how much darker (L*) it is close beside the person than a plane through the far
    backdrop says, on the worse side. ``clothes_delta_e``: distance from the backdrop that four fifths of the clothes exceed.
    ``clothes_pattern_l``: mean fine structure of the clothes in L*. ``shoulder_tilt_deg``: slope of the line over both
    shoulders, clockwise in the picture.
    """

    rgb: tuple[int, int, int] | None
    spread_delta_e: float | None
    gradient_delta_e: float | None
    shadow_l: float | None
    clothes_delta_e: float | None
    clothes_pattern_l: float | None
    shoulder_tilt_deg: float | None


def surroundings(view: HeadView, mesh: FaceMesh, mask: Mask) -> Surroundings:
    """Reduce the view and sort its pixels."""
    zoom = min(1.0, _COLOUR_LONG_SIDE_PX / max(view.rgb.shape[:2]))
    size = max(1, round(view.rgb.shape[1] * zoom)), max(1, round(view.rgb.shape[0] * zoom))
    rgb = shrink(view.rgb, *size)
    person = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    points = mesh.points[:, :2] * zoom
    lab = to_lab(rgb)
    skin = _face_skin(points, rgb.shape[:2])
    face_height, chin = float(np.ptp(points[:, 1])), float(points[mark.CHIN, 1])
    # Light spills over the outline and hair frays it: keep away from the person by a sixteenth of the face.
    reach = 2 * max(1, round(face_height / 16)) + 1
    near_person = cv2.dilate((person > _SURELY_BACKDROP).astype(np.uint8), np.ones((reach, reach), np.uint8))
    backdrop = near_person == 0
    backdrop[max(0, int(chin + face_height * 0.3)) :] = False
    clothes = person > _SURELY_PERSON
    clothes[: max(0, int(chin + face_height * 0.2))] = False
    if clothes.any() and skin.any():
        # The neck and an open collar show skin, which says nothing about the clothes.
        first = int(np.flatnonzero(clothes.any(axis=1))[0])
        clothes[first:] &= colour_away(lab[first:], middle_colour(lab[skin])) > _LIKE_SKIN
    return Surroundings(rgb, lab, person, points, skin, backdrop, clothes)


def measure_backdrop(around: Surroundings) -> BackdropMeasures:
    """Everything said of the backdrop and of what stands before it."""
    tilt = _shoulder_tilt(around)
    pattern = _pattern(around)
    if not _enough(around.backdrop):
        return BackdropMeasures(None, None, None, None, None, pattern, tilt)
    # Every other row and column says the same of an even wall, and of clothes.
    lab, rgb = around.lab[::2, ::2].reshape(-1, 3), around.rgb[::2, ::2].reshape(-1, 3)
    sampled = np.flatnonzero(around.backdrop[::2, ::2])
    seen = lab[sampled]
    usual = middle_colour(seen)
    red, green, blue = (round(float(channel)) for channel in middle_colour(rgb[sampled]))
    clothes = None
    if _enough(around.clothes):
        clothes = at_percents(colour_distance(lab[np.flatnonzero(around.clothes[::2, ::2])], usual), 20)[0]
    return BackdropMeasures(
        rgb=(red, green, blue),
        spread_delta_e=at_percents(colour_distance(seen, usual), 95)[0],
        gradient_delta_e=_gradient(around),
        shadow_l=_shadow(around),
        clothes_delta_e=clothes,
        clothes_pattern_l=pattern,
        shoulder_tilt_deg=tilt,
    )


def _face_skin(points: npt.NDArray[np.float64], shape: tuple[int, ...]) -> Bools:
    """The oval of the face, drawn in a little so that hair and backdrop stay out."""
    outline = points[list(mark.FACE_OVAL)]
    outline = outline.mean(axis=0) + (outline - outline.mean(axis=0)) * 0.9
    drawn = np.zeros(shape, np.uint8)
    cv2.fillPoly(drawn, [np.rint(outline).astype(np.int32)], (1,))
    return drawn.astype(bool)


def _gradient(around: Surroundings) -> float:
    """A plane through the backdrop's L*, a*, b*: how far apart its ends are over the extent of the backdrop."""
    # A plane needs few points: every third row and column is plenty.
    backdrop, lab = around.backdrop[::3, ::3], around.lab[::3, ::3]
    rows, columns = np.nonzero(backdrop)
    if rows.size < 16:
        return 0.0
    height, width = backdrop.shape
    places = np.column_stack([columns / width - 0.5, rows / height - 0.5, np.ones(rows.size)])
    slopes = _plane(places, lab[backdrop])
    reach = [float(np.ptp(places[:, 0])), float(np.ptp(places[:, 1]))]
    return float(max(np.linalg.norm(slopes[0]) * reach[0], np.linalg.norm(slopes[1]) * reach[1]))


def _plane(places: npt.NDArray[np.float64], values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """The factors by which ``places`` (N x 3) come nearest to ``values`` (N or N x channels): by the normal equations, which are
    three numbers wide; the shortest where places in one line leave a direction open.
    """
    factors, *_ = np.linalg.lstsq(places.T @ places, places.T @ values.astype(np.float64), rcond=1e-9)
    return np.asarray(factors)


def _shadow(around: Surroundings) -> float | None:
    """How much darker (L*) the backdrop is near the outline than a plane through the far backdrop says, on the worse side.

    A shadow of the sitter begins at the outline: it is looked for at 0.1 to 0.25 eye distances, where a narrow hard one of a flash
    lies, too. A gradient of the lamps is a plane and does not count.
    """
    eyes = _eye_distance(around.points)
    distance = cv2.distanceTransform((around.person <= _SURELY_BACKDROP).astype(np.uint8), cv2.DIST_L2, 3)
    above = np.zeros_like(around.backdrop)
    above[: max(0, int(np.ptp(around.points[:, 1]) * 0.3 + around.points[mark.CHIN, 1]))] = True
    far = around.backdrop & (distance > _FAR * eyes)
    near = above & (distance > _NEAR_FROM * eyes) & (distance < _NEAR_TO * eyes)
    free = np.flatnonzero(far)
    if free.size < 100:
        return None
    lightness = around.lab[..., 0]
    height, width = far.shape
    rows, columns = np.divmod(free[:: max(1, free.size // 4000)], width)
    places = np.column_stack([columns / width, rows / height, np.ones(rows.size)])
    plane = _plane(places, lightness[rows, columns])
    fitted = (
        np.arange(width, dtype=np.float32) / width * plane[0]
        + (np.arange(height, dtype=np.float32) / height * plane[1])[:, None]
        + plane[2]
    )
    darker = _without_hairs(np.asarray(fitted - lightness, np.float32), eyes)[near]
    centre = middle(around.points[:, 0])
    sides = []
    left = np.flatnonzero(near) % width < centre
    for beside in (darker[left], darker[~left]):
        if beside.size >= 30:
            sides.append(at_percents(beside, _SHADOW_PERCENT)[0])
    return max(sides) if sides else None


def _without_hairs(darker: npt.NDArray[np.float32], eyes: float) -> npt.NDArray[np.float32]:
    """A median over a little square, in quarters of L* (the filter works on bytes)."""
    side = min(_FILTER_PX, max(3, int(_HAIR_WIDE * eyes) | 1))
    quarters = np.clip(darker * 4.0 + 64.0, 0, 255).astype(np.uint8)
    return np.asarray((cv2.medianBlur(quarters, side).astype(np.float32) - 64.0) / 4.0, np.float32)


def _eye_distance(points: npt.NDArray[np.float64]) -> float:
    right, left = points[list(mark.RIGHT_EYE_CORNERS)].mean(axis=0), points[list(mark.LEFT_EYE_CORNERS)].mean(axis=0)
    return max(float(np.linalg.norm(left - right)), 1.0)


def _pattern(around: Surroundings) -> float | None:
    """Stripes, checks and prints are fine and strong; folds are broad, cloth alone is weak."""
    # The outline of the clothes is an edge, not a pattern: stay inside.
    inside = cv2.erode(around.clothes.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    if not _enough(inside):
        return None
    lightness = around.lab[..., 0]
    fine = np.abs(lightness - cv2.GaussianBlur(lightness, (0, 0), 2.5))
    return float(fine[inside].mean())


def _shoulder_tilt(around: Surroundings) -> float | None:
    face_width = float(np.linalg.norm(around.points[mark.RIGHT_CHEEK] - around.points[mark.LEFT_CHEEK]))
    centre = float((around.points[mark.RIGHT_CHEEK, 0] + around.points[mark.LEFT_CHEEK, 0]) / 2)
    chin = int(around.points[mark.CHIN, 1])
    person = around.person > _PERSON
    heights = []
    for side in (-1, 1):
        near, far = centre + side * _SHOULDER_FROM * face_width, centre + side * _SHOULDER_TO * face_width
        columns = np.arange(math.floor(min(near, far)), math.ceil(max(near, far)))
        columns = columns[(columns >= 0) & (columns < person.shape[1])]
        if columns.size < 4 or chin >= person.shape[0] - 4 or chin < 0:
            return None
        below = person[chin:, columns]
        tops = np.where(below.any(axis=0), below.argmax(axis=0), -1)
        tops = tops[tops > 0]
        if tops.size < columns.size / 2:
            return None
        heights.append(middle(tops))
    across = (_SHOULDER_FROM + _SHOULDER_TO) * face_width
    return math.degrees(math.atan2(heights[1] - heights[0], across))


def _enough(region: Bools) -> bool:
    return int(region.sum()) >= max(64, region.size // 200)
