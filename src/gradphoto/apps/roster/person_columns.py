"""The columns of every list about people: each under one heading, whatever the list, and read by the way to the candidate."""

from __future__ import annotations

from typing import Any

from gradphoto.apps.pages.listing import Column
from gradphoto.engine.wording import Wording

_COLUMNS = {
    "student_no": (Wording("学号", "Student no."), "student_no"),
    "name": (Wording("姓名", "Name"), "name"),
    "department": (Wording("院系", "Department"), "department.name"),
    "class_name": (Wording("班级", "Class"), "class_name"),
}


def person_column(name: str, person: str = "", **more: Any) -> Column:
    """``name`` of the person; ``person`` leads from a row to the candidate (``"charge.candidate"``), ``more`` is a Column's."""
    title, field = _COLUMNS[name]
    return Column(name, title, f"{person}.{field}" if person else field, **more)
