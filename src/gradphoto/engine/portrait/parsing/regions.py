"""What a labelled head says about ears, hair, glasses, mouth, jewellery and hat, as numbers. Nothing here knows a limit.

Areas are in squared eye distances, so that they do not depend on the size of the face; shares run from 0 to 1. Measured on
113 real heads: docs/face-parsing.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait import landmarks as mark
from gradphoto.engine.portrait.parsing.network import Bools, ParsedHead

_OUTER_LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
_RIGHT_BROW, _LEFT_BROW = (70, 63, 105, 66, 107), (300, 293, 334, 296, 336)
_BRIDGE, _NOSE_BOTTOM = 168, 2
_ABOVE_BROW = 0.25
_JOINED = 0.12
# Where an ear lies beside the cheek, in eye distances outwards from its edge.
_EAR_FROM, _EAR_TO = 0.02, 0.22


@dataclass(frozen=True, slots=True)
class ParsedRegions:
    """``None`` where the model lacks the class. ``ear_*`` (the person's own side), ``glasses``, ``earring``, ``hat``: area.

    ``ear_covered_*``: share of hair, hat and cloth beside the cheek, where an ear lies: of real heads whose ear is not seen, nine in
    ten have more than 0.4 of it there, and where an ear is merely flat or turned away there is backdrop.
    ``lips_seen``: share of the lips' outline that is lip or mouth. ``brow_hair_*``: share of hair in the strip from the brow
    to a quarter of an eye distance above it. ``hair_to_face``: hair above the chin against the oval of the face (as far as
    the crop reaches). ``necklace``: area.
    """

    ear_right: float | None
    ear_left: float | None
    ear_covered_right: float | None
    ear_covered_left: float | None
    glasses: float | None
    earring: float | None
    hat: float | None
    lips_seen: float | None
    brow_hair_right: float | None
    brow_hair_left: float | None
    hair_to_face: float | None
    necklace: float | None


def read_regions(head: ParsedHead) -> ParsedRegions:
    """Every number of one labelled head."""
    unit = head.eyes_px**2
    middle = float(head.points[[_BRIDGE, _NOSE_BOTTOM], 0].mean())
    columns = np.arange(head.labels.shape[1])[None, :]
    ear = head.of("ear")
    return ParsedRegions(
        ear_right=None if ear is None else float((ear & (columns < middle)).sum()) / unit,
        ear_left=None if ear is None else float((ear & (columns >= middle)).sum()) / unit,
        ear_covered_right=_beside(head, mark.RIGHT_CHEEK, -1),
        ear_covered_left=_beside(head, mark.LEFT_CHEEK, 1),
        glasses=_area(head, unit, "glasses"),
        earring=_area(head, unit, "earring"),
        hat=_hat(head, unit),
        lips_seen=_lips(head),
        brow_hair_right=_brow(head, _RIGHT_BROW),
        brow_hair_left=_brow(head, _LEFT_BROW),
        hair_to_face=_hair(head),
        necklace=_area(head, unit, "necklace"),
    )


def _area(head: ParsedHead, unit: float, name: str) -> float | None:
    found = head.of(name)
    return None if found is None else float(found.sum()) / unit


def _beside(head: ParsedHead, cheek: int, side: int) -> float | None:
    """Share of what may hang over an ear, between the height of the eyes and that of the nose."""
    over = head.of("hair", "hat", "clothes")
    if over is None:
        return None
    x, top, bottom = (
        float(head.points[cheek, 0]),
        float(head.points[[33, 263], 1].mean()),
        float(head.points[_NOSE_BOTTOM, 1]),
    )
    near, far = sorted((x + side * _EAR_FROM * head.eyes_px, x + side * _EAR_TO * head.eyes_px))
    part = over[max(0, int(top)) : max(0, int(bottom)), max(0, int(near)) : max(0, int(far) + 1)]
    return float(part.mean()) if part.size else None


def _hat(head: ParsedHead, unit: float) -> float | None:
    """Only what is joined to the head: a poster on the wall may be labelled, too."""
    hat = head.of("hat")
    if hat is None:
        return None
    own = head.of("skin", "hair", "ear", "brow", "eye")
    count, pieces = cv2.connectedComponents(hat.astype(np.uint8), connectivity=8)
    if count < 2 or own is None:
        return 0.0
    reach = 2 * max(1, round(_JOINED * head.eyes_px)) + 1
    near = cv2.dilate(own.astype(np.uint8), np.ones((reach, reach), np.uint8)).astype(bool)
    joined = [number for number in range(1, count) if (near & (pieces == number)).any()]
    return float(np.isin(pieces, joined).sum()) / unit


def _lips(head: ParsedHead) -> float | None:
    seen = head.of("lip", "mouth")
    outline = _polygon(head, head.points[list(_OUTER_LIPS)])
    if seen is None or not outline.any():
        return None
    return float(seen[outline].mean())


def _brow(head: ParsedHead, brow: tuple[int, ...]) -> float | None:
    hair = head.of("hair", "hat")
    upper = head.points[list(brow)]
    strip = _polygon(head, np.concatenate([upper, (upper - [0.0, _ABOVE_BROW * head.eyes_px])[::-1]]))
    if hair is None or not strip.any():
        return None
    return float(hair[strip].mean())


def _hair(head: ParsedHead) -> float | None:
    hair = head.of("hair")
    oval = _polygon(head, head.points[list(mark.FACE_OVAL)])
    if hair is None or not oval.any():
        return None
    chin = int(np.clip(head.points[mark.CHIN, 1], 0, hair.shape[0]))
    return float(hair[:chin].sum()) / float(oval.sum())


def _polygon(head: ParsedHead, points: npt.NDArray[np.float64]) -> Bools:
    drawn = np.zeros(head.labels.shape, np.uint8)
    cv2.fillPoly(drawn, [np.rint(points).astype(np.int32)], (1,))
    return drawn.astype(bool)
