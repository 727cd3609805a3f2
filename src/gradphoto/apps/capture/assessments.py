"""Keeping what the engine says of a frame: the newest assessment is the present one, the older ones stay."""

from __future__ import annotations

from typing import Any

from gradphoto.apps.capture.models import Assessment, AssessmentFinding, Frame
from gradphoto.apps.capture.verdicts import rules_of
from gradphoto.engine.portrait.assessment import Assessment as Measured

_A_FAIL, _A_REVIEW, _MOST_EXCESS = 10_000, 100, 99


def keep_assessment(frame: Frame, measured: Measured) -> Assessment:
    """Store measurements, crop and verdict beside the frame and make them the present ones.

    The same pipeline and thresholds again change nothing; others add a row and leave the old one as it was.
    """
    findings = [finding.to_json() for finding in measured.verdict.findings]
    frame.assessments.filter(current=True).update(current=False)
    row, made = Assessment.objects.get_or_create(
        frame=frame,
        profile=measured.profile_code,
        pipeline_version=measured.pipeline_version,
        rules_version=rules_of(frame.session.campaign, measured.profile_code),
        defaults={
            "outcome": measured.verdict.outcome.value,
            "severity": severity(findings),
            "findings": findings,
            "kept": list(measured.verdict.kept),
            "not_assessed": [one.to_json() for one in measured.verdict.not_assessed],
            "measurements": measured.measurements.to_json(),
            "crop": measured.crop.to_json() if measured.crop else None,
            "current": True,
        },
    )
    if made:
        AssessmentFinding.objects.bulk_create(
            AssessmentFinding(assessment=row, code=code, outcome=outcome)
            for code, outcome in {str(item["code"]): str(item["outcome"]) for item in findings}.items()
        )
    else:
        row.current = True
        row.save(update_fields=["current"])
    return row


def severity(findings: list[dict[str, Any]]) -> int:
    """How early a frame must be looked at: every fail before any review, more before fewer, farther out before nearer."""
    fails = sum(item["outcome"] == "fail" for item in findings)
    return fails * _A_FAIL + (len(findings) - fails) * _A_REVIEW + max(map(_excess, findings), default=0)


def _excess(finding: dict[str, Any]) -> int:
    value, limit = float(finding.get("value") or 0), float(finding.get("limit") or 0)
    return min(_MOST_EXCESS, round(100 * abs(value - limit) / max(abs(limit), 1.0)))


def present_assessment(frame: Frame) -> Assessment | None:
    """The verdict that counts now."""
    return frame.assessments.filter(current=True).first()
