"""How far an eye is open, by its outline and by what can be seen between the lids.

The landmark model has a strong idea of what a face looks like: one closed eye beside an open one is drawn half open.
So the pixels are asked too.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait import landmarks as mark
from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.landmarks import FaceMesh
from gradphoto.engine.portrait.ranks import middle, middle_colour
from gradphoto.engine.portrait.tone import colour_distance, to_lab

_PATCH_WIDTH_PX, _PATCH_HEIGHT_PX = 64, 96
# Rows and columns of the patch (its width is the eye's): between the lids, and the skin of the cheek below.
_BETWEEN_LIDS = slice(28, 68), slice(16, 48)
_CHEEK_BELOW = slice(72, 92)
_UNLIKE_SKIN_DELTA_E = 18.0


@dataclass(frozen=True, slots=True)
class Eye:
    """``aspect``: gap between the lids' landmarks over the eye's width. ``visible``: mean height of what is not skin
    over the middle of the eye, over the eye's width: iris and white 0.2 to 0.5, a line of lashes about 0.1.
    """

    aspect: float
    visible: float


_OUTLINES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
_IRISES = ((468, 469, 471), (473, 474, 476))
_LEAST_WHITE_PX = 24


def white_of_the_eyes(rgb: Rgb, mesh: FaceMesh) -> tuple[float, float, float] | None:
    """Median L*, a*, b* of the lighter half of what is neither lid nor iris between the lids; ``None`` for eyes too small or
    too far shut. It is the one part of a face whose colour hardly depends on the skin's.
    """
    seen = []
    for outline, (iris, inner, outer) in zip(_OUTLINES, _IRISES, strict=True):
        ring = mesh.points[list(outline), :2]
        low, high = np.floor(ring.min(axis=0)).astype(int), np.ceil(ring.max(axis=0)).astype(int)
        if (low < 0).any() or high[0] >= rgb.shape[1] or high[1] >= rgb.shape[0] or (high - low < 6).any():
            continue
        drawn = np.zeros((high[1] - low[1] + 1, high[0] - low[0] + 1), np.uint8)
        cv2.fillPoly(drawn, [np.rint(ring - low).astype(np.int32)], (1,))
        radius = 0.62 * float(np.linalg.norm(mesh.points[inner, :2] - mesh.points[outer, :2]))
        centre = np.rint(mesh.points[iris, :2] - low).astype(int)
        cv2.circle(drawn, (int(centre[0]), int(centre[1])), max(1, round(radius)), (0,), -1)
        seen.append(rgb[low[1] : high[1] + 1, low[0] : high[0] + 1][drawn.astype(bool)])
    white = np.concatenate(seen) if seen else np.zeros((0, 3), np.uint8)
    if len(white) < _LEAST_WHITE_PX:
        return None
    lab = to_lab(white[None])[0]
    lightness, a, b = middle_colour(lab[lab[:, 0] >= middle(lab[:, 0])])
    return float(lightness), float(a), float(b)


def right_eye(rgb: Rgb, mesh: FaceMesh) -> Eye:
    """The person's own right eye."""
    return _eye(rgb, mesh, mark.RIGHT_EYE_CORNERS, mark.RIGHT_EYE_LIDS)


def left_eye(rgb: Rgb, mesh: FaceMesh) -> Eye:
    """The person's own left eye."""
    return _eye(rgb, mesh, mark.LEFT_EYE_CORNERS, mark.LEFT_EYE_LIDS)


def _eye(rgb: Rgb, mesh: FaceMesh, corners: tuple[int, int], lids: tuple[tuple[int, int], ...]) -> Eye:
    width = max(mesh.distance(corners), 1e-6)
    gap = sum(mesh.distance(pair) for pair in lids) / len(lids)
    lab = to_lab(_upright_patch(rgb, mesh.points[list(corners), :2]))
    skin = middle_colour(lab[_CHEEK_BELOW].reshape(-1, 3))
    unlike_skin = colour_distance(lab[_BETWEEN_LIDS], skin) > _UNLIKE_SKIN_DELTA_E
    return Eye(aspect=gap / width, visible=float(_longest_runs(unlike_skin).mean()) / _PATCH_WIDTH_PX)


def _upright_patch(rgb: Rgb, corners: npt.NDArray[np.float64]) -> Rgb:
    """The eye turned level and brought to a fixed size."""
    across = (corners[1] - corners[0]) / _PATCH_WIDTH_PX
    down = np.array([-across[1], across[0]])
    origin = corners.mean(axis=0) - across * _PATCH_WIDTH_PX / 2 - down * _PATCH_HEIGHT_PX / 2
    to_picture = np.column_stack([across, down, origin])
    size = _PATCH_WIDTH_PX, _PATCH_HEIGHT_PX
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpAffine(rgb, to_picture, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(patch, dtype=np.uint8)


def _longest_runs(seen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int_]:
    """The longest run of each column, in pixels."""
    rows = np.arange(len(seen))[:, None]
    # How far each row is below the last one that ends a run.
    return np.asarray((rows - np.maximum.accumulate(np.where(seen, -1, rows), axis=0)).max(axis=0))
