"""Rendering and encoding: exact boxes, honest sizes."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest
from PIL import Image

from gradphoto.engine.portrait.crop import Crop
from gradphoto.engine.portrait.decode import ExifFacts, Photo
from gradphoto.engine.portrait.encode import encode, encode_as
from gradphoto.engine.portrait.render import render


def photo_of(rgb: np.ndarray) -> Photo:
    return Photo(rgb, ExifFacts(), "0" * 64, rgb.shape[1::-1], 0, "JPEG", "sRGB (assumed)")


def crop_of(x: float, y: float, width: float, height: float, out: tuple[int, int]) -> Crop:
    return Crop(x, y, width, height, out[0] / width, out[0], out[1], (), ())


@pytest.mark.parametrize("zoom", [1.0, 1.37, 2.5, 5.13, 9.0])
@pytest.mark.parametrize("corner", [(0.0, 0.0), (17.4, 33.8)])
def test_a_ramp_arrives_where_the_crop_says(zoom, corner):
    """On a linear ramp every output pixel's value tells which source position it came from."""
    height, width = 1900, 1500
    ramp = np.zeros((height, width, 3), np.float64)
    ramp[..., 0] = np.linspace(0, 255, width)[None, :]
    ramp[..., 1] = np.linspace(0, 255, height)[:, None]
    x, y = corner
    out = (144, 192)
    rgb = render(photo_of(np.rint(ramp).astype(np.uint8)), crop_of(x, y, 144 * zoom, 192 * zoom, out))
    assert rgb.shape == (192, 144, 3)
    columns = (x + (np.arange(144) + 0.5) * zoom - 0.5) * 255 / (width - 1)
    rows = (y + (np.arange(192) + 0.5) * zoom - 0.5) * 255 / (height - 1)
    inner = slice(2, -2)
    assert np.abs(rgb[..., 0].mean(axis=0)[inner] - columns[inner]).max() < 1.1
    assert np.abs(rgb[..., 1].mean(axis=1)[inner] - rows[inner]).max() < 1.1


def test_a_crop_of_the_whole_image_reaches_its_last_pixel():
    rgb = np.zeros((641, 481, 3), np.uint8)
    rgb[-1], rgb[:, -1] = 255, 255
    out = render(photo_of(rgb), crop_of(0, 0, 480.75, 641, (144, 192)))
    assert out[-1].mean() > 40
    assert out[:, -1].mean() > 40


def energy(rgb: np.ndarray) -> np.ndarray:
    """Of brightness in three bands of detail, up to the finest a picture can show."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float64)
    window = np.outer(np.hanning(grey.shape[0]), np.hanning(grey.shape[1]))
    power = np.abs(np.fft.fft2((grey - grey.mean()) * window)) ** 2
    places = np.hypot(np.fft.fftfreq(grey.shape[0])[:, None], np.fft.fftfreq(grey.shape[1])[None])
    return np.array([power[(places >= low) & (places < low + 0.15)].mean() for low in (0.05, 0.2, 0.35)])


@pytest.mark.parametrize("zoom", [1.3, 1.7, 2.3, 3.7, 5.2])
def test_detail_is_kept_and_nothing_finer_folds_in(studio, zoom):
    """As much detail in every band as Pillow's windowed filter leaves, at a fifth of its time; the same with plain arithmetic."""
    cut = np.ascontiguousarray(studio[240:1440, 480:1280])
    cut = np.clip(cut + np.random.default_rng(5).normal(0, 3.5, cut.shape), 0, 255).astype(np.uint8)
    out = int(750 / zoom), int(1125 / zoom)
    crop = crop_of(20.0, 30.0, out[0] * zoom, out[1] * zoom, out)
    box = (crop.x, crop.y, crop.x + crop.width, crop.y + crop.height)
    wanted = energy(np.asarray(Image.fromarray(cut).resize(out, Image.Resampling.HAMMING, box=box)))
    rendered = render(photo_of(cut), crop)
    assert np.abs(np.log(energy(rendered) / wanted)).max() < 0.25
    cv2.setUseOptimized(False)
    try:
        assert np.array_equal(render(photo_of(cut), crop), rendered)
    finally:
        cv2.setUseOptimized(True)


