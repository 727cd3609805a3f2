"""The papers as PDF: the leaflet (a sheet a class, both languages on it) and the flow chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from gradphoto.apps.schedule.leaflets import points, steps
from gradphoto.apps.schedule.leaflets.facts import DayFacts
from gradphoto.apps.schedule.problem import local
from gradphoto.engine.documents.typeset import qr_svg, template_text, typeset
from gradphoto.engine.wording import Wording

_WEEKDAYS = (
    Wording("周一", "Mon"), Wording("周二", "Tue"), Wording("周三", "Wed"), Wording("周四", "Thu"), Wording("周五", "Fri"),
    Wording("周六", "Sat"), Wording("周日", "Sun"),
)  # fmt: skip
SCAN = Wording("扫码看最新时间", "Scan: the time as it stands")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A leaflet to be made: the facts of a class (or of the campaign), and the address its QR code opens."""

    facts: DayFacts
    address: str = ""


def leaflet_pdf(sheets: Sequence[Sheet], dated: datetime | None = None) -> bytes:
    """The leaflets, one A4 page each, Chinese with the English beneath."""
    files: dict[str, bytes] = {}
    made = [_sheet(sheet, number, files) for number, sheet in enumerate(sheets)]
    return typeset(
        template_text(__package__ or "", "leaflet.typ"),
        {"language": "zh", "sheets": made, "heading": _pair(points.TITLE), "scan": _pair(SCAN)},
        title=points.TITLE.zh,
        dated=dated or timezone.localtime(),
        files=files,
    )


def _sheet(sheet: Sheet, number: int, files: dict[str, bytes]) -> dict[str, Any]:
    facts = sheet.facts
    if sheet.address:
        files[f"qr-{number}.svg"] = qr_svg(sheet.address)
    shown = points.looks(facts)
    for look in shown:
        files[f"{look.code}.svg"] = look.picture.encode()
    year = facts.cohort_year
    return {
        "school": _pair(facts.school),
        "cohort": {"zh": f"{year}届毕业生", "en": f"Class of {year}"},
        "who": facts.own.title if facts.own else facts.school.zh,
        "when": when(facts).zh,
        "own": [{"title": _pair(line.title), "value": line.words.zh} for line in own_lines(facts)],
        "qr": f"qr-{number}.svg" if sheet.address else None,
        "lines": [
            {"title": _pair(line.title), "words": _pair(line.words)}
            for line in (points.bring(facts), points.fee(facts), points.verification(facts))
        ],
        "looks": [{"picture": f"{look.code}.svg", "words": _pair(look.words)} for look in shown],
        "points": [_pair(point) for point in points.seven_points(facts)],
        "warning": _pair(points.be_there(facts)),
    }


def when(facts: DayFacts) -> Wording:
    """The time in one line: the class's own, else the campaign's days."""
    if facts.own is None:
        return facts.days_words
    start, end = facts.own.starts_at, facts.own.ends_at
    day, hours = _WEEKDAYS[start.weekday()], f"{start:%H:%M}–{end:%H:%M}"
    return Wording(f"{start.month}月{start.day}日（{day.zh}）{hours}", f"{day.en} {start:%m-%d}, {hours}")


def own_lines(facts: DayFacts) -> list[points.Line]:
    """Where, when to be there, and the group photograph if one is booked (R80, R131)."""
    places = "、".join(facts.places)
    lines = [points.Line(Wording("地点", "Place"), Wording(places, places))] if places else []
    if facts.own is None:
        return lines
    come = f"{facts.own.come_at:%H:%M}"
    lines.append(points.Line(Wording("到场", "Attend"), Wording(f"{come} 前", f"by {come}")))
    photo = facts.own.group_photo
    if photo is not None:
        at = f"{local(photo.starts_at):%m-%d %H:%M} {photo.place}"
        lines.append(points.Line(Wording("集体合影", "Group photograph"), Wording(at, at)))
    return lines


def flow_pdf(facts: DayFacts, language: str, dated: datetime | None = None) -> bytes:
    """The flow chart as one A4 page in the language asked for."""

    def say(words: Wording) -> str:
        return words.in_language(language)

    english = language.lower().startswith("en")
    boxes = [
        {
            "title": say(step.title),
            "words": say(step.words),
            "side": step.side.value,
            "when": say(step.branch.when) if step.branch else "",
            "otherwise": say(step.branch.words) if step.branch else "",
        }
        for step in steps.steps_of(facts)
    ]
    return typeset(
        template_text(__package__ or "", "flow.typ"),
        {
            "language": "en" if english else "zh",
            "issuer": say(facts.school),
            "subtitle": say(subtitle(facts)),
            "steps": boxes,
            "size": 10.5 if len(boxes) < 9 else 10,
            "note": say(NOTE),
        },
        title=say(steps.TITLE),
        dated=dated or timezone.localtime(),
    )


NOTE = Wording(
    "蓝色实线框由学生本人办理，蓝色虚线框由学院办理，黄色框为特殊情况。",
    "Full blue boxes are yours to do, the dashed blue one is the college's, yellow ones are for special cases.",
)


def subtitle(facts: DayFacts) -> Wording:
    """Whose day it is, in one line under the title."""
    told = when(facts)
    who = f"{facts.own.title}　" if facts.own else ""
    places = "、".join(facts.places)
    return Wording(f"{who}{told.zh}　{places}".strip(), f"{who}{told.en}　{places}".strip())


def _pair(words: Wording) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
