"""Ears, brows, hair, glasses, what covers the face: heuristics on the levelled face, for a person to look at.

No trained model for any of these was found in a registry package, so each is colour, edge and place, told as a number
whose meaning is in its docstring. The rules on them may only ask for a review (``rules/appearance.py``).
Requirements: R119 (ears), R120 (hair), R121 (glasses), R122 (jewellery), R123 (collar), 教毕指〔2017〕99号.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait import landmarks as mark
from gradphoto.engine.portrait.canvas import EYES_PX, Bools, Box, FaceCanvas, drawn
from gradphoto.engine.portrait.ranks import at_percents, middle, middle_colour

_NOSE_BOTTOM, _MOUTH_TOP, _FOREHEAD_TOP, _BRIDGE = 2, 0, 10, 168
_RIGHT_BROW, _LEFT_BROW = (70, 63, 105, 66, 107), (300, 293, 334, 296, 336)
_RIGHT_BROW_LOW, _LEFT_BROW_LOW = (46, 53, 52, 65, 55), (276, 283, 282, 295, 285)
_RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
_LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
_RIGHT_IRIS, _LEFT_IRIS = 468, 473
_RIGHT_IRIS_EDGE, _LEFT_IRIS_EDGE = (469, 471), (474, 476)
_LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
_LOWER_FACE = (
    234,
    93,
    132,
    58,
    172,
    136,
    150,
    149,
    176,
    148,
    152,
    377,
    400,
    378,
    379,
    365,
    397,
    288,
    361,
    323,
    454,
    280,
    2,
    50,
)
_PERSON = 0.5
# Hair is told from the skin beside it only where the skin is light enough and the hair clearly darker.
_LIGHT_ENOUGH, _DARKER_THAN_SKIN, _NO_SKIN = 45.0, 28.0, 0.05
_CLIPPED_L, _COLOURLESS = 93.0, 12.0
_RED_A, _RED_OVER_B = 30.0, 8.0


@dataclass(frozen=True, slots=True)
class Appearance:
    """Numbers of the levelled face; shares run from 0 to 1, lengths are in units of the eyes' distance.

    ``ear_*``: mean width of what has the colour of skin outside the cheek at the height of the ears. ``brow_clear_*``:
    share of skin just above the brow, ``brow_hair_*`` of what is surely dark hair there. ``hair_to_face``: hair above the chin against the oval of the face.
    ``crown_chroma`` and ``crown_l``: colour (C*ab) and lightness of what covers the head above the forehead; ``None``
    when that is skin or too little. ``glasses_edge``: strongest level edge across the bridge of the nose, in L* a pixel.
    ``frame_to_eye``: distance of the rim below from the lower lid, ``None`` without glasses. ``glare``: share
    of colourless white round the eyes, iris left out. ``eye_shade_l``: how much darker it is below the eyes than on the
    cheeks. ``red_eye``: share of red in the worse iris. ``eyes_covered``, ``mouth_covered``: share of the skin round the
    eyes and of the lower face that has not the colour of the cheeks. ``lips_apart``: how much redder (a*) the lips are than
    the skin above and below. ``ear_hair_*``: share of dark hair where an ear should be. ``neck_skin``, ``chest_skin``: share of
    skin just below the chin and over the barer shoulder.
    """

    ear_right: float
    ear_left: float
    ear_hair_right: float
    ear_hair_left: float
    brow_clear_right: float
    brow_clear_left: float
    brow_hair_right: float
    brow_hair_left: float
    hair_to_face: float
    crown_chroma: float | None
    crown_l: float | None
    glasses_edge: float
    frame_to_eye: float | None
    glare: float
    eye_shade_l: float
    red_eye: float
    eyes_covered: float
    mouth_covered: float
    lips_apart: float
    neck_skin: float | None
    chest_skin: float | None


_GLASSES_EDGE = 6.0
_LASHES = 0.02


def look_at(canvas: FaceCanvas) -> Appearance:
    """Measure everything on one canvas."""
    oval = canvas.polygon(mark.FACE_OVAL)
    skin = canvas.like_skin()
    glasses_edge = _bridge_edge(canvas)
    crown = _crown(canvas, oval)
    right_brow, left_brow = _above_brow(canvas, _RIGHT_BROW), _above_brow(canvas, _LEFT_BROW)
    return Appearance(
        ear_right=_ear(canvas, skin, mark.RIGHT_CHEEK, -1),
        ear_left=_ear(canvas, skin, mark.LEFT_CHEEK, 1),
        ear_hair_right=_ear_hair(canvas, mark.RIGHT_CHEEK, -1),
        ear_hair_left=_ear_hair(canvas, mark.LEFT_CHEEK, 1),
        brow_clear_right=right_brow[0],
        brow_clear_left=left_brow[0],
        brow_hair_right=right_brow[1],
        brow_hair_left=left_brow[1],
        hair_to_face=_hair_to_face(canvas, oval, skin),
        crown_chroma=crown[0],
        crown_l=crown[1],
        glasses_edge=glasses_edge,
        frame_to_eye=_frame_to_eye(canvas) if glasses_edge >= _GLASSES_EDGE else None,
        glare=_glare(canvas),
        eye_shade_l=_eye_shade(canvas),
        red_eye=max(_red(canvas, _RIGHT_IRIS, _RIGHT_IRIS_EDGE), _red(canvas, _LEFT_IRIS, _LEFT_IRIS_EDGE)),
        eyes_covered=_eyes_covered(canvas),
        mouth_covered=_mouth_covered(canvas),
        lips_apart=_lips_apart(canvas),
        neck_skin=_skin_share_below(canvas, 0.12, 0.5, 0.32),
        chest_skin=_bare_shoulders(canvas),
    )


def _ear(canvas: FaceCanvas, skin: Bools, cheek: int, side: int) -> float:
    """Mean run of skin outwards from the cheek, between the eyes' and the nose's height."""
    x = float(canvas.points[cheek][0])
    top = float(canvas.points[[33, 263], 1].mean())
    bottom = float(canvas.points[_NOSE_BOTTOM][1])
    near, far = x + side * 0.02 * EYES_PX, x + side * 0.36 * EYES_PX
    box = canvas.box(min(near, far), top, max(near, far), bottom)
    seen = skin[box] & (canvas.person[box] > _PERSON)
    if seen.size == 0:
        return 0.0
    outwards = seen[:, ::-1] if side < 0 else seen
    # A hair's breadth of shadow between cheek and ear must not end the run: count from the cheek, up to the widest gap.
    return float(_runs_with_gaps(outwards).mean()) / EYES_PX


def _ear_hair(canvas: FaceCanvas, cheek: int, side: int) -> float:
    """Share of the region of an ear that is surely dark hair; 0 as soon as a little of it may be skin.

    Below the lobe of a free ear there is backdrop, beside hair that hangs over it there is none: both halves must be hair.
    """
    x = float(canvas.points[cheek][0])
    top, bottom = float(canvas.points[[33, 263], 1].mean()), float(canvas.points[_NOSE_BOTTOM][1])
    near, far = x + side * 0.05 * EYES_PX, x + side * 0.28 * EYES_PX
    box = canvas.box(min(near, far), top, max(near, far), bottom + 0.12 * EYES_PX)
    lightness = canvas.lab[box][..., 0]
    if lightness.size == 0 or canvas.skin[0] < _LIGHT_ENOUGH:
        return 0.0
    # No allowed backdrop is dark, so what is dark here is hair, whatever the mask says of its edge.
    dark = lightness < canvas.skin[0] - _DARKER_THAN_SKIN
    if float(canvas.like_skin(box).mean()) > _NO_SKIN:
        return 0.0
    half = dark.shape[0] // 2
    return float(min(dark[:half].mean(), dark[half:].mean()))


def _runs_with_gaps(rows: Bools, gap: int = 4) -> npt.NDArray[np.int_]:
    """How far each row is filled from its start, over gaps that are not wider than ``gap``."""
    columns = np.arange(rows.shape[1])
    last = np.maximum.accumulate(np.where(rows, columns, -1), axis=1)
    before = np.column_stack([np.full(len(rows), -1), last[:, :-1]])
    breaks = rows & (columns - np.maximum(before, 0) > gap)
    first_break = breaks.argmax(axis=1)
    each = np.arange(len(rows))
    return np.asarray(np.where(breaks[each, first_break], before[each, first_break], last[:, -1]) + 1)


def _above_brow(canvas: FaceCanvas, brow: tuple[int, ...]) -> tuple[float, float]:
    """Share of skin, and of what is surely dark hair (0 on dark skin), in a strip that follows the brow's upper edge."""
    upper = canvas.points[list(brow)]
    low, high = 0.05 * EYES_PX, 0.17 * EYES_PX
    strip = np.concatenate([upper - [0.0, low], (upper - [0.0, high])[::-1]])
    box = canvas.around(strip, margin=1)
    where = drawn(strip, box).view(np.bool_) & canvas.inside[box]
    if not where.any():
        return 1.0, 0.0
    clear = float(canvas.like_skin(box, widen=1.3)[where].mean())
    if canvas.skin[0] < _LIGHT_ENOUGH:
        return clear, 0.0
    return clear, float((canvas.lab[box][..., 0] < canvas.skin[0] - _DARKER_THAN_SKIN)[where].mean())


