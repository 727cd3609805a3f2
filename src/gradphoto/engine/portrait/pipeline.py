"""decode -> detect -> landmarks -> measure -> judge -> crop -> render -> encode, with every model built once."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait import landmarks as mark
from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.assessment import (
    Assessment,
    PhotoFacts,
    Portrait,
    PortraitSet,
    Provenance,
    Refusal,
)
from gradphoto.engine.portrait.crop import Crop, crop_as_is, solve_crop
from gradphoto.engine.portrait.decode import DecodeLimits, Photo, Rgb, decode, frame_size, reductions_for
from gradphoto.engine.portrait.detect import Face, FaceDetector, scout
from gradphoto.engine.portrait.encode import encode
from gradphoto.engine.portrait.errors import photo_error
from gradphoto.engine.portrait.judge import judge
from gradphoto.engine.portrait.landmarks import FaceLandmarker
from gradphoto.engine.portrait.matte import ALIKE, MatteRefusal, MatteResult, replace_background
from gradphoto.engine.portrait.matte.replace import LEFT_AS_IT_WAS, POCKET, POCKET_ADVICE, POCKET_CODE, POCKET_PX
from gradphoto.engine.portrait.measure import Measurements, count_faces, measure, measure_empty
from gradphoto.engine.portrait.parsing.manifest import ParserManifest, load_model
from gradphoto.engine.portrait.parsing.network import FaceParser
from gradphoto.engine.portrait.render import render
from gradphoto.engine.portrait.segment import Mask, PersonSegmenter
from gradphoto.engine.portrait.shrink import shrink
from gradphoto.engine.portrait.verdict import NotAssessed, Outcome, RuleFinding, Verdict, verdict_of
from gradphoto.engine.portrait.view import HeadView, view_head
from gradphoto.engine.portrait.window_rules import WINDOW_RULES
from gradphoto.engine.standards.profiles import PhotoProfile
from gradphoto.engine.wording import Wording

# Raised whenever the same bytes may give another measurement, verdict or output file.
PIPELINE_VERSION = "8"
# A face is at most about 450 px high in the largest output (face width 300 px in 教毕指〔2017〕99号, usually 240).
_FACE_HEIGHT_PX = 330
# How far the height of one face may differ between two sizes of a picture: on 70 real heads in pictures of 21 megapixels at most
# 1.4 %, because faces are sought on a copy of one size.
_TOO_NEAR = 0.03
_PREVIEW_HEIGHT_PX = 240
_MODELS = frozenset({"face_detector", "face_landmarker", "person_segmentation"})


@dataclass(slots=True)
class _Clock:
    """Milliseconds by stage."""

    stages: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.stages.append((name, (time.perf_counter() - start) * 1000.0))


@dataclass(frozen=True, slots=True)
class _Look:
    """A photograph decoded and measured, before any profile is asked."""

    photo: Photo
    small: Rgb
    measurements: Measurements
    timings_ms: tuple[tuple[str, float], ...]
    view: HeadView | None = None
    mask: Mask | None = None
    oval: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """A photograph at one size, the small copy on which faces were sought, and what was found (largest first)."""

    photo: Photo
    small: Rgb
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class Traced:
    """``rgb`` uint8 height x width x 3; ``points`` 478 x 2 in its pixels; ``person`` float32 height x width, 0 to 1."""

    rgb: Rgb
    points: npt.NDArray[np.float64]
    person: Mask


class Pipeline:
    """The portrait engine of one process. Build it once: it reads and prepares the models.

    Calls from several threads are safe and take turns. Raises :class:`ModelError` when a model is missing or altered.
    """

    def __init__(self, models_dir: Path | None = None, limits: DecodeLimits | None = None) -> None:
        # Photographs are spread over processes, one per core; threads inside one would only fight over the cores.
        cv2.setNumThreads(1)
        self._detector = FaceDetector(models.load("face_detector", models_dir))
        self._landmarker = FaceLandmarker(models.load("face_landmarker", models_dir))
        self._segmenter = PersonSegmenter(models.load("person_segmentation", models_dir))
        self._model_sha256 = tuple((model.name, model.sha256) for model in models.manifest() if model.name in _MODELS)
        found = load_model(models_dir or models.default_cache_dir())
        self._parser = FaceParser(*found) if found else None
        self.version = _version(found[0] if found else None)
        self._limits = limits or DecodeLimits()
        self._turn = threading.Lock()
        self._usual: dict[tuple[int, ...] | None, int] = {}

    def assess(self, data: bytes, profile: PhotoProfile, *, as_it_is: bool = False) -> Assessment:
        """Measure and judge a photograph. Raises :class:`PhotoError` when the bytes are no picture we accept.

        With ``as_it_is`` the geometry is that of the whole picture, as for a finished file, not of the best crop.
        """
        return self.assess_seen(data, profile, as_it_is=as_it_is)[0]

    def assess_seen(self, data: bytes, profile: PhotoProfile, *, as_it_is: bool = False) -> tuple[Assessment, Rgb]:
        """The same, with the upright picture on which it was measured, at its full, half or quarter size."""
        look = self._look(data)
        return self._assessment(look, profile, *_judged(look, profile, as_it_is)), look.photo.rgb

    def make(
        self,
        data: bytes,
        profiles: Sequence[PhotoProfile],
        *,
        render_failed: bool = False,
        new_background: str | None = None,
    ) -> PortraitSet:
        """Decode and measure once, then judge, crop, render and encode for each profile.

        ``new_background`` is the code of one of each profile's backdrops (``white``): given only where the campaign's
        rule set allows background work. The backdrop is then replaced by that colour, or, where that cannot be done
        without touching the person, left as it is with a finding ``portrait.matte_...`` that asks a person to look.

        A profile whose verdict is ``fail`` gets a refusal instead of a portrait, unless ``render_failed`` asks for one
        (a registrar may overrule a rule); without a face, or if the source would have to be enlarged, there is never
        a portrait. Raises :class:`PhotoError` as :meth:`assess`, ``ValueError`` without profiles.
        """
        if not profiles:
            raise ValueError("at least one profile is needed")
        look = self._look(data)
        judged = [(profile, *_judged(look, profile)) for profile in profiles]
        portraits: list[Portrait] = []
        refused: list[Refusal] = []
        for profile, verdict, crop in judged:
            refusal = _refusal(profile, verdict, crop, render_failed)
            if refusal is not None or crop is None:
                refused.extend([refusal] if refusal else [])
                continue
            portraits.append(_portrait(self._model_sha256, look, profile, verdict, crop, new_background))
        return PortraitSet(self._assessment(look, *judged[0]), tuple(portraits), tuple(refused), _preview(look))

    def trace(self, data: bytes) -> Traced:
        """Landmarks and the person's mask on the upright picture at full size, for looking and for evaluation.

        Raises :class:`PhotoError` as :meth:`assess`, ``portrait.no_face`` without a face.
        """
        photo = decode(data, self._limits)
        with self._turn:
            faces = self._detector.find(photo.rgb)
            if not faces:
                raise photo_error("no_face", "照片中没有检测到人脸。", "No face was found in the picture.")
            view = view_head(photo, faces[0])
            mesh = self._landmarker.trace(view.rgb, view.face)
            mask = self._segmenter.mask(view.rgb)
        person = np.zeros(photo.rgb.shape[:2], np.float32)
        left, top = round(view.left), round(view.top)
        size = round(mask.shape[1] / view.scale), round(mask.shape[0] / view.scale)
        whole = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)
        part = person[top : top + size[1], left : left + size[0]]
        part[:] = whole[: part.shape[0], : part.shape[1]]
        return Traced(photo.rgb, mesh.points[:, :2] / view.scale + [view.left, view.top], person)

    def _look(self, data: bytes) -> _Look:
        clock = _Clock()
        with self._turn:
            found = self._find(data, clock)
            photo, faces = found.photo, found.faces
            if not faces:
                return _Look(photo, found.small, measure_empty(photo), tuple(clock.stages))
            view = view_head(photo, faces[0])
            with clock.stage("landmarks"):
                mesh = self._landmarker.trace(view.rgb, view.face)
            with clock.stage("segment"):
                mask = self._segmenter.mask(view.rgb)
            parsed = None
            if self._parser is not None:
                with clock.stage("parse"):
                    parsed = self._parser.parse(view.rgb, mesh)
            with clock.stage("measure"):
                measurements = measure(photo, count_faces(faces), view, mesh, mask, parsed)
        oval = mesh.points[list(mark.FACE_OVAL), :2] / view.scale + [view.left, view.top]
        return _Look(photo, found.small, measurements, tuple(clock.stages), view, mask, oval)

    def _find(self, data: bytes, clock: _Clock) -> _Found:
        """Decode no more than is needed: at the coarsest size at which the face still has more pixels than any output asks.

        Which size that is follows from the source alone, so that the same bytes give the same portrait. Photographs of one
        camera look alike, so the size that the last one of these dimensions needed is tried first, and a coarser one only where
        the face seems high enough for it: then the file is decoded once.
        """
        tries = reductions_for(data)
        kind = (len(tries), *frame_size(data)) if len(tries) > 1 else None
        begin, usual = tries[0], self._usual.get(kind, tries[0])
        known: dict[int, _Found] = {}
        if usual != begin:
            known[usual] = self._at(data, usual, clock)
            begin = _coarsest_possible(known[usual], usual, tries)
        for reduction in tries[tries.index(begin) :]:
            found = known.get(reduction) or self._at(data, reduction, clock)
            if found.photo.reduction == 1 or (found.faces and found.faces[0].box[3] >= _FACE_HEIGHT_PX):
                break
        if kind is not None and found.faces:
            self._usual[kind] = found.photo.reduction
        return found

    def _at(self, data: bytes, reduction: int, clock: _Clock) -> _Found:
        with clock.stage("decode"):
            photo = decode(data, self._limits, reduction=reduction)
        with clock.stage("detect"):
            small = scout(photo.rgb)
            return _Found(photo, small, self._detector.find(photo.rgb, small))

    def _assessment(self, look: _Look, profile: PhotoProfile, verdict: Verdict, crop: Crop | None) -> Assessment:
        return Assessment(
            source_sha256=look.photo.source_sha256,
            profile_code=profile.code,
            pipeline_version=self.version,
            photo=PhotoFacts.of(look.photo),
            measurements=look.measurements,
            verdict=verdict,
            crop=crop,
            timings_ms=look.timings_ms,
        )

    def remake(self, data: bytes, crop: Crop, profile: PhotoProfile, new_background: str) -> Rgb:
        """The rendered pixels of a portrait whose backdrop was replaced, for proving it (:mod:`remake`)."""
        look = self._look(data)
        return _rendered(look, profile, crop, new_background)[0]


def _coarsest_possible(found: _Found, tried: int, tries: tuple[int, ...]) -> int:
    """Where trying from the coarsest may begin, by a face found at another size: what is surely too coarse is passed over."""
    if not found.faces:
        return tries[0]
    height = found.faces[0].box[3] * found.photo.reduction * (1.0 + _TOO_NEAR)
    return next((r for r in tries if r > tried and height >= _FACE_HEIGHT_PX * r), tried)


_first = threading.Lock()


def process_pipeline(models_dir: Path | None = None) -> Pipeline:
    """The engine of this process, made on first use and by one thread. Raises ``ModelError`` as :class:`Pipeline` does."""
    with _first:
        return _kept(models_dir or models.default_cache_dir())


@functools.cache
def _kept(models_dir: Path) -> Pipeline:
    return Pipeline(models_dir)


def version_with(models_dir: Path | None = None) -> str:
    """The version under which verdicts are reached here: with a face-parsing model its name and hash belong to it.

    The portraits' bytes do not depend on that model: their provenance names :data:`PIPELINE_VERSION` alone.
    """
    found = load_model(models_dir or models.default_cache_dir())
    return _version(found[0] if found else None)


def _version(manifest: ParserManifest | None) -> str:
    return PIPELINE_VERSION if manifest is None else f"{PIPELINE_VERSION}+{manifest.label}"


def _portrait(
    model_sha256: tuple[tuple[str, str], ...],
    look: _Look,
    profile: PhotoProfile,
    verdict: Verdict,
    crop: Crop,
    new_background: str | None,
) -> Portrait:
    alike = any(finding.code == "portrait.clothes_like_backdrop" for finding in verdict.findings)
    pixels, matte = _rendered(look, profile, crop, None if alike else new_background)
    encoded = encode(pixels, profile)
    if alike and new_background:
        verdict = _not_replaced(verdict, ALIKE, 0.0)
    elif matte is not None:
        verdict = _with_background(verdict, matte)
    return Portrait(
        profile_code=profile.code,
        data=encoded.data,
        width_px=profile.width_px,
        height_px=profile.height_px,
        verdict=verdict,
        provenance=Provenance(
            source_sha256=look.photo.source_sha256,
            profile_code=profile.code,
            pipeline_version=PIPELINE_VERSION,
            model_sha256=model_sha256,
            crop_x=crop.x,
            crop_y=crop.y,
            crop_width=crop.width,
            crop_height=crop.height,
            scale=crop.scale,
            reduction=look.photo.reduction,
            quality=encoded.quality,
            subsampling=encoded.subsampling,
            size_bytes=encoded.size_bytes,
            in_size_window=encoded.in_size_window,
            output_sha256=encoded.sha256,
            new_background=new_background if matte is not None and matte.usable and new_background else "",
        ),
    )


def _rendered(
    look: _Look, profile: PhotoProfile, crop: Crop, new_background: str | None
) -> tuple[Rgb, MatteResult | None]:
    """The crop at the output's size, with another backdrop if that was ordered and could be done."""
    pixels = render(look.photo, crop)
    if not new_background or look.view is None or look.mask is None or look.measurements.face is None:
        return pixels, None
    target = next((known.rgb for known in profile.backdrops if known.code == new_background), None)
    if target is None:
        raise photo_error(
            "no_such_background",
            f"图像标准中没有背景“{new_background}”。",
            f"The profile has no backdrop {new_background}.",
            Wording("请选择图像标准列出的背景。", "Choose one of the profile's backdrops."),
        )
    zoom = look.view.scale / crop.scale
    to_view = np.array(
        [
            [zoom, 0.0, (crop.x - look.view.left) * look.view.scale],
            [0.0, zoom, (crop.y - look.view.top) * look.view.scale],
        ]
    )
    person = cv2.warpAffine(
        look.mask, to_view, (crop.output_width_px, crop.output_height_px),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_CONSTANT, borderValue=0,
    )  # fmt: skip
    chin = (look.measurements.face.chin_y_px - crop.y) * crop.scale
    face = np.zeros(pixels.shape[:2], np.uint8)
    if look.oval is not None:
        cv2.fillPoly(face, [np.rint((look.oval - [crop.x, crop.y]) * crop.scale).astype(np.int32)], (1,))
    matte = replace_background(
        pixels,
        np.asarray(person, np.float32),
        target,
        backdrop_hint=look.measurements.face.backdrop.rgb,
        chin_y_px=chin,
    )
    return matte.rgb, matte


