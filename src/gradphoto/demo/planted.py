"""Defects planted on the made-up sitters, each with the rules that ought to notice it: the portrait engine's evaluation set.

A defect is a function of the upright picture (uint8, height x width x 3), the 478 landmarks on it in pixels, the soft mask of
the person, and a random generator. The truth is known because the project put the defect there.
"""

from __future__ import annotations

import io

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from gradphoto.demo.planted_scene import DEFECTS, Rgb, Scene, as_jpeg, blend, defect, ellipse, hair_colour, paint

__all__ = ["DEFECTS"]


@defect("sharpness")
def blur(scene: Scene, rng: np.random.Generator) -> Rgb:
    return np.asarray(cv2.GaussianBlur(scene.rgb, (0, 0), scene.eyes_px * 0.04), np.uint8)


@defect("motion_blur", "sharpness")
def shake(scene: Scene, rng: np.random.Generator) -> Rgb:
    length = max(5, int(scene.eyes_px * 0.12))
    kernel = np.zeros((length, length), np.float32)
    cv2.line(kernel, (0, int(rng.integers(0, length))), (length - 1, int(rng.integers(0, length))), (1.0,), 1)
    return np.asarray(cv2.filter2D(scene.rgb, -1, kernel / kernel.sum()), np.uint8)


@defect("too_dark")
def dark(scene: Scene, rng: np.random.Generator) -> Rgb:
    return (scene.rgb * rng.uniform(0.2, 0.35)).astype(np.uint8)


@defect("too_bright", "highlights")
def bright(scene: Scene, rng: np.random.Generator) -> Rgb:
    return np.clip(scene.rgb.astype(np.float32) * rng.uniform(1.7, 2.1) + 30, 0, 255).astype(np.uint8)


@defect("flat_light")
def flat(scene: Scene, rng: np.random.Generator) -> Rgb:
    return np.clip(scene.rgb.astype(np.float32) * 0.12 + 150, 0, 255).astype(np.uint8)


@defect("light_balance")
def light_from_one_side(scene: Scene, rng: np.random.Generator) -> Rgb:
    x = (np.arange(scene.rgb.shape[1]) - scene.points[168][0]) / scene.eyes_px
    gain = 1.0 / (1.0 + np.exp(-x * 2.2 * rng.choice([-1, 1]))) * 0.95 + 0.12
    return np.clip(scene.rgb * gain[None, :, None], 0, 255).astype(np.uint8)