def _hair_to_face(canvas: FaceCanvas, oval: Bools, skin: Bools) -> float:
    above_chin = np.zeros_like(oval)
    above_chin[: int(canvas.points[mark.CHIN][1])] = True
    hair = (canvas.person > _PERSON) & above_chin & ~oval & ~skin & canvas.inside
    return float(hair.sum()) / max(int(oval.sum()), 1)


def _crown(canvas: FaceCanvas, oval: Bools) -> tuple[float | None, float | None]:
    """Chroma and lightness of what lies above the forehead."""
    middle, top = canvas.points[_FOREHEAD_TOP]
    box = canvas.box(middle - 0.8 * EYES_PX, 0, middle + 0.8 * EYES_PX, top - 0.05 * EYES_PX)
    where = (canvas.person[box] > 0.9) & ~oval[box] & canvas.inside[box]
    hair = where & ~canvas.like_skin(box)
    if hair.sum() < 300 or hair.sum() < 0.35 * where.sum():
        return None, None
    lab = middle_colour(canvas.lab[box][hair])
    return float(np.hypot(lab[1], lab[2])), float(lab[0])


def _level_edges(canvas: FaceCanvas, box: Box) -> npt.NDArray[np.float32]:
    """How steeply L* changes downwards (a pixel) in each row of ``box``: what three quarters of the row exceed.

    A line goes all the way across, a wrinkle does not.
    """
    rows, columns = box
    if rows.start == rows.stop or columns.start == columns.stop:
        return np.zeros(0, np.float32)
    # One pixel more on every side, as the filter looks at the neighbours.
    top, left = max(0, rows.start - 1), max(0, columns.start - 1)
    seen = canvas.lab[top : rows.stop + 1, left : columns.stop + 1, 0]
    steep = np.abs(cv2.Sobel(seen, cv2.CV_32F, 0, 1, ksize=3)) / np.float32(8.0)
    inner = steep[rows.start - top :, columns.start - left :][: rows.stop - rows.start, : columns.stop - columns.start]
    place = (inner.shape[1] - 1) * 0.25
    low = int(place)
    ordered = np.sort(inner, axis=1)
    upper = ordered[:, min(low + 1, inner.shape[1] - 1)]
    return np.asarray(ordered[:, low] + (upper - ordered[:, low]) * np.float32(place - low), np.float32)


