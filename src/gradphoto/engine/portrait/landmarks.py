"""478 points on a face, how its muscles stand, and which way the head looks."""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait.canonical_face import CanonicalFace, read_canonical_face
from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.detect import Face
from gradphoto.engine.portrait.interpreter import Graph

Float64 = npt.NDArray[np.float64]

# Numbers of the landmarks we name (MediaPipe face mesh). "Right" is the person's own right.
CHIN = 152
RIGHT_CHEEK, LEFT_CHEEK = 234, 454
RIGHT_EYE_CORNERS, LEFT_EYE_CORNERS = (33, 133), (362, 263)
RIGHT_EYE_LIDS, LEFT_EYE_LIDS = ((160, 144), (159, 145), (158, 153)), ((385, 380), (386, 374), (387, 373))
INNER_LIPS = (13, 14)
MOUTH_CORNERS = (78, 308)
FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip

# The 146 of 478 points that the blendshape model takes, in its order (the model's input contract).
_BLENDSHAPE_INPUT = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
    154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249,
    251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314,
    317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382,
    384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473,
    474, 475, 476, 477,
)  # fmt: skip
_BLINK_LEFT, _BLINK_RIGHT, _JAW_OPEN, _SMILE_LEFT, _SMILE_RIGHT = 9, 10, 25, 44, 45
_LOOK_DOWN, _LOOK_UP = (11, 12), (17, 18)
# The person's left eye outwards and right eye inwards: towards the picture's right.
_LOOK_PICTURE_RIGHT, _LOOK_PICTURE_LEFT = (15, 14), (13, 16)

_CROP_PX = 256
_CROP_TO_FACE = 1.5
# A detected box and the square that the landmarks then ask for, on 71 real heads: its side over the box's height (deviation 0.04),
# its middle as a share of that height (0.01). A frame that near to its own landmarks' needs no second look.
_MESH_TO_BOX, _MESH_CENTRE = 1.323, 0.56
_SAME_PLACE, _SAME_SIZE, _SAME_TURN = 0.035, 0.12, math.radians(8.0)


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Degrees. ``roll``: clockwise in the picture; ``yaw``: to the picture's right; ``pitch``: chin up."""

    roll: float
    yaw: float
    pitch: float


@dataclass(frozen=True, slots=True)
class FaceMesh:
    """``points``: 478 x 3 in pixels of the picture given (z in the same unit, smaller is nearer).

    The scores run from 0 to 1: ``presence`` (a face is really there), blink of each eye, open jaw, smile;
    ``gaze_side`` (towards the picture's right) and ``gaze_down`` from -1 to 1.
    """

    points: Float64
    pose: HeadPose
    presence: float
    blink_right: float
    blink_left: float
    jaw_open: float
    smile: float
    gaze_side: float
    gaze_down: float

    def distance(self, pair: tuple[int, int]) -> float:
        """Pixels in the picture between two numbered points."""
        across, down = (self.points[pair[0], :2] - self.points[pair[1], :2]).tolist()
        return math.hypot(across, down)

    def middle(self, numbers: tuple[int, ...]) -> Float64:
        """The mean position (x, y) of numbered points."""
        return np.asarray(self.points[list(numbers), :2].mean(axis=0))


@dataclass(frozen=True, slots=True)
class _Framing:
    """A square of ``side`` pixels around ``centre``, turned by ``angle`` (radians) so that the eyes are level."""

    centre: tuple[float, float]
    side: float
    angle: float

    def is_like(self, other: _Framing) -> bool:
        away = max(abs(self.centre[0] - other.centre[0]), abs(self.centre[1] - other.centre[1])) / other.side
        turned = abs(math.remainder(self.angle - other.angle, math.tau))
        return away < _SAME_PLACE and abs(self.side / other.side - 1.0) < _SAME_SIZE and turned < _SAME_TURN


def _framing_of(face: Face) -> _Framing:
    """Where the landmarks of a detected face will lie."""
    left, top, width, height = face.box
    centre = left + width / 2, top + height * _MESH_CENTRE
    return _Framing(centre, height * _MESH_TO_BOX, _angle(face.right_eye, face.left_eye))


def _framing_by(points: Float64) -> _Framing:
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    middle = (low + high) / 2
    eyes = _mean_point(points, RIGHT_EYE_CORNERS), _mean_point(points, LEFT_EYE_CORNERS)
    return _Framing((float(middle[0]), float(middle[1])), float((high - low).max()) * _CROP_TO_FACE, _angle(*eyes))


