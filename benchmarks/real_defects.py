"""Defects planted on real heads: light, cast, shadow, hats, hands and enlargement, in the physics of light (linear sRGB).

Beside ``gradphoto.demo.planted`` (which paints on made-up sitters). A defect takes a
:class:`~gradphoto.demo.planted_scene.Scene` and a random generator and gives the spoilt picture.
"""

from __future__ import annotations

import io

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.real_covers import hair_over_the_ears, hand_of_own_skin, medical_mask, scarf, thin_glasses
from gradphoto.demo.planted_scene import Plant, Rgb, Scene

_OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
         136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip


def to_linear(rgb: Rgb) -> npt.NDArray[np.float32]:
    """Light, 0 to 1."""
    value = rgb.astype(np.float32) / 255.0
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4), np.float32)


def to_srgb(light: npt.NDArray[np.float32]) -> Rgb:
    """Grey levels of light."""
    light = np.clip(light, 0.0, 1.0)
    value = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(value * 255.0).astype(np.uint8)


def exposed(ev: float) -> Plant:
    return lambda scene, rng: to_srgb(to_linear(scene.rgb) * np.float32(2.0**ev))


def cast(red: float, green: float, blue: float) -> Plant:
    """A wrong white balance: one gain a channel, the picture's lightness kept."""
    gains = np.array([red, green, blue], np.float32)
    gains /= float(gains @ np.array([0.2126, 0.7152, 0.0722], np.float32))
    return lambda scene, rng: to_srgb(to_linear(scene.rgb) * gains)


def side_light(ev: float) -> Plant:
    """The face's one side gets ``ev`` stops less light than the other, changing over the middle of the face."""

    def plant(scene: Scene, rng: np.random.Generator) -> Rgb:
        middle, u = float(scene.points[168][0]), scene.eyes_px
        across = (np.arange(scene.rgb.shape[1]) - middle) / (0.35 * u) * float(rng.choice([-1, 1]))
        stops = -ev / (1.0 + np.exp(-across))
        gain = 1.0 + (2.0 ** stops[None, :].astype(np.float32) - 1.0) * scene.person
        return to_srgb(to_linear(scene.rgb) * gain[..., None])

    return plant


def lamps(ev: float) -> Plant:
    """Two lamps 45 degrees left and right, one with ``ev`` stops less: Lambert's law on a head that is an ellipsoid."""

    def plant(scene: Scene, rng: np.random.Generator) -> Rgb:
        rows, columns = np.mgrid[: scene.rgb.shape[0], : scene.rgb.shape[1]]
        p = scene.points
        across = (columns - (p[234, 0] + p[454, 0]) / 2) / (0.55 * abs(p[454, 0] - p[234, 0]))
        down = (rows - (p[10, 1] + p[152, 1]) / 2) / (0.75 * abs(p[152, 1] - p[10, 1]))
        x, y = np.clip(across, -0.95, 0.95), np.clip(down, -0.6, 0.6) * 0.6
        towards = np.sqrt(np.clip(1 - x**2 - y**2, 0.02, 1.0))
        near, far = (np.clip((towards + side * x) / np.sqrt(2), 0, None) for side in rng.permutation([-1, 1]))
        gain = 1 + ((near + 2.0**-ev * far + 0.1) / (near + far + 0.1) - 1) * scene.person
        return to_srgb(to_linear(scene.rgb) * gain[..., None].astype(np.float32))

    return plant


def near_shadow(share: float, aside: float = 0.35, soft: float = 0.12) -> Plant:
    """A shadow of the sitter on the backdrop that takes ``share`` of its light, ``aside`` and ``soft`` in eye distances."""

    def plant(scene: Scene, rng: np.random.Generator) -> Rgb:
        u = scene.eyes_px
        x = float(rng.choice([-1, 1])) * u * aside
        shift = np.array([[1, 0, x], [0, 1, u * 0.1]], np.float32)
        moved = cv2.warpAffine(scene.person, shift, scene.rgb.shape[1::-1])
        dark = cv2.GaussianBlur(moved, (0, 0), u * soft)
        gain = 1 - share * dark * (1 - scene.person)
        return to_srgb(to_linear(scene.rgb) * gain[..., None].astype(np.float32))

    return plant


