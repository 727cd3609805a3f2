"""Pictures whose alpha is known exactly: a synthetic sitter with drawn hair, composited over a backdrop of our own.

Everything is drawn four times too large and averaged, so that a strand thinner than a pixel has the coverage a camera
would have seen. The sitters' rendered backdrop is one flat blue, which gives their silhouette without guessing; it is
drawn in by a few pixels so that nothing of it remains in the foreground.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg

from gradphoto.demo.sitters import picture

SUPER = 4
RENDERED_BLUE = (100, 197, 255)


def to_light(rgb):
    """sRGB 0 to 255 as linear light 0 to 1 (IEC 61966-2-1)."""
    coded = np.asarray(rgb, np.float32) / 255.0
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_code(light):
    """Linear light as sRGB, float 0 to 255."""
    light = np.clip(light, 0.0, 1.0)
    return 255.0 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


@dataclass(frozen=True)
class CutOut:
    """A foreground in linear light at four times the size: colour times alpha, and alpha."""

    light: np.ndarray
    alpha: np.ndarray


@dataclass(frozen=True)
class Scene:
    """``rgb`` as a camera would have delivered it; ``truth(target)`` what it should become."""

    rgb: np.ndarray
    alpha: np.ndarray
    cut_out: CutOut
    mixed_in_light: bool

    def truth(self, target):
        plain = np.broadcast_to(to_light(np.array(target)), self.cut_out.light.shape)
        return photograph(self.cut_out, plain, self.mixed_in_light, noise=0.0)

    @property
    def edge(self):
        """The edge band: where the true alpha lies between, and two pixels around it."""
        between = (self.alpha > 0.01) & (self.alpha < 0.99)
        return cv2.dilate(between.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0


def cut_out(sitter: str, width: int, height: int, hair: str = "short", colour=(38, 30, 27), seed: int = 1) -> CutOut:
    """A sitter with hair: short, loose, curls, long (with a gap beside the neck) or none; ``colour`` in sRGB."""
    big = width * SUPER, height * SUPER
    rgb = simplejpeg.decode_jpeg(picture(sitter))[70:870, 60:660]  # about the registration crop
    flat = np.abs(rgb.astype(int) - RENDERED_BLUE).max(axis=2) > 14
    flat = cv2.morphologyEx(flat.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    inner = cv2.erode(flat, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9)))
    clean = cv2.inpaint(rgb, cv2.dilate(1 - inner, np.ones((3, 3), np.uint8)), 3, cv2.INPAINT_TELEA)
    body = cv2.resize(cv2.GaussianBlur(inner.astype(np.float32), (0, 0), 2.0), big, interpolation=cv2.INTER_CUBIC)
    # The outline of skin and cloth is about one output pixel wide.
    body = np.clip((body - 0.5) * 2.0 * width / 150 + 0.5, 0.0, 1.0)
    paint = to_light(cv2.resize(clean, big, interpolation=cv2.INTER_LINEAR))
    strands, painted = _strands(hair, body, colour, np.random.default_rng(seed))
    alpha = strands + (1 - strands) * body
    light = painted * strands[..., None] + (1 - strands[..., None]) * body[..., None] * paint
    return CutOut(light.astype(np.float32), alpha.astype(np.float32))


def _strands(hair, body, colour, random):
    height, width = body.shape
    mask, paint = np.zeros((height, width), np.uint8), np.zeros((height, width, 3), np.uint8)
    paint[:] = colour
    if hair == "none":
        return mask.astype(np.float32), to_light(paint)
    head = _head_outline(body)
    unit = width / 480.0  # one output pixel of a picture 480 wide, at this size
    if hair == "long":
        _curtains(mask, paint, head, colour, unit, random)
    if hair == "curls":
        for _ in range(190):
            x, y = head[random.integers(len(head))]
            centre = int(x + random.normal(0, 9 * unit)), int(y + random.normal(0, 9 * unit))
            tone = _tone(colour, random)
            radius = int(random.uniform(5, 13) * unit)
            for layer, value in ((mask, 255), (paint, tone)):
                cv2.circle(layer, centre, radius, value, max(1, int(unit * random.uniform(1.5, 4.5))), cv2.LINE_AA)
    count = {"short": 500, "loose": 900, "curls": 350, "long": 600}[hair]
    reach = {"short": 9, "loose": 34, "curls": 16, "long": 16}[hair]
    middle = head.mean(axis=0)
    for _ in range(count):
        start = head[random.integers(len(head))] + random.normal(0, 2 * unit, 2)
        outward = (start - middle) / np.linalg.norm(start - middle)
        along = np.array([-outward[1], outward[0]]) * random.normal(0, 0.9)
        length = abs(random.normal(0.2, 0.6)) * reach * unit
        t = np.linspace(-0.5, 1, 14)[:, None]
        path = start + outward * length * t + along * length * t**2 + random.normal(0, 0.6 * unit, 2) * np.sin(5 * t)
        points = np.rint(path * 8).astype(np.int32)
        wide = max(1, int(unit * random.choice([0.25, 0.5, 0.5, 0.75, 1.2])))
        tone = _tone(colour, random)
        cv2.polylines(mask, [points], False, 255, wide, cv2.LINE_AA, 3)
        cv2.polylines(paint, [points], False, tone, wide + int(2 * unit), cv2.LINE_8, 3)
    return mask.astype(np.float32) / 255.0, to_light(paint)


def _head_outline(body):
    """Points of the silhouette from ear to ear over the top."""
    outline = max(cv2.findContours((body > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=len)
    points = outline[:, 0, :].astype(np.float64)
    top = points[:, 1].min()
    return points[points[:, 1] < top + 0.22 * body.shape[0]]


def _curtains(mask, paint, head, colour, unit, random):
    """Long hair that falls beside the neck and leaves a gap between."""
    low, high = head.min(axis=0), head.max(axis=0)
    for side in (-1, 1):
        edge = low[0] if side < 0 else high[0]
        for _ in range(420):
            across = random.uniform(-6, 17) * unit
            x = edge + side * across
            start, fall = high[1] - random.uniform(50, 90) * unit, random.uniform(230, 262) * unit
            t = np.linspace(0, 1, 24)[:, None]
            bow = side * (10 * np.sin(np.pi * t) + random.normal(0, 1.5) * t) * unit
            tilt = -side * across * 0.6 * (1 - t) ** 4
            points = np.rint(np.hstack([x + bow + tilt, start + fall * t]) * 8).astype(np.int32)
            wide = max(1, int(unit * random.choice([0.5, 0.75, 1.2])))
            tone = _tone(colour, random)
            for layer, value in ((mask, 255), (paint, tone)):
                cv2.polylines(layer, [points], False, value, wide, cv2.LINE_AA, 3)


def _tone(colour, random):
    return tuple(int(v) for v in np.clip(np.array(colour) * random.uniform(0.6, 1.7), 0, 255))


def backdrop(width: int, height: int, rgb, kind: str, body=None):
    """A backdrop in linear light at four times the size: flat, gradient, vignette, shadow or stripes."""
    h, w = height * SUPER, width * SUPER
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    x, y = x / w, y / h
    shade = np.ones((h, w), np.float32)
    if kind in ("gradient", "shadow"):
        shade = 1.0 - 0.35 * y - 0.12 * x
    if kind == "vignette":
        shade = 1.0 - 0.55 * ((x - 0.45) ** 2 + (y - 0.4) ** 2)
    if kind == "shadow":
        small = cv2.resize(body, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        moved = cv2.warpAffine(small, np.float32([[1, 0, width * 0.03], [0, 1, height * 0.012]]), small.shape[::-1])
        soft = cv2.GaussianBlur(moved, (0, 0), width * 0.02)
        shade *= 1.0 - 0.30 * cv2.resize(soft, (w, h), interpolation=cv2.INTER_LINEAR)
    if kind == "stripes":
        shade = np.where(np.sin(x * 60) > 0, 1.0, 0.55).astype(np.float32)
    return shade[..., None] * to_light(np.array(rgb))


def photograph(cut: CutOut, behind, mixed_in_light: bool, noise: float, seed: int = 3):
    """Composite in light, then reduce: in light (the sensor's own pixels) or in code values (a reduced photograph)."""
    light = cut.light + (1 - cut.alpha[..., None]) * behind
    size = light.shape[1] // SUPER, light.shape[0] // SUPER
    if mixed_in_light:
        small = to_code(cv2.resize(light, size, interpolation=cv2.INTER_AREA))
    else:
        small = cv2.resize(to_code(light), size, interpolation=cv2.INTER_AREA)
    small = small + np.random.default_rng(seed).normal(0, noise, small.shape) if noise else small
    return np.clip(np.rint(small), 0, 255).astype(np.uint8)


def scene(sitter, size, hair, rgb, kind, *, colour=(38, 30, 27), mixed_in_light=True, noise=1.2, seed=1) -> Scene:
    """A photograph of ``size`` (width, height) with known alpha."""
    cut = cut_out(sitter, *size, hair, colour, seed)
    behind = backdrop(*size, rgb, kind, cut.alpha)
    alpha = cv2.resize(cut.alpha, size, interpolation=cv2.INTER_AREA)
    return Scene(photograph(cut, behind, mixed_in_light, noise), alpha, cut, mixed_in_light)


def psnr(a, b, where):
    """Peak signal to noise in dB over the pixels ``where``."""
    error = (a[where].astype(np.float64) - b[where].astype(np.float64)) ** 2
    return float(10 * np.log10(255.0**2 / max(error.mean(), 1e-9)))
