"""The numbers of the dashboard: how far each college has come, how fast the room works, what is rejected and why."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import xlsxwriter
from django.db.models import Sum
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gradphoto.apps.campaigns.models import Campaign, Rule, Season
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import FULL_TIME_PER_HOUR
from gradphoto.apps.capture.reasons import title_of
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.desk.charts import Columns, Share, columns
from gradphoto.apps.desk.stages import STAGES, WAY, Stage, Wanted, findings_of_rejected, hour_begins, reasons_given
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.engine.workbooks import open_workbook

_SHOWN_REASONS = 15
_MOST_UNITS = 100
"""More rows nobody reads; a province has thousands of colleges."""
_SEASONS = {"spring": "春季", "autumn": "秋季"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of the funnel's table: how many, their share of the row's roster, the list behind it."""

    stage: Stage
    count: int
    percent: int
    link: str


@dataclass(frozen=True, slots=True)
class Row:
    """One college, or all of them."""

    title: str
    cells: tuple[Cell, ...]


def by_college(actor: Actor, wanted: Wanted) -> list[Row]:
    """A row a college with a number a stage, the sum first; from the totals, however many people.

    Who sees more units than a page should list has a row a school; with the campaign chosen above stand its colleges.
    """
    counted: Any = (
        wanted.totals(actor)
        .values("campaign", "campaign__school__name", "department", "department__name", "department__path")
        .annotate(**{stage.key: stage.total for stage in STAGES})
        .order_by("department__path")
    )
    units: list[Mapping[str, Any]] = [line for line in counted if line["roster"]]
    whole = _summed(units)
    if len({line["department"] for line in units}) > _MOST_UNITS and not wanted.campaign:
        by_school = _grouped(units, "campaign")
        rows = [
            _row(one[0]["campaign__school__name"], _summed(one), wanted, campaign=pk) for pk, one in by_school.items()
        ]
    else:
        by_unit = _grouped(units, "department")
        rows = [_row(one[0]["department__name"], _summed(one), wanted, department=pk) for pk, one in by_unit.items()]
    return [_row("", whole, wanted), *rows] if len(rows) > 1 else rows


def _grouped(lines: Sequence[Mapping[str, Any]], key: str) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for line in lines:
        found.setdefault(line[key], []).append(line)
    return found


