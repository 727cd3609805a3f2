"""Bytes in, an upright sRGB picture out, or a typed refusal.

Content decides the format, never the file's name. Nothing is allocated before the declared size has been compared
with the limits, so a decompression bomb costs a header's worth of work.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg
from PIL import Image, ImageCms, TiffImagePlugin, UnidentifiedImageError

from gradphoto.engine.portrait.errors import PhotoError, photo_error
from gradphoto.engine.portrait.jpeg_header import JpegHeader, read_jpeg_header
from gradphoto.engine.wording import Wording

Rgb = npt.NDArray[np.uint8]

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_JPEG_MAGIC = b"\xff\xd8\xff"
# A head-and-shoulders picture this high usually still has a face higher than in any output.
_REDUCED_LONG_SIDE_PX = 1400
_KNOWN_BUT_UNSUPPORTED = {
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\x00": "TIFF/RAW",
    b"MM\x00*": "TIFF/RAW",
    b"RIFF": "WebP",
    b"%PDF": "PDF",
    b"8BPS": "Photoshop",
    b"\xff\x0a": "JPEG XL",
    b"\x00\x00\x00\x0cJXL ": "JPEG XL",
    b"\x00\x00\x00\x0cjP  ": "JPEG 2000",
    b"FUJIFILM": "RAF (RAW)",
}


_BRANDS = {
    b"heic": "HEIC", b"heix": "HEIC", b"heim": "HEIC", b"heis": "HEIC", b"hevc": "HEIC", b"hevx": "HEIC",
    b"avif": "AVIF", b"avis": "AVIF", b"crx ": "CR3 (RAW)", b"jxl ": "JPEG XL",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What a photograph may be at most; the largest camera in use today makes about 61 million pixels."""

    max_bytes: int = 80 * 1024 * 1024
    max_pixels: int = 110_000_000
    max_side_px: int = 16_384


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """What the camera wrote about the exposure; ``taken_at`` is the camera's local time, without a zone."""

    taken_at: datetime | None = None
    subsec: str | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    camera_serial: str | None = None
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class Photo:
    """An upright picture in sRGB.

    ``rgb`` is uint8, height x width x 3, C-contiguous, already turned as EXIF asks. ``source_size_px`` is
    (width, height) of the upright picture at full resolution; ``reduction`` says how many source pixels one
    pixel of ``rgb`` stands for (1, 2 or 4).
    """

    rgb: Rgb
    exif: ExifFacts
    source_sha256: str
    source_size_px: tuple[int, int]
    source_bytes: int
    file_format: str
    colour_profile: str
    reduction: int = 1
    jpeg_quality: int | None = None


def decode(data: bytes, limits: DecodeLimits | None = None, *, reduction: int = 1) -> Photo:
    """Read a JPEG or PNG.

    ``reduction`` 2 or 4 decodes a JPEG at half or quarter size, which is enough for measuring; other formats are
    always read whole. Raises :class:`PhotoError`: ``portrait.empty``, ``portrait.not_an_image``,
    ``portrait.unsupported``, ``portrait.too_many_bytes``, ``portrait.too_many_pixels``, ``portrait.truncated``.
    """
    limits = limits or DecodeLimits()
    if not data:
        raise photo_error("empty", "文件是空的。", "The file is empty.")
    if len(data) > limits.max_bytes:
        raise photo_error(
            "too_many_bytes",
            f"文件有 {len(data)} 字节，超过上限 {limits.max_bytes}。",
            f"The file has {len(data)} bytes, more than the limit of {limits.max_bytes}.",
        )
    if data.startswith(_JPEG_MAGIC):
        return _decode_jpeg(data, limits, reduction)
    if data.startswith(_PNG_MAGIC):
        return _decode_png(data, limits)
    raise _not_ours(data)


