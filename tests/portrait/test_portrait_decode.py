"""Any bytes in: an upright sRGB picture or a typed refusal, never a crash and never half a picture."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import datetime

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from gradphoto.engine.portrait.decode import DecodeLimits, decode, decode_lightness
from gradphoto.engine.portrait.errors import PhotoError
from gradphoto.engine.portrait.rephotographed import HINT_FROM, regular_pattern


def jpeg_of(image: Image.Image, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def scene() -> Image.Image:
    """120 x 80: red top left, green top right, blue bottom left, white bottom right."""
    pixels = np.zeros((80, 120, 3), np.uint8)
    pixels[:40, :60], pixels[:40, 60:] = (200, 30, 30), (30, 160, 30)
    pixels[40:, :60], pixels[40:, 60:] = (30, 30, 200), (240, 240, 240)
    return Image.fromarray(pixels)


def refused(data: bytes, limits: DecodeLimits | None = None) -> str:
    with pytest.raises(PhotoError) as caught:
        decode(data, limits)
    assert caught.value.message.zh
    assert caught.value.remedy.zh
    return caught.value.code


def test_a_jpeg_comes_back_upright_contiguous_and_with_its_hash(scene):
    data = jpeg_of(scene)
    photo = decode(data)
    assert photo.rgb.shape == (80, 120, 3)
    assert photo.rgb.dtype == np.uint8
    assert photo.rgb.flags.c_contiguous
    assert photo.source_size_px == (120, 80)
    assert len(photo.source_sha256) == 64
    assert photo.file_format == "JPEG"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_undone_as_pillow_undoes_it(scene, orientation):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    data = jpeg_of(scene, exif=exif, subsampling=0)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    photo = decode(data)
    assert photo.exif.orientation == orientation
    assert photo.rgb.shape == expected.shape
    assert photo.source_size_px == (expected.shape[1], expected.shape[0])
    assert np.abs(photo.rgb.astype(int) - expected).max() <= 6
    grey = cv2.cvtColor(photo.rgb, cv2.COLOR_RGB2GRAY)
    assert np.abs(decode_lightness(data, orientation).astype(int) - grey).max() <= 4


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_lightness_of_the_rare_kinds_is_that_of_the_picture(scene, mode):
    data = jpeg_of(scene.convert(mode))
    grey = cv2.cvtColor(decode(data).rgb, cv2.COLOR_RGB2GRAY)
    assert np.abs(decode_lightness(data).astype(int) - grey).max() <= 1


@pytest.mark.parametrize(("pattern", "told"), [(0.0, False), (12.0, True)])
def test_a_screens_grid_is_told_from_grain(pattern, told):
    y, x = np.mgrid[0:900, 0:900]
    grid = pattern * np.cos(2 * np.pi * (x * 0.97 + y * 0.24) / 3.7)
    seen = 140 + grid + np.random.default_rng(2).normal(0, 3.5, (900, 900))
    value = regular_pattern(seen.clip(0, 255).astype(np.uint8), (250.0, 200.0, 650.0, 750.0))
    assert (value >= HINT_FROM) is told


def test_the_camera_facts_are_read_from_exif(scene):
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Model 7"
    details = exif.get_ifd(0x8769)
    details[0x9003], details[0x9291], details[0xA431] = "2026:03:09 10:20:30", "47", "SN-00123"
    facts = decode(jpeg_of(scene, exif=exif)).exif
    assert facts.taken_at == datetime(2026, 3, 9, 10, 20, 30)
    assert (facts.subsec, facts.camera_serial, facts.camera_model) == ("47", "SN-00123", "Model 7")


def test_nonsense_in_exif_does_not_lose_the_picture(scene):
    exif = Image.Exif()
    exif[0x0112] = 77
    exif.get_ifd(0x8769)[0x9003] = "yesterday"
    photo = decode(jpeg_of(scene, exif=exif))
    assert photo.exif.orientation == 1
    assert photo.exif.taken_at is None


@pytest.mark.parametrize("reduction", [2, 4])
def test_a_reduced_decode_keeps_the_full_size_in_mind(scene, reduction):
    photo = decode(jpeg_of(scene.resize((1201, 803))), reduction=reduction)
    assert photo.rgb.shape == (-(-803 // reduction), -(-1201 // reduction), 3)
    assert photo.source_size_px == (1201, 803)
    assert photo.reduction == reduction


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "portrait.empty"),
        (b"name,number\r\n", "portrait.not_an_image"),
        (b"\x00" * 5000, "portrait.not_an_image"),
        (b"GIF89a" + b"\x00" * 50, "portrait.unsupported"),
        (b"II*\x00" + b"\x00" * 50, "portrait.unsupported"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 50, "portrait.unsupported"),
        (b"\xff\xd8\xff", "portrait.truncated"),
        (b"\xff\xd8\xff\xe0", "portrait.truncated"),
        (b"\x89PNG\r\n\x1a\n", "portrait.truncated"),
    ],
)
def test_what_is_not_our_picture_is_refused_by_its_content(data, code):
    assert refused(data) == code


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95, 0.999])
def test_a_transfer_that_broke_off_is_refused_not_filled_with_grey(studio_jpeg, share):
    assert refused(studio_jpeg[: int(len(studio_jpeg) * share)]) == "portrait.truncated"


def test_a_torn_file_with_an_end_marker_stuck_on_is_still_refused(studio_jpeg):
    assert refused(studio_jpeg[: len(studio_jpeg) // 2] + b"\xff\xd9") == "portrait.truncated"


def test_bytes_after_the_picture_as_cameras_append_them_do_no_harm(scene):
    assert decode(jpeg_of(scene) + b"\x00" * 999).rgb.shape == (80, 120, 3)


def test_a_bomb_is_refused_from_its_header_alone():
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    assert refused(b"\x89PNG\r\n\x1a\n" + chunk) == "portrait.too_many_pixels"


def test_a_jpeg_that_claims_too_many_pixels_is_refused(scene):
    data = bytearray(jpeg_of(scene))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 65_000, 65_000)
    assert refused(bytes(data)) == "portrait.too_many_pixels"


def test_limits_are_the_callers_choice(scene):
    data = jpeg_of(scene)
    assert refused(data, DecodeLimits(max_pixels=9_599)) == "portrait.too_many_pixels"
    assert refused(data, DecodeLimits(max_bytes=len(data) - 1)) == "portrait.too_many_bytes"
    assert decode(data, DecodeLimits(max_pixels=9_600)).rgb.shape == (80, 120, 3)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_greyscale_and_cmyk_jpegs_become_rgb(scene, mode):
    photo = decode(jpeg_of(scene.convert(mode)))
    assert photo.rgb.shape == (80, 120, 3)
    assert photo.rgb[60, 90].min() > 200, "white stays white"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "I;16", "1"])
def test_every_kind_of_png_becomes_rgb(scene, mode):
    if mode == "I;16":
        image = Image.fromarray((np.asarray(scene.convert("L")).astype(np.uint16)) * 257)
    else:
        image = scene.convert(mode)
    out = io.BytesIO()
    image.save(out, "PNG")
    photo = decode(out.getvalue())
    assert photo.rgb.shape == (80, 120, 3)
    assert photo.rgb[60, 90].min() > 200


def test_another_colour_space_is_converted_to_srgb(scene):
    # LittleCMS makes no wide-gamut RGB profile by itself; shrinking sRGB's own red primary does the same to the maths.
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    plain = decode(jpeg_of(scene, icc_profile=bytes(profile)))
    assert np.array_equal(plain.rgb, decode(jpeg_of(scene)).rgb), "an sRGB profile changes nothing"
    profile = profile.replace("sRGB".encode("utf-16-be"), "wide".encode("utf-16-be"))
    at = profile.index(b"rXYZ")
    offset = int.from_bytes(profile[at + 4 : at + 8], "big") + 8
    profile[offset : offset + 4] = struct.pack(">i", int(0.60 * 65536))
    converted = decode(jpeg_of(scene, icc_profile=bytes(profile)))
    assert converted.colour_profile.endswith("converted to sRGB")
    assert int(converted.rgb[10, 10, 0]) > int(plain.rgb[10, 10, 0]) + 10


def test_a_broken_colour_profile_is_noted_and_the_picture_kept(scene):
    photo = decode(jpeg_of(scene, icc_profile=b"not a profile" * 20))
    assert "unreadable" in photo.colour_profile


def test_a_thousand_damaged_files_end_in_a_picture_or_a_typed_refusal(scene):
    data = jpeg_of(scene)
    random = np.random.default_rng(2026)
    outcomes = set()
    for _ in range(1000):
        broken = bytearray(data)
        for at in random.integers(0, len(data), random.integers(1, 4)):
            broken[at] = random.integers(0, 256)
        length = random.integers(len(data) // 2, len(data)) if random.random() < 0.2 else len(data)
        try:
            outcomes.add(decode(bytes(broken[:length])).rgb.ndim)
        except PhotoError as error:
            outcomes.add(error.code)
    assert 3 in outcomes
    assert "portrait.truncated" in outcomes


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "AVIF"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avifmiaf", "AVIF"),
        (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", "CR3 (RAW)"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n\x00\x00\x00\x14ftypjxl ", "JPEG XL"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1miaf", "HEIF"),
        (b"\x00\x00\x00\x14ftypisom\x00\x00\x02\x00isom", "MP4/MOV"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WebP"),
    ],
)
def test_what_a_phone_or_a_camera_made_instead_of_a_jpeg_is_told_apart(start, kind):
    with pytest.raises(PhotoError) as caught:
        decode(start + bytes(64))
    assert caught.value.code == "portrait.unsupported"
    assert kind in caught.value.message.zh
    assert "JPEG" in caught.value.remedy.zh