def enlarged(face_px: int) -> Plant:
    """The face brought down to ``face_px`` wide and the picture up again."""

    def plant(scene: Scene, rng: np.random.Generator) -> Rgb:
        zoom = face_px / float(np.linalg.norm(scene.points[234] - scene.points[454]))
        if zoom >= 1.0:
            return scene.rgb
        small = cv2.resize(scene.rgb, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(small, scene.rgb.shape[1::-1], interpolation=cv2.INTER_CUBIC), np.uint8)

    return plant


def noisy(sigma: float) -> Plant:
    """Grain as of a small sensor: coloured, a little coarser than a pixel."""

    def plant(scene: Scene, rng: np.random.Generator) -> Rgb:
        grain = rng.normal(0, 1, scene.rgb.shape).astype(np.float32)
        grain = cv2.GaussianBlur(grain, (0, 0), 0.6)
        grain *= sigma / float(grain.std())
        return np.clip(scene.rgb + grain, 0, 255).astype(np.uint8)

    return plant


def hat(red: int, green: int, blue: int) -> Plant:
    """A knitted cap over the top of the head, with its own texture."""

    def plant(scene: Scene, rng: np.random.Generator) -> Rgb:
        u = scene.eyes_px
        top, middle = scene.points[10], scene.points[168]
        angle = np.linspace(np.pi, 2 * np.pi, 40)
        centre = np.array([middle[0], top[1] + 0.22 * u])
        dome = np.column_stack([np.cos(angle) * 1.28 * u, np.sin(angle) * 1.15 * u]) + centre
        drawn = np.zeros(scene.rgb.shape[:2], np.float32)
        cv2.fillPoly(drawn, [np.rint(dome).astype(np.int32)], (1.0,))
        drawn = cv2.GaussianBlur(drawn, (0, 0), 1.0)[..., None]
        rows, columns = np.mgrid[: scene.rgb.shape[0], : scene.rgb.shape[1]]
        knit = 1.0 + 0.12 * np.sin(columns * 2 * np.pi / (0.09 * u)) + 0.06 * np.sin(rows * 2 * np.pi / (0.07 * u))
        shade = 1.0 - 0.35 * np.abs(columns - middle[0]) / (1.3 * u)
        cloth = np.clip(np.array([red, green, blue]) * (knit * shade)[..., None], 0, 255)
        return (scene.rgb * (1 - drawn) + cloth * drawn).astype(np.uint8)

    return plant


def hand_over_the_mouth(scene: Scene, rng: np.random.Generator) -> Rgb:
    """Four fingers in the sitter's own skin colour across mouth and chin."""
    u, out = scene.eyes_px, scene.rgb.astype(np.float32)
    x, y = scene.points[[13, 14]].mean(axis=0)
    for number in range(4):
        drawn = np.zeros(scene.rgb.shape[:2], np.float32)
        at = y + (number - 1.5) * 0.23 * u
        ends = [(int(x - 1.1 * u), int(at + 0.2 * u)), (int(x + 0.45 * u), int(at - 0.05 * u))]
        cv2.line(drawn, ends[0], ends[1], (1.0,), int(0.24 * u), cv2.LINE_AA)
        edge = cv2.GaussianBlur(drawn, (0, 0), 0.05 * u)
        shade = 0.78 + 0.24 * np.clip(edge, 0, 1)
        finger = scene.skin[None, None] * shade[..., None]
        out = out * (1 - drawn[..., None]) + finger * drawn[..., None]
    return np.clip(out, 0, 255).astype(np.uint8)


def clear_glasses(scene: Scene, rng: np.random.Generator) -> Rgb:
    """Thin rims, a bridge, temples: nothing over the eyes. Not a defect."""
    u = scene.eyes_px
    drawn = np.zeros(scene.rgb.shape[:2], np.float32)
    thick = max(2, int(u * 0.035))
    for iris, side in ((468, -1), (473, 1)):
        x, y = scene.points[iris] + [0, 0.08 * u]
        cv2.ellipse(drawn, (int(x), int(y)), (int(0.42 * u), int(0.33 * u)), 0, 0, 360, (1.0,), thick, cv2.LINE_AA)
        temple = scene.points[[234, 454][side > 0]]
        cv2.line(drawn, (int(x + side * 0.42 * u), int(y)), (int(temple[0]), int(y)), (1.0,), thick, cv2.LINE_AA)
    inner = [scene.points[468] + [0.42 * u, 0.05 * u], scene.points[473] + [-0.42 * u, 0.05 * u]]
    cv2.line(drawn, tuple(map(int, inner[0])), tuple(map(int, inner[1])), (1.0,), thick, cv2.LINE_AA)
    colour = np.array([(25, 22, 22), (90, 60, 40), (120, 120, 125)][int(rng.integers(0, 3))], np.float32)
    alpha = cv2.GaussianBlur(drawn, (0, 0), 0.7)[..., None] * 0.95
    return (scene.rgb * (1 - alpha) + colour * alpha).astype(np.uint8)


