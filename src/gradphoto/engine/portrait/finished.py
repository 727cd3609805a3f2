"""Judging a finished file: its format by content, its geometry as it stands, and every rule on the final pixels.

What is registered is the file, so it is the file that is measured, whoever made it (R152; 教毕指〔2017〕99号).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gradphoto.engine.portrait.assessment import Assessment
from gradphoto.engine.portrait.errors import photo_error
from gradphoto.engine.portrait.jpeg_header import JpegHeader, read_jpeg_header
from gradphoto.engine.portrait.measure import Measurements
from gradphoto.engine.portrait.pipeline import Pipeline
from gradphoto.engine.portrait.verdict import Outcome, RuleFinding, Verdict, verdict_of
from gradphoto.engine.standards.profiles import PhotoProfile
from gradphoto.engine.wording import Wording

_JPEG = b"\xff\xd8\xff"
# They speak of what a camera delivered; a finished file is small by order.
_OF_SOURCES = frozenset(
    {
        "portrait.resolution",
        "portrait.upscaled",
        "portrait.recompressed",
        "portrait.source_quality",
        "portrait.enlarged",
    }
)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a JPEG says of itself."""

    size_bytes: int
    width_px: int
    height_px: int
    bits: int
    components: int
    dpi: tuple[int, int] | None
    quality: int | None
    has_exif: bool
    has_icc: bool

    @classmethod
    def of(cls, data: bytes, header: JpegHeader) -> FileFacts:
        return cls(
            len(data), header.width, header.height, header.bits * header.components, header.components, header.dpi,
            header.quality, header.has_exif, header.has_icc,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FinishedFile:
    """The verdict on a file, with what it was reached from. ``measurements`` is ``None`` when nothing could be decoded."""

    profile_code: str
    facts: FileFacts | None
    measurements: Measurements | None
    verdict: Verdict


def check_finished(pipeline: Pipeline, data: bytes, profile: PhotoProfile) -> FinishedFile:
    """Judge ``data`` as a file ready for delivery. Raises :class:`PhotoError` when the bytes are no picture at all."""
    if not data.startswith(_JPEG):
        assessed = pipeline.assess(data, profile, as_it_is=True)
        wrong = _found("portrait.file_format", 0, 1, "", _NOT_JPEG, _SAVE_AS_JPEG)
        return FinishedFile(profile.code, None, assessed.measurements, _with(assessed.verdict, [wrong]))
    header = read_jpeg_header(data)
    if not header.complete:
        raise photo_error("truncated", "图像文件不完整或已损坏。", "The image file is incomplete or damaged.")
    facts = FileFacts.of(data, header)
    assessed = pipeline.assess(data, profile, as_it_is=True)
    return FinishedFile(
        profile.code, facts, assessed.measurements, _with(assessed.verdict, file_findings(facts, profile))
    )


def is_finished(header: JpegHeader, profile: PhotoProfile) -> bool:
    """Whether a JPEG has exactly the profile's pixels, as no camera delivers them: it was cropped for it already."""
    return (header.width, header.height) == (profile.width_px, profile.height_px)


def assess_finished(pipeline: Pipeline, data: bytes, profile: PhotoProfile) -> Assessment:
    """The same judgement as :func:`check_finished`, to be kept beside a frame whose file came finished.

    Raises :class:`PhotoError` when the bytes are no whole JPEG.
    """
    facts = FileFacts.of(data, read_jpeg_header(data))
    assessed = pipeline.assess(data, profile, as_it_is=True)
    return replace(assessed, verdict=_with(assessed.verdict, file_findings(facts, profile)))


def file_findings(facts: FileFacts, profile: PhotoProfile) -> list[RuleFinding]:
    """The rules on the file itself: pixels, depth, density, size, quality, and what must not be in it."""
    return [one for check in _ON_THE_FILE for one in check(facts, profile)]


def _pixels(facts: FileFacts, profile: PhotoProfile) -> list[RuleFinding]:
    if (facts.width_px, facts.height_px) == (profile.width_px, profile.height_px):
        return []
    return [
        _found(
            "portrait.file_pixels",
            facts.width_px * facts.height_px,
            profile.width_px * profile.height_px,
            "px",
            Wording(
                f"尺寸为 {facts.width_px}×{facts.height_px}，应为 {profile.width_px}×{profile.height_px}。",
                f"The size is {facts.width_px}x{facts.height_px}; {profile.width_px}x{profile.height_px} is asked.",
            ),
            Wording("请用原图重新生成，不要拉伸。", "Make it again from the source; never stretch."),
        )
    ]


def _colour(facts: FileFacts, profile: PhotoProfile) -> list[RuleFinding]:
    if facts.components == 3 and facts.bits == 24:
        return []
    return [
        _found(
            "portrait.file_colour",
            facts.bits,
            24,
            "bit",
            Wording(
                f"颜色深度为 {facts.bits} 位，应为 24 位彩色。",
                f"The depth is {facts.bits} bits; 24 (RGB) are asked.",
            ),
            _SAVE_AS_JPEG,
        )
    ]


def _density(facts: FileFacts, profile: PhotoProfile) -> list[RuleFinding]:
    if facts.dpi == (profile.dpi, profile.dpi):
        return []
    said = "—" if facts.dpi is None else f"{facts.dpi[0]}×{facts.dpi[1]}"
    return [
        _found(
            "portrait.file_dpi",
            0 if facts.dpi is None else facts.dpi[0],
            profile.dpi,
            "dpi",
            Wording(
                f"分辨率标记为 {said}，应为 {profile.dpi} dpi。",
                f"The density says {said}; {profile.dpi} dpi is asked.",
            ),
            Wording(
                "像素不受影响，交付时由程序写入此标记；若直接使用本文件，请重新生成。",
                "The pixels are right and the delivery writes the mark; to use this very file, make it again.",
            ),
            # A word in the header, no fault of the picture: nobody is called back for it.
            Outcome.REVIEW,
        )
    ]


def _size(facts: FileFacts, profile: PhotoProfile) -> list[RuleFinding]:
    low, high = profile.size_min_bytes, profile.size_max_bytes
    if (low is None or facts.size_bytes >= low) and (high is None or facts.size_bytes <= high):
        return []
    limit = low if low is not None and facts.size_bytes < low else high
    assert limit is not None
    return [
        _found(
            "portrait.file_size",
            facts.size_bytes,
            limit,
            "B",
            Wording(
                f"文件 {facts.size_bytes / 1024:.1f} KB，限值为 {limit / 1024:.0f} KB。",
                f"The file has {facts.size_bytes / 1024:.1f} KB; the limit is {limit / 1024:.0f} KB.",
            ),
            Wording("请用原图重新生成；不要填充空字节。", "Make it again from the source; never pad it."),
            # "Normally 20 to 40 KB": more than a service takes fails, less asks a person.
            Outcome.FAIL if limit == high else Outcome.REVIEW,
        )
    ]


def _quality(facts: FileFacts, profile: PhotoProfile) -> list[RuleFinding]:
    if facts.quality is None or facts.quality >= profile.jpeg_quality_min:
        return []
    return [
        _found(
            "portrait.file_quality",
            facts.quality,
            profile.jpeg_quality_min,
            "",
            Wording(
                f"压缩质量约为 {facts.quality}，应不低于 {profile.jpeg_quality_min}。",
                f"The quality is about {facts.quality}; at least {profile.jpeg_quality_min} is asked.",
            ),
            Wording("请用原图重新生成。", "Make it again from the source."),
        )
    ]


def _exif(facts: FileFacts, profile: PhotoProfile) -> list[RuleFinding]:
    if not facts.has_exif:
        return []
    return [
        _found(
            "portrait.file_exif",
            1,
            0,
            "",
            Wording("文件中有拍摄信息（EXIF）。", "The file holds EXIF data."),
            Wording("请用本程序重新生成，会自动去除。", "Make it again with this program, which leaves it out."),
            Outcome.REVIEW,
        )
    ]


_ON_THE_FILE = (_pixels, _colour, _density, _size, _quality, _exif)


def _with(verdict: Verdict, of_the_file: list[RuleFinding]) -> Verdict:
    of_the_picture = [finding for finding in verdict.findings if finding.code not in _OF_SOURCES]
    unknown = [one for one in verdict.not_assessed if one.code not in _OF_SOURCES]
    kept = [code for code in verdict.kept if code not in _OF_SOURCES]
    return verdict_of([*of_the_file, *of_the_picture], kept, unknown)


def _found(
    code: str,
    value: float,
    limit: float,
    unit: str,
    sentence: Wording,
    advice: Wording,
    outcome: Outcome = Outcome.FAIL,
) -> RuleFinding:
    return RuleFinding(code, outcome, float(value), float(limit), unit, sentence, advice)


_NOT_JPEG = Wording("内容不是 JPEG。", "The content is not JPEG.")
_SAVE_AS_JPEG = Wording("请重新生成 24 位彩色 JPEG。", "Make it again as 24-bit colour JPEG.")