_OF_THE_BACKDROP = frozenset(
    {"portrait.backdrop_colour", "portrait.backdrop_even", "portrait.backdrop_gradient", "portrait.backdrop_shadow"}
)


def _with_background(verdict: Verdict, matte: MatteResult) -> Verdict:
    """A replaced backdrop is as ordered; one that could not be replaced is told."""
    if matte.refusal is None:
        left = [finding for finding in verdict.findings if finding.code not in _OF_THE_BACKDROP]
        if matte.quality.left_px > POCKET_PX:
            left.append(_pocket(matte.quality.left_px))
        return verdict_of(left, sorted({*verdict.kept, *_OF_THE_BACKDROP}), _not_of_the_backdrop(verdict))
    return _not_replaced(verdict, matte.refusal, matte.quality.backdrop_residual_delta_e)


def _pocket(left_px: int) -> RuleFinding:
    said = POCKET.format(value=str(left_px))
    return RuleFinding(POCKET_CODE, Outcome.REVIEW, float(left_px), float(POCKET_PX), "px", said, POCKET_ADVICE)


def _not_of_the_backdrop(verdict: Verdict) -> list[NotAssessed]:
    return [one for one in verdict.not_assessed if one.code not in _OF_THE_BACKDROP]


def _not_replaced(verdict: Verdict, why: MatteRefusal, residual_delta_e: float) -> Verdict:
    told = RuleFinding(why.code, Outcome.REVIEW, residual_delta_e, 0.0, "ΔE", why.reason, LEFT_AS_IT_WAS)
    return verdict_of([*verdict.findings, told], verdict.kept, verdict.not_assessed)