def saved_at(quality: int) -> Plant:
    def plant(scene: Scene, rng: np.random.Generator) -> Rgb:
        out = io.BytesIO()
        Image.fromarray(scene.rgb).save(out, "JPEG", quality=quality)
        return np.asarray(Image.open(out).convert("RGB"))

    return plant


# What is planted, and the rules of which one must notice it; an empty tuple means that nothing may be said.
REAL_DEFECTS: dict[str, tuple[Plant, tuple[str, ...]]] = {
    "side light 1 EV": (side_light(1.0), ("light_balance",)),
    "side light 2 EV": (side_light(2.0), ("light_balance",)),
    "lamps 1 EV apart": (lamps(1.0), ("light_balance",)),
    "narrow hard shadow 30 %": (near_shadow(0.30, 0.25, 0.03), ("backdrop_shadow",)),
    "shadow 10 %": (near_shadow(0.10), ("backdrop_shadow",)),
    "shadow 20 %": (near_shadow(0.20), ("backdrop_shadow",)),
    "shadow 30 %": (near_shadow(0.30), ("backdrop_shadow",)),
    "cast green": (cast(0.8, 1.15, 0.8), ("cast_green", "cast_red", "cast_cold", "cast_warm")),
    "cast magenta": (cast(1.2, 0.8, 1.2), ("cast_green", "cast_red", "cast_cold", "cast_warm")),
    "cast cold": (cast(0.75, 1.0, 1.5), ("cast_green", "cast_red", "cast_cold", "cast_warm")),
    "cast green, half": (cast(0.9, 1.07, 0.9), ("cast_green", "cast_red", "cast_cold", "cast_warm")),
    "cast cold, half": (cast(0.87, 1.0, 1.25), ("cast_green", "cast_red", "cast_cold", "cast_warm")),
    "cast warm": (cast(1.3, 1.0, 0.55), ("cast_green", "cast_red", "cast_cold", "cast_warm")),
    "2 EV too dark": (exposed(-2.0), ("too_dark",)),
    "3 EV too dark": (exposed(-3.0), ("too_dark",)),
    "1.5 EV too bright": (exposed(1.5), ("too_bright", "highlights")),
    "hat black": (hat(28, 27, 30), ("head_covering",)),
    "hat grey": (hat(110, 110, 112), ("head_covering",)),
    "hat red": (hat(170, 30, 40), ("head_covering", "hair_colour")),
    "hat white": (hat(235, 233, 230), ("head_covering", "hair_colour")),
    "hand over the mouth": (hand_over_the_mouth, ("mouth_covered", "face_count")),
    "hand of own skin": (hand_of_own_skin, ("mouth_covered", "face_count")),
    "mask blue": (medical_mask(150, 190, 215), ("mouth_covered", "face_count")),
    "mask white": (medical_mask(235, 236, 238), ("mouth_covered", "face_count")),
    "mask black": (medical_mask(35, 35, 38), ("mouth_covered", "face_count")),
    "scarf": (scarf, ("mouth_covered", "face_count")),
    "hair over the ears": (hair_over_the_ears, ("ear_right", "ear_left")),
    "face of 100 px enlarged": (enlarged(100), ("upscaled", "sharpness")),
    "face of 130 px enlarged": (enlarged(130), ("upscaled", "sharpness")),
    "face of 160 px enlarged": (enlarged(160), ("upscaled", "sharpness")),
    "grain 8": (noisy(8.0), ("noise",)),
    "grain 14": (noisy(14.0), ("noise",)),
    "saved at quality 15": (saved_at(15), ("recompressed",)),
    "clear glasses": (clear_glasses, ()),
    "thin rims": (thin_glasses, ()),
    "grain 2.5": (noisy(2.5), ()),
    "0.3 EV darker": (exposed(-0.3), ()),
    "saved at quality 75": (saved_at(75), ()),
}
