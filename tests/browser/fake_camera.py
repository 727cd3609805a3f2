"""A Chromium whose camera is a file: a synthetic person sits before it, and another one after the next opening.

The film (y4m) is made of the demo's pictures as they are needed; none is in the repository.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser

from chromium import opened_chromium
from gradphoto.demo.sitters import picture

SIZE = (1536, 2048)
GIVEN = ("camera", "accelerometer", "gyroscope")
"""What a phone's owner gives the site; once something is given by name, all else is refused."""
_GRAIN = 2.0
"""Grey levels of noise, as every real camera has: without it a still would be too small to be cut off on its way."""


def film(path: Path, who: str, size: tuple[int, int] = SIZE) -> None:
    """Two frames of this sitter (a name of demo/portraits), 4:2:0, full range."""
    sitter = Image.open(io.BytesIO(picture(who))).convert("RGB").resize(size, Image.Resampling.BICUBIC)
    grain = np.random.default_rng(20).normal(0.0, _GRAIN, (size[1], size[0], 1))
    noisy = Image.fromarray(np.clip(np.asarray(sitter) + grain, 0, 255).astype(np.uint8))
    luma, blue, red = noisy.convert("YCbCr").split()
    half = (size[0] // 2, size[1] // 2)
    frame = (
        b"FRAME\n"
        + luma.tobytes()
        + b"".join(part.resize(half, Image.Resampling.BOX).tobytes() for part in (blue, red))
    )
    # Chromium reads the file anew whenever the camera is opened: exchanged as a whole, it never sees half of one.
    made = path.with_suffix(".part")
    made.write_bytes(b"YUV4MPEG2 W%d H%d F5:1 Ip A1:1 C420jpeg XCOLORRANGE=FULL\n" % size + frame * 2)
    os.replace(made, path)


@contextmanager
def chromium_with_camera(path: Path, *, allowed: bool = True) -> Iterator[Browser]:
    """A Chromium whose camera shows this film; ``allowed``: nobody is asked, or everybody who is asked says no."""
    flags = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={path}"]
    flags.append("--use-fake-ui-for-media-stream" + ("" if allowed else "=deny"))
    with opened_chromium(*flags, permissions=GIVEN if allowed else ()) as opened:
        yield opened
