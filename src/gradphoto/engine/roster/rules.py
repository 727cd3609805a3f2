"""What the check is told about a campaign: the class, the school, and what stands for columns that a file lacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from gradphoto.engine.roster.layout import REQUIRED
from gradphoto.engine.standards.codes import load_table


@dataclass(frozen=True, slots=True)
class Cohort:
    """One line of the object of a campaign (R7): an intake year, of one length of study or major where named."""

    intake_year: int
    length_of_study: str = ""
    major: str = ""

    def holds(self, entered: date, length_of_study: str, major: str) -> bool:
        """Whether a person belongs to this line."""
        return (
            entered.year == self.intake_year
            and self.length_of_study in ("", length_of_study)
            and self.major in ("", major)
        )


@dataclass(frozen=True, slots=True)
class LintRules:
    """What a rule set allows and a campaign expects.

    ``test_regions`` are made-up region codes. ``required`` are the fields that no row may lack (with
    ``layout.required_in`` a file is judged by its own layout only). ``defaults`` fill columns that the file does not
    have, e.g. ``{"season": "秋季"}``. ``departments`` are names by code; school and departments are compared only
    where they are given. ``season_months`` says which season a month of graduation is (R13). ``code_names`` are words that a
    school added to a code table, by the table's name.
    """

    today: date
    test_regions: Collection[str] = frozenset()
    required: Collection[str] = REQUIRED
    defaults: Mapping[str, str] = field(default_factory=dict)
    graduation_year: int | None = None
    cohorts: tuple[Cohort, ...] = ()
    school_code: str = ""
    school_name: str = ""
    departments: Mapping[str, str] = field(default_factory=dict)
    season_months: Mapping[str, str] = field(default_factory=lambda: dict(load_table("season_month").names))
    code_names: Mapping[str, Collection[str]] = field(default_factory=dict)

    def knows(self, table: str, text: str) -> bool:
        """Whether a code table has a word, by the standard or by what the school added."""
        return text in load_table(table) or text in self.code_names.get(table, ())

    def words(self, table: str) -> tuple[str, ...]:
        """Every word of a code table, those that were added last."""
        return tuple(dict.fromkeys((*load_table(table).names.values(), *self.code_names.get(table, ()))))