def _bridge_edge(canvas: FaceCanvas) -> float:
    """A frame crosses the bridge as a level line; a bare nose has none there."""
    x, y = canvas.points[_BRIDGE]
    edges = _level_edges(
        canvas, canvas.box(x - 0.055 * EYES_PX, y - 0.3 * EYES_PX, x + 0.055 * EYES_PX, y + 0.55 * EYES_PX)
    )
    return float(edges.max()) if edges.size else 0.0


def _frame_to_eye(canvas: FaceCanvas) -> float | None:
    """Distance from the lower lid to the nearest level rim below it; lashes and the lid's own edge are passed over."""
    nearest: list[float] = []
    for lid, iris in ((145, _RIGHT_IRIS), (374, _LEFT_IRIS)):
        x, lower = float(canvas.points[iris][0]), float(canvas.points[lid][1])
        reach = 0.11 * EYES_PX
        box = canvas.box(x - reach, lower + _LASHES * EYES_PX, x + reach, lower + 0.6 * EYES_PX)
        strong = np.flatnonzero(_level_edges(canvas, box) >= _GLASSES_EDGE)
        if strong.size:
            nearest.append((float(strong[0] + box[0].start) - lower) / EYES_PX)
    return min(nearest) if nearest else None


def _eye_boxes(canvas: FaceCanvas) -> list[tuple[Box, tuple[float, float]]]:
    boxes = []
    for iris in (_RIGHT_IRIS, _LEFT_IRIS):
        x, y = canvas.points[iris]
        boxes.append(
            (canvas.box(x - 0.36 * EYES_PX, y - 0.25 * EYES_PX, x + 0.36 * EYES_PX, y + 0.32 * EYES_PX), (x, y))
        )
    return boxes


