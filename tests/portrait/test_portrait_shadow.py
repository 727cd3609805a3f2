"""A sitter's shadow on the backdrop: wide or narrow, hard or soft; stray hairs and a gradient of the lamps are none (R115)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gradphoto.engine.portrait import landmarks as mark
from gradphoto.engine.portrait.backdrop import Surroundings, measure_backdrop
from gradphoto.engine.portrait.tone import to_lab

WIDTH, HEIGHT, EYES = 300, 320, 44


def scene(light: np.ndarray) -> Surroundings:
    """A head and shoulders before a light blue wall that gets ``light`` (0 to 1, linear)."""
    person = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(person, (150, 150), (48, 66), 0, 0, 360, (1.0,), -1)
    cv2.rectangle(person, (70, 240), (230, HEIGHT), (1.0,), -1)
    value = ((np.array([100, 197, 255]) / 255.0 + 0.055) / 1.055) ** 2.4 * light[..., None]
    rgb = np.rint((1.055 * value ** (1 / 2.4) - 0.055) * 255).clip(0, 255).astype(np.uint8)
    rgb[person > 0.5] = (150, 110, 90)
    points = np.full((478, 2), (150.0, 150.0))
    points[list(mark.FACE_OVAL), 1] = np.linspace(90, 214, len(mark.FACE_OVAL))
    points[mark.CHIN] = (150, 214)
    for corners, x in ((mark.RIGHT_EYE_CORNERS, 150 - EYES / 2), (mark.LEFT_EYE_CORNERS, 150 + EYES / 2)):
        points[list(corners)] = (x, 140)
    backdrop = cv2.dilate(person, np.ones((9, 9))) == 0
    backdrop[240:] = False
    none = np.zeros_like(backdrop)
    return Surroundings(rgb, to_lab(rgb), person, points, none, backdrop, none)


def shadow(share: float, aside: float, soft: float) -> np.ndarray:
    light = np.ones((HEIGHT, WIDTH), np.float32)
    person = scene(light).person
    moved = cv2.warpAffine(person, np.array([[1, 0, aside * EYES], [0, 1, 0.1 * EYES]], np.float32), (WIDTH, HEIGHT))
    return light - share * cv2.GaussianBlur(moved, (0, 0), soft * EYES)


@pytest.mark.parametrize(
    ("share", "aside", "soft"), [(0.1, 0.35, 0.12), (0.3, 0.25, 0.03), (0.3, -0.25, 0.03), (0.2, 0.6, 0.1)]
)
def test_a_shadow_beside_the_outline_is_told(share: float, aside: float, soft: float) -> None:
    found = measure_backdrop(scene(shadow(share, aside, soft))).shadow_l
    assert found is not None
    assert found > 2.3


def test_stray_hairs_and_a_gradient_are_no_shadow() -> None:
    light = np.ones((HEIGHT, WIDTH), np.float32) * np.linspace(1.0, 0.8, WIDTH, dtype=np.float32)
    for angle in np.linspace(0, 2 * np.pi, 24):
        tip = 150 + 66 * np.cos(angle), 150 + 86 * np.sin(angle)
        cv2.line(light, (150, 150), (int(tip[0]), int(tip[1])), (0.2,), 1)
    found = measure_backdrop(scene(light)).shadow_l
    assert found is not None
    assert abs(found) < 1.5
