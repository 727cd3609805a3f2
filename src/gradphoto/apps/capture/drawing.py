"""A verdict as a drawing on its frame: lines, windows and box in source pixels, and the same as a list in words.

Everything is read from the stored assessment, so that an old verdict is drawn as it was given. What is not there is
left out; a window or rule that this module does not know stands in the list without a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gradphoto.apps.capture.models import Assessment, Frame
from gradphoto.apps.capture.reasons import title_of
from gradphoto.engine.wording import Wording

# Window of the crop -> the measured row it is about.
_ROWS = {
    "hair_top": "hair_top_y_px",
    "head_room": "hair_top_y_px",
    "eye_line": "eye_line_y_px",
    "chin": "chin_y_px",
}
_CODES = {"scale": "portrait.enlarged"}
_SILENT = ("room_beside",)
"""The solver's own wishes, which no rule names."""
_LABEL_SHARE, _MARGIN, _TICK = 26, 0.06, 0.12


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in whole source pixels."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def between(cls, left: float, top: float, right: float, bottom: float) -> Box:
        return cls(round(left), round(top), max(1, round(right - left)), max(1, round(bottom - top)))


@dataclass(frozen=True, slots=True)
class Line:
    """A stroke with its label; ``state`` is ``kept``, ``review`` or ``fail``."""

    x1: int
    y1: int
    x2: int
    y2: int
    state: str
    title: Wording
    label: str = ""
    label_x: int = 0
    label_y: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """Where a line may lie."""

    box: Box
    state: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A row of the legend: what was measured and what is allowed, as text."""

    code: str
    title: Wording
    value: str
    allowed: str
    state: str


@dataclass(frozen=True, slots=True)
class Told:
    """A broken rule in words."""

    code: str
    title: Wording
    state: str
    sentence: Wording
    advice: Wording
    value: str
    limit: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A rule that could not be assessed: what to look at."""

    code: str
    title: Wording
    sentence: Wording


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the page needs; ``width`` and ``height`` are the upright source's. ``outcome`` is empty when unmeasured."""

    frame: Frame
    width: int
    height: int
    outcome: str
    crop: Box | None
    crop_label: str
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]
    readings: tuple[Reading, ...]
    told: tuple[Told, ...]
    kept: int
    unknown: tuple[Unknown, ...] = ()

    @property
    def font_px(self) -> int:
        """The labels' height, readable when the crop fills a phone."""
        return max(8, round((self.crop.width if self.crop else self.width) / _LABEL_SHARE))

    @property
    def whole(self) -> str:
        """The view box of the whole frame."""
        return f"0 0 {self.width} {self.height}"

    @property
    def close(self) -> str:
        """The view box of the crop with a margin."""
        if self.crop is None:
            return self.whole
        margin = round(self.crop.height * _MARGIN)
        return (
            f"{self.crop.x - margin} {self.crop.y - margin} "
            f"{self.crop.width + 2 * margin} {self.crop.height + 2 * margin}"
        )

    @property
    def beyond(self) -> tuple[Told, ...]:
        """The broken rules that no window of the crop stands for: they have a row of their own in the list."""
        drawn = {reading.code for reading in self.readings}
        return tuple(one for one in self.told if one.code not in drawn)

    @property
    def worst(self) -> Told | None:
        """The finding to shout."""
        return self.told[0] if self.told else None


def draw(frame: Frame, assessment: Assessment | None) -> Drawing:
    """The drawing of a frame; without an assessment only the picture."""
    if assessment is None:
        return Drawing(frame, 3, 4, "", None, "", (), (), (), (), 0)
    seen = _flat(assessment.measurements)
    crop: Mapping[str, Any] = assessment.crop or {}
    states = {item["code"]: item["outcome"] for item in assessment.findings}
    told = tuple(_told(item) for item in assessment.findings)
    windows = [window for window in crop.get("windows", ()) if window["code"] not in _SILENT]
    box = Box.between(crop["x"], crop["y"], crop["x"] + crop["width"], crop["y"] + crop["height"]) if crop else None
    return Drawing(
        frame=frame,
        width=int(seen.get("image_width_px") or 3),
        height=int(seen.get("image_height_px") or 4),
        outcome=assessment.outcome,
        crop=box,
        crop_label=f"{crop['output_width_px']}×{crop['output_height_px']}" if crop else "",
        lines=tuple(_lines(seen, crop, windows, states)) if box else (),
        bands=tuple(_bands(seen, crop, windows, states)) if box else (),
        readings=tuple(_reading(window, states) for window in windows),
        told=told,
        kept=len(assessment.kept),
        unknown=tuple(
            Unknown(item["code"], title_of(item["code"]), _wording(item.get("sentence")))
            for item in assessment.not_assessed
        ),
    )


def _flat(measurements: Mapping[str, Any]) -> dict[str, Any]:
    """The measurements by name, whether the sitter's stand apart or not."""
    flat = dict(measurements)
    flat.update(flat.pop("face", None) or {})
    return flat


def _code(window: Mapping[str, Any]) -> str:
    return _CODES.get(window["code"], f"portrait.{window['code']}")


