"""What measured faces say of the numbers they stand under: pairs to be looked at, with their scores and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradphoto.apps.capture.models import Frame
from gradphoto.apps.pairing.models import FaceHintKind
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.portrait.compare import (
    Band,
    ComparisonPolicy,
    Embedding,
    PairKind,
    compare,
    find_pairs,
    find_swaps,
)
from gradphoto.engine.wording import Wording

Measured = Sequence[tuple[Frame, Embedding]]
REMEDY = Wording(
    "分数不能证明是谁。请看两张照片、核对本人和证件，再写明情况。",
    "A score proves nothing. Look at both pictures, at the person and the card, then say what it was.",
)
"""Short, as it stands large on the screen; what a score can say and what it cannot stands beside the faces."""


@dataclass(frozen=True, slots=True)
class Found:
    """One pair: a frame against another of the session, or against the photograph on file of somebody. Scores: cosine."""

    kind: FaceHintKind
    frame: Frame
    other: Frame | None
    reference_of: Candidate | None
    score: float
    own_score: float | None
    calibration: str

    @property
    def key(self) -> tuple[str, int, int | None, int | None]:
        """Names the pair, whichever score it has today."""
        of = self.reference_of.pk if self.reference_of else None
        return self.kind.value, self.frame.pk, self.other.pk if self.other else None, of

    @property
    def sentence(self) -> Wording:
        """What was seen, with numbers and scores; never that it is so."""
        one, score = _number(self.frame), f"{self.score:.2f}"
        if self.kind is FaceHintKind.TWO_NAMES:
            two = _number(self.other)
            return Wording(
                f"{one} 与 {two} 的照片像同一个人（相似度 {score}）。",
                f"The photographs of {one} and {two} look like one person (score {score}).",
            )
        if self.kind is FaceHintKind.ONE_NAME:
            return Wording(
                f"{one} 名下的两张照片像两个人（相似度 {score}）。",
                f"Two photographs of {one} look like two people (score {score}).",
            )
        if self.kind is FaceHintKind.UNLIKE_REFERENCE:
            return Wording(
                f"{one} 的照片与留存照片不像同一个人（相似度 {score}）。",
                f"The photograph of {one} does not look like the one on file (score {score}).",
            )
        name = self.reference_of.name if self.reference_of else ""
        return Wording(
            f"{one} 的照片更像 {name} 的留存照片（相似度 {score}，与本人 {self.own_score:.2f}）。",
            f"The photograph of {one} looks more like the one on file of {name} (score {score}, own {self.own_score:.2f}).",
        )


def within_session(faces: Measured, policy: ComparisonPolicy) -> Iterator[Found]:
    """The same face under two numbers, two faces under one."""
    frames = {frame.pk: frame for frame, _ in faces}
    measured = [(frame.pk, frame.check_in_id, face) for frame, face in faces]
    for hint in find_pairs(measured, policy=policy):
        kind = FaceHintKind.TWO_NAMES if hint.kind is PairKind.TWO_NAMES else FaceHintKind.ONE_NAME
        one, other = frames[int(str(hint.frame))], frames[int(str(hint.other))]
        yield Found(kind, one, other, None, hint.score, None, hint.calibration_version)


def against_references(faces: Measured, on_file: Mapping[int, Embedding], policy: ComparisonPolicy) -> Iterator[Found]:
    """Each face with the photograph on file of whose name it bears, and with those of a few neighbours."""
    people = {frame.check_in.candidate_id: frame.check_in.candidate for frame, _ in faces if frame.check_in}
    mine = [(frame, face, frame.check_in.candidate) for frame, face in faces if frame.check_in]
    explained = set()
    for hint in find_swaps([(who.pk, face) for _, face, who in mine], on_file, policy=policy):
        frame = mine[hint.place][0]
        explained.add(frame.pk)
        like = people[int(str(hint.looks_like))]
        yield Found(
            FaceHintKind.LIKE_ANOTHER, frame, None, like, hint.score_suggested, hint.score_labelled,
            hint.calibration_version,
        )  # fmt: skip
    for frame, face, who in mine:
        if frame.pk in explained or who.pk not in on_file:
            continue
        seen = compare(face, on_file[who.pk], policy=policy)
        if seen.band is Band.DIFFERENT_LIKELY:
            yield Found(
                FaceHintKind.UNLIKE_REFERENCE, frame, None, who, seen.score, seen.score, seen.calibration_version
            )


def _number(frame: Frame | None) -> str:
    return frame.check_in.number_label if frame and frame.check_in else "—"
