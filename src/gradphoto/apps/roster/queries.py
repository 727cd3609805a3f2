"""Reads of the roster that are more than a filter."""

from __future__ import annotations

import io
from collections.abc import Iterable

import xlsxwriter
from django.db.models import Q, QuerySet
from django.http import QueryDict

from gradphoto.apps.core.sealed import blind_index
from gradphoto.apps.core.wording import say
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.roster.layout import TITLES
from gradphoto.engine.wording import Wording

SORTS = {
    "": ("season", "department__path", "student_no"),
    "name": ("name",),
    "student_no": ("student_no",),
    "status": ("status", "student_no"),
}


def find(candidates: QuerySet[Candidate], asked: QueryDict) -> QuerySet[Candidate]:
    """Filter and sort by what the page's form asks: ``q`` (name or student number), season, department, status."""
    if text := asked.get("q", "").strip():
        candidates = candidates.filter(Q(name__icontains=text) | Q(student_no__startswith=text) | Q(class_name=text))
    for name in ("season", "status", "class_name"):
        if value := asked.get(name):
            candidates = candidates.filter(**{name: value})
    if (department := asked.get("department", "")).isdigit():
        candidates = candidates.filter(department_id=int(department))
    return candidates.order_by(*SORTS.get(asked.get("sort", ""), SORTS[""]))


def by_id_number(candidates: QuerySet[Candidate], number: str) -> QuerySet[Candidate]:
    """The person with exactly this number, through the blind index."""
    return candidates.filter(id_number_index=blind_index(number))


def roster_workbook(candidates: Iterable[Candidate], *, with_id_numbers: bool) -> bytes:
    """The roster as xlsx in the template's columns; ID numbers masked unless asked for."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = workbook.add_worksheet("名册")
    bold = workbook.add_format({"bold": True, "bg_color": "#E8F1F9", "border": 1})
    for column, heading in enumerate((*TITLES.values(), say(Wording("状态", "State")))):
        sheet.write_string(0, column, heading, bold)
    for line, candidate in enumerate(candidates, start=1):
        for column, text in enumerate((*_cells(candidate, with_id_numbers), str(candidate.get_status_display()))):
            sheet.write_string(line, column, text)
    sheet.set_column(0, len(TITLES), 14)
    sheet.freeze_panes(1, 2)
    workbook.close()
    return out.getvalue()


def _cells(candidate: Candidate, with_id_numbers: bool) -> Iterable[str]:
    special = {
        "sex": {"male": "男", "female": "女"}.get(candidate.sex, ""),
        "season": {"spring": "春季", "autumn": "秋季"}[candidate.season],
        "birth_date": f"{candidate.birth_date:%Y%m%d}",
        "entry_date": f"{candidate.entry_date:%Y%m%d}" if candidate.entry_date else "",
        "department": candidate.department.name,
        "id_number": candidate.id_number.reveal() if with_id_numbers else str(candidate.id_number),
    }
    for name in TITLES:
        yield special[name] if name in special else str(getattr(candidate, name))


def template_workbook() -> bytes:
    """An empty roster with our headings, for schools to fill in."""
    return roster_workbook((), with_id_numbers=False)
