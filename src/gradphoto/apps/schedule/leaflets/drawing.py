"""The flow chart as SVG for the page: one column, big enough to read on a phone of 390 px, drawn without any script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from gradphoto.apps.schedule.leaflets.steps import Side, Step
from gradphoto.engine.wording import Wording

WIDTH = 360
_SPINE, _LEFT, _RIGHT = 20, 44, WIDTH - 4
_PAD, _GAP = 10, 18
_TITLE, _TEXT = 16, 14
_LEAD = 20
_HANG = 8
"""Room for a full stop that hangs over the end of a line."""
_SIDE_LEFT = 66
_CLOSING = "，。；：、！？）》”’,.;:!?)"
_OPENING = "（《“‘("


def wrap(text: str, width: float, size: float) -> list[str]:
    """Lines of ``text`` no wider than ``width`` when set at ``size``; Chinese breaks anywhere but before a full stop."""
    lines, line, used = [], "", 0.0
    for piece in _pieces(text):
        room = _ems(piece) * size
        if line and used + room > width and not piece.startswith(tuple(_CLOSING)):
            lines.append(line.rstrip())
            line, used = "", 0.0
            piece = piece.lstrip()
        line, used = line + piece, used + room
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> Iterator[str]:
    """What must stay together: a Chinese character, a Latin word with the blank after it."""
    word = ""
    for character in text:
        if ord(character) < 0x2E80 and character not in _CLOSING + _OPENING:
            word += character
            if character == " ":
                yield word
                word = ""
            continue
        if character in _OPENING:
            if word:
                yield word
            word = character
            continue
        if ord(character) < 0x80 or word:
            word += character
            yield word
            word = ""
            continue
        yield character
    if word:
        yield word


def _ems(text: str) -> float:
    return sum(1.0 if ord(c) >= 0x2E80 else 0.68 if c.isupper() else 0.3 if c in " .,:;il" else 0.55 for c in text)


def flow_svg(steps: Sequence[Step], title: Wording, language: str) -> str:
    """The chart as an SVG of 360 units width that grows with its box; texts are texts and can be selected."""
    parts: list[str] = []
    y = 4.0
    marks: list[float] = []
    for number, step in enumerate(steps, start=1):
        box, height = _box(step, language, y)
        marks.append(y + 18)
        parts.append(box)
        parts.append(_mark(number, y + 18, step.side))
        y += height + _GAP
    height = y - _GAP + 4
    spine = "".join(
        f'<path class="fc-arrow" d="M{_SPINE} {first + 15:g}V{last - 17:g}"/>'
        f'<path class="fc-head" d="M{_SPINE - 5} {last - 22:g}l5 7 5-7z"/>'
        for first, last in pairwise(marks)
    )
    said = escape(title.in_language(language))
    return (
        f'<svg class="flow-chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
        f'role="img" aria-label="{said}"><title>{said}</title>{spine}{"".join(parts)}</svg>'
    )


def _mark(number: int, y: float, side: Side) -> str:
    return (
        f'<circle class="fc-mark fc-{side.value}" cx="{_SPINE}" cy="{y:g}" r="13"/>'
        f'<text class="fc-number" x="{_SPINE}" y="{y + 5:g}" text-anchor="middle">{number}</text>'
    )


def _box(step: Step, language: str, top: float) -> tuple[str, float]:
    """A step and its branch, and how high they are together."""
    inner = _RIGHT - _LEFT - 2 * _PAD - _HANG
    titles = wrap(step.title.in_language(language), inner, _TITLE)
    lines = wrap(step.words.in_language(language), inner, _TEXT)
    height = _PAD * 2 + (len(titles) + len(lines)) * _LEAD - 2
    y = top + _PAD + 13
    drawn = [
        f'<rect class="fc-box fc-{step.side.value}" x="{_LEFT}" y="{top:g}" width="{_RIGHT - _LEFT}" height="{height:g}" rx="8"/>'
    ]
    for line in titles:
        drawn.append(_text("fc-title", _LEFT + _PAD, y, line))
        y += _LEAD
    for line in lines:
        drawn.append(_text("fc-text", _LEFT + _PAD, y, line))
        y += _LEAD
    if step.branch is None:
        return "".join(drawn), height
    side, extra = _branch(step, language, top + height)
    return "".join(drawn) + side, height + extra


def _branch(step: Step, language: str, top: float) -> tuple[str, float]:
    assert step.branch is not None
    inner = _RIGHT - _SIDE_LEFT - 2 * _PAD - _HANG
    whens = wrap(step.branch.when.in_language(language), inner, _TEXT)
    lines = wrap(step.branch.words.in_language(language), inner, _TEXT)
    height = _PAD * 2 + (len(whens) + len(lines)) * _LEAD - 4
    y = top + 10
    drawn = [
        f'<path class="fc-elbow" d="M{_LEFT + 10} {top:g}V{y + 18:g}H{_SIDE_LEFT - 6}"/>',
        f'<path class="fc-elbow-head" d="M{_SIDE_LEFT - 8} {y + 13:g}l8 5-8 5z"/>',
        f'<rect class="fc-branch" x="{_SIDE_LEFT}" y="{y:g}" width="{_RIGHT - _SIDE_LEFT}" height="{height:g}" rx="8"/>',
    ]
    at = y + _PAD + 12
    for line in whens:
        drawn.append(_text("fc-when", _SIDE_LEFT + _PAD, at, line))
        at += _LEAD
    for line in lines:
        drawn.append(_text("fc-text", _SIDE_LEFT + _PAD, at, line))
        at += _LEAD
    return "".join(drawn), height + 10


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(text)}</text>'
