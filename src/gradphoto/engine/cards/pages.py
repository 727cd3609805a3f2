"""A scan as bytes (PDF, JPEG, PNG, TIFF, BMP) becomes one picture a page."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pypdfium2
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from gradphoto.engine.bounded.limits import ChildLimits
from gradphoto.engine.bounded.reader import reader_failed, run
from gradphoto.engine.cards.errors import CardError, card_error
from gradphoto.engine.wording import Wording

Picture = npt.NDArray[np.uint8]

_FORMATS = ("JPEG", "PNG", "TIFF", "BMP")
_POINTS_PER_INCH = 72


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """What a scan may weigh; ``dpi`` is the resolution at which the pages of a PDF are drawn."""

    max_bytes: int = 2 * 1024 * 1024 * 1024
    max_pixels: int = 120_000_000
    pages: int = 5_000
    dpi: int = 220


def open_pages(data: bytes, limits: ScanLimits | None = None) -> Iterator[Picture]:
    """The pages one by one: uint8, height x width (grey) or height x width x 3 (RGB), drawn by the bounded reader.

    Raises :class:`CardError`: ``cards.scan_empty``, ``scan_too_large``, ``scan_locked``, ``scan_broken``, and
    ``BoundedError``.
    """
    limits = limits or ScanLimits()
    if len(data) > limits.max_bytes:
        raise _too_large(limits)
    answers = run("scan.pages", data, asdict(limits), _limits(len(data)), CardError)
    for shape in answers:
        body = next(answers)
        if not _is_page(shape, body, limits):
            raise reader_failed()
        yield np.frombuffer(body, np.uint8).reshape(shape)


def _limits(size: int) -> ChildLimits:
    """A pile of cards is many pages: the time grows with the file, the answer is page after page."""
    cpu = 60 + 30 * size / (1024 * 1024)
    return ChildLimits(1600 * 1024 * 1024, min(cpu, 3_600), min(4 * cpu, 7_200), 1 << 42)


def _is_page(shape: object, body: object, limits: ScanLimits) -> bool:
    if not isinstance(shape, list) or not isinstance(body, bytes) or not all(isinstance(n, int) for n in shape):
        return False
    return len(shape) in (2, 3) and shape[2:] in ([], [3]) and min(shape) > 0 and int(np.prod(shape)) == len(body)


def draw_pages(data: bytes, limits: ScanLimits) -> Iterator[Picture]:
    """The same in this process: for the reader itself."""
    if not data:
        raise card_error("scan_empty", Wording("文件是空的。", "The file is empty."), _SCAN_AGAIN)
    if len(data) > limits.max_bytes:
        raise _too_large(limits)
    yield from (_pdf_pages if data[:1024].lstrip().startswith(b"%PDF") else _image_pages)(data, limits)


_SCAN_AGAIN = Wording(
    "请重新扫描为 PDF、JPEG、PNG 或 TIFF（建议 200–300 dpi）。",
    "Scan it again as PDF, JPEG, PNG or TIFF (200-300 dpi).",
)


def _pdf_pages(data: bytes, limits: ScanLimits) -> Iterator[Picture]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise card_error(
                "scan_locked",
                Wording("PDF 有打开密码。", "The PDF is protected by a password."),
                Wording("请去掉密码后再读卡。", "Remove the password first."),
            ) from error
        raise _broken() from error
    try:
        if len(document) > limits.pages:
            raise _too_large(limits)
        for index in range(len(document)):
            page = document[index]
            width, height = page.get_size()
            scale = limits.dpi / _POINTS_PER_INCH
            # A page may claim to be metres wide: it is drawn smaller, never larger than the limit.
            scale = min(scale, (limits.max_pixels / max(1.0, width * height)) ** 0.5)
            bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
            yield np.ascontiguousarray(bitmap.to_numpy()[..., :3])
            page.close()
    except pypdfium2.PdfiumError as error:
        raise _broken() from error
    finally:
        document.close()


def _image_pages(data: bytes, limits: ScanLimits) -> Iterator[Picture]:
    try:
        with warnings.catch_warnings():
            # Our own limit decides, with our own words.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data), formats=_FORMATS)
        for number, frame in enumerate(ImageSequence.Iterator(opened)):
            if number >= limits.pages or frame.width * frame.height > limits.max_pixels:
                raise _too_large(limits)
            upright = ImageOps.exif_transpose(frame)
            yield np.asarray(upright.convert("L" if upright.mode in ("1", "L", "I;16") else "RGB"))
    except CardError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(limits) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise _broken() from error


def _broken() -> CardError:
    return card_error(
        "scan_broken", Wording("文件不是可读取的扫描件。", "The file is not a scan that can be read."), _SCAN_AGAIN
    )


def _too_large(limits: ScanLimits) -> CardError:
    size, pixels = limits.max_bytes // 1024**2, limits.max_pixels // 1_000_000
    return card_error(
        "scan_too_large",
        Wording(
            f"扫描件过大：一份最多 {size} MB、{limits.pages} 页，每页最多 {pixels} 百万像素。",
            f"The scan is too large: at most {size} MB and {limits.pages} pages, {pixels} megapixels a page.",
        ),
        Wording("请分批扫描，分辨率不必高于 300 dpi。", "Scan in parts; more than 300 dpi is not needed."),
    )
