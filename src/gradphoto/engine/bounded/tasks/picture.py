"""A JPEG or PNG decoded to its end within limits, at an eighth of its size: proof that decoding it again is harmless."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any, BinaryIO

from PIL import Image, UnidentifiedImageError

from gradphoto.engine.portrait.errors import photo_error
from gradphoto.engine.wording import Wording

_MOST_FRAMES = 20


def prove(source: BinaryIO, asked: dict[str, Any]) -> Iterator[object]:
    """Format, width and height of the picture. Raises ``PhotoError``."""
    yield look_at(source.read(), int(asked["max_pixels"]), int(asked["max_side_px"]))


def look_at(data: bytes, max_pixels: int, max_side_px: int) -> dict[str, Any]:
    """Decode a picture within limits. The declared size is compared before anything is laid out.

    Raises ``portrait.not_an_image``, ``portrait.too_many_pixels``, ``portrait.truncated``.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own limit decides, with our own words
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
            width, height = picture.size
            if width * height > max_pixels or max(width, height) > max_side_px:
                raise photo_error(
                    "too_many_pixels",
                    f"图像声明的尺寸为 {width}×{height} 像素，最多 {max_pixels} 像素、每边 {max_side_px}。",
                    f"The picture claims {width}x{height} pixels; at most {max_pixels}, {max_side_px} a side.",
                    Wording("请上传相机直接拍摄的原图。", "Upload the picture as the camera made it."),
                )
            if getattr(picture, "n_frames", 1) > _MOST_FRAMES:
                raise photo_error("not_an_image", "文件是动画，不是照片。", "The file is an animation.")
            picture.draft("RGB", (width // 8 or 1, height // 8 or 1))
            picture.load()
    except UnidentifiedImageError as error:
        raise photo_error("not_an_image", "文件内容不是图像。", "What is in the file is not a picture.") from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError) as error:
        raise photo_error(
            "truncated", "图像文件不完整或已损坏。", "The image file is incomplete or damaged."
        ) from error
    return {"format": picture.format, "width": width, "height": height}
