"""Put another, even backdrop behind a person, and change nothing of the person.

For campaigns whose rules allow background work. The photograph is evidence: pixels surely inside the person are copied
bit for bit, only mixed pixels at the outline, in hair and in its gaps are computed anew, and where the backdrop cannot be
told from the person the whole work is refused.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import cv2
import numpy as np

from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.matte.light import Float32, to_code, to_light
from gradphoto.engine.portrait.matte.regions import Look, Regions, difference, divide
from gradphoto.engine.portrait.matte.surface import BackdropModel, Bools, SurfaceFit
from gradphoto.engine.portrait.matte.unmix import Unmixed, unmix
from gradphoto.engine.wording import Wording

# Calibrated on the scenes of benchmarks/matte.py and a few real pictures; see docs/background-and-comparison.md.
_SEEN_FLOOR = 0.04
_CORE_FLOOR = 0.04
_RESIDUAL_CEILING_DELTA_E = 4.0
_INLIER_FLOOR = 0.85
_HUE_CEILING = 0.045
_ALIKE_CEILING = 0.12
_APART = 0.5
_MIXED = (0.02, 0.98)
# Where a neck is (shares of the chin's row), how far apart the channels of a coloured backdrop are, and how near to it a piece is.
_NECK_ROWS, _COLOURED, _LEFT_LEAST = (0.8, 1.3), 40.0, 8.0


@dataclass(frozen=True, slots=True)
class MatteQuality:
    """How well the work could be done. ``None``: it was refused before that could be known.

    ``backdrop_residual_delta_e``, ``backdrop_inlier_share``: see :class:`BackdropModel`. ``unsure_share``: of the pixels
    to be unmixed, those where person and backdrop have the same colour, so that the segmentation had to decide.
    ``edge_spill``: mean light of the backdrop's colour that was taken out of mixed pixels (linear, 0 to 1).
    ``mixed_share``: of all pixels, those neither person nor backdrop alone. ``pocket_share``: backdrop inside hair.
    ``left_px``: the largest piece beside the neck that was kept as the person's though it has a coloured backdrop's very colour.
    """

    backdrop_residual_delta_e: float
    backdrop_inlier_share: float
    unsure_share: float | None
    edge_spill: float | None
    mixed_share: float | None
    pocket_share: float | None
    left_px: int = 0

    def to_json(self) -> dict[str, float | int | None]:
        """Plain values, for the provenance."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class MatteRefusal:
    """Why the backdrop was left as it is: a stable code beginning with ``portrait.matte_``, and what to say."""

    code: str
    reason: Wording


@dataclass(frozen=True, slots=True)
class MatteResult:
    """``rgb``: uint8, height x width x 3; ``alpha``: float32, height x width, 1 is the person alone.

    When refused, ``rgb`` is the picture given, untouched, and ``alpha`` is 1 everywhere.
    """

    rgb: Rgb
    alpha: Float32
    backdrop: BackdropModel
    quality: MatteQuality
    refusal: MatteRefusal | None

    @property
    def usable(self) -> bool:
        """Whether the backdrop was replaced."""
        return self.refusal is None

    @property
    def reason(self) -> Wording | None:
        """Why not, if it was not."""
        return self.refusal.reason if self.refusal else None


