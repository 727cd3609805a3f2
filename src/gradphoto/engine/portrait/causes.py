"""Which fault makes which others: a person whose eyes are shut looks down, and no eye of theirs can be seen.

Every finding is kept, but what one cause explains is told once, with the cause: who mends the cause mends the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_EYES = ("eye_right_open", "eye_left_open")
_SHUT = (*_EYES, "eye_right_visible", "eye_left_visible", "gaze_side", "gaze_down", "eyes_covered",
         "glasses_tint", "glasses_frame", "glasses_glare", "red_eye")  # fmt: skip
_CAST = ("cast_cold", "cast_warm", "cast_green", "cast_red")
_BACKDROP = ("backdrop_colour", "backdrop_shadow", "backdrop_gradient", "backdrop_even", "clothes_like_backdrop")
_HIDES_EYES = ("eye_right_visible", "eye_left_visible", "eye_right_open", "eye_left_open", "gaze_side", "gaze_down")
_WINDOWS = ("face_width", "hair_top", "eye_line", "head_room", "chin", "centre", "side")

# The cause, then what it explains; nearer causes stand first, so that a shake explains the blur before the lack of light does.
_CAUSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("head_cut_off", _WINDOWS),
    ("resolution", (*_WINDOWS, "enlarged", "sharpness", "upscaled", "source_quality")),
    ("enlarged", (*_WINDOWS, "sharpness", "upscaled")),
    ("face_width", _WINDOWS),
    ("eye_right_open", _SHUT),
    ("eye_left_open", _SHUT),
    ("mouth_covered", ("mouth_closed", "eyes_covered", "glasses_tint", "high_collar", "sharpness", "upscaled", "light_balance")),
    ("glasses_tint", (*_HIDES_EYES, "eyes_covered", "glasses_frame")),
    ("eyes_covered", (*_HIDES_EYES, "glasses_frame", "glasses_tint", "brow_right", "brow_left")),
    ("glasses_glare", _HIDES_EYES),
    ("head_covering", ("hair_colour", "hair_area", "brow_right", "brow_left", "ear_right", "ear_left", "hair_top")),
    ("head_roll", ("shoulders_level",)),
    ("head_yaw", ("gaze_side", "ear_right", "ear_left", "light_balance", "centre")),
    ("head_pitch", ("gaze_down",)),
    ("too_dark", ("flat_light", "noise", "eye_right_visible", "eye_left_visible", *_BACKDROP)),
    ("too_bright", ("highlights", "flat_light", "glasses_glare", *_BACKDROP)),
    ("highlights", ("glasses_glare",)),
    ("light_balance", ("backdrop_shadow", "backdrop_gradient", "backdrop_even")),
    ("flat_light", ("eye_right_visible", "eye_left_visible")),
    ("greyscale", (*_CAST, "backdrop_colour", "hair_colour")),
    ("cast_green", ("backdrop_colour", "hair_colour", "cast_warm")),
    ("cast_red", ("backdrop_colour", "hair_colour")),
    ("cast_cold", ("backdrop_colour", "hair_colour")),
    ("cast_warm", ("backdrop_colour", "hair_colour")),
    ("backdrop_shadow", ("backdrop_even", "backdrop_gradient")),
    ("backdrop_gradient", ("backdrop_even", "backdrop_colour")),
    ("motion_blur", ("sharpness", "upscaled")),
    ("upscaled", ("sharpness",)),
    ("sharpness", ("upscaled",)),
    ("source_quality", ("recompressed", "noise", "upscaled")),
    ("ear_right", ("ear_left",)),
    ("brow_right", ("brow_left",)),
    ("eye_right_visible", ("eye_left_visible",)),
    ("hair_area", ("ear_right", "ear_left")),
)  # fmt: skip
_PREFIX = "portrait."


def causes_of(severities: Mapping[str, int], beyond: Mapping[str, float] | None = None) -> dict[str, str]:
    """Which of the broken rules explains which: explained code to the cause's code. A cause is no milder than what it explains,
    and a chain is told by its first cause (``severities``: how bad each broken rule's outcome is, larger is worse). One light makes
    one cast: the one that is farthest ``beyond`` its limit is told, and green, which is always yellowish, before warm.
    """
    causes: dict[str, str] = {}
    rivals = _CAST if _PREFIX + "cast_green" not in severities else ("cast_cold", "cast_green", "cast_red")
    casts = sorted(_present(rivals, severities), key=lambda code: -(beyond or {}).get(code, 0.0))
    causes.update(dict.fromkeys(casts[1:], casts[0]) if casts else {})
    for name, explained in _CAUSES:
        cause = _PREFIX + name
        if cause not in severities:
            continue
        for code in _present(explained, severities):
            if code not in causes and severities[code] <= severities[cause] and _first(cause, causes) != code:
                causes[code] = cause
    return {code: _first(code, causes) for code in causes}


def _present(names: Iterable[str], severities: Mapping[str, int]) -> list[str]:
    return [_PREFIX + name for name in names if _PREFIX + name in severities]


def _first(code: str, causes: Mapping[str, str]) -> str:
    """The cause at the end of the chain; rings are never made."""
    while code in causes:
        code = causes[code]
    return code
