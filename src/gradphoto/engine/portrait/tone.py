"""Light and colour of a region, and how sharp a face is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait import landmarks as mark
from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.ranks import at_percents, middle

Lab = npt.NDArray[np.float32]
Floats = npt.NDArray[np.floating]

# Sharpness is asked for at the size the face will have in the delivered file (教毕指〔2017〕99号: 180 to 300 px wide).
_DELIVERED_FACE_PX = 240
_CLIPPED_L = 97.0
# Grey levels of the brightest channel at which nothing is left to see.
_CRUSHED, _CLIPPED = 10, 254
_NOISE_SIGMA_PX = 1.0
# White and light grey that is not clipped: L* from, L* to, chroma below.
_NEUTRAL_L, _NEUTRAL_CHROMA = (65.0, 98.0), 4.0
# Light of a middle grey, what the darkest channels are lifted by before they are divided, and the weights of luminance (IEC 61966-2-1).
_GREY, _DARKEST = 0.2, 0.02
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_WHITE = np.float32(255.0)


@dataclass(frozen=True, slots=True)
class FaceTone:
    """Lightness (L*), colour of the skin, and the shares of the face that are crushed to black or clipped in a channel."""

    brightness_l: float
    contrast_l: float
    highlight_share: float
    chroma: float
    hue_deg: float
    crushed_share: float
    clipped_share: float


def to_lab(rgb: Rgb) -> Lab:
    """CIE L*a*b* (D65): L 0 to 100, a and b about -128 to 127; float32, same shape."""
    return np.asarray(cv2.cvtColor(np.divide(rgb, _WHITE, dtype=np.float32), cv2.COLOR_RGB2LAB), dtype=np.float32)


def colour_distance(colours: Floats, reference: Floats) -> Floats:
    """CIE 1976 colour difference of each of ``colours`` (... x 3) from ``reference``."""
    away = colours - reference
    away *= away
    return np.asarray(np.sqrt(away[..., 0] + away[..., 1] + away[..., 2]))


def colour_away(lab: Lab, reference: Floats) -> Floats:
    """Distance in the a*b* plane alone: height x width."""
    return np.asarray(cv2.magnitude(lab[..., 1] - reference[1], lab[..., 2] - reference[2]))


def chroma_spread(rgb: Rgb) -> float:
    """How much colour there is at all: 95th percentile of chroma (C*ab) over the picture; 0 is black and white."""
    step = max(1, max(rgb.shape[:2]) // 160)
    lab = to_lab(np.ascontiguousarray(rgb[::step, ::step]))
    return at_percents(np.asarray(cv2.magnitude(*cv2.split(lab)[1:]), np.float32), 95)[0]


def neutral_share(lab: Lab, skin: npt.NDArray[np.bool_]) -> float:
    """Share of ``lab`` outside the face's ``skin`` that is light and has no colour: white cloth, a white or grey backdrop, white hair.

    A wrong white balance colours all of it, so it bears witness against a cast; clipped white says nothing.
    """
    lightness, a, b = cv2.split(lab[::2, ::2])
    light = (lightness >= _NEUTRAL_L[0]) & (lightness <= _NEUTRAL_L[1]) & ~skin[::2, ::2]
    return float((light & (cv2.magnitude(a, b) < _NEUTRAL_CHROMA)).mean())


def lean_of(seen: tuple[int, int, int], asked: tuple[int, int, int]) -> tuple[float, float]:
    """a* and b* of a middle grey under the light that makes a wall of the colour ``asked`` look like ``seen`` (both sRGB).

    A channel that is clipped in both says only that it has not become darker: it is taken as the light of a lamp has it, as much
    more blue as there is less red.
    """
    red, green, blue = (linear(np.array(seen, np.float64)) + _DARKEST) / (
        linear(np.array(asked, np.float64)) + _DARKEST
    )
    if min(seen[2], asked[2]) >= _CLIPPED:
        blue = max(blue, green * green / red)
    gains = np.array([red, green, blue])
    grey = _GREY * gains / float(gains @ _LUMINANCE)
    _, a, b = np.asarray(cv2.cvtColor(srgb(grey).astype(np.float32)[None, None], cv2.COLOR_RGB2LAB), np.float64)[0, 0]
    return float(a), float(b)


def linear(levels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Light (0 to 1) of sRGB levels (0 to 255), IEC 61966-2-1."""
    value = levels / 255.0
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4))


def srgb(light: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """sRGB (0 to 1) of light (0 to 1)."""
    return np.asarray(np.where(light <= 0.0031308, light * 12.92, 1.055 * np.clip(light, 0, 1) ** (1 / 2.4) - 0.055))


def face_tone(lab: Lab, rgb: Rgb, oval: npt.NDArray[np.bool_]) -> FaceTone:
    """Tone of the skin inside ``oval``; a face outside the picture counts as black."""
    if not oval.any():
        return FaceTone(0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    where = np.flatnonzero(oval)
    lightness, a, b = (np.ascontiguousarray(plane) for plane in lab.reshape(-1, 3)[where].T)
    redness, yellowness = middle(a), middle(b)
    low, usual, high = at_percents(lightness, 5, 50, 95)
    red, green, blue = rgb.reshape(-1, 3)[where].T
    brightest = np.maximum(np.maximum(red, green), blue)
    return FaceTone(
        brightness_l=usual,
        contrast_l=high - low,
        highlight_share=float((lightness >= _CLIPPED_L).mean()),
        chroma=math.hypot(redness, yellowness),
        hue_deg=math.degrees(math.atan2(yellowness, redness)),
        crushed_share=float((brightest <= _CRUSHED).mean()),
        clipped_share=float((brightest >= _CLIPPED).mean()),
    )


def sharpness_of(rgb: Rgb, points: npt.NDArray[np.float64]) -> float:
    """How crisp the face is: spread of the Laplacian of its lightness over the spread of the lightness, times 100.

    Read from the brows to the chin at the delivered size of the face, so that a large source gains nothing from
    pixels nobody will see; a smaller face is read as it is, never enlarged. Dividing by the spread of lightness
    keeps a dark picture from passing for a blurred one; a slight smoothing first keeps noise from passing for detail
    (a strongly noisy picture still gains some). 0 when the face lies outside the picture.
    """
    outline = points[list(mark.FACE_OVAL), :2]
    low, high = outline.min(axis=0), outline.max(axis=0)
    margin = (high - low) * [0.12, 0.15]
    left, top = np.maximum(np.floor(low + margin), 0).astype(int)
    right, bottom = np.maximum(np.ceil(high - margin), 0).astype(int)
    patch = rgb[top:bottom, left:right]
    if min(patch.shape[:2]) < 3:
        return 0.0
    grey = cv2.cvtColor(np.ascontiguousarray(patch), cv2.COLOR_RGB2GRAY)
    zoom = _DELIVERED_FACE_PX / float(high[0] - low[0])
    if zoom < 1.0:
        size = max(3, round(grey.shape[1] * zoom)), max(3, round(grey.shape[0] * zoom))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    lightness = np.asarray(grey, dtype=np.float32)
    calm = cv2.GaussianBlur(lightness, (0, 0), _NOISE_SIGMA_PX)
    return float(cv2.Laplacian(calm, cv2.CV_32F).std() / max(float(lightness.std()), 1.0) * 100.0)