def faces_like_noise(strength: float) -> np.ndarray:
    random = np.random.default_rng(7)
    smooth = np.full((640, 480, 3), 128.0) + random.normal(0, strength, (640, 480, 3))
    return np.clip(smooth, 0, 255).astype(np.uint8)


def test_99_size_window_is_reached_by_quality_alone(mb2017):
    sizes = set()
    for strength in (2.0, 4.0, 8.0):
        encoded = encode(faces_like_noise(strength), mb2017)
        assert encoded.in_size_window
        assert mb2017.size_min_bytes <= encoded.size_bytes <= 39_900, "40 KB by either count"
        assert encoded.quality >= mb2017.jpeg_quality_min
        sizes.add((encoded.quality, encoded.subsampling))
    assert len(sizes) > 1, "quality follows the picture"


def test_a_picture_too_busy_for_the_window_stops_at_the_lowest_quality_and_says_so(mb2017):
    encoded = encode(faces_like_noise(90.0), mb2017)
    assert encoded.quality == mb2017.jpeg_quality_min
    assert not encoded.in_size_window
    assert encoded.size_bytes > mb2017.size_max_bytes


def test_a_picture_too_plain_for_the_window_is_not_padded_but_told(mb2017):
    encoded = encode(np.full((640, 480, 3), 200, np.uint8), mb2017)
    assert not encoded.in_size_window
    assert encoded.size_bytes < mb2017.size_min_bytes
    assert encoded.data.endswith(b"\xff\xd9")


def test_without_a_window_the_starting_quality_is_taken(mb2017):
    free = dataclasses.replace(mb2017, size_min_bytes=None, size_max_bytes=None)
    encoded = encode(faces_like_noise(20.0), free)
    assert (encoded.quality, encoded.subsampling) == (free.jpeg_quality_start, "4:4:4")
    assert encoded.in_size_window


def checked(rgb: np.ndarray) -> np.ndarray:
    """The lower third in fine checks, as a shirt may be."""
    out = rgb.copy()
    rows, columns = np.mgrid[: out.shape[0], : out.shape[1]]
    out[((rows // 3 + columns // 3) % 2 == 0) & (rows > out.shape[0] * 2 // 3)] = (30, 40, 120)
    return out


KINDS = {
    "as it is": lambda rgb: rgb,
    "grey": lambda rgb: np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2),
    "soft": lambda rgb: cv2.GaussianBlur(rgb, (0, 0), 2.0),
    "grain": lambda rgb: np.clip(rgb + np.random.default_rng(3).normal(0, 8, rgb.shape), 0, 255).astype(np.uint8),
    "checks": checked,
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_better_quality_would_have_fitted(studio, mb2017, kind):
    """Encodes are left out where none could fit: the answer is that of trying every quality, whatever the picture and the limit."""
    rgb = KINDS[kind](cv2.resize(studio[200:1400, 450:1350], (180, 240), interpolation=cv2.INTER_AREA))
    sizes = {quality: encode_as(rgb, mb2017, quality, "4:2:0").size_bytes for quality in range(60, 101)}
    smallest, largest = sizes[60], sizes[100]
    for step in range(40):
        limit = round(smallest * (largest / smallest) ** (step / 39))
        # Full colour is another question: with this start the coarsest alone is asked.
        free = dataclasses.replace(mb2017, size_min_bytes=None, size_max_bytes=limit, size_aim_bytes=None)
        free = dataclasses.replace(free, jpeg_quality_min=60, jpeg_quality_start=100)
        encoded = encode(rgb, free)
        assert encoded.size_bytes <= limit
        if encoded.subsampling == "4:2:0":
            assert encoded.quality == max(quality for quality, size in sizes.items() if size <= limit)