def _glare(canvas: FaceCanvas) -> float:
    worst = 0.0
    for box, (x, y) in _eye_boxes(canvas):
        rows, columns = np.mgrid[box]
        beside_iris = np.hypot(columns - x, rows - y) > 0.11 * EYES_PX
        lab = canvas.lab[box]
        white = (lab[..., 0] >= _CLIPPED_L) & (np.hypot(lab[..., 1], lab[..., 2]) <= _COLOURLESS)
        if beside_iris.any():
            worst = max(worst, float((white & beside_iris).sum() / beside_iris.sum()))
    return worst


def _eye_shade(canvas: FaceCanvas) -> float:
    darker = []
    for iris in (_RIGHT_IRIS, _LEFT_IRIS):
        x, y = canvas.points[iris]
        below = canvas.lab[canvas.box(x - 0.2 * EYES_PX, y + 0.2 * EYES_PX, x + 0.2 * EYES_PX, y + 0.34 * EYES_PX)]
        if below.size:
            darker.append(float(canvas.skin[0]) - middle(below[..., 0]))
    return min(darker) if darker else 0.0


def _red(canvas: FaceCanvas, iris: int, edge: tuple[int, int]) -> float:
    x, y = canvas.points[iris]
    radius = 0.42 * float(np.linalg.norm(canvas.points[edge[0]] - canvas.points[edge[1]]))
    box = canvas.box(x - radius, y - radius, x + radius + 1, y + radius + 1)
    lab = canvas.lab[box]
    if lab.size == 0:
        return 0.0
    red = (lab[..., 1] >= _RED_A) & (lab[..., 1] - lab[..., 2] >= -_RED_OVER_B)
    return float(red.mean())


def _eyes_covered(canvas: FaceCanvas) -> float:
    """Between the brows' lower edge and half way down the nose, the eyes themselves left out."""
    hulls = []
    for brow, eye in ((_RIGHT_BROW_LOW, _RIGHT_EYE), (_LEFT_BROW_LOW, _LEFT_EYE)):
        upper = canvas.points[list(brow)] + [0.0, 0.06 * EYES_PX]
        lower = canvas.points[[eye[0], eye[8]]] + [0.0, 0.34 * EYES_PX]
        hulls.append(cv2.convexHull(np.rint(np.concatenate([upper, lower])).astype(np.int32))[:, 0].astype(np.float64))
    box = canvas.around(*hulls, margin=6)
    around = drawn(hulls[0], box) | drawn(hulls[1], box)
    eyes = canvas.polygon(_RIGHT_EYE, box) | canvas.polygon(_LEFT_EYE, box)
    open_eyes = cv2.dilate(eyes.view(np.uint8), np.ones((9, 9), np.uint8)).view(np.bool_)
    where = around.view(np.bool_) & ~open_eyes & canvas.inside[box]
    return 1.0 - float(canvas.like_skin(box, widen=1.3)[where].mean()) if where.any() else 0.0


