"""How a value of the roster is shown."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template
from django.utils.formats import date_format

from gradphoto.apps.core.wording import say
from gradphoto.apps.roster.columns import COLUMNS
from gradphoto.apps.roster.models import Candidate, CandidateStatus, RosterImport
from gradphoto.engine.wording import Wording

register = template.Library()

_LOOKS = {
    CandidateStatus.ACCEPTED: "state-good",
    CandidateStatus.DEFERRED: "state-bad",
    CandidateStatus.REMOVED: "state-bad",
    CandidateStatus.ISSUED: "",
}


@register.filter
def cell(candidate: Candidate, name: str) -> str:
    """One value as a table shows it; the ID number is masked, a date is written with hyphens."""
    if name in ("sex", "season", "status"):
        return str(getattr(candidate, f"get_{name}_display")())
    value: Any = candidate.department.name if name == "department" else getattr(candidate, name)
    if isinstance(value, date):
        return date_format(value, "Y-m-d")
    return "" if value is None else str(value)


@register.filter
def field_title(name: str) -> str:
    """The heading of a field in the reader's language."""
    return say(COLUMNS[name].title) if name in COLUMNS else name


@register.filter
def state_look(status: str) -> str:
    """The class of a state's colour."""
    return _LOOKS.get(CandidateStatus(status), "state-busy")


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """``mapping[key]`` or nothing."""
    return mapping.get(key)


@register.filter
def either(pair: Wording) -> str:
    """A bilingual sentence in the reader's language."""
    return say(pair)


@register.simple_tag
def place_of(roster_import: RosterImport, row: int | None) -> str:
    """A row of a file as the file shows it: its number, with its sheet where several were read together."""
    return roster_import.place_of(row) or "—"
