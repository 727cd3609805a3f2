"""Measurements in, verdict out: a table of rules read against the profile's thresholds.

Nothing is measured here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from gradphoto.engine.portrait.crop import Crop, WindowResult
from gradphoto.engine.portrait.measure import FaceMeasures, Measurements
from gradphoto.engine.portrait.rules import FACE_COUNT, RULES, Rule, Seen, Trained
from gradphoto.engine.portrait.thresholds import threshold
from gradphoto.engine.portrait.tone import lean_of
from gradphoto.engine.portrait.verdict import NotAssessed, Outcome, RuleFinding, Verdict, verdict_of
from gradphoto.engine.portrait.window_rules import WINDOW_RULES, WindowRule
from gradphoto.engine.standards.profiles import PhotoProfile
from gradphoto.engine.wording import Wording


def judge(measurements: Measurements, profile: PhotoProfile, crop: Crop | None = None) -> Verdict:
    """Read every rule; the windows of the geometry are judged when their ``crop`` is given.

    A picture without exactly one face is judged on that alone: every other number would describe somebody else.
    """
    if measurements.face_count != 1 or measurements.face is None:
        found = _finding(FACE_COUNT, FACE_COUNT, Outcome.FAIL, float(measurements.face_count), 1.0)
        return verdict_of([found], ())
    judged = _Judged([], [FACE_COUNT.code], [])
    seen = Seen(measurements, measurements.face, *_backdrop_against(measurements.face, profile))
    for rule in RULES:
        _apply(rule, seen, profile, judged)
    if crop is not None:
        for window, window_rule in _judged_windows(crop):
            if window.miss_px:
                judged.findings.append(_window_finding(window, window_rule))
            else:
                judged.kept.append(window_rule.code)
    return verdict_of(judged.findings, judged.kept, judged.not_assessed)


@dataclass(frozen=True, slots=True)
class _Judged:
    findings: list[RuleFinding]
    kept: list[str]
    not_assessed: list[NotAssessed]


def _apply(rule: Rule, seen: Seen, profile: PhotoProfile, judged: _Judged) -> None:
    value = rule.trained.measure(seen) if rule.trained else None
    reading: Rule | Trained = rule
    if rule.trained is not None and value is not None:
        reading = rule.trained
    else:
        value = rule.measure(seen)
    if not rule.applies(seen) or not any(math.isfinite(threshold(profile, name)) for name, _ in reading.limits):
        judged.kept.append(rule.code)
        return
    if value is None:
        judged.not_assessed.append(_unknown(rule))
        return
    doubt = threshold(profile, reading.uncertainty) if reading.uncertainty else 0.0
    for name, outcome in reading.limits:
        limit = threshold(profile, name)
        beyond = value - limit if reading.at_most else limit - value
        # Certainly beyond: as the limit says. Perhaps beyond: a person decides, not a coin.
        if beyond > -doubt and (beyond > 0.0 or doubt):
            judged.findings.append(
                _finding(rule, reading, outcome if beyond > doubt else Outcome.REVIEW, value, limit, doubt)
            )
            return
    if reading is not rule or rule.vouches(seen):
        judged.kept.append(rule.code)
    else:
        judged.not_assessed.append(_unknown(rule))


def _unknown(rule: Rule) -> NotAssessed:
    return NotAssessed(rule.code, Wording(f"未自动评估：{rule.look.zh}。", f"Not assessed: {rule.look.en}."))


def _judged_windows(crop: Crop) -> Iterator[tuple[WindowResult, WindowRule]]:
    for window in crop.windows:
        if window.code in WINDOW_RULES:
            yield window, WINDOW_RULES[window.code]


def _finding(
    rule: Rule, reading: Rule | Trained, outcome: Outcome, value: float, limit: float, doubt: float = 0.0
) -> RuleFinding:
    said = told(value, limit, reading.digits)
    sentence = (reading.sentence or rule.sentence).format(**said)
    if abs(value - limit) < doubt:
        about = f"{doubt:.{reading.digits}f}" if float(f"{doubt:.{reading.digits}f}") else f"{doubt:.1g}"
        sentence = Wording(
            f"接近限值，请人工判断：{rule.look.zh}（测得 {said['value']}{rule.unit}，限值 {said['limit']}{rule.unit}，误差 ±{about}）。",
            f"Too near to the limit to say: {rule.look.en} (measured {said['value']}{rule.unit}, limit "
            f"{said['limit']}{rule.unit}, give or take {about}).",
        )
    return RuleFinding(rule.code, outcome, value, limit, rule.unit, sentence, rule.advice, doubt)


def _window_finding(window: WindowResult, rule: WindowRule) -> RuleFinding:
    limit = window.min_px if window.miss_px < 0 else window.max_px
    assert limit is not None
    advice = rule.advice_below if window.miss_px < 0 else rule.advice_above
    said = told(window.value_px, limit, rule.digits)
    return RuleFinding(rule.code, rule.outcome, window.value_px, limit, rule.unit, rule.sentence.format(**said), advice)


_MOST_DIGITS = 4


def told(value: float, limit: float, digits: int) -> dict[str, str]:
    """``value`` and ``limit`` as text, with as many digits as it takes to tell them apart ("38, over 38" is nonsense)."""
    while digits < _MOST_DIGITS and value != limit and f"{value:.{digits}f}" == f"{limit:.{digits}f}":
        digits += 1
    return {"value": f"{value:.{digits}f}", "limit": f"{limit:.{digits}f}"}


# Only a coloured backdrop that is within its tolerance says by its lean anything of the light: white walls are of many whites. One whose
# channels differ by no more than so many grey levels has no cast.
_WITHIN, _COLOURED, _COLOURLESS = 1.0, 40, 2


def _backdrop_against(
    face: FaceMeasures, profile: PhotoProfile
) -> tuple[float | None, tuple[float, float] | None, bool]:
    """Distance in sRGB from the nearest allowed backdrop, in units of that backdrop's own tolerance; its lean in a* and b* where it
    is coloured and within it; whether it is one without colour and has none.
    """
    seen = face.backdrop.rgb
    if seen is None or not profile.backdrops:
        return None, None, False
    distance, allowed = min(
        ((math.dist(seen, one.rgb) / max(one.tolerance, 1.0), one) for one in profile.backdrops),
        key=lambda pair: pair[0],
    )
    if distance > _WITHIN:
        return distance, None, False
    if max(allowed.rgb) - min(allowed.rgb) >= _COLOURED:
        return distance, lean_of(seen, allowed.rgb), False
    return distance, None, max(seen) - min(seen) <= _COLOURLESS