def decode_lightness(data: bytes, orientation: int = 1) -> npt.NDArray[np.uint8]:
    """The lightness (Y', 0 to 255) of a whole JPEG at full size, upright: height x width.

    Half the work of a picture in colour and a third of its memory. ``orientation`` is the EXIF's. Raises as :func:`decode`, which is
    to have accepted the bytes before.
    """
    if read_jpeg_header(data).components in (1, 3):
        try:
            return _turned_upright(simplejpeg.decode_jpeg(data, colorspace="GRAY"), orientation)[..., 0]
        except ValueError:
            # What simplejpeg refuses for oddities, the way in colour knows.
            pass
    return np.asarray(cv2.cvtColor(decode(data).rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def reductions_for(data: bytes) -> tuple[int, ...]:
    """The factors at which to try a picture, coarsest first; the last is always 1.

    A JPEG's own transform gives it at half or quarter size for less than half the work.
    """
    if not data.startswith(_JPEG_MAGIC):
        return (1,)
    header = read_jpeg_header(data)
    longer = max(header.width, header.height)
    return (*(factor for factor in (4, 2) if longer / factor >= _REDUCED_LONG_SIDE_PX), 1)


def frame_size(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG as stored; (0, 0) for anything else."""
    if not data.startswith(_JPEG_MAGIC):
        return 0, 0
    header = read_jpeg_header(data)
    return header.width, header.height


def _decode_jpeg(data: bytes, limits: DecodeLimits, reduction: int) -> Photo:
    header = read_jpeg_header(data)
    _check_size(header.width, header.height, limits)
    if not header.complete:
        raise _truncated()
    wrapper = _open_lazily(data)
    exif = _read_exif(wrapper)
    if header.components == 3 and wrapper.mode == "RGB":
        rgb = _decode_three_channels(data, header, reduction)
    else:
        rgb, reduction = _decode_by_pillow(wrapper), 1
    rgb, colour_profile = _to_srgb(rgb, wrapper)
    stored = (header.width, header.height)
    return _photo(data, rgb, exif, "JPEG", colour_profile, reduction, stored, header.quality)


def _decode_three_channels(data: bytes, header: JpegHeader, reduction: int) -> Rgb:
    smallest = {
        "min_height": -(-header.height // reduction),
        "min_width": -(-header.width // reduction),
        "min_factor": reduction,
    }
    try:
        rgb: Rgb = simplejpeg.decode_jpeg(data, colorspace="RGB", **(smallest if reduction > 1 else {}))
        return rgb
    except ValueError as fault:
        complaint = str(fault).lower()
        if "premature" in complaint or "corrupt" in complaint:
            raise _truncated() from fault
    # Some cameras' JPEGs are refused by simplejpeg for oddities that do not touch the pixels; OpenCV reads them.
    flag = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}[reduction]
    try:
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), flag | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as fault:
        raise _truncated() from fault
    if bgr is None:
        raise _truncated()
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _decode_png(data: bytes, limits: DecodeLimits) -> Photo:
    if len(data) < 24:
        raise _truncated()
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    _check_size(width, height, limits)
    wrapper = _open_lazily(data)
    exif = _read_exif(wrapper)
    rgb, colour_profile = _to_srgb(_decode_by_pillow(wrapper), wrapper)
    return _photo(data, rgb, exif, "PNG", colour_profile, 1, (width, height))


def _photo(
    data: bytes,
    rgb: Rgb,
    exif: ExifFacts,
    file_format: str,
    colour_profile: str,
    reduction: int,
    stored_size_px: tuple[int, int],
    jpeg_quality: int | None = None,
) -> Photo:
    width, height = stored_size_px
    return Photo(
        rgb=_turned_upright(rgb, exif.orientation),
        exif=exif,
        source_sha256=hashlib.sha256(data).hexdigest(),
        source_size_px=(height, width) if exif.orientation >= 5 else (width, height),
        source_bytes=len(data),
        file_format=file_format,
        colour_profile=colour_profile,
        reduction=reduction,
        jpeg_quality=jpeg_quality,
    )


def _open_lazily(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as fault:
        raise _truncated() from fault


def _decode_by_pillow(wrapper: Image.Image) -> Rgb:
    """Greyscale, CMYK, palettes, transparency and 16 bits: the rare kinds, as plain RGB."""
    try:
        if wrapper.mode in ("RGBA", "LA", "PA") or "transparency" in wrapper.info:
            opaque = wrapper.convert("RGBA")
            on_white = Image.new("RGBA", opaque.size, (255, 255, 255, 255))
            return np.array(Image.alpha_composite(on_white, opaque).convert("RGB"))
        if wrapper.mode.startswith("I"):
            deep = np.asarray(wrapper).astype(np.uint32)
            grey = (deep >> 8).clip(0, 255).astype(np.uint8)
            return np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))
        return np.array(wrapper.convert("RGB"))
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as fault:
        raise _truncated() from fault


def _to_srgb(rgb: Rgb, wrapper: Image.Image) -> tuple[Rgb, str]:
    """The picture in sRGB and a note on its colour profile."""
    embedded = wrapper.info.get("icc_profile")
    if not embedded:
        return rgb, "sRGB (assumed)"
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(embedded))
        title = ImageCms.getProfileDescription(profile).strip()
        if "srgb" in title.lower() or profile.profile.xcolor_space.strip() != "RGB":
            return rgb, title
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(
            Image.fromarray(rgb), profile, target, renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        # A broken profile is common in files that went through chat programs; the pixels are still good.
        return rgb, "unreadable profile, taken as sRGB"
    if converted is None:
        return rgb, title
    return np.array(converted), f"{title}, converted to sRGB"


def _read_exif(wrapper: Image.Image) -> ExifFacts:
    """The facts we use; a damaged EXIF block counts as none, because it says nothing about the pixels."""
    try:
        tags = wrapper.getexif()
        details = tags.get_ifd(0x8769)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        return ExifFacts()
    orientation = tags.get(0x0112, 1)
    return ExifFacts(
        taken_at=_exif_time(_exif_text(details.get(0x9003))),
        subsec=_exif_text(details.get(0x9291)),
        camera_make=_exif_text(tags.get(0x010F)),
        camera_model=_exif_text(tags.get(0x0110)),
        camera_serial=_exif_text(details.get(0xA431)),
        orientation=orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1,
    )


def _exif_text(value: object) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("ascii", errors="replace")
    if not isinstance(value, str | int | TiffImagePlugin.IFDRational):
        return None
    return str(value).strip("\x00 ") or None


def _exif_time(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text or "", "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  cameras know no zone
    except ValueError:
        return None


def _turned_upright(rgb: Rgb, orientation: int) -> Rgb:
    """Undo how the camera was held (EXIF 2.3, tag 0x0112)."""
    if orientation in (5, 6, 7, 8):
        rgb = rgb.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        rgb = rgb[:, ::-1]
    if orientation in (3, 4, 7, 8):
        rgb = rgb[::-1]
    return np.ascontiguousarray(rgb)


def _check_size(width: int, height: int, limits: DecodeLimits) -> None:
    if width == 0 or height == 0:
        raise _truncated()
    if width * height > limits.max_pixels or max(width, height) > limits.max_side_px:
        raise photo_error(
            "too_many_pixels",
            f"图像声明的尺寸为 {width}×{height} 像素，最多 {limits.max_pixels} 像素、每边 {limits.max_side_px}。",
            f"The picture claims {width}x{height} pixels; at most {limits.max_pixels}, {limits.max_side_px} a side.",
            Wording("请上传相机直接拍摄的原图。", "Upload the picture as the camera made it."),
        )


def _truncated() -> PhotoError:
    return photo_error("truncated", "图像文件不完整或已损坏。", "The image file is incomplete or damaged.")


def _boxed_kind(data: bytes) -> str:
    """What an ISO base media file (ISO/IEC 14496-12) is, by its brands; the first that is known decides."""
    length = min(int.from_bytes(data[:4], "big"), 256, len(data))
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, length - 3, 4))]
    named = (_BRANDS[brand] for brand in brands if brand in _BRANDS)
    return next(named, "HEIF" if {b"mif1", b"msf1"} & set(brands) else "MP4/MOV")


def foreign_kind(data: bytes) -> str | None:
    """The name of a picture format that is known and not read here (``HEIC``, ``AVIF``, ``CR3 (RAW)``); ``None`` for anything else."""
    kind = next((name for magic, name in _KNOWN_BUT_UNSUPPORTED.items() if data.startswith(magic)), None)
    return _boxed_kind(data) if kind is None and data[4:8] == b"ftyp" else kind


def _not_ours(data: bytes) -> PhotoError:
    kind = foreign_kind(data)
    if kind is None:
        return photo_error("not_an_image", "文件内容不是图像。", "What is in the file is not a picture.")
    return photo_error(
        "unsupported",
        f"不支持 {kind} 格式的图像。",
        f"Pictures in {kind} format are not accepted.",
        Wording(
            "请在相机或手机中改为 JPEG 格式后重拍，或另存为 JPEG。",
            "Set the camera or phone to JPEG and take it again, or save the picture as JPEG.",
        ),
    )
