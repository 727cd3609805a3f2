"""Is this the same person? One photograph against one other, as evidence with a score; never a decision.

Faces are biometric data: everything here is refused unless a :class:`ComparisonPolicy` from the campaign's rule set
permits it. The score is SFace's cosine; what it is taken to say stands in ``comparison.toml`` with its sources.

The synthetic sitters of ``gradphoto.demo`` are of no use here: SFace cannot tell them apart (0.71 to 0.94 between
different ones), so no test and no calibration may use them for identity.
"""

from __future__ import annotations

import functools
import threading
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.late_import import late
from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.detect import Face
from gradphoto.engine.wording import Wording

if TYPE_CHECKING:
    from ortools.graph.python import linear_sum_assignment
else:
    linear_sum_assignment = late("ortools.graph.python.linear_sum_assignment")

Embedding = npt.NDArray[np.float32]
Key = TypeVar("Key")

# The network sees 112 x 112 px with the eyes about 35 px apart; much less cannot be made up for by enlarging.
_EYES_FLOOR_PX = 24.0
# The face is sought again, for its five points, in a cut-out of this many box sizes, enlarged or reduced to this side.
_CUT_OUT, _CUT_OUT_PX = 2.0, 320
_SCORE_FLOOR, _OVERLAP_CEILING = 0.5, 0.3
_COST_SCALE = 10_000


class ComparisonError(GradPhotoError):
    """Faces are not compared; ``code`` begins with ``portrait.comparison_``."""


@dataclass(frozen=True, slots=True)
class ComparisonPolicy:
    """What a rule set says on comparing faces. ``source`` names the rule; by default nothing is permitted."""

    permitted: bool = False
    source: str = ""


class Band(StrEnum):
    """What a score is taken to say."""

    SAME_LIKELY = "same_likely"
    UNSURE = "unsure"
    DIFFERENT_LIKELY = "different_likely"


@dataclass(frozen=True, slots=True)
class Calibration:
    """The table of ``comparison.toml``; scores are cosines, ``swap_neighbourhood`` counts frames."""

    version: str
    same_likely_from: float
    different_likely_below: float
    swap_margin: float
    swap_neighbourhood: int

    def band(self, score: float) -> Band:
        """The band of a score."""
        if score >= self.same_likely_from:
            return Band.SAME_LIKELY
        return Band.DIFFERENT_LIKELY if score < self.different_likely_below else Band.UNSURE