@defect("head_roll")
def tilt(scene: Scene, rng: np.random.Generator) -> Rgb:
    x, y = scene.points[168]
    turn = cv2.getRotationMatrix2D((float(x), float(y)), float(rng.choice([-1, 1]) * rng.uniform(10, 15)), 1.0)
    size = scene.rgb.shape[1], scene.rgb.shape[0]
    return np.asarray(cv2.warpAffine(scene.rgb, turn, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


@defect("eye_right_open", "eye_left_open", "eye_right_visible", "eye_left_visible")
def one_eye_closed(scene: Scene, rng: np.random.Generator) -> Rgb:
    return _close_eyes(scene, [int(rng.integers(0, 2))])


@defect("eye_right_open", "eye_left_open", "eye_right_visible", "eye_left_visible")
def both_eyes_closed(scene: Scene, rng: np.random.Generator) -> Rgb:
    return _close_eyes(scene, [0, 1])


_EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)


def _close_eyes(scene: Scene, which: list[int]) -> Rgb:
    """The lid's skin drawn down over the eye, lashes along its lower edge."""
    for eye in which:
        ring = scene.points[list(_EYES[eye])]
        middle = ring.mean(axis=0)
        wider = middle + (ring - middle) * [1.12, 1.45]
        lid = scene.points[[159, 386][eye]] - [0, scene.eyes_px * 0.11]
        colour = scene.rgb[int(lid[1]), int(lid[0])]
        scene = Scene(paint(scene, wider, colour, 0.025), scene.points, scene.person)
        lower = scene.points[list(_EYES[eye][:9])]
        drawn = np.zeros(scene.rgb.shape[:2], np.float32)
        cv2.polylines(drawn, [np.rint(lower).astype(np.int32)], False, (1.0,), max(1, int(scene.eyes_px * 0.03)))
        scene = Scene(blend(scene.rgb, drawn, (40, 28, 24), 0.6), scene.points, scene.person)
    return scene.rgb


@defect("eyes_covered", "eye_right_visible", "eye_left_visible", "eye_right_open", "face_count")
def bar_over_the_eyes(scene: Scene, rng: np.random.Generator) -> Rgb:
    return paint(scene, ellipse(scene, scene.points[168], 1.05, 0.25), (15, 15, 15))


@defect("glasses_tint", "eyes_covered", "eye_right_visible")
def tinted_glasses(scene: Scene, rng: np.random.Generator) -> Rgb:
    for iris in (468, 473):
        lens = ellipse(scene, scene.points[iris] + [0, scene.eyes_px * 0.06], 0.42, 0.36)
        scene = Scene(paint(scene, lens, (45, 32, 26), share=0.62), scene.points, scene.person)
    return scene.rgb


@defect("glasses_glare", "eye_right_visible", "eye_left_visible")
def glare_on_glasses(scene: Scene, rng: np.random.Generator) -> Rgb:
    scene = Scene(_glasses(scene, 0.0), scene.points, scene.person)
    spot = scene.points[[468, 473][int(rng.integers(0, 2))]] + rng.uniform(-0.15, 0.15, 2) * scene.eyes_px
    return paint(scene, ellipse(scene, spot, 0.2, 0.11), (254, 254, 255))


@defect("glasses_frame", "eyes_covered")
def frame_over_the_eyes(scene: Scene, rng: np.random.Generator) -> Rgb:
    return _glasses(scene, rng.uniform(0.36, 0.44))


def _glasses(scene: Scene, slipped: float) -> Rgb:
    """Rims and a bridge; ``slipped`` moves them down by so many eye distances."""
    drawn = np.zeros(scene.rgb.shape[:2], np.float32)
    thick = max(2, int(scene.eyes_px * 0.05))
    down = np.array([0.0, (0.06 + slipped) * scene.eyes_px])
    for iris in (468, 473):
        rim = ellipse(scene, scene.points[iris] + down, 0.42, 0.32)
        cv2.polylines(drawn, [np.rint(rim).astype(np.int32)], True, (1.0,), thick)
    inner = [scene.points[468] + down + [0.42 * scene.eyes_px, 0], scene.points[473] + down - [0.42 * scene.eyes_px, 0]]
    left, right = (tuple(int(v) for v in np.rint(end)) for end in inner)
    cv2.line(drawn, left, right, (1.0,), thick)
    return blend(scene.rgb, drawn, (25, 22, 22), 0.7)


@defect("mouth_covered", "face_count")
def mask_over_the_mouth(scene: Scene, rng: np.random.Generator) -> Rgb:
    ring = scene.points[
        [127, 234, 93, 132, 58, 172, 136, 150, 176, 152, 400, 379, 365, 397, 288, 361, 323, 454, 356, 195]
    ]
    ring = ring[ring[:, 1] > scene.points[195][1] - 1]
    hull = cv2.convexHull(ring.astype(np.float32))[:, 0].astype(np.float64)
    return paint(scene, hull, [(150, 190, 225), (240, 240, 242), (30, 30, 32)][int(rng.integers(0, 3))])


@defect("greyscale")
def grey(scene: Scene, rng: np.random.Generator) -> Rgb:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(scene.rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)


@defect("cast_cold", "cast_green")
def colour_cast(scene: Scene, rng: np.random.Generator) -> Rgb:
    gains = [(0.78, 1.1, 0.62), (1.15, 0.72, 1.25)][int(rng.integers(0, 2))]
    return np.clip(scene.rgb * np.array(gains), 0, 255).astype(np.uint8)


@defect("sharpness", "upscaled")
def enlarged_thumbnail(scene: Scene, rng: np.random.Generator) -> Rgb:
    size = scene.rgb.shape[1], scene.rgb.shape[0]
    shrink = 26 / scene.eyes_px
    small = cv2.resize(scene.rgb, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), np.uint8)


