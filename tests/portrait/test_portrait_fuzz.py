"""Any bytes in: a picture or a typed error, never anything else. Thousands of mutated files."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from gradphoto.demo.sitters import picture
from gradphoto.engine.portrait.decode import DecodeLimits, decode, reductions_for
from gradphoto.engine.portrait.errors import PhotoError

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),
]
LIMITS = DecodeLimits(max_pixels=4_000_000)


def seeds() -> dict[str, bytes]:
    rng = np.random.default_rng(5)
    rgb = Image.fromarray(rng.integers(0, 255, (40, 30, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "Camera"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kinds = {
        "jpeg": (rgb, {"format": "JPEG", "exif": exif, "icc_profile": profile}),
        "progressive": (rgb, {"format": "JPEG", "progressive": True}),
        "grey": (rgb.convert("L"), {"format": "JPEG"}),
        "cmyk": (rgb.convert("CMYK"), {"format": "JPEG"}),
        "png": (rgb, {"format": "PNG", "icc_profile": profile}),
        "palette": (rgb.convert("P"), {"format": "PNG"}),
        "deep": (Image.fromarray(rng.integers(0, 65535, (40, 30), dtype=np.uint16)), {"format": "PNG"}),
        "alpha": (rgb.convert("RGBA"), {"format": "PNG"}),
    }
    made = {}
    for name, (image, options) in kinds.items():
        out = io.BytesIO()
        image.save(out, **options)
        made[name] = out.getvalue()
    return made


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 6))):
        at = int(rng.integers(0, max(1, len(changed))))
        match int(rng.integers(0, 6)):
            case 0:
                changed[at : at + 1] = bytes([int(rng.integers(0, 256))])
            case 1:
                del changed[at:]
            case 2:
                changed[at:at] = rng.bytes(int(rng.integers(1, 40)))
            case 3:
                end = at + int(rng.integers(1, 60))
                changed[at:at] = changed[at:end]
            case 4:
                del changed[at : at + int(rng.integers(1, 30))]
            case _:
                changed[at : at + 2] = struct.pack(">H", int(rng.choice([0, 1, 2, 0x7FFF, 0xFFFF])))
    return bytes(changed)


@pytest.mark.parametrize("kind", sorted(seeds()))
def test_four_hundred_mutations_of_each_kind_are_read_or_refused(kind):
    data, rng = seeds()[kind], np.random.default_rng(sum(kind.encode()))
    read = refused = 0
    for _ in range(400):
        broken = mutated(data, rng)
        try:
            photo = decode(broken, LIMITS, reduction=reductions_for(broken)[0])
        except PhotoError:
            refused += 1
        else:
            assert photo.rgb.dtype == np.uint8
            assert photo.rgb.ndim == 3
            read += 1
    assert refused > 20
    assert read + refused == 400


def test_two_hundred_mutations_of_a_portrait_go_through_the_whole_engine(pipeline, mb2017):
    data, rng = picture("person_03"), np.random.default_rng(11)
    made = []
    for _ in range(200):
        with contextlib.suppress(PhotoError):
            made.append(pipeline.make(mutated(data, rng), [mb2017]))
    assert 10 < len(made) < 200


def test_a_decompression_bomb_costs_a_header(pipeline, mb2017):
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\x00" * 100_000)) + chunk(b"IEND", b"")
    with pytest.raises(PhotoError) as refused:
        pipeline.assess(bomb, mb2017)
    assert refused.value.code == "portrait.too_many_pixels"
