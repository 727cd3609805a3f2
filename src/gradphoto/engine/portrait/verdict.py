"""What a judgement looks like, apart from how it is reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gradphoto.engine.wording import Wording


class Outcome(StrEnum):
    """``REVIEW`` asks a person to look; ``FAIL`` means the picture will be refused."""

    PASS = "pass"  # noqa: S105  an outcome, no password
    REVIEW = "review"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """One broken rule: what was measured, the limit it broke, and what to say to the person."""

    code: str
    outcome: Outcome
    value: float
    limit: float
    unit: str
    sentence: Wording
    advice: Wording

    def to_json(self) -> dict[str, object]:
        """Plain values, for storage."""
        return {
            "code": self.code,
            "outcome": self.outcome.value,
            "value": round(self.value, 3),
            "limit": round(self.limit, 3),
            "unit": self.unit,
            "sentence": {"zh": self.sentence.zh, "en": self.sentence.en},
            "advice": {"zh": self.advice.zh, "en": self.advice.en},
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """The worst outcome, the broken rules (worst first), and the codes of the rules that were kept."""

    outcome: Outcome
    findings: tuple[RuleFinding, ...]
    kept: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Plain values, for storage."""
        return {
            "outcome": self.outcome.value,
            "findings": [finding.to_json() for finding in self.findings],
            "kept": list(self.kept),
        }


_SEVERITY = {Outcome.PASS: 0, Outcome.REVIEW: 1, Outcome.FAIL: 2}


def verdict_of(findings: Iterable[RuleFinding], kept: Iterable[str]) -> Verdict:
    """The findings worst first, and the outcome that follows from them."""
    ordered = sorted(findings, key=lambda finding: -_SEVERITY[finding.outcome])
    return Verdict(ordered[0].outcome if ordered else Outcome.PASS, tuple(ordered), tuple(kept))
