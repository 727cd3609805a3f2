"""A picture of a made-up sitter with what is known of it, and the brushes by which defects are planted on it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Rgb = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
Mask = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scene:
    """A good picture and what is known of it."""

    rgb: Rgb
    points: Points
    person: Mask

    @property
    def eyes_px(self) -> float:
        """Distance of the eyes' centres."""
        right, left = self.points[[33, 133]].mean(axis=0), self.points[[362, 263]].mean(axis=0)
        return float(np.linalg.norm(left - right))

    @property
    def skin(self) -> npt.NDArray[np.float64]:
        """The cheeks' colour."""
        x, y = self.points[50].astype(int)
        r = max(2, int(self.eyes_px * 0.06))
        return np.asarray(np.median(self.rgb[y - r : y + r, x - r : x + r].reshape(-1, 3), axis=0))

    @property
    def backdrop(self) -> npt.NDArray[np.float64]:
        """The backdrop's colour."""
        return np.asarray(np.median(self.rgb[self.person < 0.05], axis=0))


@dataclass(frozen=True, slots=True)
class Defect:
    """``codes``: any one of these rules noticing it counts as caught; ``quality`` is that of the JPEG it is kept in."""

    name: str
    codes: tuple[str, ...]
    plant: Callable[[Scene, np.random.Generator], Rgb]
    quality: int = 92


DEFECTS: list[Defect] = []
Plant = Callable[[Scene, np.random.Generator], Rgb]


def defect(*codes: str, quality: int = 92) -> Callable[[Plant], Plant]:
    def keep(plant: Plant) -> Plant:
        named = tuple(f"portrait.{code}" for code in codes)
        DEFECTS.append(Defect(plant.__name__.strip("_"), named, plant, quality))
        return plant

    return keep


def as_jpeg(rgb: Rgb, quality: int) -> bytes:
    """A JPEG without any metadata."""
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=quality)
    return out.getvalue()


def mild_variants(scene: Scene) -> dict[str, bytes]:
    """Good pictures still: what a second lamp, another camera setting or a step aside would give."""
    rgb, height = scene.rgb, scene.rgb.shape[0]
    bright = np.clip(rgb * 1.06, 0, 255).astype(np.uint8)
    dim = (rgb * 0.9).astype(np.uint8)
    grain = np.clip(rgb + np.random.default_rng(7).normal(0, 2.5, rgb.shape), 0, 255).astype(np.uint8)
    wider = cv2.copyMakeBorder(rgb, height // 12, 0, 40, 10, cv2.BORDER_REPLICATE)
    return {
        "as_it_is": as_jpeg(rgb, 92),
        "bright": as_jpeg(bright, 92),
        "dim": as_jpeg(dim, 92),
        "grain": as_jpeg(grain, 92),
        "q82": as_jpeg(rgb, 82),
        "wider": as_jpeg(np.asarray(wider, np.uint8), 92),
    }


def paint(
    scene: Scene, shape: npt.NDArray[np.float64], colour: npt.ArrayLike, soft: float = 0.02, share: float = 1.0
) -> Rgb:
    """A polygon of one colour with soft edges."""
    drawn = np.zeros(scene.rgb.shape[:2], np.float32)
    cv2.fillPoly(drawn, [np.rint(shape).astype(np.int32)], (1.0,))
    return blend(scene.rgb, drawn, colour, scene.eyes_px * soft, share)


def blend(rgb: Rgb, where: npt.NDArray[np.float32], colour: npt.ArrayLike, soft_px: float, share: float = 1.0) -> Rgb:
    alpha = (cv2.GaussianBlur(where, (0, 0), max(0.3, soft_px)) * share)[..., None]
    return np.asarray(rgb * (1 - alpha) + np.asarray(colour, np.float32) * alpha).round().astype(np.uint8)


def ellipse(scene: Scene, centre: npt.ArrayLike, rx: float, ry: float) -> npt.NDArray[np.float64]:
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    u = scene.eyes_px
    return np.asarray(centre) + np.column_stack([np.cos(angle) * rx * u, np.sin(angle) * ry * u])


def hair_colour(scene: Scene) -> npt.NDArray[np.float64]:
    x, y = scene.points[10]
    r = int(scene.eyes_px * 0.12)
    top = int(max(r, y - scene.eyes_px * 0.45))
    patch = scene.rgb[top - r : top + r, int(x) - r : int(x) + r].reshape(-1, 3)
    return np.asarray(np.median(patch, axis=0) if patch.size else [40, 36, 34])