def _mouth_covered(canvas: FaceCanvas) -> float:
    box = canvas.around(canvas.points[list(_LOWER_FACE)], canvas.points[list(_LIPS)], margin=10)
    lips = cv2.dilate(canvas.polygon(_LIPS, box).view(np.uint8), np.ones((7, 7), np.uint8)).view(np.bool_)
    face = cv2.erode(canvas.polygon(_LOWER_FACE, box).view(np.uint8), np.ones((9, 9), np.uint8)).view(np.bool_)
    where = face & ~lips & canvas.inside[box]
    where[: max(0, int(canvas.points[_NOSE_BOTTOM][1]) - box[0].start)] = False
    if not where.any():
        return 0.0
    # A mask that covers nose and mouth also covers the cheeks' lower patches, so skin is taken from the forehead here.
    forehead = canvas.lab[_forehead(canvas)]
    reference = middle_colour(forehead.reshape(-1, 3)) if forehead.size else canvas.skin
    away = canvas.lab[box][where] - reference
    unlike = (np.hypot(away[:, 1], away[:, 2]) > 15.0) | (np.abs(away[:, 0]) > 38.0)
    return float(unlike.mean())


def _lips_apart(canvas: FaceCanvas) -> float:
    """How far the lips stand apart in colour (a*) from the strips above and below them: a mask or a hand has no lips."""
    box = canvas.around(canvas.points[list(_LIPS)], margin=12)
    drawn_lips = canvas.polygon(_LIPS, box).view(np.uint8)
    lips = cv2.erode(drawn_lips, np.ones((3, 3), np.uint8)).view(np.bool_)
    grown = cv2.dilate(drawn_lips, np.ones((9, 9), np.uint8))
    inside = canvas.inside[box]
    ring = cv2.dilate(grown, np.ones((11, 11), np.uint8)).view(np.bool_) & ~grown.view(np.bool_) & inside
    lips &= inside
    if lips.sum() < 30 or ring.sum() < 30:
        return 0.0
    redness = canvas.lab[box][..., 1]
    return at_percents(redness[lips], 60)[0] - middle(redness[ring])


def _forehead(canvas: FaceCanvas) -> Box:
    x, brows = float(canvas.points[_BRIDGE][0]), float(canvas.points[[107, 336], 1].mean())
    return canvas.box(x - 0.25 * EYES_PX, brows - 0.3 * EYES_PX, x + 0.25 * EYES_PX, brows - 0.08 * EYES_PX)


def _skin_share_below(canvas: FaceCanvas, top: float, bottom: float, half_width: float) -> float | None:
    x, chin = canvas.points[mark.CHIN]
    box = canvas.box(x - half_width * EYES_PX, chin + top * EYES_PX, x + half_width * EYES_PX, chin + bottom * EYES_PX)
    where = (canvas.person[box] > _PERSON) & canvas.inside[box]
    if where.sum() < 60:
        return None
    return float(canvas.like_skin(box, widen=1.4)[where].mean())


def _bare_shoulders(canvas: FaceCanvas) -> float | None:
    """Share of skin where both shoulders should be clothed, the barer one; an open collar in the middle does not count."""
    x, chin = canvas.points[mark.CHIN]
    shares = []
    for side in (-1, 1):
        near, far = x + side * 1.1 * EYES_PX, x + side * 1.55 * EYES_PX
        box = canvas.box(min(near, far), chin + 0.95 * EYES_PX, max(near, far), chin + 1.5 * EYES_PX)
        where = (canvas.person[box] > _PERSON) & canvas.inside[box]
        if where.sum() < 60:
            return None
        lab = canvas.lab[box]
        # White and grey cloth is near to pale skin in lightness and hue, but it has no colour.
        coloured = np.hypot(lab[..., 1], lab[..., 2]) > 0.6 * np.hypot(canvas.skin[1], canvas.skin[2])
        shares.append(float((canvas.like_skin(box, widen=1.2) & coloured)[where].mean()))
    return min(shares)
