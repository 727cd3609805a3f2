"""What hides a part of a real head, painted: a mask, a scarf, a hand of the sitter's own skin, hair over the ears, thin rims.

Beside ``real_defects``; the same contract: a scene and a random generator in, the spoilt picture out.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.demo.planted_scene import Plant, Rgb, Scene

Floats = npt.NDArray[np.float32]
# How far a pixel above the forehead must be from the skin (sRGB) to be hair.
_UNLIKE_SKIN = 40.0


def _drawn(scene: Scene, ring: npt.NDArray[np.float64], soft: float) -> Floats:
    drawn = np.zeros(scene.rgb.shape[:2], np.float32)
    cv2.fillPoly(drawn, [np.rint(ring).astype(np.int32)], (1.0,))
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), soft * scene.eyes_px), np.float32)


def _laid(scene: Scene, where: Floats, cloth: npt.NDArray[np.floating]) -> Rgb:
    out = scene.rgb * (1 - where[..., None]) + cloth * where[..., None]
    return np.asarray(np.clip(out, 0, 255).astype(np.uint8))


def medical_mask(red: int, green: int, blue: int) -> Plant:
    """Pleated, from the bridge of the nose to below the chin."""

    def plant(scene: Scene, rng: np.random.Generator) -> Rgb:
        u, p = scene.eyes_px, scene.points
        down, below = np.array([0.0, 0.15 * u]), np.array([0.0, 0.1 * u])
        ring = np.array([p[93] * 0.85 + p[50] * 0.15, p[117] + down, p[195], p[346] + down, p[323] * 0.85 + p[280] * 0.15,
                         p[397], p[378] + below, p[152] + down, p[149] + below, p[172]])  # fmt: skip
        rows, columns = np.mgrid[: scene.rgb.shape[0], : scene.rgb.shape[1]]
        x, y = ring.mean(axis=0)
        shade = 1 - 0.25 * ((columns - x) / (1.1 * u)) ** 2 - 0.07 * np.abs(np.sin((rows - y) / (0.22 * u) * np.pi))
        cloth = np.array([red, green, blue]) * shade[..., None] + rng.normal(0, 2.5, size=(*shade.shape, 1))
        return _laid(scene, _drawn(scene, ring, 0.012), cloth)

    return plant


def scarf(scene: Scene, rng: np.random.Generator) -> Rgb:
    """Striped cloth up to the tip of the nose."""
    u, p = scene.eyes_px, scene.points
    ring = np.array([p[234] + [-0.25 * u, 0.5 * u], p[4] + [-0.1 * u, 0.05 * u], p[4] + [0.1 * u, 0.05 * u],
                     p[454] + [0.25 * u, 0.5 * u], p[152] + [1.2 * u, 0.9 * u], p[152] + [-1.2 * u, 0.9 * u]])  # fmt: skip
    rows, columns = np.mgrid[: scene.rgb.shape[0], : scene.rgb.shape[1]]
    stripes = 1 + 0.15 * np.sin((rows * 1.3 + columns * 0.4) / (0.12 * u))
    return _laid(scene, _drawn(scene, ring, 0.02), np.array([120, 40, 45]) * stripes[..., None])


def hair_over_the_ears(scene: Scene, rng: np.random.Generator) -> Rgb:
    """A curtain of strands in the colour of the sitter's own hair, from the temples to below the chin."""
    u, (x, y) = scene.eyes_px, scene.points[10]
    crown = slice(int(max(0, y - 0.75 * u)), int(y + 0.05 * u)), slice(int(x - 0.6 * u), int(x + 0.6 * u))
    pixels = scene.rgb[crown].reshape(-1, 3).astype(np.float32)
    hair = pixels[
        (scene.person[crown].reshape(-1) > 0.9) & (np.linalg.norm(pixels - scene.skin, axis=1) > _UNLIKE_SKIN)
    ]
    colour = np.median(hair, axis=0) if len(hair) > 200 else np.array([45.0, 35.0, 30.0])
    strands = rng.normal(0, 1, scene.rgb.shape[:2]).astype(np.float32)
    strands = cv2.GaussianBlur(strands, (0, 0), sigmaX=max(0.8, 0.012 * u), sigmaY=0.5 * u)
    cloth = colour * (1 + 0.28 * strands / strands.std())[..., None] + 6
    along, out = np.linspace(0, 1, 20), scene
    for side, cheek, temple in ((-1, 234, 127), (1, 454, 356)):
        edge, top = float(scene.points[cheek][0]), float(scene.points[temple][1]) - 0.55 * u
        rows = top + (float(scene.points[152][1]) + 0.6 * u - top) * along
        wave = 0.05 * np.sin(along * 7 + float(rng.uniform(0, 6)))
        inner = np.column_stack([edge - side * (0.06 + wave) * u, rows])
        outer = np.column_stack([edge + side * (0.5 + wave) * u, rows])[::-1]
        out = Scene(_laid(out, _drawn(scene, np.concatenate([inner, outer]), 0.02), cloth), scene.points, scene.person)
    return out.rgb


