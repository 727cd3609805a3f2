"""The part of a photograph around one head, at the size where measuring is exact and cheap."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gradphoto.engine.portrait.decode import Photo, Rgb
from gradphoto.engine.portrait.detect import Face
from gradphoto.engine.portrait.shrink import shrink

_LONG_SIDE_PX = 960
# In units of the detected box's height: enough for the tallest hair, the shoulders and the widest crop we make.
_SIDE = 3.2
_BELOW_CENTRE = 0.25


@dataclass(frozen=True, slots=True)
class HeadView:
    """A reduced cut-out: ``rgb`` at ``scale`` view pixels per source pixel, its corner at ``left``, ``top`` there."""

    rgb: Rgb
    face: Face
    left: float
    top: float
    scale: float

    def source_x(self, x: float) -> float:
        """A column of the view as a column of the full-resolution source."""
        return self.left + x / self.scale

    def source_y(self, y: float) -> float:
        """A row of the view as a row of the full-resolution source."""
        return self.top + y / self.scale


def view_head(photo: Photo, face: Face) -> HeadView:
    """Cut out and reduce the surroundings of ``face`` (which is in the pixels of ``photo.rgb``)."""
    height, width = photo.rgb.shape[:2]
    box_left, box_top, box_width, box_height = face.box
    half = box_height * _SIDE / 2
    centre_x, centre_y = box_left + box_width / 2, box_top + box_height * (0.5 + _BELOW_CENTRE)
    left, right = max(0, round(centre_x - half)), min(width, round(centre_x + half))
    top, bottom = max(0, round(centre_y - half)), min(height, round(centre_y + half))
    cut = photo.rgb[top:bottom, left:right]
    zoom = min(1.0, _LONG_SIDE_PX / max(cut.shape[:2]))
    if zoom < 1.0:
        reduced = shrink(cut, max(1, round(cut.shape[1] * zoom)), max(1, round(cut.shape[0] * zoom)))
    else:
        reduced = np.ascontiguousarray(cut)

    def inside(point: tuple[float, float]) -> tuple[float, float]:
        return (point[0] - left) * zoom, (point[1] - top) * zoom

    corner = inside((box_left, box_top))
    in_view = replace(
        face,
        box=(corner[0], corner[1], box_width * zoom, box_height * zoom),
        right_eye=inside(face.right_eye),
        left_eye=inside(face.left_eye),
    )
    return HeadView(reduced, in_view, left * photo.reduction, top * photo.reduction, zoom / photo.reduction)