@functools.cache
def calibration() -> Calibration:
    """The calibration that comes with the product."""
    text = resources.files(__package__).joinpath("comparison.toml").read_text(encoding="utf-8")
    values: dict[str, Any] = tomllib.loads(text)
    values.pop("source")
    return Calibration(**values)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Evidence on two photographs: ``score`` -1 to 1, its band, and what a person should make of it."""

    score: float
    band: Band
    calibration_version: str
    note: Wording

    def to_json(self) -> dict[str, object]:
        """Plain values, for storage; the embeddings are never stored."""
        return {"score": round(self.score, 4), "band": self.band.value, "calibration": self.calibration_version}


class SwapHint(NamedTuple):
    """A frame that looks like a neighbour: labelled ``key``, looks like ``looks_like``; both scores; what to do."""

    key: object
    looks_like: object
    score_labelled: float
    score_suggested: float
    calibration_version: str
    note: Wording
    place: int
    """Which of the frames given, from 0: a label may come more than once."""


_NOTES = {
    Band.SAME_LIKELY: Wording(
        "两张照片很可能是同一人。仅供参考，须由人核对。",
        "The two photographs are likely of the same person. This is evidence; a person must check.",
    ),
    Band.UNSURE: Wording(
        "无法判断是否为同一人，请人工核对。", "Whether they show the same person is unsure: please look at both."
    ),
    Band.DIFFERENT_LIKELY: Wording(
        "两张照片很可能不是同一人。仅供参考，请人工核对；年代久远、光线或姿态不同也会造成此结果。",
        "The two photographs are likely of different people. This is evidence only: look at both; years between them, "
        "light or pose may cause it too.",
    ),
}
_SWAP_NOTE = Wording(
    "这张照片更像邻近的另一名学生，可能照片互换；请人工核对后再处理。",
    "This picture looks more like another student near by: the two may have been swapped. Check by eye before acting.",
)


def require_permission(policy: ComparisonPolicy | None) -> None:
    """Raises :class:`ComparisonError` ``portrait.comparison_not_permitted`` unless a rule set permits comparing."""
    if policy is None or not policy.permitted:
        raise ComparisonError(
            "portrait.comparison_not_permitted",
            Wording("本批次的规则未允许人脸比对。", "This campaign's rules do not permit comparing faces."),
            Wording(
                "如确有依据，请由校级管理员在规则集中注明来源后开启。",
                "If there is a ground for it, let the university's administrator turn it on in the rule set and name the source.",
            ),
        )


class FaceComparer:
    """Makes embeddings of faces. Build it once; calls from several threads take turns.

    Raises :class:`ComparisonError` (``portrait.comparison_not_permitted``) without a policy that permits it, and
    :class:`ModelError` when a model is missing or altered.
    """

    def __init__(self, models_dir: Path | None = None, *, policy: ComparisonPolicy | None = None) -> None:
        require_permission(policy)
        nothing = np.empty(0, np.uint8)
        detector = np.frombuffer(models.load("face_detector", models_dir), np.uint8)
        recogniser = np.frombuffer(models.load("face_recognition", models_dir), np.uint8)
        side = (_CUT_OUT_PX, _CUT_OUT_PX)
        self._points = cv2.FaceDetectorYN.create("onnx", detector, nothing, side, _SCORE_FLOOR, _OVERLAP_CEILING)
        self._network = cv2.FaceRecognizerSF.create("onnx", recogniser, nothing)
        self._turn = threading.Lock()

    def embed(self, rgb: Rgb, face: Face) -> Embedding:
        """128 numbers of length 1 (float32) for a detected ``face`` of a picture (uint8, height x width x 3).

        The face is aligned by the detector's five points (eyes, nose, corners of the mouth). Raises
        :class:`ComparisonError`: ``portrait.comparison_too_small`` (eyes less than 24 px apart),
        ``portrait.comparison_no_face`` (no five points where the face should be).
        """
        if float(np.hypot(*np.subtract(face.left_eye, face.right_eye))) < _EYES_FLOOR_PX:
            raise _too_small()
        cut = _cut_out(rgb, face)
        with self._turn:
            self._points.setInputSize((cut.shape[1], cut.shape[0]))
            _, rows = self._points.detect(cut)
            if rows is None:
                raise _no_face()
            middle = np.array([cut.shape[1], cut.shape[0]]) / 2
            nearest = min(rows, key=lambda row: float(np.linalg.norm(row[:2] + row[2:4] / 2 - middle)))
            numbers = self._network.feature(self._network.alignCrop(cut, nearest))
        vector = np.array(numbers, dtype=np.float32).reshape(-1)
        return vector / np.float32(np.linalg.norm(vector))


def compare(a: Embedding, b: Embedding, *, policy: ComparisonPolicy | None = None) -> Comparison:
    """What two embeddings say of their being one person. Raises ``portrait.comparison_not_permitted``."""
    require_permission(policy)
    table, score = calibration(), float(a @ b)
    band = table.band(score)
    return Comparison(score, band, table.version, _NOTES[band])


def find_swaps(
    frames: Sequence[tuple[Key, Embedding]],
    references: Mapping[Key, Embedding],
    *,
    policy: ComparisonPolicy | None = None,
) -> tuple[SwapHint, ...]:
    """Frames of one session that look swapped with a neighbour's, strongest evidence first.

    ``frames``: each frame's label and embedding in the order they were taken; a label may come more than once.
    ``references``: an earlier photograph's embedding by label (ID card, admission); labels may be missing.
    A frame is only ever compared with the references of a few neighbours, never with a whole school. All frames are
    given to labels at once (an assignment of the greatest total score), so that a student who looks like two others is
    suggested for one; a hint is made only where the evidence is strong (``comparison.toml``).
    Raises :class:`ComparisonError` ``portrait.comparison_not_permitted``.
    """
    require_permission(policy)
    table = calibration()
    known = [index for index, (label, _) in enumerate(frames) if label in references]
    hints = []
    for index, slot in _assigned(frames, references, known, table.swap_neighbourhood):
        (label, embedding), suggested = frames[index], frames[slot][0]
        labelled_score, score = (float(embedding @ references[name]) for name in (label, suggested))
        strong = table.band(score) is Band.SAME_LIKELY and table.band(labelled_score) is not Band.SAME_LIKELY
        if label != suggested and strong and score - labelled_score >= table.swap_margin:
            hints.append(SwapHint(label, suggested, labelled_score, score, table.version, _SWAP_NOTE, index))
    return tuple(sorted(hints, key=lambda hint: hint.score_labelled - hint.score_suggested))


class PairKind(StrEnum):
    """What two photographs of one session say together."""

    TWO_NAMES = "two_names"  # the same face under two names
    ONE_NAME = "one_name"  # two faces under one name


class PairHint(NamedTuple):
    """Two frames of a session that do not go with their names; ``score`` is their cosine, -1 to 1."""

    kind: PairKind
    frame: object
    other: object
    score: float
    calibration_version: str


def find_pairs(
    frames: Sequence[tuple[Key, object, Embedding]], *, policy: ComparisonPolicy | None = None
) -> tuple[PairHint, ...]:
    """The same face under two names, and two faces under one, within one session; the strongest evidence first.

    ``frames``: key, name and embedding of each. One room's session is compared with itself, some hundred people, never a
    school: measured over 6,912 different pairs none reached ``same_likely_from``, no same pair lay below
    ``different_likely_below``. Raises :class:`ComparisonError` ``portrait.comparison_not_permitted``.
    """
    require_permission(policy)
    if len(frames) < 2:
        return ()
    table = calibration()
    every = np.stack([embedding for _, _, embedding in frames])
    scores = every @ every.T
    hints = []
    for one in range(len(frames)):
        for other in range(one + 1, len(frames)):
            score, alike = float(scores[one, other]), frames[one][1] == frames[other][1]
            band = table.band(score)
            if alike and band is Band.DIFFERENT_LIKELY:
                hints.append(PairHint(PairKind.ONE_NAME, frames[one][0], frames[other][0], score, table.version))
            elif not alike and band is Band.SAME_LIKELY:
                hints.append(PairHint(PairKind.TWO_NAMES, frames[one][0], frames[other][0], score, table.version))
    return tuple(sorted(hints, key=lambda hint: -abs(hint.score)))


def _assigned(
    frames: Sequence[tuple[Key, Embedding]],
    references: Mapping[Key, Embedding],
    known: Sequence[int],
    neighbourhood: int,
) -> list[tuple[int, int]]:
    """Each known frame with the frame whose label it should have: near ones only, the greatest total score."""
    solver = linear_sum_assignment.SimpleLinearSumAssignment()
    for row, index in enumerate(known):
        for column, slot in enumerate(known):
            if abs(index - slot) <= neighbourhood:
                score = float(frames[index][1] @ references[frames[slot][0]])
                solver.add_arc_with_cost(row, column, round((1.0 - score) * _COST_SCALE))
    # Every frame may keep its own label, so there is always a solution.
    solver.solve()
    return [(index, known[solver.right_mate(row)]) for row, index in enumerate(known)]


def _cut_out(rgb: Rgb, face: Face) -> npt.NDArray[np.uint8]:
    """The face with some surroundings in the middle of a square, blue first (as OpenCV's networks want it)."""
    half = _CUT_OUT * max(face.box[2:]) / 2
    left, top = round(face.centre[0] - half), round(face.centre[1] - half)
    side, (height, width) = max(1, round(2 * half)), rgb.shape[:2]
    part = rgb[max(0, top) : top + side, max(0, left) : left + side]
    below, right = max(0, top + side - height), max(0, left + side - width)
    square = cv2.copyMakeBorder(part, max(0, -top), below, max(0, -left), right, cv2.BORDER_REPLICATE)
    shrinking = side > _CUT_OUT_PX
    square = cv2.resize(
        square, (_CUT_OUT_PX, _CUT_OUT_PX), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    )
    return np.asarray(cv2.cvtColor(square, cv2.COLOR_RGB2BGR), dtype=np.uint8)


def _too_small() -> ComparisonError:
    return ComparisonError(
        "portrait.comparison_too_small",
        Wording("人脸太小，无法可靠比对。", "The face is too small to be compared reliably."),
        Wording("请使用更大的原图。", "Use a larger original."),
    )


def _no_face() -> ComparisonError:
    return ComparisonError(
        "portrait.comparison_no_face",
        Wording("在此处找不到清晰的人脸，无法比对。", "No clear face is found there, so nothing is compared."),
        Wording("请换一张正面清晰的照片。", "Use another, clear and frontal photograph."),
    )
