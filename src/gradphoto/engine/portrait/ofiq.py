"""Our measures under the names and on the 0 to 100 scale of ISO/IEC 29794-5 (reference implementation: OFIQ).

Only where the raw measure is the same thing: a length, an angle, a share of pixels. Where OFIQ asks a trained model of its
own (sharpness, occlusion, expression, unified score) nothing is given rather than something alike. Landmarks and pose come
from other models than OFIQ's, so a score may differ by a few points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait.decode import Rgb

_DARK, _LIGHT = 25, 247


@dataclass(frozen=True, slots=True)
class Luminance:
    """Over the face, on 0 to 1: mean, variance, share of very dark and very light pixels; entropy in bits."""

    mean: float
    variance: float
    dark_share: float
    light_share: float
    entropy_bits: float


@dataclass(frozen=True, slots=True)
class FaceGeometry:
    """Pixels of one picture: where the eyes are, and how far from their middle to the chin (OFIQ's T)."""

    image_width: float
    image_height: float
    right_eye_x: float
    left_eye_x: float
    eye_middle_y: float
    inter_eye: float
    eyes_to_chin: float
    eye_gap: float
    mouth_gap: float
    roll_deg: float
    yaw_deg: float
    pitch_deg: float


def face_luminance(rgb: Rgb, face: npt.NDArray[np.bool_]) -> Luminance:
    """Luminance (Y of sRGB, gamma kept) of the pixels of ``face``."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[face]
    if grey.size == 0:
        return Luminance(0.0, 0.0, 1.0, 0.0, 0.0)
    counts = np.bincount(grey, minlength=256) / grey.size
    seen = counts[counts > 0]
    return Luminance(
        mean=float(grey.mean()) / 255.0,
        variance=float(grey.astype(np.float64).var()) / 255.0**2,
        dark_share=float(counts[: _DARK + 1].sum()),
        light_share=float(counts[_LIGHT:].sum()),
        entropy_bits=float(-(seen * np.log2(seen)).sum()),
    )


def ofiq_scores(face: FaceGeometry, light: Luminance) -> dict[str, int]:
    """Score by OFIQ's name, 0 (worst) to 100."""
    eyes_to_chin = max(face.eyes_to_chin, 1e-6)
    inter_eye = max(face.inter_eye, 1e-6)
    spread = 60.0 * light.variance
    scores = {
        "HeadPoseYaw": _pose(face.yaw_deg),
        "HeadPosePitch": _pose(face.pitch_deg),
        "HeadPoseRoll": _pose(face.roll_deg),
        # OFIQ undoes the foreshortening of a turned head.
        "InterEyeDistance": 100 * _sigmoid(inter_eye / max(math.cos(math.radians(face.yaw_deg)), 0.1), 70, 20),
        "HeadSize": 200 * (1 - _sigmoid(abs(eyes_to_chin / face.image_height - 0.45), 0.0, 0.05)),
        "EyesOpen": 100 * _sigmoid(face.eye_gap / eyes_to_chin, 0.02, 0.01),
        "MouthClosed": 100 * (1 - _sigmoid(face.mouth_gap / eyes_to_chin, 0.2, 0.06)),
        "LeftwardCropOfTheFaceImage": 100 * _sigmoid(face.right_eye_x / inter_eye, 0.9, 0.1),
        "RightwardCropOfTheFaceImage": 100 * _sigmoid((face.image_width - face.left_eye_x) / inter_eye, 0.9, 0.1),
        "MarginAboveOfTheFaceImage": 100 * _sigmoid(face.eye_middle_y / eyes_to_chin, 1.4, 0.1),
        "MarginBelowOfTheFaceImage": 100 * _sigmoid((face.image_height - face.eye_middle_y) / eyes_to_chin, 1.8, 0.1),
        "LuminanceMean": 100 * _sigmoid(light.mean, 0.2, 0.05) * (1 - _sigmoid(light.mean, 0.8, 0.05)),
        "LuminanceVariance": 100 * math.sin(spread / (spread + 1) * math.pi),
        "UnderExposurePrevention": 120 * (0.832 - _sigmoid(light.dark_share, 0.92, 0.05)),
        "OverExposurePrevention": 1.0 / (light.light_share + 0.01),
        "DynamicRange": 12.5 * light.entropy_bits,
    }
    return {name: max(0, min(100, round(score))) for name, score in scores.items()}


def _pose(angle_deg: float) -> float:
    return 100 * max(0.0, math.cos(math.radians(angle_deg))) ** 2


def _sigmoid(value: float, middle: float, width: float) -> float:
    return 1.0 / (1.0 + math.exp(max(-60.0, min(60.0, (middle - value) / width))))