def hand_of_own_skin(scene: Scene, rng: np.random.Generator) -> Rgb:
    """A palm over mouth and chin, made of the cheek's own pixels."""
    u, (x, y), reach = scene.eyes_px, scene.points[205], int(scene.eyes_px * 0.16)
    patch = scene.rgb[int(y - reach) : int(y + reach), int(x - reach) : int(x + reach)]
    patch = np.concatenate([patch, patch[::-1]], axis=0)
    patch = np.concatenate([patch, patch[:, ::-1]], axis=1)
    height, width = scene.rgb.shape[:2]
    skin = patch[np.arange(height) % patch.shape[0]][:, np.arange(width) % patch.shape[1]]
    mouth = scene.points[[13, 14]].mean(axis=0)
    palm, creases = np.zeros((height, width), np.float32), np.ones((height, width), np.float32)
    centre = int(mouth[0] - 0.1 * u), int(mouth[1] + 0.05 * u)
    cv2.ellipse(palm, centre, (int(0.75 * u), int(0.34 * u)), -12, 0, 360, (1.0,), -1)
    for down in (-0.12, 0.05, 0.2):
        ends = [
            (int(mouth[0] - 0.8 * u), int(mouth[1] + (down + 0.12) * u)),
            (int(mouth[0] + 0.6 * u), int(mouth[1] + (down - 0.1) * u)),
        ]
        cv2.line(creases, ends[0], ends[1], (0.72,), max(1, int(0.03 * u)))
    where = np.asarray(cv2.GaussianBlur(palm, (0, 0), 0.02 * u), np.float32)
    return _laid(scene, where, skin * cv2.GaussianBlur(creases, (0, 0), 0.025 * u)[..., None])


def thin_glasses(scene: Scene, rng: np.random.Generator) -> Rgb:
    """Metal rims of two hundredths of an eye distance, square. Not a defect."""
    u, p = scene.eyes_px, scene.points
    drawn, thick = np.zeros(scene.rgb.shape[:2], np.float32), max(1, round(0.018 * scene.eyes_px))
    lens = np.array([[-0.4, -0.24], [0.4, -0.27], [0.37, 0.22], [0.2, 0.27], [-0.2, 0.27], [-0.38, 0.19]]) * u
    for iris, side, temple in ((468, -1, 234), (473, 1, 454)):
        centre = p[iris] + [0.0, 0.1 * u]
        cv2.polylines(drawn, [np.rint(centre + lens).astype(np.int32)], True, (1.0,), thick, cv2.LINE_AA)
        start, end = centre + np.array([side * 0.4, -0.13]) * u, p[temple] - np.array([0.0, 0.05 * u])
        cv2.line(
            drawn, np.rint(start).astype(int).tolist(), np.rint(end).astype(int).tolist(), (1.0,), thick, cv2.LINE_AA
        )
    bridge = p[468] + [0.38 * u, 0.0], p[473] + [-0.38 * u, 0.0]
    cv2.line(
        drawn,
        np.rint(bridge[0]).astype(int).tolist(),
        np.rint(bridge[1]).astype(int).tolist(),
        (1.0,),
        thick,
        cv2.LINE_AA,
    )
    where = np.asarray(cv2.GaussianBlur(drawn, (0, 0), 0.6), np.float32)
    return _laid(scene, where, np.full_like(scene.rgb, (150, 145, 135), dtype=np.float32))