def _angle(right_eye: tuple[float, float], left_eye: tuple[float, float]) -> float:
    return math.atan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0])


class FaceLandmarker:
    """The landmark and blendshape graphs of ``face_landmarker.task``."""

    def __init__(self, task: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(task)) as bundle:
            self._landmarks = Graph(bundle.read("face_landmarks_detector.tflite"))
            self._blendshapes = Graph(bundle.read("face_blendshapes.tflite"))
            self._canonical = read_canonical_face(bundle.read("geometry_pipeline_metadata_landmarks.binarypb"))

    def trace(self, rgb: Rgb, face: Face) -> FaceMesh:
        """The mesh of one detected face."""
        framing = _framing_of(face)
        points, presence = self._points(rgb, framing)
        own = _framing_by(points)
        if not framing.is_like(own):
            # A second look, framed by the first one's own points, removes the detector's error from the result. Where the
            # first frame was good, it would change less than the network's own noise (a quarter of a pixel of its 256).
            points, presence = self._points(rgb, own)
        chosen = points[list(_BLENDSHAPE_INPUT), :2]
        scores = self._blendshapes.run(lambda tensor: np.copyto(tensor[0], chosen, casting="same_kind"))[0]
        return FaceMesh(
            points=points,
            pose=_pose(points, self._canonical),
            presence=presence,
            blink_right=float(scores[_BLINK_RIGHT]),
            blink_left=float(scores[_BLINK_LEFT]),
            jaw_open=float(scores[_JAW_OPEN]),
            smile=float((scores[_SMILE_LEFT] + scores[_SMILE_RIGHT]) / 2),
            gaze_side=_towards(scores, _LOOK_PICTURE_RIGHT) - _towards(scores, _LOOK_PICTURE_LEFT),
            gaze_down=_towards(scores, _LOOK_DOWN) - _towards(scores, _LOOK_UP),
        )

    def _points(self, rgb: Rgb, framing: _Framing) -> tuple[Float64, float]:
        """Landmarks of the framed square, and how surely there is a face."""
        zoom, centre = framing.side / _CROP_PX, framing.centre
        cos, sin = math.cos(framing.angle) * zoom, math.sin(framing.angle) * zoom
        half = _CROP_PX / 2
        to_picture = np.array(
            [
                [cos, -sin, centre[0] - cos * half + sin * half],
                [sin, cos, centre[1] - sin * half - cos * half],
            ]
        )
        crop = cv2.warpAffine(rgb, to_picture, (_CROP_PX, _CROP_PX), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        outputs = self._landmarks.run_on(np.asarray(crop, np.uint8))
        raw = next(output for output in outputs if output.size == 478 * 3).reshape(478, 3).astype(np.float64)
        presence = float(outputs[1]) if outputs[1].size == 1 else 0.0
        points = np.column_stack([raw[:, :2] @ to_picture[:, :2].T + to_picture[:, 2], raw[:, 2] * zoom])
        return points, 1.0 / (1.0 + math.exp(-presence))


def _towards(scores: npt.NDArray[np.float32], pair: tuple[int, int]) -> float:
    return float((scores[pair[0]] + scores[pair[1]]) / 2)


def _mean_point(points: Float64, numbers: tuple[int, ...]) -> tuple[float, float]:
    middle = points[list(numbers), :2].mean(axis=0)
    return float(middle[0]), float(middle[1])


def _pose(points: Float64, canonical: CanonicalFace) -> HeadPose:
    """The rotation that best lays the canonical face on the landmarks (weighted orthogonal Procrustes)."""
    # Landmarks count y downwards and z away from the camera; the canonical face does the opposite.
    seen = points[canonical.ids] * np.array([1.0, -1.0, -1.0])
    weights = canonical.weights[:, None] / canonical.weights.sum()
    seen = seen - (weights * seen).sum(axis=0)
    model = canonical.points - (weights * canonical.points).sum(axis=0)
    u, _, vt = np.linalg.svd((weights * model).T @ seen)
    sign = np.sign(np.linalg.det(u @ vt))
    rotation = (u @ np.diag([1.0, 1.0, sign]) @ vt).T
    forward = rotation @ np.array([0.0, 0.0, 1.0])
    right = rotation @ np.array([1.0, 0.0, 0.0])
    return HeadPose(
        roll=math.degrees(math.atan2(-right[1], right[0])),
        yaw=math.degrees(math.atan2(forward[0], forward[2])),
        pitch=math.degrees(math.asin(max(-1.0, min(1.0, float(forward[1]))))),
    )