def _state(window: Mapping[str, Any], states: Mapping[str, str]) -> str:
    missed = "review" if window.get("miss_px") else "kept"
    return states.get(_code(window), missed)


def _lines(
    seen: Mapping[str, Any], crop: Mapping[str, Any], windows: list[Any], states: Mapping[str, str]
) -> Iterator[Line]:
    left, right = round(crop["x"]), round(crop["x"] + crop["width"])
    label_x = left + round(crop["width"] * 0.015)
    for window in windows:
        name, state = window["code"], _state(window, states)
        label, title = f"{round(window['value_px'])}", title_of(_code(window))
        if name in _ROWS and _ROWS[name] in seen:
            y = round(seen[_ROWS[name]])
            yield Line(left, y, right, y, state, title, label, label_x, y - round(crop["height"] * 0.01))
        elif name == "face_width" and {"centre_x_px", "face_width_px", "eye_line_y_px", "chin_y_px"} <= seen.keys():
            yield from _face_width(seen, crop, state, title, label)
        elif name == "centre" and "centre_x_px" in seen:
            # Two ticks: a line across the face would hide what the reviewer is to judge.
            x, tick = round(seen["centre_x_px"]), round(crop["height"] * _TICK)
            for end, into in ((round(crop["y"]), tick), (round(crop["y"] + crop["height"]), -tick)):
                yield Line(x, end, x, end + into, state, title)
        elif name == "side" and {"head_left_x_px", "head_right_x_px"} <= seen.keys():
            for x in (round(seen["head_left_x_px"]), round(seen["head_right_x_px"])):
                yield Line(x, round(crop["y"]), x, round(crop["y"] + crop["height"]), state, title)


def _face_width(
    seen: Mapping[str, Any], crop: Mapping[str, Any], state: str, title: Wording, label: str
) -> Iterator[Line]:
    """Two cheeks and the distance between them, at the height of the cheeks."""
    half = seen["face_width_px"] / 2
    left, right = round(seen["centre_x_px"] - half), round(seen["centre_x_px"] + half)
    top, bottom = round(seen["eye_line_y_px"]), round(seen["chin_y_px"])
    middle = round((top + bottom) / 2)
    for x in (left, right):
        yield Line(x, top, x, bottom, state, title)
    yield Line(left, middle, right, middle, state, title, label, right + round(crop["width"] * 0.015), middle)


def _bands(
    seen: Mapping[str, Any], crop: Mapping[str, Any], windows: list[Any], states: Mapping[str, str]
) -> Iterator[Band]:
    """The windows back in source pixels: output pixels over the scale, counted from the crop's edge."""
    scale = float(crop.get("scale") or 1.0)
    left, top, right, bottom = crop["x"], crop["y"], crop["x"] + crop["width"], crop["y"] + crop["height"]
    for window in windows:
        low, high, state = window.get("min_px"), window.get("max_px"), _state(window, states)
        if low is None or high is None:
            continue
        if window["code"] in _ROWS:
            yield Band(Box.between(left, top + low / scale, right, top + high / scale), state)
        elif window["code"] == "centre":
            middle, tick = (left + right) / 2, crop["height"] * _TICK
            for start, end in ((top, top + tick), (bottom - tick, bottom)):
                yield Band(Box.between(middle + low / scale, start, middle + high / scale, end), state)
        elif window["code"] == "face_width" and {"centre_x_px", "chin_y_px", "eye_line_y_px"} <= seen.keys():
            yield from _cheeks(seen, low / scale / 2, high / scale / 2, state)


def _cheeks(seen: Mapping[str, Any], inner: float, outer: float, state: str) -> Iterator[Band]:
    middle, top, bottom = seen["centre_x_px"], seen["eye_line_y_px"], seen["chin_y_px"]
    yield Band(Box.between(middle - outer, top, middle - inner, bottom), state)
    yield Band(Box.between(middle + inner, top, middle + outer, bottom), state)


def _reading(window: Mapping[str, Any], states: Mapping[str, str]) -> Reading:
    low, high, digits = window.get("min_px"), window.get("max_px"), 2 if window["code"] == "scale" else 0
    unit = "×" if window["code"] == "scale" else "px"
    if low is not None and high is not None:
        allowed = f"{low:.{digits}f} – {high:.{digits}f} {unit}"
    else:
        allowed = f"≥ {low:.{digits}f} {unit}" if low is not None else f"≤ {high or 0:.{digits}f} {unit}"
    value = f"{window['value_px']:.{digits}f} {unit}"
    return Reading(_code(window), title_of(_code(window)), value, allowed, _state(window, states))


def _told(finding: Mapping[str, Any]) -> Told:
    unit = finding.get("unit", "")
    return Told(
        code=finding["code"],
        title=title_of(finding["code"]),
        state=finding["outcome"],
        sentence=_wording(finding.get("sentence")),
        advice=_wording(finding.get("advice")),
        value=f"{finding.get('value', 0):g} {unit}".strip(),
        limit=f"{finding.get('limit', 0):g} {unit}".strip(),
    )


def _wording(pair: Mapping[str, str] | None) -> Wording:
    return Wording((pair or {}).get("zh", ""), (pair or {}).get("en", ""))
