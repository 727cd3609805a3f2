"""Side light is read from what the skin itself sends back, not from its shine (R119, 教毕指〔2017〕99号: even light)."""

from __future__ import annotations

import numpy as np
import pytest

from gradphoto.engine.portrait.canvas import EYES_PX, HEIGHT_PX, WIDTH_PX, FaceCanvas
from gradphoto.engine.portrait.side_light import light_balance
from gradphoto.engine.portrait.tone import to_lab

SKINS = {"light": (0.55, 0.33, 0.24), "brown": (0.25, 0.12, 0.07), "dark": (0.1, 0.05, 0.03)}
RIGHT, LEFT = slice(0, WIDTH_PX // 2), slice(WIDTH_PX // 2, WIDTH_PX)


def canvas_of(light: np.ndarray) -> FaceCanvas:
    """A levelled face of one skin, ``light`` linear height x width x 3."""
    value = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.clip(light, 0, 1) ** (1 / 2.4) - 0.055)
    rgb = np.rint(value * 255).clip(0, 255).astype(np.uint8)
    lab = to_lab(rgb)
    points = np.zeros((478, 2))
    for number, (right, left) in enumerate(((118, 347), (203, 423), (142, 371))):
        for landmark, side in ((right, -1), (left, 1)):
            points[landmark] = WIDTH_PX / 2 + side * 0.35 * EYES_PX, 160 + 30 * number
    shape = (HEIGHT_PX, WIDTH_PX)
    skin = np.median(lab.reshape(-1, 3), axis=0)
    return FaceCanvas(
        rgb, lab, np.ones(shape, np.float32), np.ones(shape, bool), points, skin, np.zeros(shape), np.zeros(shape)
    )


def face(skin: str) -> np.ndarray:
    return np.ones((HEIGHT_PX, WIDTH_PX, 3)) * SKINS[skin]


@pytest.mark.parametrize("skin", SKINS)
def test_the_same_lamps_give_the_same_number_on_every_skin(skin: str) -> None:
    lit = face(skin)
    lit[:, LEFT] *= 0.5
    allowance = 0.03
    assert light_balance(canvas_of(lit)) == pytest.approx(15.7, abs=15.7 * allowance)
    assert light_balance(canvas_of(lit[:, ::-1])) == pytest.approx(-15.7, abs=15.7 * allowance)


@pytest.mark.parametrize("skin", SKINS)
def test_gloss_on_one_cheek_is_no_side_light(skin: str) -> None:
    shining = face(skin)
    shining[:, RIGHT] += 0.06
    assert abs(light_balance(canvas_of(shining))) < 1.0


def test_in_cold_light_the_weak_red_over_blue_is_not_trusted() -> None:
    cold = face("light") * [0.8, 1.0, 1.25]
    cold[:, LEFT, 2] *= 1.06  # a little noise in the blue
    assert abs(light_balance(canvas_of(cold))) < 1.0
    cold[:, LEFT] *= 0.5
    assert light_balance(canvas_of(cold)) == pytest.approx(15.7, abs=1.0)


def test_without_colour_the_lightness_is_asked() -> None:
    grey = np.full((HEIGHT_PX, WIDTH_PX, 3), 0.3)
    grey[:, LEFT] *= 0.5
    assert light_balance(canvas_of(grey)) == pytest.approx(15.7, abs=0.5)
    assert light_balance(canvas_of(np.zeros((HEIGHT_PX, WIDTH_PX, 3)))) == 0.0