def _judged(look: _Look, profile: PhotoProfile, as_it_is: bool = False) -> tuple[Verdict, Crop | None]:
    """The verdict and the crop for one profile; a picture without exactly one face has no crop."""
    measurements = look.measurements
    crop = None
    if measurements.face is not None and measurements.face_count == 1:
        find = crop_as_is if as_it_is else solve_crop
        crop = find(measurements.face, profile, look.photo.source_size_px)
    return judge(measurements, profile, crop), crop


def _preview(look: _Look) -> Rgb:
    height, width = look.photo.rgb.shape[:2]
    whole = look.small if look.small.shape[0] >= _PREVIEW_HEIGHT_PX else look.photo.rgb
    return shrink(whole, max(1, round(width * _PREVIEW_HEIGHT_PX / height)), _PREVIEW_HEIGHT_PX)


def _refusal(profile: PhotoProfile, verdict: Verdict, crop: Crop | None, render_failed: bool) -> Refusal | None:
    if crop is None:
        found = verdict.findings[0]
        return Refusal(profile.code, found.code, found.sentence, found.advice, verdict)
    enlarged = next(window for window in crop.windows if window.code == "scale")
    if enlarged.miss_px:
        message = Wording(
            "原图太小，生成 {title} 需要放大，不允许。",
            "The source is too small: {title} would need enlarging, which is not allowed.",
        )
        advice = WINDOW_RULES["scale"].advice_above
        return Refusal(profile.code, "portrait.enlarged", _with_title(message, profile), advice, verdict)
    if verdict.outcome is Outcome.FAIL and not render_failed:
        found = verdict.findings[0]
        return Refusal(profile.code, found.code, found.sentence, found.advice, verdict)
    return None


def _with_title(message: Wording, profile: PhotoProfile) -> Wording:
    return Wording(message.zh.format(title=profile.title.zh), message.en.format(title=profile.title.en))