def _summed(lines: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {stage.key: sum(line[stage.key] for line in lines) for stage in STAGES}


def _row(title: str, numbers: Mapping[str, int], wanted: Wanted, **place: int) -> Row:
    whole = max(numbers["roster"], 1)
    return Row(
        title,
        tuple(
            Cell(
                stage,
                numbers[stage.key],
                round(100 * numbers[stage.key] / whole),
                wanted.link(stage=stage.key, **place),
            )
            for stage in STAGES
        ),
    )


def funnel(rows: Sequence[Row]) -> list[Share]:
    """The way from roster to registered of everyone in the table."""
    if not rows:
        return []
    return [Share(cell.stage.title, cell.count, cell.percent, cell.link) for cell in rows[0].cells[: len(WAY)]]


@dataclass(frozen=True, slots=True)
class Room:
    """A day in the room: the days there are, the one shown, its columns by hour, and the planned rate with its source."""

    days: tuple[date, ...]
    day: date | None
    chart: Columns | None
    total: int
    source: str


def room(actor: Actor, wanted: Wanted) -> Room:
    """How many were photographed in each hour of a day, read against the rule set's plan where one campaign is chosen."""
    by_day: dict[date, Counter[int]] = defaultdict(Counter)
    for number, people in wanted.hours(actor).values_list("shot_hour").annotate(n=Sum("people")):
        if people:
            at = hour_begins(number)
            by_day[at.date()][at.hour] += people
    days = tuple(sorted(by_day, reverse=True))
    day = wanted.day if wanted.day in days else (days[0] if days else None)
    if day is None:
        return Room((), None, None, 0, "")
    counted = by_day[day]
    points = [
        (f"{hour:02d}", counted[hour], wanted.link(day=day, hour=hour, stage=""))
        for hour in range(min(counted), max(counted) + 1)
    ]
    rule = _planned(actor, wanted)
    limit = int(rule.value) if rule else None
    return Room(days, day, columns(points, limit), sum(counted.values()), rule.source if rule else "")


def _planned(actor: Actor, wanted: Wanted) -> Rule | None:
    campaigns = scoped(actor, Campaign).select_related("rule_set")
    campaigns = campaigns.filter(pk=wanted.campaign) if wanted.campaign else campaigns.exclude(status="closed")[:2]
    found = list(campaigns)
    return in_force(found[0].rule_set, FULL_TIME_PER_HOUR) if len(found) == 1 else None


def rejections(actor: Actor, wanted: Wanted) -> list[Share]:
    """Why photographs were rejected, by a rule at once or by a person later, the most frequent first: persons, not frames."""
    people = wanted.people(actor).order_by().values("pk")
    by_code: dict[str, set[int]] = defaultdict(set)
    for found, person in (
        (reasons_given(), "decision__review__frame__check_in__candidate"),
        (findings_of_rejected(), "assessment__frame__check_in__candidate"),
    ):
        for code, one in found.filter(**{f"{person}__in": people}).values_list("code", person).distinct():
            by_code[code].add(one)
    most = sorted(((code, len(them)) for code, them in by_code.items()), key=lambda pair: (-pair[1], pair[0]))
    longest = most[0][1] if most else 1
    return first_rows(most, _SHOWN_REASONS).drawn(
        lambda one: Share(
            title_of(one[0]), one[1], round(100 * one[1] / longest), wanted.link(reason=one[0], stage="", day="")
        )
    )


@dataclass(frozen=True, slots=True)
class Part:
    """All numbers of one season: spring and autumn graduates are never added up (R12)."""

    season: str
    title: str
    rows: Sequence[Row]
    room: Room
    reasons: Sequence[Share]

    @property
    def funnel(self) -> list[Share]:
        return funnel(self.rows)


def parts(actor: Actor, wanted: Wanted) -> list[Part]:
    """The seasons that have people, or the one asked for."""
    found = []
    for season, label in Season.choices:
        if wanted.season in ("", season):
            one = replace(wanted, season=season)
            if rows := by_college(actor, one):
                found.append(Part(season, str(label), rows, room(actor, one), rejections(actor, one)))
    return found


def workbook(found: Sequence[Part]) -> bytes:
    """The dashboard's numbers as xlsx: one sheet a plot and season."""
    out = io.BytesIO()
    with open_workbook(out) as book:
        head = book.add_format({"bold": True, "border": 1, "bg_color": "#E8F1F9"})
        for part in found:
            _sheets(book, head, part)
        if not found:
            book.add_worksheet("进度 Progress")
    return out.getvalue()


def _sheets(book: xlsxwriter.Workbook, head: Format, part: Part) -> None:
    season, shown = _SEASONS[part.season], part.room
    sheet = book.add_worksheet(f"{season}进度 Progress")
    for column, title in enumerate(("院系 College", *(f"{s.title.zh} {s.title.en}" for s in STAGES))):
        sheet.write_string(0, column, title, head)
    for line, row in enumerate(part.rows, start=1):
        sheet.write_string(line, 0, row.title or "合计 All")
        for column, cell in enumerate(row.cells, start=1):
            sheet.write_number(line, column, cell.count)
    sheet.set_column(0, len(STAGES), 18)
    points = [(f"{shown.day} {bar.label}:00", bar.value) for bar in shown.chart.bars] if shown.chart else []
    _two_columns(book.add_worksheet(f"{season}每小时 By hour"), head, ("时段 Hour", "人数 Persons"), points)
    causes = [(f"{share.title.zh} {share.title.en}", share.value) for share in part.reasons]
    _two_columns(book.add_worksheet(f"{season}退回原因 Reasons"), head, ("原因 Reason", "人数 Persons"), causes)


def _two_columns(sheet: Worksheet, head: Format, titles: tuple[str, str], lines: Sequence[tuple[str, int]]) -> None:
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, head)
    for row, (text, number) in enumerate(lines, start=1):
        sheet.write_string(row, 0, text)
        sheet.write_number(row, 1, number)
    sheet.set_column(0, 1, 26)