def replace_background(
    rgb: Rgb,
    person: Float32,
    target_rgb: tuple[int, int, int],
    *,
    backdrop_hint: tuple[int, int, int] | None = None,
    chin_y_px: float | None = None,
    keep: Bools | None = None,
) -> MatteResult:
    """Replace the backdrop of a rendered portrait by ``target_rgb`` (sRGB), such as a profile's backdrop colour.

    ``rgb``: uint8 height x width x 3, at output size or up to about twice that. ``person``: the segmentation's mask for
    it, 0 to 1, height x width. ``backdrop_hint``: the backdrop's expected colour; only pixels near it are fitted.
    ``chin_y_px``: row of the chin, if known. ``keep``: pixels that must stay, if known; pass the face's oval, because a
    spectacle's glare can be as pale as a white wall.
    Returns a refusal instead of a picture where the backdrop is no single surface, hardly seen, or of the clothes'
    colour. Raises ``ValueError`` when the arrays do not fit together.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or person.shape != rgb.shape[:2]:
        raise ValueError("a picture of three channels and a mask of its height and width are needed")
    if keep is not None and keep.shape != person.shape:
        raise ValueError("`keep` must have the picture's height and width")
    rgb, person = np.ascontiguousarray(rgb), np.ascontiguousarray(person, dtype=np.float32)
    fit = SurfaceFit(rgb, person, backdrop_hint)
    model = fit.fit()
    refusal = _backdrop_refusal(model)
    if refusal is not None:
        return _refused(rgb, model, refusal)
    regions = divide(Look(person, difference(rgb, model), fit.picture, fit.person, model), chin_y_px, keep)
    if regions.core.mean() < _CORE_FLOOR:
        return _refused(rgb, model, _NO_PERSON)
    if regions.alike_share > _ALIKE_CEILING:
        return _refused(rgb, model, ALIKE)
    if regions.pocket.any():
        model = fit.extend(regions.pocket)
    made = _composed(rgb, person, target_rgb, model, regions)
    if chin_y_px is None or _chroma(backdrop_hint) < _COLOURED:
        return made
    return replace(made, quality=replace(made.quality, left_px=_left_at_the_neck(made.alpha, rgb, model, chin_y_px)))


def _left_at_the_neck(alpha: Float32, rgb: Rgb, model: BackdropModel, chin_y_px: float) -> int:
    """Pixels of the largest piece of the backdrop that was taken for the person between cheek and shoulder.

    Only before a coloured backdrop: before a white one it might be a collar.
    """
    top, bottom = (round(chin_y_px * share) for share in _NECK_ROWS)
    rows = slice(max(0, top), min(alpha.shape[0], max(bottom, top + 1)))
    alike = difference(rgb, model)[rows] <= max(_LEFT_LEAST, 3.0 * model.noise)
    kept = (alike & (alpha[rows] > _MIXED[1])).astype(np.uint8)
    pieces = cv2.morphologyEx(kept, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(pieces, connectivity=8)
    return int(stats[1:, cv2.CC_STAT_AREA].max()) if count > 1 else 0


def _chroma(rgb: tuple[int, int, int] | None) -> float:
    return 0.0 if rgb is None else float(max(rgb) - min(rgb))


def _composed(
    rgb: Rgb, person: Float32, target_rgb: tuple[int, int, int], model: BackdropModel, regions: Regions
) -> MatteResult:
    alpha = regions.core.astype(np.float32)
    out = np.empty_like(rgb)
    out[:] = np.tile(np.array(target_rgb, np.uint8), (rgb.shape[1], 1))
    cv2.copyTo(rgb, regions.core.astype(np.uint8), out)
    places = np.flatnonzero(regions.unknown)
    if places.size == 0:
        return MatteResult(out, alpha, model, _quality(model, regions, None), None)
    mixed = unmix(rgb, places, regions, person, model)
    quality = _quality(model, regions, mixed)
    alpha.reshape(-1)[places] = mixed.alpha
    share, light = mixed.alpha, mixed.light
    target = to_light(np.array(target_rgb, np.uint8))[:, None]
    blended = np.ascontiguousarray(to_code(light + (1 - share) * target).T)
    original = share >= 1.0
    blended[original] = rgb.reshape(-1, 3)[places[original]]
    out.reshape(-1, 3)[places] = blended
    return MatteResult(out, alpha, model, quality, None)


def _quality(model: BackdropModel, regions: Regions, mixed: Unmixed | None) -> MatteQuality:
    unsure = spill = between = 0.0
    if mixed is not None:
        edge = (mixed.alpha > _MIXED[0]) & (mixed.alpha < _MIXED[1])
        unsure = float((mixed.apart < _APART).mean())
        spill = float(mixed.spill[edge].mean()) if edge.any() else 0.0
        between = float(edge.sum()) / regions.core.size
    return MatteQuality(
        model.residual_delta_e, model.inlier_share, unsure, spill, between, float(regions.pocket.mean())
    )


def _refused(rgb: Rgb, model: BackdropModel, refusal: MatteRefusal) -> MatteResult:
    quality = MatteQuality(model.residual_delta_e, model.inlier_share, None, None, None, None)
    return MatteResult(rgb, np.ones(rgb.shape[:2], np.float32), model, quality, refusal)


def _backdrop_refusal(model: BackdropModel) -> MatteRefusal | None:
    if model.seen_share < _SEEN_FLOOR:
        return _UNSEEN
    if model.residual_delta_e > _RESIDUAL_CEILING_DELTA_E or model.inlier_share < _INLIER_FLOOR:
        return _PATTERNED
    if model.hue_spread > _HUE_CEILING:
        return _MANY_COLOURS
    return None


_UNSEEN = MatteRefusal(
    "portrait.matte_unseen",
    Wording(
        "画面中几乎看不到背景，无法更换；请用单色背景重拍。",
        "Hardly any backdrop is seen, so it cannot be replaced: take the picture again before a plain backdrop.",
    ),
)
_PATTERNED = MatteRefusal(
    "portrait.matte_patterned",
    Wording(
        "背景不是一整面均匀的幕布，无法可靠更换；请用单色背景重拍。",
        "The backdrop is not one even surface and cannot be replaced reliably: take the picture again before a plain one.",
    ),
)
_MANY_COLOURS = MatteRefusal(
    "portrait.matte_many_colours",
    Wording(
        "背景有不止一种颜色，无法可靠更换；请用单色背景重拍。",
        "The backdrop has more than one colour and cannot be replaced reliably: take the picture again before a plain one.",
    ),
)
ALIKE = MatteRefusal(
    "portrait.matte_alike",
    Wording(
        "衣服或头发与背景颜色太接近，更换背景会损伤人像；请换衣服或背景后重拍。",
        "Clothes or hair are too close to the backdrop's colour, so replacing it would harm the portrait: "
        "change one of them and take the picture again.",
    ),
)
_NO_PERSON = MatteRefusal(
    "portrait.matte_no_person",
    Wording(
        "画面中找不到人像，无法更换背景。", "No person is found in the picture, so its backdrop cannot be replaced."
    ),
)
REFUSALS = (_NO_PERSON, _UNSEEN, _PATTERNED, _MANY_COLOURS, ALIKE)
LEFT_AS_IT_WAS = Wording("背景保持原样，请人工查看。", "The backdrop was left as it is; please look at the picture.")

# A piece of the old backdrop that is seen at a glance in a portrait of 480 x 640.
POCKET_PX = 60
POCKET_CODE = "portrait.matte_pocket"
POCKET = Wording(
    "颈部旁仍留有一块原背景（{value} 像素）。", "A piece of the old backdrop is left beside the neck ({value} px)."
)
POCKET_ADVICE = Wording(
    "请查看成品；必要时用原背景交付或重拍。", "Look at the portrait; deliver it as it was, or take it again."
)
