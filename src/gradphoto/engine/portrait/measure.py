"""What is seen, as numbers with units. Nothing here knows a limit: deciding belongs to ``judge``.

Positions are in pixels of the upright source photograph at full resolution. Colours are compared in CIE L*a*b*
(distance: CIE 1976 colour difference, "delta E").
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait import eyes
from gradphoto.engine.portrait import landmarks as mark
from gradphoto.engine.portrait.appearance import Appearance, look_at
from gradphoto.engine.portrait.backdrop import BackdropMeasures, measure_backdrop, surroundings
from gradphoto.engine.portrait.canvas import face_canvas
from gradphoto.engine.portrait.decode import Photo
from gradphoto.engine.portrait.detect import Face
from gradphoto.engine.portrait.landmarks import FaceMesh
from gradphoto.engine.portrait.ofiq import FaceGeometry, Luminance, face_luminance, ofiq_scores
from gradphoto.engine.portrait.parsing.network import ParsedHead
from gradphoto.engine.portrait.parsing.regions import ParsedRegions, read_regions
from gradphoto.engine.portrait.ranks import at_percents
from gradphoto.engine.portrait.segment import Mask
from gradphoto.engine.portrait.side_light import light_balance
from gradphoto.engine.portrait.texture import Texture, texture
from gradphoto.engine.portrait.tone import chroma_spread, face_tone, neutral_share, sharpness_of
from gradphoto.engine.portrait.view import HeadView

Bools = npt.NDArray[np.bool_]

# A face in the background counts when it is at least this share of the sitter's in height.
_COUNTED_FACE = 0.2
_PERSON = 0.5
_MOST_PIECES = 9


@dataclass(frozen=True, slots=True)
class FaceMeasures:
    """Everything measured on the sitter.

    ``hair_top_y_px`` includes the hair. ``face_width_px`` is cheek to cheek. ``head_left_x_px`` and
    ``head_right_x_px`` include hair between its top and the chin. ``roll_deg`` is clockwise in the picture,
    ``yaw_deg`` towards the picture's right, ``pitch_deg`` chin up. Eyes and mouth run from 0 (shut) to 1 (open);
    ``frame_margin_px`` is what is left between the head with its hair and the nearest edge of the picture.
    ``eye_aspect_*`` and ``eye_visible_*`` are explained at :class:`~gradphoto.engine.portrait.eyes.Eye`,
    ``sharpness`` at :func:`~gradphoto.engine.portrait.tone.sharpness_of`. ``brightness_l``, ``contrast_l`` and
    ``light_balance_l`` are L* (0 to 100): median, 5th-to-95th percentile range, right cheek over the left one beside the nose
    (:mod:`side_light`; 15.7 is one stop of light).
    ``skin_hue_deg`` is the hue angle in the a*b* plane. ``crushed_share`` and ``clipped_share`` are of the face;
    ``brightest_l`` is the lightness that two in a hundred pixels around the head exceed, ``eye_white_*`` the colour between lids
    and iris, ``neutral_share`` how much around the face is light and without colour (:func:`~gradphoto.engine.portrait.tone.neutral_share`). ``gaze_side`` (towards the picture's right) and ``gaze_down`` run
    from -1 to 1. What is read from colours around the face is grouped in ``appearance``, ``texture`` and ``backdrop``, what a
    face-parsing model drew in ``parsed`` (``None`` without one).
    """

    face_score: float
    landmark_presence: float
    hair_top_y_px: float
    eye_line_y_px: float
    chin_y_px: float
    centre_x_px: float
    inter_eye_px: float
    face_width_px: float
    head_left_x_px: float
    head_right_x_px: float
    frame_margin_px: float
    roll_deg: float
    yaw_deg: float
    pitch_deg: float
    eye_open_right: float
    eye_open_left: float
    eye_aspect_right: float
    eye_aspect_left: float
    eye_visible_right: float
    eye_visible_left: float
    mouth_open: float
    smile: float
    sharpness: float
    brightness_l: float
    contrast_l: float
    highlight_share: float
    light_balance_l: float
    skin_chroma: float
    skin_hue_deg: float
    crushed_share: float
    clipped_share: float
    brightest_l: float
    eye_white_l: float | None
    eye_white_a: float | None
    eye_white_b: float | None
    neutral_share: float
    gaze_side: float
    gaze_down: float
    appearance: Appearance
    parsed: ParsedRegions | None
    texture: Texture
    backdrop: BackdropMeasures
    geometry: FaceGeometry
    luminance: Luminance


@dataclass(frozen=True, slots=True)
class Measurements:
    """The whole picture's numbers, and the sitter's when a face was found."""

    image_width_px: int
    image_height_px: int
    face_count: int
    colour_spread: float
    source_jpeg_quality: int | None
    face: FaceMeasures | None

    def to_json(self) -> dict[str, object]:
        """A flat dictionary of plain values, rounded to four decimals, ready for storage.

        The groups ``appearance`` and ``texture`` are laid flat; those of the backdrop begin with ``backdrop_``. The raw
        values behind :meth:`ofiq` are left out.
        """
        flat = asdict(self)
        flat.update(flat.pop("face") or {})
        for group in ("appearance", "texture"):
            flat.update(flat.pop(group, {}))
        for group in ("geometry", "luminance"):
            flat.pop(group, None)
        flat.update({f"backdrop_{name}": value for name, value in flat.pop("backdrop", {}).items()})
        flat.update({f"parsed_{name}": value for name, value in (flat.pop("parsed", None) or {}).items()})
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in flat.items()}

    def ofiq(self) -> dict[str, int]:
        """Scores of ISO/IEC 29794-5 by OFIQ's names, 0 to 100; empty without a face."""
        return {} if self.face is None else ofiq_scores(self.face.geometry, self.face.luminance)


def count_faces(faces: tuple[Face, ...]) -> int:
    """How many of the detected faces (largest first) are large enough to count beside the sitter's."""
    return sum(face.box[3] >= _COUNTED_FACE * faces[0].box[3] for face in faces)


def measure_empty(photo: Photo) -> Measurements:
    """The measurements of a picture without a face."""
    width, height = photo.source_size_px
    return Measurements(width, height, 0, chroma_spread(photo.rgb), photo.jpeg_quality, None)


def measure(
    photo: Photo, face_count: int, view: HeadView, mesh: FaceMesh, mask: Mask, head_labels: ParsedHead | None = None
) -> Measurements:
    """Measure the sitter in ``view``; ``mesh`` and ``mask`` are in the view's pixels."""
    width, height = photo.source_size_px
    around = surroundings(view, mesh, mask)
    canvas = face_canvas(view.rgb, mesh, mask)
    tone = face_tone(around.lab, around.rgb, around.skin)
    head = _head_extent(mesh, mask)
    margins = (
        view.source_x(head.left),
        view.source_y(head.top),
        width - view.source_x(head.right),
        height - view.source_y(float(mesh.points[mark.CHIN][1])),
    )
    right_cheek, left_cheek = mesh.points[mark.RIGHT_CHEEK], mesh.points[mark.LEFT_CHEEK]
    right_eye, left_eye = mesh.middle(mark.RIGHT_EYE_CORNERS), mesh.middle(mark.LEFT_EYE_CORNERS)
    seen_right, seen_left = eyes.right_eye(view.rgb, mesh), eyes.left_eye(view.rgb, mesh)
    white = eyes.white_of_the_eyes(view.rgb, mesh)
    return Measurements(
        image_width_px=width,
        image_height_px=height,
        face_count=face_count,
        colour_spread=chroma_spread(view.rgb),
        source_jpeg_quality=photo.jpeg_quality,
        face=FaceMeasures(
            face_score=view.face.score,
            landmark_presence=mesh.presence,
            hair_top_y_px=view.source_y(head.top),
            eye_line_y_px=view.source_y(float(right_eye[1] + left_eye[1]) / 2),
            chin_y_px=view.source_y(float(mesh.points[mark.CHIN][1])),
            centre_x_px=view.source_x(float(right_cheek[0] + left_cheek[0]) / 2),
            inter_eye_px=float(np.linalg.norm(left_eye - right_eye)) / view.scale,
            face_width_px=mesh.distance((mark.RIGHT_CHEEK, mark.LEFT_CHEEK)) / view.scale,
            head_left_x_px=view.source_x(head.left),
            head_right_x_px=view.source_x(head.right),
            frame_margin_px=min(margins),
            roll_deg=mesh.pose.roll,
            yaw_deg=mesh.pose.yaw,
            pitch_deg=mesh.pose.pitch,
            eye_open_right=1.0 - mesh.blink_right,
            eye_open_left=1.0 - mesh.blink_left,
            eye_aspect_right=seen_right.aspect,
            eye_aspect_left=seen_left.aspect,
            eye_visible_right=seen_right.visible,
            eye_visible_left=seen_left.visible,
            mouth_open=mesh.distance(mark.INNER_LIPS) / max(mesh.distance(mark.MOUTH_CORNERS), 1e-6),
            smile=mesh.smile,
            sharpness=sharpness_of(view.rgb, mesh.points),
            brightness_l=tone.brightness_l,
            contrast_l=tone.contrast_l,
            highlight_share=tone.highlight_share,
            light_balance_l=light_balance(canvas),
            skin_chroma=tone.chroma,
            skin_hue_deg=tone.hue_deg,
            crushed_share=tone.crushed_share,
            clipped_share=tone.clipped_share,
            brightest_l=at_percents(around.lab[::2, ::2, 0], 98)[0],
            eye_white_l=white[0] if white else None,
            eye_white_a=white[1] if white else None,
            eye_white_b=white[2] if white else None,
            neutral_share=neutral_share(around.lab, around.skin),
            gaze_side=mesh.gaze_side,
            gaze_down=mesh.gaze_down,
            appearance=look_at(canvas),
            parsed=read_regions(head_labels) if head_labels else None,
            texture=texture(photo, view, mesh.points),
            backdrop=measure_backdrop(around),
            geometry=_geometry(photo, view, mesh),
            luminance=face_luminance(around.rgb, around.skin),
        ),
    )


def _geometry(photo: Photo, view: HeadView, mesh: FaceMesh) -> FaceGeometry:
    right, left = mesh.middle(mark.RIGHT_EYE_CORNERS), mesh.middle(mark.LEFT_EYE_CORNERS)
    middle = (right + left) / 2
    gaps = [max(mesh.distance(pair) for pair in lids) for lids in (mark.RIGHT_EYE_LIDS, mark.LEFT_EYE_LIDS)]
    width, height = photo.source_size_px
    return FaceGeometry(
        image_width=width,
        image_height=height,
        right_eye_x=view.source_x(float(right[0])),
        left_eye_x=view.source_x(float(left[0])),
        eye_middle_y=view.source_y(float(middle[1])),
        inter_eye=float(np.linalg.norm(left - right)) / view.scale,
        eyes_to_chin=float(np.linalg.norm(mesh.points[mark.CHIN, :2] - middle)) / view.scale,
        eye_gap=min(gaps) / view.scale,
        mouth_gap=mesh.distance(mark.INNER_LIPS) / view.scale,
        roll_deg=mesh.pose.roll,
        yaw_deg=mesh.pose.yaw,
        pitch_deg=mesh.pose.pitch,
    )


@dataclass(frozen=True, slots=True)
class _Extent:
    left: float
    right: float
    top: float


def _head_extent(mesh: FaceMesh, mask: Mask) -> _Extent:
    """Top and sides of the head with its hair, from the person the face belongs to."""
    low, high = mesh.points[:, :2].min(axis=0), mesh.points[:, :2].max(axis=0)
    face_width, chin = float(high[0] - low[0]), mesh.points[mark.CHIN][1]
    person = _person_of(mesh, mask)
    rows = person[: max(1, min(int(chin), person.shape[0]))].view(np.uint8)
    # A single stray hair is not the top of the head: ask for a twentieth of the face's width.
    filled = cv2.reduce(rows, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    covered = np.flatnonzero(filled >= max(2.0, face_width / 20))
    if covered.size == 0:
        return _Extent(float(low[0]), float(high[0]), float(low[1]))
    top = int(covered[0])
    columns = np.flatnonzero(cv2.reduce(rows, 0, cv2.REDUCE_MAX))
    return _Extent(float(columns[0]), float(columns[-1] + 1), min(float(top), float(low[1])))


def _person_of(mesh: FaceMesh, mask: Mask) -> Bools:
    """The connected piece of the mask that holds the face; others in the picture fall away."""
    binary = (mask >= _PERSON).view(np.uint8)
    numbers = np.rint(mesh.points[list(mark.FACE_OVAL), :2]).astype(int)
    numbers = numbers[(numbers >= 0).all(axis=1) & (numbers < [mask.shape[1], mask.shape[0]]).all(axis=1)]
    numbers = numbers[binary[numbers[:, 1], numbers[:, 0]] > 0]
    if numbers.size == 0:
        return binary.view(np.bool_)
    # Pouring over the piece under one point of the face is quicker than numbering every piece; other points tell whether it was it.
    poured, filled = binary, 1
    while numbers.size:
        poured, filled = poured.copy(), filled + 1
        cv2.floodFill(poured, None, (int(numbers[0, 0]), int(numbers[0, 1])), filled, flags=4)
        elsewhere = numbers[poured[numbers[:, 1], numbers[:, 0]] == 1]
        if len(elsewhere) * 2 <= len(numbers) or filled == _MOST_PIECES:
            break
        numbers = elsewhere
    return np.asarray(poured == filled)