@defect("resolution")
def thumbnail(scene: Scene, rng: np.random.Generator) -> Rgb:
    shrink = 50 / scene.eyes_px
    return np.asarray(cv2.resize(scene.rgb, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)


@defect("source_quality", quality=5)
def squeezed_to_quality_5(scene: Scene, rng: np.random.Generator) -> Rgb:
    return scene.rgb


@defect("recompressed", quality=95)
def saved_again_and_again(scene: Scene, rng: np.random.Generator) -> Rgb:
    return np.asarray(Image.open(io.BytesIO(as_jpeg(scene.rgb, 12))))


@defect("noise")
def grain(scene: Scene, rng: np.random.Generator) -> Rgb:
    return np.clip(scene.rgb + rng.normal(0, 24, scene.rgb.shape), 0, 255).astype(np.uint8)


@defect("face_count")
def two_people(scene: Scene, rng: np.random.Generator) -> Rgb:
    half = cv2.resize(scene.rgb, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(np.concatenate([half, half[:, ::-1]], axis=1))


@defect("face_count")
def nobody(scene: Scene, rng: np.random.Generator) -> Rgb:
    return np.broadcast_to(scene.backdrop.astype(np.uint8), scene.rgb.shape).copy()


@defect("face_count")
def blank(scene: Scene, rng: np.random.Generator) -> Rgb:
    return np.full_like(scene.rgb, int(rng.choice([0, 255])))


@defect("backdrop_shadow", "backdrop_even")
def shadow_on_the_backdrop(scene: Scene, rng: np.random.Generator) -> Rgb:
    aside = float(rng.choice([-1, 1])) * scene.eyes_px * 0.7
    shift = np.array([[1, 0, aside], [0, 1, scene.eyes_px * 0.15]], np.float32)
    size = scene.rgb.shape[1], scene.rgb.shape[0]
    cast = cv2.GaussianBlur(cv2.warpAffine(scene.person, shift, size), (0, 0), scene.eyes_px * 0.12)
    gain = 1 - 0.4 * cast * (1 - scene.person)
    return (scene.rgb * gain[..., None]).astype(np.uint8)


@defect("backdrop_gradient", "backdrop_even")
def gradient_on_the_backdrop(scene: Scene, rng: np.random.Generator) -> Rgb:
    ramp = np.linspace(1.0, 0.62, scene.rgb.shape[1], dtype=np.float32)[:: int(rng.choice([-1, 1]))]
    gain = scene.person + (1 - scene.person) * ramp[None]
    return (scene.rgb * gain[..., None]).astype(np.uint8)


@defect("backdrop_colour")
def red_backdrop(scene: Scene, rng: np.random.Generator) -> Rgb:
    return blend(scene.rgb, 1 - scene.person, (190, 40, 40), 0.4)


@defect("backdrop_even")
def something_behind(scene: Scene, rng: np.random.Generator) -> Rgb:
    behind = scene.rgb.copy()
    side = int(rng.choice([0, 1]))
    height, width = behind.shape[:2]
    at = (int(width * (0.02 if side == 0 else 0.82)), int(height * 0.05))
    cv2.rectangle(behind, at, (at[0] + int(width * 0.15), at[1] + int(height * 0.4)), (120, 80, 40), -1)
    keep = scene.person[..., None]
    return (scene.rgb * keep + behind * (1 - keep)).astype(np.uint8)


def _clothes(scene: Scene) -> npt.NDArray[np.float32]:
    where = (scene.person > 0.6).astype(np.float32)
    where[: int(scene.points[152][1] + scene.eyes_px * 0.55)] = 0
    unlike_skin = np.linalg.norm(scene.rgb.astype(np.float32) - scene.skin, axis=2) > 30
    return where * unlike_skin


@defect("clothes_like_backdrop")
def clothes_of_the_backdrop_colour(scene: Scene, rng: np.random.Generator) -> Rgb:
    return blend(scene.rgb, _clothes(scene), scene.backdrop * 0.96, 0.8)


@defect("clothes_pattern")
def striped_clothes(scene: Scene, rng: np.random.Generator) -> Rgb:
    period = max(6.0, scene.eyes_px * 0.22)
    rows, columns = np.mgrid[: scene.rgb.shape[0], : scene.rgb.shape[1]]
    stripes = (np.sin((rows + columns * rng.choice([0, 1])) * 2 * np.pi / period) > 0).astype(np.float32)
    return blend(scene.rgb, _clothes(scene) * stripes, (235, 235, 235) if _clothes_dark(scene) else (20, 20, 20), 0.8)


def _clothes_dark(scene: Scene) -> bool:
    where = _clothes(scene) > 0
    return not where.any() or float(scene.rgb[where].mean()) < 128


@defect("brow_right", "brow_left")
def fringe_over_the_brows(scene: Scene, rng: np.random.Generator) -> Rgb:
    brows = scene.points[[70, 63, 105, 66, 107, 336, 296, 334, 293, 300]] + [0, scene.eyes_px * 0.04]
    top = scene.points[[251, 284, 332, 297, 338, 10, 109, 67, 103, 54, 21]] - [0, scene.eyes_px * 0.1]
    return paint(scene, np.concatenate([brows, top]), hair_colour(scene), 0.03)


@defect("ear_right", "ear_left")
def hair_over_the_ears(scene: Scene, rng: np.random.Generator) -> Rgb:
    for number, side in ((234, -1), (454, 1)):
        x, y = scene.points[number]
        u = scene.eyes_px
        strand = np.array(
            [[x - side * 0.06 * u, y - 0.9 * u], [x + side * 0.5 * u, y - 0.9 * u],
             [x + side * 0.55 * u, y + 1.1 * u], [x - side * 0.06 * u, y + 1.1 * u]]
        )  # fmt: skip
        scene = Scene(paint(scene, strand, hair_colour(scene), 0.03), scene.points, scene.person)
    return scene.rgb


@defect("hair_area", "ear_right", "ear_left")
def very_much_hair(scene: Scene, rng: np.random.Generator) -> Rgb:
    head = np.zeros(scene.rgb.shape[:2], np.float32)
    x, y = scene.points[168]
    cv2.fillPoly(head, [np.rint(ellipse(scene, (x, y), 2.2, 2.3)).astype(np.int32)], (1.0,))
    face = np.zeros_like(head)
    oval = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
            150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip
    cv2.fillPoly(face, [np.rint(scene.points[list(oval)]).astype(np.int32)], (1.0,))
    face[int(scene.points[152][1]) :] = 1.0
    return blend(scene.rgb, np.clip(head - face, 0, 1), hair_colour(scene), 1.0)


def _above_forehead(scene: Scene) -> npt.NDArray[np.float32]:
    where = np.zeros(scene.rgb.shape[:2], np.float32)
    x, y = scene.points[10]
    cv2.fillPoly(where, [np.rint(ellipse(scene, (x, y - 0.05 * scene.eyes_px), 1.15, 0.75)).astype(np.int32)], (1.0,))
    where[int(y) :] = 0
    return where


@defect("hair_colour")
def dyed_hair(scene: Scene, rng: np.random.Generator) -> Rgb:
    colour = [(170, 40, 60), (60, 60, 190), (200, 150, 30)][int(rng.integers(0, 3))]
    return blend(scene.rgb, _above_forehead(scene) * (scene.person > 0.5), colour, 2.0, 0.8)


@defect("head_covering", "hair_colour")
def white_cap(scene: Scene, rng: np.random.Generator) -> Rgb:
    return blend(scene.rgb, _above_forehead(scene), (238, 238, 236), 1.0)


@defect("red_eye")
def red_eyes(scene: Scene, rng: np.random.Generator) -> Rgb:
    for iris in (468, 473):
        scene = Scene(
            paint(scene, ellipse(scene, scene.points[iris], 0.075, 0.075), (205, 30, 35)), scene.points, scene.person
        )
    return scene.rgb


@defect("gaze_side")
def looking_aside(scene: Scene, rng: np.random.Generator) -> Rgb:
    """Both irises moved towards a corner, the white filled in where they were."""
    rgb, u = scene.rgb.copy(), scene.eyes_px
    side = int(rng.choice([-1, 1]))
    for iris, eye in ((468, 0), (473, 1)):
        x, y = scene.points[iris]
        r = int(0.105 * u)
        opening = np.zeros(rgb.shape[:2], np.uint8)
        cv2.fillPoly(opening, [np.rint(scene.points[list(_EYES[eye])]).astype(np.int32)], (1,))
        disc = np.zeros_like(opening)
        cv2.circle(disc, (int(x), int(y)), r, (1,), -1)
        moved = np.roll(disc, side * int(0.13 * u), axis=1)
        shifted = np.roll(scene.rgb, side * int(0.13 * u), axis=1)
        white = (disc & opening).astype(bool)
        rgb[white] = (205, 198, 194)
        rgb[(moved & opening).astype(bool)] = shifted[(moved & opening).astype(bool)]
    return rgb


@defect("jewellery")
def earrings_and_necklace(scene: Scene, rng: np.random.Generator) -> Rgb:
    rgb, u = scene.rgb.copy(), scene.eyes_px
    for number, side in ((132, -1), (361, 1)):
        x, y = scene.points[number] + [side * 0.09 * u, 0.05 * u]
        cv2.circle(rgb, (int(x), int(y)), max(2, int(0.035 * u)), (250, 250, 250), -1, cv2.LINE_AA)
    x, y = scene.points[152]
    for step in range(-4, 5):
        at = (int(x + step * 0.1 * u), int(y + (0.42 - 0.006 * step * step) * u))
        cv2.circle(rgb, at, max(2, int(0.03 * u)), (245, 245, 245), -1, cv2.LINE_AA)
    return rgb


@defect("high_collar")
def collar_over_the_neck(scene: Scene, rng: np.random.Generator) -> Rgb:
    x, y = scene.points[152]
    u = scene.eyes_px
    collar = np.array(
        [
            [x - 0.75 * u, y + 0.06 * u],
            [x + 0.75 * u, y + 0.06 * u],
            [x + 1.0 * u, y + 1.2 * u],
            [x - 1.0 * u, y + 1.2 * u],
        ]
    )
    return paint(scene, collar, (48, 44, 52))


@defect("bare_shoulders")
def strap_dress(scene: Scene, rng: np.random.Generator) -> Rgb:
    return blend(scene.rgb, _clothes(scene), scene.skin, 2.0)


@defect("shoulders_level")
def one_shoulder_up(scene: Scene, rng: np.random.Generator) -> Rgb:
    """Below the chin the picture is sheared; the head stays as it is."""
    chin = scene.points[152][1]
    height, width = scene.rgb.shape[:2]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    strength = np.clip((rows - chin) / (0.5 * scene.eyes_px), 0, 1)
    slope = np.float32(np.tan(np.radians(13)) * rng.choice([-1, 1]))
    down = (columns - np.float32(scene.points[152][0])) * slope * strength
    return np.asarray(
        cv2.remap(
            scene.rgb, columns, (rows + down).astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


@defect("head_cut_off", "hair_top", "head_room")
def head_cut_off(scene: Scene, rng: np.random.Generator) -> Rgb:
    top = int(scene.points[10][1] - 0.25 * scene.eyes_px)
    return np.ascontiguousarray(scene.rgb[max(0, top) :])


@defect("hair_top", "eye_line", "face_width", "centre", "head_cut_off", "enlarged")
def too_close(scene: Scene, rng: np.random.Generator) -> Rgb:
    x, y = scene.points[168]
    u = scene.eyes_px
    return np.ascontiguousarray(
        scene.rgb[max(0, int(y - 1.75 * u)) : int(y + 1.9 * u), max(0, int(x - 1.3 * u)) : int(x + 1.3 * u)]
    )


@defect("centre", "head_cut_off", "side")
def at_the_edge(scene: Scene, rng: np.random.Generator) -> Rgb:
    x = int(scene.points[234][0] - 0.32 * scene.eyes_px)
    return np.ascontiguousarray(scene.rgb[:, max(0, x) :])
