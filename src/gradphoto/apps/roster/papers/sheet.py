"""What every paper is made from: a part of a campaign, its people, and whose number may stand on it whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.models import Candidate, CorrectionCase, CorrectionStatus, StatusChange
from gradphoto.engine.documents import Fact
from gradphoto.engine.standards.identity import mask
from gradphoto.engine.wording import Wording

UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for the date until the paper has its number: the date of its first printing is then the paper's own."""
SEASONS = {"spring": Wording("春季", "Spring"), "autumn": Wording("秋季", "Autumn")}
SEXES = {"male": "男", "female": "女"}
SAID_OF_ERRORS = (CorrectionStatus.NOTED, CorrectionStatus.PROVEN, CorrectionStatus.CORRECTED)


@dataclass(frozen=True)
class Sheet:
    """One part of a campaign that gets a paper of its own: a class, a college, a whole school, or one error."""

    campaign: Campaign
    organisation: Organisation
    season: str
    people: tuple[Candidate, ...]
    whole: frozenset[int]
    class_name: str = ""
    by_class: bool = False
    case: CorrectionCase | None = None

    @property
    def is_school(self) -> bool:
        """Whether this is one paper of the whole school, with its colleges in a column."""
        return self.organisation == self.campaign.school

    @property
    def issuer(self) -> Wording:
        school = self.campaign.school
        return Wording(school.name, school.name_en or school.name)

    @property
    def subtitle(self) -> Wording:
        """Spring and autumn are told apart on every paper (R12)."""
        season = SEASONS[self.season]
        return Wording(
            f"{self.campaign.cohort_year}届（{season.zh}毕业）", f"Class of {self.campaign.cohort_year} ({season.en})"
        )

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Season, college and class, as they stand above the table and in the xlsx."""
        found = [Fact(Wording("毕业季", "Season"), SEASONS[self.season].zh)]
        if not self.is_school:
            found.append(Fact(Wording("院系", "Department"), self.organisation.name))
        if self.by_class:
            found.append(Fact(Wording("班级", "Class"), self.class_name or "（未分班）"))
        return tuple(found)

    @property
    def count(self) -> Wording:
        return Wording(f"共 {len(self.people)} 人", f"{len(self.people)} persons")

    def number_of(self, person: Candidate) -> str:
        """The ID number, whole only for who may read it whole (``roster.whole_numbers``)."""
        number = str(person.id_number.decrypt())
        return number if person.pk in self.whole else mask(number)

    @property
    def whole_numbers(self) -> int:
        """How many whole ID numbers a paper with that column shows."""
        return sum(1 for person in self.people if person.pk in self.whole)

    @cached_property
    def cases(self) -> Mapping[int, list[CorrectionCase]]:
        """The errors noted for these people that were not refused or withdrawn, the oldest first."""
        found: dict[int, list[CorrectionCase]] = defaultdict(list)
        cases = CorrectionCase.objects.filter(candidate__in=[p.pk for p in self.people], status__in=SAID_OF_ERRORS)
        for case in cases.order_by("noted_at", "pk"):
            found[case.candidate_id].append(case)
        return found

    @cached_property
    def changes(self) -> Mapping[int, list[str]]:
        """Changes of status by person, as the remarks name them (R22)."""
        found: dict[int, list[str]] = defaultdict(list)
        for change in StatusChange.objects.filter(candidate__in=[p.pk for p in self.people]):
            found[change.candidate_id].append(f"{_KINDS[change.kind]}（{change.changed_on:%Y%m%d}）")
        return found


# Papers are in Chinese whatever the reader's language; a lazy label would follow it.
_KINDS = {
    "school": "转学", "major": "转专业", "upgrade": "专升本", "suspension": "休学", "resumption": "复学",
    "withdrawal": "退学",
}  # fmt: skip


def day(value: object) -> str:
    """A date in S4's eight digits (R26)."""
    return f"{value:%Y%m%d}" if value else ""


def joined(texts: Iterable[str]) -> str:
    """The texts that say anything, in one cell."""
    return "；".join(filter(None, texts))
