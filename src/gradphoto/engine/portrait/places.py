"""Where on a photograph a finding is: boxes and lines in pixels of the upright source, from the stored measurements.

What a rule measured is a number; where a person must look follows from the face's own points. A code without a place of
its own is about the whole picture and has no mark. The person's right is on the picture's left.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Mark = dict[str, float | str]
"""``kind`` is ``box`` (x, y, width, height), ``line`` (x1, y1, x2, y2) or ``point`` (x, y)."""

_EYE_WIDTH, _EYE_HEIGHT = 0.62, 0.36
"""An eye with its lids, in units of the distance between the eyes."""
_NEEDED = ("eye_line_y_px", "centre_x_px", "inter_eye_px", "chin_y_px", "face_width_px", "hair_top_y_px")


@dataclass(frozen=True, slots=True)
class _Head:
    """The head in source pixels; ``eye`` is the distance between the eyes."""

    width: float
    height: float
    eye: float
    eyes_y: float
    middle: float
    chin: float
    top: float
    left: float
    right: float
    face_width: float
    roll: float

    @classmethod
    def of(cls, seen: Mapping[str, Any]) -> _Head | None:
        if any(seen.get(name) is None for name in _NEEDED):
            return None
        half = float(seen["face_width_px"]) / 2
        middle = float(seen["centre_x_px"])
        return cls(
            width=float(seen["image_width_px"]),
            height=float(seen["image_height_px"]),
            eye=float(seen["inter_eye_px"]),
            eyes_y=float(seen["eye_line_y_px"]),
            middle=middle,
            chin=float(seen["chin_y_px"]),
            top=float(seen["hair_top_y_px"]),
            left=float(seen.get("head_left_x_px") or middle - half),
            right=float(seen.get("head_right_x_px") or middle + half),
            face_width=2 * half,
            roll=math.radians(float(seen.get("roll_deg") or 0.0)),
        )

    def eye_at(self, side: float) -> tuple[float, float]:
        """The middle of an eye; ``side`` -1 is the picture's left."""
        half = side * self.eye / 2
        return self.middle + half * math.cos(self.roll), self.eyes_y + half * math.sin(self.roll)


def marks_of(code: str, seen: Mapping[str, Any], crop: Mapping[str, Any] | None) -> list[Mark]:
    """Where to draw a finding. ``seen``: ``Measurements.to_json()``; ``crop``: ``Crop.to_json()`` or None."""
    head = _Head.of(seen)
    name = code.rpartition(".")[2]
    if head is None or name not in _PLACES:
        return []
    return [_within(mark, head) for mark in _PLACES[name](head, crop)]


def scaled(mark: Mark, factor: float) -> Mark:
    """The same mark on a copy; ``factor`` is copy pixels per source pixel."""
    return {key: value if isinstance(value, str) else round(value * factor, 1) for key, value in mark.items()}


def _within(mark: Mark, head: _Head) -> Mark:
    """Nothing is drawn beyond the picture's edge."""
    if mark["kind"] != "box":
        return mark
    left, top = max(0.0, float(mark["x"])), max(0.0, float(mark["y"]))
    right = min(head.width, float(mark["x"]) + float(mark["width"]))
    bottom = min(head.height, float(mark["y"]) + float(mark["height"]))
    return _box(left, top, max(left + 1, right), max(top + 1, bottom))


def _box(left: float, top: float, right: float, bottom: float) -> Mark:
    return {"kind": "box", "x": left, "y": top, "width": right - left, "height": bottom - top}


def _line(x1: float, y1: float, x2: float, y2: float) -> Mark:
    return {"kind": "line", "x1": x1, "y1": y1, "x2": x2, "y2": y2}


def _eye(side: float) -> Any:
    def place(head: _Head, crop: Any) -> list[Mark]:
        x, y = head.eye_at(side)
        half, tall = head.eye * _EYE_WIDTH / 2, head.eye * _EYE_HEIGHT / 2
        return [_box(x - half, y - tall, x + half, y + tall)]

    return place


def _brow(side: float) -> Any:
    def place(head: _Head, crop: Any) -> list[Mark]:
        x, y = head.eye_at(side)
        half = head.eye * 0.42
        return [_box(x - half, y - head.eye * 0.62, x + half, y - head.eye * 0.2)]

    return place


def _ear(side: float) -> Any:
    def place(head: _Head, crop: Any) -> list[Mark]:
        cheek = head.middle + side * head.face_width / 2
        wide = head.eye * 0.3
        return [_box(cheek - wide, head.eyes_y - head.eye * 0.15, cheek + wide, head.eyes_y + head.eye * 0.95)]

    return place


def _both_eyes(head: _Head, crop: Any) -> list[Mark]:
    return [*_eye(-1)(head, crop), *_eye(1)(head, crop)]


def _glasses(head: _Head, crop: Any) -> list[Mark]:
    wide = head.eye * 1.0
    return [_box(head.middle - wide, head.eyes_y - head.eye * 0.4, head.middle + wide, head.eyes_y + head.eye * 0.45)]


def _mouth(head: _Head, crop: Any) -> list[Mark]:
    y = head.eyes_y + (head.chin - head.eyes_y) * 0.64
    return [_box(head.middle - head.eye * 0.5, y - head.eye * 0.3, head.middle + head.eye * 0.5, y + head.eye * 0.3)]


