"""What a judgement looks like, apart from how it is reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from gradphoto.engine.portrait.causes import causes_of
from gradphoto.engine.wording import Wording


class Outcome(StrEnum):
    """``REVIEW`` asks a person to look; ``FAIL`` means the picture will be refused.

    ``NOT_ASSESSED`` is a rule's outcome only: nothing here can tell, so a person looks as at every picture. A picture as a
    whole passes, is reviewed or fails by the rules that could be read.
    """

    PASS = "pass"  # noqa: S105  an outcome, no password
    REVIEW = "review"
    FAIL = "fail"
    NOT_ASSESSED = "not_assessed"


PICTURE_OUTCOMES = (Outcome.FAIL, Outcome.REVIEW, Outcome.PASS)
"""What a picture as a whole can end as, the worst first."""


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """One broken rule: what was measured, the limit it broke, and what to say to the person.

    ``uncertainty`` is how far the value may be off in either direction, in its own unit; 0 where it is exact.
    ``explained_by`` is the code of the finding that makes this one (``portrait/causes.py``): it is told with that one, not again.
    """

    code: str
    outcome: Outcome
    value: float
    limit: float
    unit: str
    sentence: Wording
    advice: Wording
    uncertainty: float = 0.0
    explained_by: str = ""

    def to_json(self) -> dict[str, object]:
        """Plain values, for storage."""
        return {
            "code": self.code,
            "outcome": self.outcome.value,
            "value": round(self.value, 3),
            "limit": round(self.limit, 3),
            "unit": self.unit,
            "uncertainty": round(self.uncertainty, 3),
            "explained_by": self.explained_by,
            "sentence": {"zh": self.sentence.zh, "en": self.sentence.en},
            "advice": {"zh": self.advice.zh, "en": self.advice.en},
        }


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """A rule on which nothing can be said honestly, and what a person has to look at instead."""

    code: str
    sentence: Wording

    def to_json(self) -> dict[str, object]:
        """Plain values, for storage."""
        return {
            "code": self.code,
            "outcome": Outcome.NOT_ASSESSED.value,
            "sentence": {"zh": self.sentence.zh, "en": self.sentence.en},
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """The worst outcome, the broken rules (in the order that saves a retake), the codes of the rules that were kept, and
    the rules that could not be assessed.
    """

    outcome: Outcome
    findings: tuple[RuleFinding, ...]
    kept: tuple[str, ...]
    not_assessed: tuple[NotAssessed, ...] = ()

    def told(self) -> tuple[tuple[RuleFinding, tuple[RuleFinding, ...]], ...]:
        """What has to be mended, in the order that saves a retake, each with the findings that it explains."""
        return tuple(
            (cause, tuple(one for one in self.findings if one.explained_by == cause.code))
            for cause in self.findings
            if not cause.explained_by
        )

    def to_json(self) -> dict[str, object]:
        """Plain values, for storage."""
        return {
            "outcome": self.outcome.value,
            "findings": [finding.to_json() for finding in self.findings],
            "kept": list(self.kept),
            "not_assessed": [one.to_json() for one in self.not_assessed],
        }


# The order in which a photographer mends things: first what makes every other number meaningless, then how the person is
# framed (the same step mends several windows), then what the person does, then what covers the face, light, backdrop,
# hair and clothes, and last what was done to the file. Within one outcome the findings are told in this order, those that
# another one explains (portrait/causes.py) after the others.
MENDING_ORDER = (
    "face_count", "file_format", "resolution", "enlarged", "head_cut_off",
    "face_width", "hair_top", "eye_line", "head_room", "chin", "centre", "side",
    "mouth_covered", "eyes_covered", "eye_right_open", "eye_left_open", "eye_right_visible", "eye_left_visible",
    "head_yaw", "head_pitch", "head_roll", "shoulders_level", "gaze_side", "gaze_down", "mouth_closed",
    "sharpness", "motion_blur", "too_dark", "too_bright", "highlights", "flat_light", "light_balance",
    "glasses_glare", "glasses_tint", "glasses_frame", "red_eye", "glasses", "head_covering",
    "ear_right", "ear_left", "brow_right", "brow_left", "hair_area", "hair_colour", "jewellery",
    "backdrop_colour", "backdrop_shadow", "backdrop_gradient", "backdrop_even",
    "clothes_like_backdrop", "clothes_pattern", "high_collar", "bare_shoulders",
    "matte_no_person", "matte_unseen", "matte_patterned", "matte_many_colours", "matte_alike", "matte_pocket",
    "greyscale", "cast_cold", "cast_warm", "cast_green", "cast_red", "noise", "upscaled", "source_quality", "recompressed",
    "file_pixels", "file_colour", "file_size", "file_quality", "file_dpi", "file_exif",
)  # fmt: skip
_PLACES = {f"portrait.{name}": place for place, name in enumerate(MENDING_ORDER)}
_SEVERITY = {Outcome.PASS: 0, Outcome.NOT_ASSESSED: 0, Outcome.REVIEW: 1, Outcome.FAIL: 2}


def verdict_of(
    findings: Iterable[RuleFinding], kept: Iterable[str], not_assessed: Iterable[NotAssessed] = ()
) -> Verdict:
    """The refusals first, a cause before what it explains, each in the order of mending, and what follows for the picture."""
    found = tuple(findings)
    beyond = {one.code: abs(one.value - one.limit) for one in found}
    causes = causes_of({one.code: _SEVERITY[one.outcome] for one in found}, beyond)
    ordered = sorted((replace(one, explained_by=causes.get(one.code, "")) for one in found), key=_place)
    return Verdict(ordered[0].outcome if ordered else Outcome.PASS, tuple(ordered), tuple(kept), tuple(not_assessed))


def _place(finding: RuleFinding) -> tuple[int, bool, int]:
    return -_SEVERITY[finding.outcome], bool(finding.explained_by), _PLACES.get(finding.code, len(_PLACES))
