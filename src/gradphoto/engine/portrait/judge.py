"""Measurements in, verdict out: a table of rules read against the profile's thresholds.

Nothing is measured here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from gradphoto.engine.portrait.crop import Crop, WindowResult
from gradphoto.engine.portrait.measure import Measurements
from gradphoto.engine.portrait.rules import FACE_COUNT, RULES, Rule, Seen
from gradphoto.engine.portrait.thresholds import threshold
from gradphoto.engine.portrait.verdict import Outcome, RuleFinding, Verdict, verdict_of
from gradphoto.engine.portrait.window_rules import WINDOW_RULES, WindowRule
from gradphoto.engine.standards.profiles import PhotoProfile


def judge(measurements: Measurements, profile: PhotoProfile, crop: Crop | None = None) -> Verdict:
    """Read every rule; the windows of the geometry are judged when their ``crop`` is given.

    A picture without exactly one face is judged on that alone: every other number would describe somebody else.
    """
    findings: list[RuleFinding] = []
    kept: list[str] = []
    if measurements.face_count != 1 or measurements.face is None:
        findings.append(_finding(FACE_COUNT, Outcome.FAIL, float(measurements.face_count), 1.0))
        return Verdict(Outcome.FAIL, tuple(findings), ())
    kept.append(FACE_COUNT.code)
    seen = Seen(measurements, measurements.face, _backdrop_distance(measurements, profile))
    for rule in RULES:
        _apply(rule, seen, profile, findings, kept)
    if crop is not None:
        for window, window_rule in _judged_windows(crop):
            if window.miss_px:
                findings.append(_window_finding(window, window_rule))
            else:
                kept.append(window_rule.code)
    return verdict_of(findings, kept)


def _apply(rule: Rule, seen: Seen, profile: PhotoProfile, findings: list[RuleFinding], kept: list[str]) -> None:
    value = rule.measure(seen)
    if value is None:
        return
    for name, outcome in rule.limits:
        limit = threshold(profile, name)
        if value > limit if rule.at_most else value < limit:
            findings.append(_finding(rule, outcome, value, limit))
            return
    kept.append(rule.code)


def _judged_windows(crop: Crop) -> Iterator[tuple[WindowResult, WindowRule]]:
    for window in crop.windows:
        if window.code in WINDOW_RULES:
            yield window, WINDOW_RULES[window.code]


def _finding(rule: Rule, outcome: Outcome, value: float, limit: float) -> RuleFinding:
    said = {"value": _number(value, rule.digits), "limit": _number(limit, rule.digits)}
    return RuleFinding(rule.code, outcome, value, limit, rule.unit, rule.sentence.format(**said), rule.advice)


def _window_finding(window: WindowResult, rule: WindowRule) -> RuleFinding:
    limit = window.min_px if window.miss_px < 0 else window.max_px
    assert limit is not None
    said = {"value": _number(window.value_px, rule.digits), "limit": _number(limit, rule.digits)}
    advice = rule.advice_below if window.miss_px < 0 else rule.advice_above
    return RuleFinding(rule.code, rule.outcome, window.value_px, limit, rule.unit, rule.sentence.format(**said), advice)


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"


def _backdrop_distance(measurements: Measurements, profile: PhotoProfile) -> float | None:
    """Distance in sRGB from the nearest allowed backdrop, in units of that backdrop's own tolerance."""
    face = measurements.face
    if face is None or face.backdrop.rgb is None or not profile.backdrops:
        return None
    return min(math.dist(face.backdrop.rgb, allowed.rgb) / max(allowed.tolerance, 1.0) for allowed in profile.backdrops)