def _face(head: _Head, crop: Any) -> list[Mark]:
    half = head.face_width / 2
    return [_box(head.middle - half, head.eyes_y - (head.chin - head.eyes_y) * 0.7, head.middle + half, head.chin)]


def _hair(head: _Head, crop: Any) -> list[Mark]:
    return [_box(head.left, head.top, head.right, head.eyes_y - head.eye * 0.4)]


def _hair_top(head: _Head, crop: Any) -> list[Mark]:
    return [_line(head.left, head.top, head.right, head.top)]


def _eye_line(head: _Head, crop: Any) -> list[Mark]:
    return [_line(*head.eye_at(-1.6), *head.eye_at(1.6))]


def _chin(head: _Head, crop: Any) -> list[Mark]:
    return [_line(head.middle - head.face_width / 2, head.chin, head.middle + head.face_width / 2, head.chin)]


def _sides(head: _Head, crop: Any) -> list[Mark]:
    return [_line(x, head.top, x, head.chin) for x in (head.left, head.right)]


def _middle(head: _Head, crop: Any) -> list[Mark]:
    return [_line(head.middle, head.top, head.middle, head.chin)]


def _head(head: _Head, crop: Any) -> list[Mark]:
    return [_box(head.left, head.top, head.right, head.chin)]


def _shoulders(head: _Head, crop: Any) -> list[Mark]:
    tall = head.chin - head.eyes_y
    return [_box(head.middle - head.face_width * 1.25, head.chin + tall * 0.2, head.middle + head.face_width * 1.25,
                 head.chin + tall * 1.5)]  # fmt: skip


def _neck(head: _Head, crop: Any) -> list[Mark]:
    half = head.face_width * 0.45
    return [_box(head.middle - half, head.chin, head.middle + half, head.chin + (head.chin - head.eyes_y) * 0.7)]


def _beside(head: _Head, crop: Any) -> list[Mark]:
    """The backdrop left and right of the head, as far as the portrait shows it."""
    left, right = (crop["x"], crop["x"] + crop["width"]) if crop else (0.0, head.width)
    top = crop["y"] if crop else 0.0
    gap = head.eye * 0.15
    boxes = [(left, head.left - gap), (head.right + gap, right)]
    return [_box(a, top, b, head.chin) for a, b in boxes if b - a > 4]


_PLACES: dict[str, Any] = {
    "eye_right_open": _eye(-1), "eye_left_open": _eye(1), "eye_right_visible": _eye(-1), "eye_left_visible": _eye(1),
    "eyes_covered": _both_eyes, "red_eye": _both_eyes, "gaze_side": _both_eyes, "gaze_down": _both_eyes,
    "glasses": _glasses, "glasses_glare": _glasses, "glasses_tint": _glasses, "glasses_frame": _glasses,
    "parsed_glasses": _glasses,
    "brow_right": _brow(-1), "brow_left": _brow(1), "ear_right": _ear(-1), "ear_left": _ear(1),
    "mouth_closed": _mouth, "mouth_covered": _mouth,
    "head_covering": _hair, "hair_area": _hair, "hair_colour": _hair,
    "jewellery": _neck, "high_collar": _neck, "bare_shoulders": _shoulders, "shoulders_level": _shoulders,
    "clothes_like_backdrop": _shoulders, "clothes_pattern": _shoulders,
    "head_roll": _eye_line, "head_yaw": _middle, "head_pitch": _middle, "head_cut_off": _head,
    "hair_top": _hair_top, "head_room": _hair_top, "eye_line": _eye_line, "chin": _chin, "face_width": _sides,
    "side": _sides, "centre": _middle,
    "too_dark": _face, "too_bright": _face, "highlights": _face, "flat_light": _face, "light_balance": _face,
    "sharpness": _face, "motion_blur": _face,
    "backdrop_colour": _beside, "backdrop_even": _beside, "backdrop_gradient": _beside, "backdrop_shadow": _beside,
}  # fmt: skip

GROUPS: dict[str, tuple[str, ...]] = {
    "framing": ("face_count", "resolution", "enlarged", "head_cut_off", "face_width", "hair_top", "eye_line", "head_room",
                "chin", "centre", "side"),
    "person": ("mouth_covered", "eyes_covered", "eye_right_open", "eye_left_open", "eye_right_visible", "eye_left_visible",
               "head_yaw", "head_pitch", "head_roll", "shoulders_level", "gaze_side", "gaze_down", "mouth_closed"),
    "light": ("sharpness", "motion_blur", "too_dark", "too_bright", "highlights", "flat_light", "light_balance",
              "greyscale", "cast_cold", "cast_warm", "cast_green", "cast_red", "noise", "red_eye"),
    "backdrop": ("backdrop_colour", "backdrop_shadow", "backdrop_gradient", "backdrop_even"),
    "origin": ("screen_or_print",),
    "file": ("file_format", "upscaled", "source_quality", "recompressed", "file_pixels", "file_colour", "file_size",
             "file_quality", "file_dpi", "file_exif"),
}  # fmt: skip
_GROUP_OF = {name: group for group, names in GROUPS.items() for name in names}


def group_of(code: str) -> str:
    """Under which heading a finding belongs: ``framing``, ``person``, ``light``, ``backdrop``, ``origin``, ``file``; what is
    about hair, glasses and clothes is ``appearance``."""
    return _GROUP_OF.get(code.rpartition(".")[2], "appearance")
