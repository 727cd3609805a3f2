"""What the pipeline hands out: an assessment of a photograph, and the portraits made from it with their provenance."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from gradphoto.engine.portrait.crop import Crop
from gradphoto.engine.portrait.decode import ExifFacts, Photo, Rgb
from gradphoto.engine.portrait.measure import Measurements
from gradphoto.engine.portrait.verdict import Verdict
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What the source file says about itself; width and height are of the upright picture."""

    width_px: int
    height_px: int
    size_bytes: int
    file_format: str
    colour_profile: str
    exif: ExifFacts

    @classmethod
    def of(cls, photo: Photo) -> PhotoFacts:
        """The facts of a decoded photo, without its pixels."""
        width, height = photo.source_size_px
        return cls(width, height, photo.source_bytes, photo.file_format, photo.colour_profile, photo.exif)

    def to_json(self) -> dict[str, object]:
        """Plain values; the time of exposure in ISO 8601 without a zone."""
        plain = asdict(self)
        taken_at = self.exif.taken_at
        plain["exif"]["taken_at"] = taken_at.isoformat() if taken_at else None
        return plain


@dataclass(frozen=True, slots=True)
class Assessment:
    """A photograph against one profile. ``crop`` is ``None`` when there is no face, or not exactly one.

    ``pipeline_version`` names the face-parsing model, too, where one is installed. ``timings_ms``: stage and milliseconds; the only part that differs between two runs on the same bytes.
    """

    source_sha256: str
    profile_code: str
    pipeline_version: str
    photo: PhotoFacts
    measurements: Measurements
    verdict: Verdict
    crop: Crop | None
    timings_ms: tuple[tuple[str, float], ...]

    def to_json(self) -> dict[str, object]:
        """Plain values, for storage beside the frame."""
        return {
            "source_sha256": self.source_sha256,
            "profile_code": self.profile_code,
            "pipeline_version": self.pipeline_version,
            "photo": self.photo.to_json(),
            "measurements": self.measurements.to_json(),
            "ofiq": self.measurements.ofiq(),
            "verdict": self.verdict.to_json(),
            "crop": self.crop.to_json() if self.crop else None,
            "timings_ms": {stage: round(ms, 1) for stage, ms in self.timings_ms},
        }


@dataclass(frozen=True, slots=True)
class Provenance:
    """Everything needed to make a portrait again and to prove what was done: crop, scale, encode, and nothing else
    unless ``new_background`` says so.

    The crop is in pixels of the upright source; ``reduction`` is the factor at which the JPEG was decoded (1, 2 or 4);
    ``scale`` is output pixels per source pixel. ``new_background`` is the code of the profile's backdrop that was put
    behind the person, empty where the photograph's own was kept.
    """

    source_sha256: str
    profile_code: str
    pipeline_version: str
    model_sha256: tuple[tuple[str, str], ...]
    crop_x: float
    crop_y: float
    crop_width: float
    crop_height: float
    scale: float
    reduction: int
    quality: int
    subsampling: str
    size_bytes: int
    in_size_window: bool
    output_sha256: str
    new_background: str = ""

    def to_json(self) -> dict[str, object]:
        """Plain values; numbers in full precision, so that the portrait can be made again bit for bit."""
        return {**asdict(self), "model_sha256": dict(self.model_sha256)}


@dataclass(frozen=True, slots=True)
class Portrait:
    """A finished file: ``data`` is the JPEG."""

    profile_code: str
    data: bytes
    width_px: int
    height_px: int
    verdict: Verdict
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Refusal:
    """A profile for which no portrait was made, why, and what to do about exactly that."""

    profile_code: str
    code: str
    message: Wording
    advice: Wording
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class PortraitSet:
    """One photograph, several outputs. ``assessment`` is against the first profile; each output has its own verdict.

    ``preview`` is the whole picture 240 px high (uint8, height x width x 3), for lists; it is no output.
    """

    assessment: Assessment
    portraits: tuple[Portrait, ...]
    refused: tuple[Refusal, ...]
    preview: Rgb
