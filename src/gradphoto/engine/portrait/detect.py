"""Where are faces, and how many? YuNet, on a small canvas."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.shrink import shrink
from gradphoto.engine.portrait.yunet import YuNet

_CANVAS_LONG_SIDE_PX = 480
# On a thinner strip the network answers with faces that lie outside it.
_CANVAS_SHORT_SIDE_PX = 32
_SEEN_ENOUGH = 0.25
_SCORE_FLOOR = 0.6
_OVERLAP_CEILING = 0.3


@dataclass(frozen=True, slots=True)
class Face:
    """One detected face in the pixels of the picture given: box (left, top, width, height) and the eyes' centres.

    ``right_eye`` is the person's own right eye, on the left of the picture.
    """

    box: tuple[float, float, float, float]
    right_eye: tuple[float, float]
    left_eye: tuple[float, float]
    score: float

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box."""
        left, top, width, height = self.box
        return left + width / 2, top + height / 2


def scout(rgb: Rgb) -> Rgb:
    """The small copy on which faces are sought; at least four times smaller, it need not look at every pixel."""
    height, width = rgb.shape[:2]
    scale = min(1.0, _CANVAS_LONG_SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if scale == 1.0:
        return rgb
    if scale < _SEEN_ENOUGH:
        rgb = np.asarray(cv2.resize(rgb, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LINEAR), np.uint8)
    return shrink(rgb, *size)


class FaceDetector:
    """Counts faces; small ones in the background too, down to about a fortieth of the long side."""

    def __init__(self, model: bytes) -> None:
        self._net = YuNet(model)

    def find(self, rgb: Rgb, small: Rgb | None = None) -> tuple[Face, ...]:
        """The faces of a picture, largest first; ``small`` is its :func:`scout` where that is at hand."""
        height, width = rgb.shape[:2]
        small = scout(rgb) if small is None else small
        size = small.shape[1], small.shape[0]
        if min(size) < _CANVAS_SHORT_SIDE_PX:
            return ()
        rows = self._net.find(small, _SCORE_FLOOR, _OVERLAP_CEILING)
        to_picture = np.array([width / size[0], height / size[1]])
        faces = (_face(row, to_picture) for row in np.asarray(rows, dtype=np.float64))
        inside = (face for face in faces if 0 <= face.centre[0] < width and 0 <= face.centre[1] < height)
        return tuple(sorted(inside, key=lambda face: face.box[2] * face.box[3], reverse=True))


def _face(row: npt.NDArray[np.float64], to_picture: npt.NDArray[np.float64]) -> Face:
    left, top = row[0:2] * to_picture
    width, height = row[2:4] * to_picture
    right_eye, left_eye = row[4:6] * to_picture, row[6:8] * to_picture
    return Face(
        box=(float(left), float(top), float(width), float(height)),
        right_eye=(float(right_eye[0]), float(right_eye[1])),
        left_eye=(float(left_eye[0]), float(left_eye[1])),
        score=float(row[14]),
    )
